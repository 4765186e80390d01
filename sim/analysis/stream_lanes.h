// SPDX-License-Identifier: MIT
// The way of the octets of one direction of a conversation: what the application wrote, the
// segments they left in, what was sent again, what had to wait for a gap to be filled, what the
// other application read. All in offsets of the stream, from 0.
//
// A UDP conversation has no stream: its datagrams are laid end to end in the order they were sent.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/analysis/flow_end.h"

namespace strata::analysis {

// Octets [begin, end) moved at `time`; `event` is the StreamWritten, StreamRead, UdpDatagramSent or
// UdpDatagramReceived that says so.
struct StreamMove {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  Instant time{};
  trace::EventIndex event = 0;
};

// A segment with text as it was sent, and what became of it.
struct StreamSegment {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  Instant sent{};
  PacketUid uid = kNoPacket;
  RetransmitCause cause{};
  PacketUid first_sent_as = kNoPacket;
  std::optional<Instant> arrived;         // the first copy of it that was accepted
  SegmentVerdict verdict{};               // of that one
  std::optional<trace::EventIndex> drop;  // Dropped: the last one, where nothing arrived
};

// Octets that waited above a gap at the receiver.
struct HeldRange {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  Instant from{};
  Instant until{};  // the gap was filled; the end of the run where it never was
};

struct StreamLanes {
  FlowEnd writer;
  FlowEnd reader;
  std::vector<StreamMove> writes;
  std::vector<StreamSegment> segments;  // in order of sending
  std::vector<HeldRange> held;          // in order of arrival
  std::vector<StreamMove> reads;
};

// The lanes from `writer` to the other end. Where two ends are used again for a second connection,
// `connection` chooses: 0 is the first. An empty result when there is no such connection.
StreamLanes stream_lanes(const trace::Recording& recording, const FlowEnd& writer,
                         std::size_t connection = 0);
// How many connections the ends of a conversation had one after the other; at least 1.
std::size_t connections_of(const trace::Recording& recording, std::uint32_t flow);

}  // namespace strata::analysis
