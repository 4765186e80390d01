// SPDX-License-Identifier: MIT
#include "sim/packetdrill/cable.h"

#include <utility>

namespace strata::packetdrill {
namespace {

constexpr LinkId kCable{0};
constexpr PortId kPort{0};  // both ends have one

}  // namespace

void Cable::carry(Direction direction, const Packet& frame, Instant now) {
  const bool leaves = direction == Direction::outbound;
  end(leaves ? kStackNode : kPeerNode).trace(now, frame, [&] {
    return FrameSent{.port = kPort,
                     .link = kCable,
                     .frame = frame.bytes(),
                     .last_bit_out = now,
                     .last_bit_in = now};
  });
  end(leaves ? kPeerNode : kStackNode).trace(now, frame, [&] {
    return FrameReceived{.port = kPort, .link = kCable, .frame = frame.bytes()};
  });
  sim::LinkCounters& counters = leaves ? metrics_.a_to_b : metrics_.b_to_a;
  for (std::uint64_t* frames :
       {&counters.offered_frames, &counters.sent_frames, &counters.delivered_frames}) {
    ++*frames;
  }
  for (std::uint64_t* bytes :
       {&counters.offered_bytes, &counters.sent_bytes, &counters.delivered_bytes}) {
    *bytes += frame.size();
  }
  counters.busy_until = now;
}

trace::Directory directory_of(trace::PortEntry stack, trace::PortEntry peer) {
  trace::Directory directory;
  stack.link = peer.link = kCable;
  directory.nodes = {{.name = "stack", .kind = trace::NodeKind::host, .ports = {std::move(stack)}},
                     {.name = "peer", .kind = trace::NodeKind::device, .ports = {std::move(peer)}}};
  directory.links = {{.name = "cable", .a = {kStackNode, kPort}, .b = {kPeerNode, kPort}}};
  return directory;
}

}  // namespace strata::packetdrill
