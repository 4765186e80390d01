// SPDX-License-Identifier: MIT
#include "sim/trace/flow_table.h"

#include <type_traits>

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
    return place(Protocol::tcp, sent->flow, event.node, true);
  }
  if (const auto* received = std::get_if<TcpSegmentReceived>(&event.body)) {
    return place(Protocol::tcp, received->flow, event.node, false);
  }
  if (const auto* sent = std::get_if<UdpDatagramSent>(&event.body)) {
    return place(Protocol::udp, sent->flow, event.node, true);
  }
  if (const auto* received = std::get_if<UdpDatagramReceived>(&event.body)) {
    return place(Protocol::udp, received->flow, event.node, false);
  }
  if (const auto* change = std::get_if<TcpStateChanged>(&event.body)) {
    return place(Protocol::tcp, change->flow, event.node, change->to == TcpState::syn_sent);
  }
  if (const FlowKey* key = flow_key(event)) return find(Protocol::tcp, *key);
  return {};
}

FlowTable::Place FlowTable::place(Protocol protocol, const FlowKey& key, NodeId node,
                                  bool may_open) {
  if (last_place_.number == 0 || last_key_.second != key || last_key_.first != protocol) {
    Place found = find(protocol, key);
    if (found.number == 0) {
      if (!may_open) return {};
      found = {.number = static_cast<std::uint32_t>(flows_.size() + 1), .is_opener = true};
      flows_.push_back({.number = found.number,
                        .protocol = protocol,
                        .opener = key.local,
                        .responder = key.remote});
      places_[{protocol, key.reversed()}] = {.number = found.number, .is_opener = false};
      places_[{protocol, key}] = {.number = found.number, .is_opener = true};
    }
    last_key_ = {protocol, key};
    last_place_ = found;
  }
  Flow& flow = flows_[last_place_.number - 1];
  (last_place_.is_opener ? flow.opener_node : flow.responder_node) = node;
  return last_place_;
}

FlowTable::Place FlowTable::find(Protocol protocol, const FlowKey& key) const {
  const Place* found = places_.find({protocol, key});
  return found != nullptr ? *found : Place{};
}

}  // namespace strata::trace
