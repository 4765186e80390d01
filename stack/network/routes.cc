// SPDX-License-Identifier: MIT
#include "stack/network/routes.h"

#include <algorithm>
#include <tuple>

namespace strata::network {
namespace {

std::uint32_t network_of(const Route& route) { return route.destination.address.v4().value(); }

std::uint32_t mask_of(std::uint8_t length) {
  return length == 0 ? 0 : ~std::uint32_t{0} << (32 - length);
}

// Longest prefix first, then network, then metric; equal ones keep their order of insertion.
bool sorts_before(const Route& a, const Route& b) {
  return std::tuple{b.destination.length, network_of(a), a.metric} <
         std::tuple{a.destination.length, network_of(b), b.metric};
}

}  // namespace

bool RouteTable::add(Route route) {
  if (!route.destination.address.is_v4() || route.destination.length > 32) return false;
  if (route.gateway && !route.gateway->is_v4()) return false;
  route.destination = route.destination.network();
  if (std::ranges::find(routes_, route) != routes_.end()) return false;
  routes_.insert(std::upper_bound(routes_.begin(), routes_.end(), route, sorts_before), route);
  rebuild_groups();
  return true;
}

std::optional<Route> RouteTable::remove(const Prefix& destination) {
  const auto found = std::ranges::find(routes_, destination.network(), &Route::destination);
  if (found == routes_.end()) return std::nullopt;
  const Route removed = *found;
  routes_.erase(found);
  rebuild_groups();
  return removed;
}

bool RouteTable::remove(const Route& route) {
  const auto found = std::ranges::find(routes_, route);
  if (found == routes_.end()) return false;
  routes_.erase(found);
  rebuild_groups();
  return true;
}

void RouteTable::set_port_up(PortId port, bool up) {
  if (raw(port) >= port_down_.size()) port_down_.resize(std::size_t{raw(port)} + 1);
  port_down_[raw(port)] = !up;
  forget_cached();
}

bool RouteTable::is_port_up(PortId port) const {
  return raw(port) >= port_down_.size() || !port_down_[raw(port)];
}

void RouteTable::mark_unreachable(PortId port, const IpAddress& gateway, Instant until) {
  const auto goes_through = [&](const Route& route) {
    return route.port == port && route.gateway == gateway;
  };
  const bool has_alternative = std::ranges::any_of(routes_, [&](const Route& route) {
    return goes_through(route) && std::ranges::any_of(routes_, [&](const Route& other) {
             return other.destination == route.destination && !goes_through(other);
           });
  });
  if (!has_alternative) return;
  std::erase_if(unreachable_,
                [&](const Unreachable& u) { return u.port == port && u.gateway == gateway; });
  unreachable_.push_back({port, gateway, until});
  next_lift_ = std::min(next_lift_, until);
  forget_cached();
}

void RouteTable::lift_marks(Instant now) {
  std::erase_if(unreachable_, [&](const Unreachable& u) { return u.until <= now; });
  next_lift_ = kNever;
  for (const Unreachable& u : unreachable_) next_lift_ = std::min(next_lift_, u.until);
  forget_cached();
}

bool RouteTable::is_unreachable(const Route& route) const {
  return std::ranges::any_of(unreachable_, [&](const Unreachable& u) {
    return u.port == route.port && route.gateway == u.gateway;
  });
}

// RFC 1812 5.2.4.3 (2): the longest match wins; among equals the metric decides.
const Route* RouteTable::search(Ipv4Address destination) const {
  for (const Group& group : groups_) {
    const std::uint32_t wanted = destination.value() & mask_of(group.length);
    const auto begin = routes_.begin() + static_cast<std::ptrdiff_t>(group.begin);
    const auto end = routes_.begin() + static_cast<std::ptrdiff_t>(group.end);
    const Route* fallback = nullptr;
    for (auto route = std::ranges::lower_bound(begin, end, wanted, {}, network_of);
         route != end && network_of(*route) == wanted; ++route) {
      if (!is_port_up(route->port)) continue;
      // RFC 1122 3.3.1.5: prefer a gateway that answers; with none left, keep trying the best.
      if (!is_unreachable(*route)) return &*route;
      if (fallback == nullptr) fallback = &*route;
    }
    if (fallback != nullptr) return fallback;
  }
  return nullptr;
}

void RouteTable::rebuild_groups() {
  groups_.clear();
  for (std::size_t i = 0; i < routes_.size(); ++i) {
    const std::uint8_t length = routes_[i].destination.length;
    if (groups_.empty() || groups_.back().length != length) groups_.push_back({length, i, i});
    groups_.back().end = i + 1;
  }
  forget_cached();
}

}  // namespace strata::network
