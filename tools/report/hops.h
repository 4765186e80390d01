// SPDX-License-Identifier: MIT
// Every crossing of every link in a recording, in order of sending: when a frame was queued, when
// its bits left and arrived, and what the medium did to it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/trace/recording.h"

namespace strata::report {

struct HopRecord {
  PacketUid uid = kNoPacket;
  LinkId link = kNoLink;
  NodeId from = kNoNode;
  PortId from_port = kNoPort;
  NodeId to = kNoNode;
  PortId to_port = kNoPort;
  std::optional<Instant> queued;  // none: it did not have to wait
  std::uint32_t depth = 0;        // of the queue then, itself included
  Instant sent{};                 // first bit out
  Instant out{};                  // last bit out
  Instant due{};                  // last bit in, were it not lost or delayed
  std::optional<Instant> received;
  Bytes octets;
  Bytes received_octets;  // empty when it was not received
  FrameError error = FrameError::none;
  std::optional<DropReason> reason;  // the medium dropped it
  std::string decision;              // how that, or what else befell it, was decided
  Duration extra{};
  bool is_reordered = false;
  bool is_marked = false;
  std::vector<std::uint32_t> flipped_bits;
  std::optional<std::uint32_t> cut_to;  // octets of it that the medium delivers
};

struct HopList {
  std::vector<HopRecord> hops;
  std::size_t total = 0;  // of the run, copies included
  // Nothing later is known here: the end of the run, or the instant of the first hop left out.
  Instant until{};
};
// The first `most` hops. A copy that the medium made crosses the link beside its original.
HopList hops_of(const trace::Recording& recording, std::size_t most);

// "bernoulli p=0.1 draw=0.0342"; empty without a decision.
std::string decision_text(const std::optional<DecisionDetail>& decision);

}  // namespace strata::report
