// SPDX-License-Identifier: MIT
// A link as data: its two ends, its speed and length, its transmit queues and what goes wrong on
// it; and the totals it keeps, which are always on and cost one addition each.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/impairment.h"
#include "sim/queue_config.h"
#include "stack/base/drop_reason.h"
#include "stack/base/ids.h"
#include "stack/base/time.h"
#include "stack/physical/line_code.h"

namespace strata::sim {

struct LinkEnd {
  NodeId node{};
  PortId port{};
  friend bool operator==(const LinkEnd&, const LinkEnd&) = default;
};

// A full-duplex point-to-point link: two independent directions with the same parameters.
struct LinkConfig {
  std::string name;
  LinkEnd a;
  LinkEnd b;
  std::uint64_t rate_bps = 1'000'000'000;  // 0: infinitely fast
  Duration delay{};                        // propagation, one way
  QueueConfig queue;
  std::optional<physical::LineCodeKind> line_code;  // frames are really encoded and decoded
  std::vector<ImpairmentConfig> impairments;        // applied in order; each names its direction
};

// Totals of one direction of a link. At any instant
//     offered + duplicated == delivered + dropped.total() + frames in flight,
// where in flight means waiting in the queue or on the wire.
struct LinkCounters {
  std::uint64_t offered_frames = 0;  // handed over by the sending node
  std::uint64_t offered_bytes = 0;
  std::uint64_t sent_frames = 0;  // whose first bit left
  std::uint64_t sent_bytes = 0;
  std::uint64_t delivered_frames = 0;  // handed to the receiving node, damaged ones included
  std::uint64_t delivered_bytes = 0;
  std::uint64_t corrupted_frames = 0;   // in which the medium flipped bits
  std::uint64_t truncated_frames = 0;   // of which the medium delivered the beginning
  std::uint64_t duplicated_frames = 0;  // copies the medium made
  std::uint64_t delayed_frames = 0;     // by jitter or reordering
  std::uint64_t marked_frames = 0;      // congestion experienced (RFC 3168), by the queue
  std::size_t queue_bytes_peak = 0;
  std::size_t queue_frames_peak = 0;
  Duration busy{};       // the transmitter sent bits, preambles and gaps included
  Instant busy_until{};  // when it last fell silent
  DropCounters dropped;  // on this link: loss, chosen, queue_full, link_down, symbol_error ...
};

}  // namespace strata::sim
