// SPDX-License-Identifier: MIT
// Interfaces, addresses, routes: what Network knows. Its other members are in output.cc, input.cc,
// forward.cc and icmp_input.cc.
#include "stack/network/network.h"

#include <algorithm>
#include <utility>

#include "stack/base/assert.h"

namespace strata::network {

Network::Network(const NodeContext& context, NetworkConfig config, Upper& upper)
    : context_(context),
      config_(config),
      upper_(upper),
      drops_(context),
      reassembler_(context, drops_, config.reassembly_timeout, config.reassembly_bytes_max),
      path_mtus_(config.path_mtu_timeout),
      identifications_(context.key),
      error_allowance_(config.icmp_errors_per_second, config.icmp_error_burst) {}

void Network::add_interface(link::Interface& interface, std::vector<Prefix> addresses) {
  const PortId port = interface.port();
  STRATA_ASSERT(raw(port) == ports_.size());
  std::erase_if(addresses, [](const Prefix& prefix) { return !prefix.address.is_v4(); });
  ports_.push_back({.link = &interface, .addresses = std::move(addresses)});
  for (const Prefix& prefix : ports_.back().addresses) {
    learn_address({prefix.address.v4(), AddressKind::own, port});
    // RFC 1122 3.3.6: the all-ones form, and the all-zeros form of old. RFC 3021: a /31 has
    // neither.
    if (const auto broadcast = prefix.directed_broadcast()) {
      learn_address({*broadcast, AddressKind::broadcast, port});
      learn_address({prefix.network().address.v4(), AddressKind::broadcast, port});
    }
    install({.destination = prefix.network(), .port = port, .origin = RouteOrigin::connected},
            kStart);
  }
}

void Network::add_route(Route route, Instant now) {
  if (find_port(route.port) != nullptr) install(route, now);
}

void Network::set_port_up(PortId port, bool up, Instant now) {
  if (find_port(port) == nullptr || ports_[raw(port)].is_up == up) return;
  ports_[raw(port)].is_up = up;
  routes_.set_port_up(port, up);
  for (const Route& route : routes_.all()) {
    if (route.port == port) {
      trace_route(up ? TableChange::added : TableChange::removed, route, now);
    }
  }
}

void Network::set_port_mtu(PortId port, std::uint16_t mtu) {
  if (find_port(port) == nullptr) return;
  ports_[raw(port)].link->set_mtu(mtu);
  ++mtu_changes_;
}

void Network::announce_routes(Instant now) const {
  for (const Route& route : routes_.all()) {
    if (routes_.is_port_up(route.port)) trace_route(TableChange::added, route, now);
  }
}

Result<void> Network::join_group(Ipv4Address group, PortId port) {
  if (!group.is_multicast() || group == kNoGroup || find_port(port) == nullptr) {
    return unexpected(Errc::invalid_argument);
  }
  groups_.emplace_back(group, port);
  return {};
}

Result<void> Network::leave_group(Ipv4Address group, PortId port) {
  const auto found = std::ranges::find(groups_, std::pair{group, port});
  if (found == groups_.end()) return unexpected(Errc::address_not_available);
  groups_.erase(found);
  return {};
}

// RFC 1112 7.2, RFC 1122 3.3.7: the all-hosts group is never left.
bool Network::is_member(Ipv4Address group, PortId port) const {
  constexpr Ipv4Address kAllHosts{224, 0, 0, 1};
  return group == kAllHosts || std::ranges::find(groups_, std::pair{group, port}) != groups_.end();
}

std::uint16_t Network::mtu_for(const IpAddress& destination) const {
  constexpr std::uint16_t kUnknownPathMtu = 576;  // RFC 1122 3.3.3
  constexpr std::uint16_t kLoopbackMtu = 65535;
  if (!destination.is_v4()) return kUnknownPathMtu;
  if (is_own(destination.v4())) return kLoopbackMtu;
  if (destination.v4().is_multicast()) {
    const auto path = broadcast_path(destination.v4(), {});
    return path ? link_mtu(path->port) : kUnknownPathMtu;
  }
  const Route* route = routes_.lookup(destination.v4());
  if (route == nullptr) return kUnknownPathMtu;
  return path_mtu({.port = route->port}, destination.v4());
}

std::uint16_t Network::interface_mtu_for(const IpAddress& destination) const {
  const bool leaves = destination.is_v4() && !is_own(destination.v4());
  const Route* route = leaves ? routes_.lookup(destination.v4()) : nullptr;
  return route == nullptr ? mtu_for(destination) : link_mtu(route->port);
}

void Network::reduce_path_mtu(const IpAddress& destination, std::uint16_t reported,
                              std::uint16_t datagram_bytes, Instant now) {
  if (destination.is_v4()) path_mtus_.reduce(destination.v4(), reported, datagram_bytes, now);
}

void Network::doubt_route(const IpAddress& destination) {
  if (!destination.is_v4() || is_own(destination.v4())) return;
  const Route* route = routes_.lookup(destination.v4());
  if (route == nullptr) return;
  ports_[raw(route->port)].link->doubt_neighbour(route->next_hop(destination).v4());
}

bool Network::is_local(const IpAddress& address) const {
  return address.is_v4() && is_own(address.v4());
}

bool Network::is_broadcast(const IpAddress& address) const {
  return address.is_v4() &&
         (address.v4().is_multicast() || kind_of(address.v4()) == AddressKind::broadcast);
}

std::string Network::interface_name(PortId port) const {
  const Port* found = find_port(port);
  return found == nullptr ? "lo" : found->link->config().name;
}

std::vector<Prefix> Network::addresses() const {
  std::vector<Prefix> all;
  for (const Port& port : ports_) {
    all.insert(all.end(), port.addresses.begin(), port.addresses.end());
  }
  return all;
}

Instant Network::next_deadline() const {
  return loopback_.empty() ? reassembler_.next_deadline() : kStart;
}

void Network::on_deadline(Instant now) {
  age(now);
  expire_reassemblies(now);
  deliver_looped_back(now);
}

// RFC 1122 3.3.1.4: a gateway that does not answer must not be used for ever; 2.4 and RFC 1812
// 3.3.2: the source is told that the host is unreachable. Our own datagrams come back to us through
// the loopback queue, as a hint for the transport layer.
void Network::on_neighbour_unreachable(PortId port, Packet datagram, Instant now) {
  const auto header = wire::Ipv4Header::parse(datagram.bytes());
  if (!header) return;
  const Route* route = routes_.lookup(header->destination);
  if (route != nullptr && route->port == port && route->gateway) {
    const Route failed = *route;
    if (failed.origin == RouteOrigin::redirect) {
      routes_.remove(failed);
      std::erase(redirects_, failed);
      trace_route(TableChange::removed, failed, now);
    } else {
      routes_.mark_unreachable(port, *failed.gateway, after(now, config_.gateway_retry_time));
    }
  }
  send_error(datagram, *header, datagram.bytes().first(header->header_bytes()),
             datagram.bytes().subspan(header->header_bytes()),
             IcmpError::unreachable(wire::UnreachableCode::host), now);
}

const Network::Port* Network::find_port(PortId port) const {
  return raw(port) < ports_.size() ? &ports_[raw(port)] : nullptr;
}

const Network::KnownAddress* Network::find_known(Ipv4Address address) const {
  const auto found = std::ranges::lower_bound(known_, address, {}, &KnownAddress::address);
  return found == known_.end() || found->address != address ? nullptr : &*found;
}

Network::AddressKind Network::kind_of(Ipv4Address address) const {
  if (const KnownAddress* known = find_known(address)) return known->kind;
  if (address.is_loopback()) return AddressKind::own;
  if (address.is_limited_broadcast() || address.is_unspecified()) return AddressKind::broadcast;
  return AddressKind::remote;
}

void Network::learn_address(const KnownAddress& learned) {
  const auto position =
      std::ranges::lower_bound(known_, learned.address, {}, &KnownAddress::address);
  if (position == known_.end() || position->address != learned.address) {
    known_.insert(position, learned);
  } else if (position->kind != AddressKind::own) {
    *position = learned;  // an address of ours is never a broadcast address to us
  }
}

// RFC 1122 3.3.4.3: an address on the network of the next hop, else any of the interface.
std::optional<Ipv4Address> Network::address_on(PortId port, Ipv4Address next_hop) const {
  const std::vector<Prefix>& addresses = ports_[raw(port)].addresses;
  if (addresses.empty()) return std::nullopt;
  if (addresses.size() > 1) {
    for (const Prefix& prefix : addresses) {
      if (prefix.contains(next_hop)) return prefix.address.v4();
    }
  }
  return addresses.front().address.v4();
}

void Network::install(const Route& route, Instant now) {
  if (routes_.add(route)) trace_route(TableChange::added, route, now);
}

void Network::trace_route(TableChange change, const Route& route, Instant now) const {
  context_.trace(now, [&] {
    return RouteChanged{.change = change,
                        .route = route.destination.network(),
                        .next_hop = route.gateway.value_or(IpAddress{}),
                        .port = route.port,
                        .metric = route.metric,
                        .origin = route.origin};
  });
}

void Network::age(Instant now) {
  routes_.age(now);
  path_mtus_.age(now);
}

}  // namespace strata::network
