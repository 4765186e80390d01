// SPDX-License-Identifier: MIT
#include "sim/trace/flow_table.h"

#include "stack/wire/tcp.h"

namespace strata::trace {
namespace {

template <typename T>
concept HasFlow = requires(const T& body) {
  { body.flow } -> std::convertible_to<const FlowKey&>;
};

}  // namespace

const FlowKey* flow_key(const Event& event) {
  return std::visit(
      []<typename Body>(const Body& body) -> const FlowKey* {
        if constexpr (HasFlow<Body>) {
          return &body.flow;
        } else {
          return nullptr;
        }
      },
      event.body);
}

FlowTable::Place FlowTable::observe(const Event& event) {
  if (const auto* sent = std::get_if<TcpSegmentSent>(&event.body)) {
    return place(Protocol::tcp, sent->flow, event.node, opens(*sent));
  }
  if (const auto* received = std::get_if<TcpSegmentReceived>(&event.body)) {
    return place(Protocol::tcp, received->flow, event.node, opens(*received));
  }
  if (const auto* sent = std::get_if<UdpDatagramSent>(&event.body)) {
    return place(Protocol::udp, sent->flow, event.node, Opens::local);
  }
  if (const auto* received = std::get_if<UdpDatagramReceived>(&event.body)) {
    return place(Protocol::udp, received->flow, event.node, Opens::remote);
  }
  if (const auto* change = std::get_if<TcpStateChanged>(&event.body)) {
    return place(Protocol::tcp, change->flow, event.node,
                 change->to == TcpState::syn_sent ? Opens::local : Opens::nobody);
  }
  if (const FlowKey* key = flow_key(event)) return find(Protocol::tcp, *key, event.node);
  return {};
}

FlowTable::Opens FlowTable::opens(const TcpSegmentSent& segment) {
  const bool is_answer =
      (segment.flags & wire::tcp_flag::kRst) != 0 ||
      ((segment.flags & wire::tcp_flag::kSyn) != 0 && (segment.flags & wire::tcp_flag::kAck) != 0);
  return is_answer ? Opens::remote : Opens::local;
}

FlowTable::Opens FlowTable::opens(const TcpSegmentReceived& segment) {
  const bool is_answer =
      (segment.flags & wire::tcp_flag::kSyn) != 0 && (segment.flags & wire::tcp_flag::kAck) != 0;
  return is_answer ? Opens::local : Opens::remote;
}

FlowTable::Place FlowTable::place(Protocol protocol, const FlowKey& key, NodeId node, Opens opens) {
  Place found = find(protocol, key, node);
  if (found.number == 0 && opens != Opens::nobody) found = open(protocol, key, opens);
  if (found.number == 0) return {};
  Flow& flow = flows_[found.number - 1];
  (found.is_opener ? flow.opener_node : flow.responder_node) = node;
  return found;
}

FlowTable::Place FlowTable::open(Protocol protocol, const FlowKey& key, Opens opens) {
  if (flows_.size() >= kFlowsMost) return {};
  const bool is_opener = opens == Opens::local;
  const auto number = static_cast<std::uint32_t>(flows_.size() + 1);
  flows_.push_back({.number = number,
                    .protocol = protocol,
                    .opener = is_opener ? key.local : key.remote,
                    .responder = is_opener ? key.remote : key.local});
  places_[{protocol, key.reversed()}] = {.number = number, .is_opener = !is_opener};
  places_[{protocol, key}] = {.number = number, .is_opener = is_opener};
  return {.number = number, .is_opener = is_opener};
}

FlowTable::Place FlowTable::find(Protocol protocol, const FlowKey& key, NodeId node) {
  Remembered& last = remembered_[raw(node) % kRemembered];
  if (last.place.number == 0 || last.key.second != key || last.key.first != protocol) {
    last = {.key = {protocol, key}, .place = find(protocol, key)};
  }
  return last.place;
}

FlowTable::Place FlowTable::find(Protocol protocol, const FlowKey& key) const {
  const Place* found = places_.find({protocol, key});
  return found != nullptr ? *found : Place{};
}

}  // namespace strata::trace
