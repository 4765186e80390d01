// SPDX-License-Identifier: MIT
// Network: sending datagrams of this node's own.
#include <algorithm>
#include <utility>

#include "stack/network/fragment.h"
#include "stack/network/network.h"

namespace strata::network {
namespace {

constexpr std::size_t kLoopbackPacketsMax = 4096;

// RFC 1112 6.1: "it should default to 1 for all multicast IP datagrams".
std::uint8_t ttl_of(const SendOptions& options, Ipv4Address destination,
                    const NetworkConfig& config) {
  if (options.ttl != 0) return options.ttl;
  return destination.is_multicast() ? std::uint8_t{1} : config.default_ttl;
}

}  // namespace

Result<void> Network::send(Packet payload, IpProtocol protocol, const IpAddress& destination,
                           const SendOptions& options, Instant now) {
  if (!destination.is_v4() || !options.source.is_v4()) return unexpected(Errc::not_supported);
  return send_v4(std::move(payload), protocol, destination.v4(), options, now);
}

Result<void> Network::send_v4(Packet payload, IpProtocol protocol, Ipv4Address destination,
                              const SendOptions& options, Instant now) {
  age(now);
  wire::Ipv4Header header{.dscp = options.dscp,
                          .ecn = options.ecn,
                          .dont_fragment = options.dont_fragment,
                          .ttl = ttl_of(options, destination, config_),
                          .protocol = protocol,
                          .destination = destination,
                          .options = options.options};
  const OptionMap map = header.options.empty() ? OptionMap{} : map_options(header.options.bytes());
  if (map.problem || header.options.size() % 4 != 0) return unexpected(Errc::invalid_argument);
  if (map.source_route) {
    // RFC 1122 3.2.1.8 (c): the header carries the first gateway, the option the rest.
    std::optional<Ipv4Address> first;
    edit_options(header, [&](MutableBytes bytes) {
      first = begin_source_route(bytes, *map.source_route, destination);
    });
    if (!first) return unexpected(Errc::invalid_argument);
    header.destination = *first;
  }
  auto path = find_path(header.destination, options);
  if (!path) {
    if (path.error() == Errc::network_unreachable) {
      drops_.drop(payload, DropReason::no_route, kNoPort, now);
    }
    return unexpected(path.error());
  }
  path->probes_mtu = options.probes_path_mtu;
  path->prefers_whole = options.dont_fragment_if_fits;
  header.source = path->source;
  if (map.timestamp) {
    // RFC 1122 3.2.1.8 (e): the originating host records a timestamp, unless addresses are listed
    // and the first is not its own.
    edit_options(header,
                 [&](MutableBytes bytes) { stamp_time(bytes, *map.timestamp, path->source, now); });
  }
  return emit(std::move(payload), header, *path, now);
}

// Completes `header` (addresses, TTL, options and flags are set) and sends the datagram.
Result<void> Network::emit(Packet payload, wire::Ipv4Header& header, const Path& path,
                           Instant now) {
  const std::size_t bytes = header.header_bytes() + payload.size();
  const std::uint16_t mtu = path_mtu(path, header.destination);
  if (path.prefers_whole && bytes <= mtu) header.dont_fragment = true;
  // RFC 1122 3.3.3: the transport layer must not send more than MMS_S allows.
  if (bytes > wire::Ipv4Header::kDatagramBytesMax || (bytes > mtu && header.dont_fragment)) {
    return unexpected(Errc::message_size);
  }
  if (path.port == kNoPort && loopback_.size() >= kLoopbackPacketsMax) {
    return unexpected(Errc::no_buffer_space);
  }
  header.total_length = static_cast<std::uint16_t>(bytes);
  header.identification = identifications_.next(header.source, header.destination, header.protocol);

  context_.trace(now, payload, [&] {
    return RouteChosen{.out = path.port,
                       .source = header.source,
                       .destination = header.destination,
                       .route = path.route,
                       .next_hop = path.next_hop};
  });
  header.emit(payload.push_front(header.header_bytes(), Protocol::ipv4).data());
  context_.trace(now, payload, [&] {
    return HeaderPushed{.protocol = Protocol::ipv4,
                        .header_bytes = static_cast<std::uint16_t>(header.header_bytes()),
                        .packet = payload.bytes()};
  });
  if (path.port == kNoPort) {
    loopback_.push_back(std::move(payload));
  } else {
    // RFC 1112 6.2: a member of the group hears itself.
    if (header.destination.is_multicast() && is_member(header.destination, path.port) &&
        loopback_.size() < kLoopbackPacketsMax) {
      loopback_.push_back(payload.clone());
    }
    transmit(std::move(payload), header, path, mtu, now);
  }
  return {};
}

Result<IpAddress> Network::source_for(const IpAddress& destination) const {
  if (!destination.is_v4()) return unexpected(Errc::not_supported);
  const auto path = choose_path(destination.v4(), {.allow_broadcast = true});
  if (!path) return unexpected(path.error());
  return path->source;
}

// choose_path() behind a cache. Only paths that leave by a route are kept: they depend on the two
// addresses, the routes, and the addresses of this host, which are fixed once it runs.
Result<Network::Path> Network::find_path(Ipv4Address destination, const SendOptions& options) {
  const Ipv4Address bound = options.source.v4();
  const PathCache::Key key{.destination = destination, .source = bound};
  if (const Path* known = paths_.find(key, routes_.generation())) [[likely]]
    return *known;
  const auto path = choose_path(destination, options);
  if (path && path->port != kNoPort && !path->is_broadcast && !destination.is_multicast()) {
    paths_.remember(key, routes_.generation(), *path);
  }
  return path;
}

Result<Network::Path> Network::choose_path(Ipv4Address destination,
                                           const SendOptions& options) const {
  const Ipv4Address bound = options.source.v4();
  // RFC 1122 3.2.1.3: a source must be one of this host's addresses, never a broadcast.
  if (!bound.is_unspecified() && !is_own(bound)) return unexpected(Errc::address_not_available);
  if (destination.is_multicast()) return broadcast_path(destination, bound);
  switch (kind_of(destination)) {
    case AddressKind::own: {
      const Ipv4Address self = destination.is_loopback() ? Ipv4Address{127, 0, 0, 1} : destination;
      return Path{.source = bound.is_unspecified() ? self : bound,
                  .next_hop = destination,
                  .route = {.address = destination, .length = 32}};
    }
    case AddressKind::broadcast:
      if (destination.is_unspecified()) return unexpected(Errc::invalid_argument);
      if (!options.allow_broadcast) return unexpected(Errc::permission_denied);
      return broadcast_path(destination, bound);
    case AddressKind::remote:
      break;
  }
  // RFC 1122 3.2.1.3 (g): 127/8 must not appear outside a host.
  if (destination.is_class_e() || destination.is_this_network() || bound.is_loopback()) {
    return unexpected(Errc::invalid_argument);
  }
  const Route* route = routes_.lookup(destination);
  if (route == nullptr) return unexpected(Errc::network_unreachable);
  const Ipv4Address next_hop = route->next_hop(destination).v4();
  const auto chosen = address_on(route->port, next_hop);
  if (bound.is_unspecified() && !chosen) return unexpected(Errc::address_not_available);
  return Path{.port = route->port,
              .source = bound.is_unspecified() ? *chosen : bound,
              .next_hop = next_hop,
              .route = route->destination};
}

// A directed broadcast leaves on its network; a limited one, and a datagram to a group, where the
// bound address lives, else on the first interface that is up (RFC 1122 3.3.6 takes no stand,
// RFC 1112 6.1 speaks of a default interface).
Result<Network::Path> Network::broadcast_path(Ipv4Address destination, Ipv4Address bound) const {
  const bool is_group = destination.is_multicast();
  if (bound.is_loopback() || destination == kNoGroup) return unexpected(Errc::invalid_argument);
  PortId port = kNoPort;
  if (const KnownAddress* known =
          find_known(is_group || destination.is_limited_broadcast() ? bound : destination)) {
    port = known->port;
  } else {
    const auto first_up = std::ranges::find_if(
        ports_, [](const Port& each) { return each.is_up && !each.addresses.empty(); });
    if (first_up != ports_.end()) port = first_up->link->port();
  }
  if (port == kNoPort || !ports_[raw(port)].is_up) return unexpected(Errc::network_unreachable);
  const auto source = bound.is_unspecified() ? address_on(port, destination) : bound;
  if (!source) return unexpected(Errc::address_not_available);
  return Path{.port = port,
              .source = *source,
              .next_hop = destination,
              .is_broadcast = !is_group,
              .route = {.address = destination, .length = 32}};
}

std::uint16_t Network::path_mtu(const Path& path, Ipv4Address destination) const {
  if (path.port == kNoPort) return wire::Ipv4Header::kDatagramBytesMax;
  const std::uint16_t link = link_mtu(path.port);
  if (path.probes_mtu) return link;
  return std::min(link, path_mtus_.find(destination).value_or(link));
}

void Network::transmit(Packet datagram, const wire::Ipv4Header& header, const Path& path,
                       std::uint16_t mtu, Instant now) {
  if (header.total_length <= mtu) [[likely]] {
    put_on_link(std::move(datagram), path, now);
    return;
  }
  std::vector<Packet> fragments = fragment(datagram, header, mtu);
  if (fragments.empty()) {
    drops_.drop(datagram, DropReason::fragmentation_needed, path.port, now);
    return;
  }
  context_.trace(now, datagram, [&] {
    DatagramFragmented event{.bytes = header.total_length, .mtu = mtu};
    for (const Packet& each : fragments) event.fragments.push_back(each.uid());
    return event;
  });
  for (Packet& each : fragments) {
    context_.trace(now, each, [&] {
      return HeaderPushed{.protocol = Protocol::ipv4,
                          .header_bytes = each.marks().front().length,
                          .packet = each.bytes()};
    });
    put_on_link(std::move(each), path, now);
  }
}

void Network::put_on_link(Packet datagram, const Path& path, Instant now) {
  const Port& port = ports_[raw(path.port)];
  if (!port.is_up) {
    drops_.drop(datagram, DropReason::interface_down, path.port, now);
  } else if (path.is_broadcast) {
    port.link->send_broadcast(std::move(datagram), now);
  } else {
    port.link->send(std::move(datagram), path.next_hop, now);
  }
}

}  // namespace strata::network
