// SPDX-License-Identifier: MIT
#include "sim/trace/flow_table.h"

#include <type_traits>

namespace strata::trace {
namespace {

constexpr std::size_t kIpv4SourceOffset = 12;  // RFC 791 3.1
constexpr std::size_t kIpv4DestinationOffset = 16;
constexpr std::size_t kIpv4HeaderBytesMin = 20;
constexpr std::size_t kUdpPortsBytes = 4;  // RFC 768: source port, destination port

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
  if (const auto* pulled = std::get_if<HeaderPulled>(&event.body)) {
    return observe_header(event, *pulled);
  }
  if (const auto* change = std::get_if<TcpStateChanged>(&event.body)) {
    return place(Protocol::tcp, change->flow, event.node, change->to == TcpState::syn_sent);
  }
  if (const FlowKey* key = flow_key(event)) return find(Protocol::tcp, *key);
  return {};
}

FlowTable::Place FlowTable::observe_header(const Event& event, const HeaderPulled& pulled) {
  if (pulled.protocol == Protocol::ipv4 && pulled.packet.size() >= kIpv4HeaderBytesMin) {
    datagram_node_ = event.node;
    datagram_uid_ = event.uid;
    source_ = Ipv4Address::load(pulled.packet.data() + kIpv4SourceOffset);
    destination_ = Ipv4Address::load(pulled.packet.data() + kIpv4DestinationOffset);
    return {};
  }
  if (pulled.protocol != Protocol::udp || pulled.packet.size() < kUdpPortsBytes) return {};
  if (event.node != datagram_node_ || event.uid != datagram_uid_) return {};
  const std::uint8_t* ports = pulled.packet.data();
  return place(Protocol::udp,
               {.local = {.address = destination_, .port = load_be16(ports + 2)},
                .remote = {.address = source_, .port = load_be16(ports)}},
               event.node, true);
}

FlowTable::Place FlowTable::place(Protocol protocol, const FlowKey& key, NodeId node,
                                  bool may_open) {
  if (last_place_.number == 0 || last_key_.second != key || last_key_.first != protocol) {
    Place found = find(protocol, key);
    if (found.number == 0) {
      if (!may_open) return {};
      // A UDP flow is noticed where its first datagram arrives, a TCP flow where it begins.
      found = {.number = static_cast<std::uint32_t>(flows_.size() + 1),
               .is_opener = protocol == Protocol::tcp};
      const FlowKey opener_key = found.is_opener ? key : key.reversed();
      flows_.push_back({.number = found.number,
                        .protocol = protocol,
                        .opener = opener_key.local,
                        .responder = opener_key.remote});
      places_[{protocol, opener_key.reversed()}] = {.number = found.number, .is_opener = false};
      places_[{protocol, opener_key}] = {.number = found.number, .is_opener = true};
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
