// SPDX-License-Identifier: MIT
#include "sim/analysis/flow_end.h"

namespace strata::analysis {

using trace::Recording;

std::optional<FlowEnd> flow_end(const Recording& recording, std::uint32_t flow, bool is_opener) {
  const trace::Flow* found = recording.flow(flow);
  if (found == nullptr) return std::nullopt;
  const FlowKey key{.local = found->opener, .remote = found->responder};
  if (is_opener) {
    return FlowEnd{.flow = flow, .is_opener = true, .node = found->opener_node, .key = key};
  }
  return FlowEnd{
      .flow = flow, .is_opener = false, .node = found->responder_node, .key = key.reversed()};
}

FlowEnd other_end(const Recording& recording, const FlowEnd& end) {
  return flow_end(recording, end.flow, !end.is_opener).value_or(FlowEnd{});
}

std::optional<FlowEnd> end_of(const Recording& recording, const Event& event) {
  const FlowKey* key = trace::flow_key(event);
  if (key == nullptr) return std::nullopt;
  const bool is_udp = std::holds_alternative<UdpDatagramSent>(event.body) ||
                      std::holds_alternative<UdpDatagramReceived>(event.body);
  const trace::Flow* flow = recording.find_flow(*key, is_udp ? Protocol::udp : Protocol::tcp);
  if (flow == nullptr) return std::nullopt;
  return flow_end(recording, flow->number, Recording::is_opener(*flow, *key));
}

PacketUid origin_of(const Recording& recording, PacketUid uid) {
  while (true) {
    const trace::PacketRecord packet = recording.packet(uid);
    const bool is_part = packet.parentage == Parentage::duplicate ||
                         packet.parentage == Parentage::fragment ||
                         packet.parentage == Parentage::reassembly;
    // A parent is older than its child: this ends.
    if (!is_part || packet.parent == kNoPacket || packet.parent >= uid) return uid;
    uid = packet.parent;
  }
}

bool is_loss(const Dropped& dropped) {
  return dropped.reason != DropReason::not_for_me && dropped.reason != DropReason::same_port;
}

}  // namespace strata::analysis
