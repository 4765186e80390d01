// SPDX-License-Identifier: MIT
// Network: datagrams on their way to someone else (RFC 1812 5.2.1.2), and the IP options that
// change as a datagram passes.
#include <algorithm>
#include <utility>

#include "stack/network/network.h"

namespace strata::network {
namespace {

// RFC 1122 3.2.2.5: the pointer counts from the first octet of the header.
IcmpError option_problem(std::uint8_t offset) {
  return IcmpError::parameter_problem(
      static_cast<std::uint8_t>(wire::Ipv4Header::kBytesMin + offset));
}

}  // namespace

void Network::forward(Packet datagram, Arrival& arrival, Instant now) {
  wire::Ipv4Header& header = arrival.header;
  const Route* found = routes_.lookup(header.destination);
  if (found == nullptr) {  // RFC 1812 5.2.7.1: code 0
    drop_with_error(datagram, arrival, DropReason::no_route,
                    IcmpError::unreachable(wire::UnreachableCode::network), now);
    return;
  }
  if (header.ttl <= 1) {  // RFC 1812 5.3.1
    drop_with_error(datagram, arrival, DropReason::ttl_exceeded,
                    IcmpError::time_exceeded_in_transit(), now);
    return;
  }
  const Route& route = *found;
  const std::uint16_t mtu = link_mtu(route.port);
  if (header.total_length > mtu && header.dont_fragment) {  // RFC 1191 section 4
    drop_with_error(datagram, arrival, DropReason::fragmentation_needed,
                    IcmpError::fragmentation_needed(mtu), now);
    return;
  }
  std::optional<OptionMap> options;
  if (!header.options.empty()) [[unlikely]] {
    options = check_options(datagram, arrival, now);
    if (!options) return;
    // RFC 791 3.1: a strict route allows no gateway in between.
    const bool is_broken = options->is_strict && route.gateway.has_value();
    const bool is_refused = config_.source_routes != SourceRoutePolicy::process;
    if (options->source_route && (is_refused || is_broken)) {
      refuse_source_route(datagram, arrival, now);
      return;
    }
  }
  const Path path{.port = route.port,
                  .next_hop = route.next_hop(header.destination).v4(),
                  .route = route.destination};
  if (path.port == arrival.port) [[unlikely]]
    redirect_source(datagram, arrival, route, now);

  wire::decrement_ttl(datagram.mutable_bytes().first(header.header_bytes()));
  --header.ttl;
  if (options) [[unlikely]] {
    const auto own = address_on(path.port, path.next_hop);
    if (own && !stamp_options(datagram, arrival, *options, *own, true, now)) return;
  }
  context_.trace(now, datagram, [&] {
    return DatagramForwarded{.in = arrival.port,
                             .out = path.port,
                             .destination = header.destination,
                             .route = path.route,
                             .next_hop = path.next_hop,
                             .ttl_before = static_cast<std::uint8_t>(header.ttl + 1),
                             .ttl_after = header.ttl};
  });
  transmit(std::move(datagram), header, path, mtu, now);
}

// A directed broadcast to another network of ours goes on as a broadcast there; `received` stays,
// because it is for us as well.
void Network::forward_broadcast(const Packet& received, const Arrival& arrival, PortId out,
                                Instant now) {
  if (arrival.header.ttl <= 1) return;  // it is delivered here all the same
  wire::Ipv4Header header = arrival.header;
  Packet datagram = received.clone();
  wire::decrement_ttl(datagram.mutable_bytes().first(header.header_bytes()));
  --header.ttl;
  const Path path{.port = out,
                  .next_hop = header.destination,
                  .is_broadcast = true,
                  .route = {.address = header.destination, .length = 32}};
  context_.trace(now, datagram, [&] {
    return DatagramForwarded{.in = arrival.port,
                             .out = out,
                             .destination = header.destination,
                             .route = path.route,
                             .next_hop = path.next_hop,
                             .ttl_before = arrival.header.ttl,
                             .ttl_after = header.ttl};
  });
  transmit(std::move(datagram), header, path, link_mtu(out), now);
}

// RFC 1812 5.2.7.2: only if the datagram leaves by the interface it came by, its source is on the
// network of the next hop, and it carries no source route. The datagram itself goes on its way.
void Network::redirect_source(const Packet& datagram, const Arrival& arrival, const Route& route,
                              Instant now) {
  if (!config_.send_redirects) return;
  if (map_options(arrival.header.options.bytes()).source_route) return;
  const Ipv4Address next_hop = route.next_hop(arrival.header.destination).v4();
  const bool is_neighbour =
      std::ranges::any_of(ports_[raw(route.port)].addresses, [&](const Prefix& prefix) {
        return prefix.contains(arrival.header.source) && prefix.contains(next_hop);
      });
  if (!is_neighbour) return;
  const std::size_t header_bytes = arrival.header.header_bytes();
  send_error(datagram, arrival.header, datagram.bytes().first(header_bytes),
             datagram.bytes().subspan(header_bytes), IcmpError::redirect_host(next_hop), now);
}

// Finds the options that matter. Nullopt: they are malformed and the datagram was dropped.
std::optional<OptionMap> Network::check_options(const Packet& datagram, const Arrival& arrival,
                                                Instant now) {
  const OptionMap map = map_options(arrival.header.options.bytes());
  if (!map.problem) return map;
  drop_with_error(datagram, arrival, DropReason::bad_option, option_problem(*map.problem), now);
  return std::nullopt;
}

// Writes what record route (only when forwarding: the module that routes records itself, RFC 791
// 3.1) and timestamp options ask of a node the datagram visits. False: it was dropped.
bool Network::stamp_options(Packet& datagram, Arrival& arrival, const OptionMap& map,
                            Ipv4Address own, bool is_forwarding, Instant now) {
  if (!map.timestamp && !(is_forwarding && map.record_route)) return true;
  bool is_sound = true;
  edit_options(arrival.header, [&](MutableBytes options) {
    if (is_forwarding && map.record_route) record_route(options, *map.record_route, own);
    if (map.timestamp) is_sound = stamp_time(options, *map.timestamp, own, now);
  });
  arrival.header.emit(datagram.mutable_bytes().data());
  if (!is_sound) {
    drop_with_error(datagram, arrival, DropReason::bad_option, option_problem(*map.timestamp), now);
  }
  return is_sound;
}

// Adds a timestamp unless the option waits for somebody else's (flag 3). False as
// record_timestamp().
bool Network::stamp_time(MutableBytes options, std::size_t at, Ipv4Address own, Instant now) const {
  const auto awaited = awaited_timestamp_address(options, at);
  return (awaited && !is_own(*awaited)) || record_timestamp(options, at, own, now);
}

// The datagram reached the gateway its source route named: this one. RFC 791 3.1: the next address
// becomes the destination, ours as known where it goes takes its place in the option.
void Network::follow_source_route(Packet datagram, Arrival& arrival, const OptionMap& map,
                                  Instant now) {
  const std::size_t at = *map.source_route;
  const auto next = next_source_route_hop(arrival.header.options.bytes(), at);
  // RFC 1122 3.3.5: hosts do not forward here, source-routed or not.
  const bool is_allowed = config_.forwarding && config_.source_routes == SourceRoutePolicy::process;
  const bool is_usable = next && !next->is_loopback() && !next->is_multicast() &&
                         !next->is_class_e() && !next->is_this_network() &&
                         kind_of(*next) != AddressKind::broadcast;
  const Route* route = is_usable ? routes_.lookup(*next) : nullptr;
  if (!is_allowed || route == nullptr || arrival.is_broadcast) {
    refuse_source_route(datagram, arrival, now);
    return;
  }
  const Ipv4Address own =
      address_on(route->port, route->next_hop(*next).v4()).value_or(arrival.header.destination);
  arrival.header.destination = *next;
  edit_options(arrival.header, [&](MutableBytes options) { record_route(options, at, own); });
  arrival.header.emit(datagram.mutable_bytes().data());
  // Each turn uses up one address of the option, so this ends.
  if (is_own(*next)) {
    accept(std::move(datagram), arrival, now);
  } else {
    forward(std::move(datagram), arrival, now);
  }
}

// RFC 7126 4.3.5 and 4.4.5: dropped by default; the policy says whether the source is told.
void Network::refuse_source_route(const Packet& datagram, const Arrival& arrival, Instant now) {
  if (config_.source_routes == SourceRoutePolicy::drop) {
    drops_.drop(datagram, DropReason::bad_option, arrival.port, now);
    return;
  }
  drop_with_error(datagram, arrival, DropReason::bad_option,
                  IcmpError::unreachable(wire::UnreachableCode::source_route_failed), now);
}

}  // namespace strata::network
