// SPDX-License-Identifier: MIT
// The routing table: longest prefix match (RFC 1812 5.2.4.3), then lowest metric, then the earliest
// added. Routes of a port that is down are skipped, and among routes of one prefix those whose
// gateway does not answer (RFC 1122 3.3.1.5).
//
// One vector, sorted by prefix length (longest first), network, metric and order of insertion, is
// both the table people read and the index: a lookup is a binary search per prefix length in use,
// behind a small cache of recent destinations that every change empties.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "stack/base/address.h"
#include "stack/base/events.h"
#include "stack/base/ids.h"
#include "stack/base/time.h"
#include "stack/network/answer_cache.h"

namespace strata::network {

struct Route {
  Prefix destination;
  std::optional<IpAddress> gateway;  // none: on-link
  PortId port{};
  std::uint32_t metric = 0;  // the lowest wins among equal prefixes; then the earliest added
  RouteOrigin origin = RouteOrigin::configured;

  // Where a datagram to `target` goes next on the link.
  IpAddress next_hop(const IpAddress& target) const { return gateway.value_or(target); }
  friend bool operator==(const Route&, const Route&) = default;
};

class RouteTable {
 public:
  // Adds an IPv4 route; host bits of its prefix are cleared. False for an IPv6 route and for one
  // that is there already.
  bool add(Route route);
  // Removes the best route to exactly this prefix and returns it.
  std::optional<Route> remove(const Prefix& destination);
  // Removes exactly this route.
  bool remove(const Route& route);

  // Routes of a port that is down are kept but not used.
  void set_port_up(PortId port, bool up);
  bool is_port_up(PortId port) const;
  // Avoids this gateway until `until` where the prefix of a route through it has another one.
  void mark_unreachable(PortId port, const IpAddress& gateway, Instant until);
  // Lifts the marks whose time is over. Cheap when there are none.
  void age(Instant now) {
    if (now >= next_lift_) [[unlikely]]
      lift_marks(now);
  }

  // The route for `destination`, or nullptr. Valid until the table changes.
  const Route* lookup(Ipv4Address destination) const {
    const RouteCache::Key key{.destination = destination};
    if (const Route* const* known = cache_.find(key, generation_)) [[likely]]
      return *known;
    const Route* route = search(destination);
    cache_.remember(key, generation_, route);
    return route;
  }

  // Changes whenever an answer of lookup() may have changed; never 0.
  std::uint64_t generation() const { return generation_; }

  const std::vector<Route>& all() const { return routes_; }  // longest prefix first

 private:
  struct Group {  // routes_[begin, end) have prefixes of `length` bits
    std::uint8_t length;
    std::size_t begin;
    std::size_t end;
  };
  struct Unreachable {
    PortId port{};
    IpAddress gateway;
    Instant until{};
  };
  using RouteCache = AnswerCache<const Route*, 256>;

  const Route* search(Ipv4Address destination) const;
  bool is_unreachable(const Route& route) const;
  void lift_marks(Instant now);
  void rebuild_groups();
  void forget_cached() { ++generation_; }

  std::vector<Route> routes_;
  std::vector<Group> groups_;             // longest first
  std::vector<bool> port_down_;           // by port
  std::vector<Unreachable> unreachable_;  // few
  Instant next_lift_ = kNever;            // when the first of these ends
  std::uint64_t generation_ = 1;          // of the table; cache lines of another are stale
  mutable RouteCache cache_;
};

}  // namespace strata::network
