// SPDX-License-Identifier: MIT
// Why a packet was sent and what came of it: a tree of the events that prove it. The root is the
// packet itself; below it stand what provoked it, what it repeats, where it ended, who noticed, and
// what it led to. Nothing is guessed: each step names an event of the recording.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "sim/trace/recording.h"

namespace strata::analysis {

enum class CauseRelation : std::uint8_t {
  subject,    // the packet asked about: TcpSegmentSent, or the first event about it
  because,    // what provoked the step above: an arrival, a timer, a state that was entered
  duplicate,  // one of the duplicate acknowledgements that were counted
  set,        // when and for when the timer above was set
  written,    // the octets were written by the application: StreamWritten
  call,       // the socket call that did it: SocketCalled
  original,   // the octets, the datagram, the frame above were first sent as this packet
  damaged,    // the medium changed the packet above: FrameCorrupted, FrameTruncated
  delayed,    // it held it back: FrameDelayed
  copied,     // it made a copy of it: FrameDuplicated
  dropped,    // where the packet above, or a part or copy of it, ended: Dropped
  arrived,    // the other end took it: TcpSegmentReceived, UdpDatagramReceived, IcmpReceived
  noticed,    // what was sent because it was missing: a retransmission, an ICMP error
  effect,     // what its arrival or its sending changed: states, variables, packets sent in answer
};
// "because", "written", ...: stable, for JSON.
std::string_view to_text(CauseRelation relation);

struct CauseStep {
  CauseRelation relation{};
  trace::EventIndex event = 0;
  PacketUid packet = kNoPacket;  // the packet the step is about, if it is about one
  std::vector<CauseStep> children;
};

// Nullopt when nothing is known about the packet.
std::optional<CauseStep> causes_of(const trace::Recording& recording, PacketUid uid);

// The variables the same end reported last before the event at `index`; nullptr when it had not
// reported any.
const TcpVariables* variables_before(const trace::Recording& recording, trace::EventIndex index);

}  // namespace strata::analysis
