// SPDX-License-Identifier: MIT
// Network: datagrams that arrive, and those of them that are for this node.
#include <algorithm>
#include <array>
#include <cstring>
#include <utility>

#include "stack/network/network.h"

namespace strata::network {

void Network::receive(PortId port, Packet packet, const link::ReceivedFrame& frame, Instant now) {
  age(now);
  const Port* in = find_port(port);
  if (in == nullptr || !in->is_up) {
    drops_.drop(packet, DropReason::interface_down, port, now);
    return;
  }
  if (frame.is_for_other) {  // a promiscuous interface shows more than this node may handle
    drops_.drop(packet, DropReason::not_local, port, now);
    return;
  }
  auto header = wire::Ipv4Header::parse(packet.bytes());
  if (!header) {  // RFC 1122 3.2.1.1, 3.2.1.2: silently discard
    drops_.drop(packet, header.error(), port, now);
    return;
  }
  packet.trim_back(packet.size() - header->total_length);  // link-layer padding

  Arrival arrival{.header = *header, .port = port, .is_link_broadcast = frame.is_group};
  const KnownAddress* known = find_known(header->destination);
  const AddressKind destination = known != nullptr ? known->kind : kind_of(header->destination);
  if (const auto reason = refusal(arrival, destination)) {
    drops_.drop(packet, *reason, port, now);
    return;
  }
  const bool is_group = header->destination.is_multicast();
  arrival.is_broadcast =
      arrival.is_link_broadcast || is_group || destination == AddressKind::broadcast;
  if (destination == AddressKind::remote && !is_group) {
    forward(std::move(packet), arrival, now);
    return;
  }
  const bool is_for_other_network =
      destination == AddressKind::broadcast && known != nullptr && known->port != port;
  if (is_for_other_network && config_.forwarding) {
    // RFC 2644: neither received nor forwarded unless configured to.
    if (!config_.forward_directed_broadcast || arrival.is_link_broadcast) {
      drops_.drop(packet, DropReason::broadcast_not_allowed, port, now);
      return;
    }
    forward_broadcast(packet, arrival, known->port, now);
  }
  accept(std::move(packet), arrival, now);
}

// Why this layer wants nothing to do with a datagram from a link; it is discarded silently.
std::optional<DropReason> Network::refusal(const Arrival& arrival, AddressKind destination) const {
  const Ipv4Address from = arrival.header.source;
  const Ipv4Address to = arrival.header.destination;
  // RFC 1122 3.2.1.3, RFC 1812 5.3.7: sources that name no single host. 0.0.0.0 asks for an address
  // by broadcast (case a). Ours cannot come from outside.
  const bool is_asking = from.is_unspecified() && destination == AddressKind::broadcast;
  if (from.is_multicast() || from.is_class_e() || (from.is_this_network() && !is_asking) ||
      (kind_of(from) != AddressKind::remote && !is_asking)) {
    return DropReason::martian_source;
  }
  if (to.is_loopback() || to.is_class_e() || (to.is_this_network() && !to.is_unspecified())) {
    return DropReason::martian_destination;
  }
  // RFC 1112 7.2: groups that were joined on the interface the datagram came in by.
  if (to.is_multicast()) {
    if (is_member(to, arrival.port)) return std::nullopt;
    return DropReason::not_local;
  }
  // RFC 1122 3.3.6, RFC 1812 5.3.4: a unicast datagram in a broadcast frame.
  if (arrival.is_link_broadcast && destination != AddressKind::broadcast) {
    return DropReason::broadcast_not_allowed;
  }
  // RFC 1122 3.2.1.3: a host discards what is not addressed to it.
  if (destination == AddressKind::remote && !config_.forwarding) return DropReason::not_local;
  return std::nullopt;
}

// A datagram whose destination is this node: options, reassembly, delivery.
void Network::accept(Packet datagram, Arrival& arrival, Instant now) {
  if (!arrival.header.options.empty()) [[unlikely]] {
    const auto map = check_options(datagram, arrival, now);
    if (!map) return;
    const Bytes options = arrival.header.options.bytes();
    if (map->source_route && next_source_route_hop(options, *map->source_route)) {
      follow_source_route(std::move(datagram), arrival, *map, now);
      return;
    }
    // RFC 1122 3.2.1.8 (e): the destination adds its timestamp before passing the option up.
    if (!stamp_options(datagram, arrival, *map, arrival.header.destination, false, now)) return;
  }
  if (!arrival.header.is_fragment()) [[likely]] {
    deliver(std::move(datagram), arrival, now);
    return;
  }
  auto whole = reassembler_.add(std::move(datagram), arrival.header, arrival.port, now);
  if (!whole) return;
  auto header = wire::Ipv4Header::parse(whole->bytes());
  if (!header) return;  // cannot be: it was just built
  deliver(std::move(*whole),
          {.header = *header,
           .port = arrival.port,
           .is_link_broadcast = arrival.is_link_broadcast,
           .is_broadcast = arrival.is_broadcast},
          now);
}

void Network::deliver(Packet datagram, const Arrival& arrival, Instant now) {
  const wire::Ipv4Header& header = arrival.header;
  const bool is_ours = header.protocol == IpProtocol::icmp || header.protocol == IpProtocol::tcp ||
                       header.protocol == IpProtocol::udp;
  if (!is_ours) {
    // RFC 1122 3.2.2.1: code 2, the designated transport protocol is not supported.
    drop_with_error(datagram, arrival, DropReason::unknown_protocol,
                    IcmpError::unreachable(wire::UnreachableCode::protocol), now);
    return;
  }
  context_.trace(now, datagram, [&] {
    return HeaderPulled{.protocol = Protocol::ipv4,
                        .header_bytes = static_cast<std::uint16_t>(header.header_bytes()),
                        .packet = datagram.bytes()};
  });
  // A copy, because the layer above may give the packet's buffer back while it still reads this.
  std::array<std::uint8_t, wire::Ipv4Header::kBytesMax> header_copy;
  const Bytes pulled = datagram.pull_front(header.header_bytes());
  std::memcpy(header_copy.data(), pulled.data(), pulled.size());
  const DatagramInfo info{.source = header.source,
                          .destination = header.destination,
                          .protocol = header.protocol,
                          .ttl = header.ttl,
                          .dscp = header.dscp,
                          .ecn = header.ecn,
                          .port = arrival.port,
                          .is_broadcast = arrival.is_broadcast,
                          .header = Bytes{header_copy}.first(pulled.size())};
  if (header.protocol == IpProtocol::icmp) {
    on_icmp(datagram, info, header, now);
  } else {
    upper_.on_datagram(std::move(datagram), info, now);
  }
}

// Only what waits now: answers to it wait for the next turn.
void Network::deliver_looped_back(Instant now) {
  for (Packet& datagram : std::exchange(loopback_, {})) {
    auto header = wire::Ipv4Header::parse(datagram.bytes());
    if (!header) continue;  // cannot be: we wrote it
    datagram.set_arrival(now);
    datagram.clear_marks();
    Arrival arrival{
        .header = *header, .port = kNoPort, .is_broadcast = header->destination.is_multicast()};
    accept(std::move(datagram), arrival, now);
  }
}

// RFC 1122 3.3.2: "If this timeout expires, the partially-reassembled datagram MUST be discarded
// and an ICMP Time Exceeded message sent to the source host (if fragment zero has been received)".
void Network::expire_reassemblies(Instant now) {
  while (auto expired = reassembler_.pop_expired(now)) {
    if (!expired->first_fragment.has_value()) continue;
    const Bytes bytes = expired->first_fragment.bytes();
    const auto header = wire::Ipv4Header::parse(bytes);
    if (!header) continue;  // cannot be: it was parsed on arrival
    send_error(expired->first_fragment, *header, bytes.first(header->header_bytes()),
               bytes.subspan(header->header_bytes()), IcmpError::reassembly_time_exceeded(), now);
  }
}

}  // namespace strata::network
