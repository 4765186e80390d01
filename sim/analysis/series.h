// SPDX-License-Identifier: MIT
// Figures of a conversation or a queue over time, as plots and tables want them: what TCP knew at
// each instant, its round-trip samples, the octets it moved per second, how full a queue was.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "sim/analysis/flow_end.h"

namespace strata::analysis {

struct Sample {
  Instant time{};
  std::int64_t value = 0;
  friend bool operator==(const Sample&, const Sample&) = default;
};

enum class SeriesUnit : std::uint8_t { octets, nanoseconds, bits_per_second, frames };

// `is_step`: a value holds until the next one; else each stands for its own instant.
struct Series {
  std::string_view name;  // "cwnd", "RTT", ...
  SeriesUnit unit{};
  bool is_step = true;
  std::vector<Sample> samples;  // ascending in time; equal neighbours are left out of a step
};

// cwnd, ssthresh (from the first loss on), flight and the window the peer offers, of one end.
std::vector<Series> window_series(const trace::Recording& recording, const FlowEnd& end);
// Every RTT sample with the SRTT and the RTO that came of it; the RTO also as it backs off.
std::vector<Series> rtt_series(const trace::Recording& recording, const FlowEnd& end);
// What `end` sent, payload of retransmissions included (throughput), and what came in order at the
// other end (goodput), in bits per second over windows of `bin`, each dated at its end. For UDP all
// that was sent and all that arrived. `bin` is positive; the last window may be a part of one.
std::vector<Series> rate_series(const trace::Recording& recording, const FlowEnd& end,
                                Duration bin);
// Frames waiting at a port to be sent, the one on the wire not counted.
Series queue_series(const trace::Recording& recording, NodeId node, PortId port);
// Ports of the run where a frame ever had to wait, by node and port.
std::vector<std::pair<NodeId, PortId>> queues_of(const trace::Recording& recording);

// The time-sequence diagram of what one end sent: tcptrace's picture.
struct SequenceMark {
  Instant time{};
  std::uint64_t begin = 0;  // stream offsets
  std::uint64_t end = 0;    // equal to begin: a segment without text
  PacketUid uid = kNoPacket;
  bool is_retransmission = false;
  bool is_lost = false;  // this packet, or all that became of it, was dropped
};
struct SequenceDiagram {
  std::vector<SequenceMark> segments;
  Series acknowledged;  // snd_una
  Series window_edge;   // snd_una and the window offered: how far the end may send
};
SequenceDiagram sequence_diagram(const trace::Recording& recording, const FlowEnd& end);

}  // namespace strata::analysis
