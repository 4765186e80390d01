// SPDX-License-Identifier: MIT
#include "sim/scenario/routing.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <set>

namespace strata::scenario {
namespace {

constexpr int kHopsMost = 64;

// The port of `node` on whose subnet `address` lies.
std::optional<std::size_t> port_towards(const NodeModel& node, const IpAddress& address) {
  for (std::size_t i = 0; i < node.ports.size(); ++i) {
    for (const Prefix& prefix : node.ports[i].addresses) {
      if (prefix.contains(address)) return i;
    }
  }
  return std::nullopt;
}

bool is_connected(const NodeModel& node, const Prefix& network) {
  return std::any_of(node.ports.begin(), node.ports.end(),
                     [&](const PortModel& port) { return address_on(port, network) != nullptr; });
}

// First step from a router towards others.
struct Step {
  std::size_t port = 0;  // of the router the search began at
  IpAddress gateway;
};

// Breadth-first search over the routers of a model, from one of them.
class PathSearch {
 public:
  PathSearch(const Model& model, const Topology& topology, std::size_t origin)
      : model_(model), topology_(topology), origin_(origin) {}

  std::vector<network::Route> run() {
    reached_.insert(origin_);
    queue_.push_back({origin_, std::nullopt});
    while (!queue_.empty()) {
      const auto [node, first] = queue_.front();
      queue_.pop_front();
      if (first) add_networks(node, *first);
      visit_neighbours(node, first);
    }
    return std::move(routes_);
  }

 private:
  void add_networks(std::size_t node, const Step& first) {
    for (const PortModel& port : model_.nodes[node].ports) {
      for (const Prefix& prefix : port.addresses) {
        const Prefix network = prefix.network();
        if (is_connected(model_.nodes[origin_], network)) continue;
        if (!networks_.insert(network).second) continue;
        routes_.push_back({.destination = network,
                           .gateway = first.gateway,
                           .port = PortId{static_cast<std::uint16_t>(first.port)}});
      }
    }
  }

  void visit_neighbours(std::size_t node, const std::optional<Step>& first) {
    for (std::size_t port = 0; port < topology_.nodes[node].size(); ++port) {
      const auto segment = topology_.nodes[node][port].segment;
      if (!segment) continue;
      for (const PortRef& other : topology_.segments[*segment]) {
        if (model_.nodes[other.node].kind != NodeKind::router) continue;
        const Prefix* address = shared_address(model_.nodes[node].ports[port], other);
        if (address == nullptr || !reached_.insert(other.node).second) continue;
        queue_.push_back({other.node, first ? *first : Step{port, address->address}});
      }
    }
  }

  // The other port's address on a subnet that `mine` is on, too.
  const Prefix* shared_address(const PortModel& mine, const PortRef& other) const {
    for (const Prefix& prefix : mine.addresses) {
      const Prefix* found = address_on(model_.nodes[other.node].ports[other.port], prefix);
      if (found != nullptr) return found;
    }
    return nullptr;
  }

  const Model& model_;
  const Topology& topology_;
  std::size_t origin_;
  std::deque<std::pair<std::size_t, std::optional<Step>>> queue_;
  std::set<std::size_t> reached_;
  std::set<Prefix> networks_;
  std::vector<network::Route> routes_;
};

struct NextHop {
  std::size_t port = 0;
  IpAddress address;
};

// Longest prefix match over connected networks and routes.
std::optional<NextHop> next_hop(const NodeModel& node, const std::vector<network::Route>& routes,
                                const IpAddress& destination) {
  std::optional<NextHop> best;
  int length = -1;
  for (std::size_t port = 0; port < node.ports.size(); ++port) {
    for (const Prefix& prefix : node.ports[port].addresses) {
      if (!prefix.contains(destination) || prefix.length <= length) continue;
      best = NextHop{port, destination};
      length = prefix.length;
    }
  }
  for (const network::Route& route : routes) {
    if (!route.destination.contains(destination) || route.destination.length <= length) continue;
    best = NextHop{raw(route.port), route.gateway.value_or(destination)};
    length = route.destination.length;
  }
  return best;
}

// A router on a network of `node`, to propose as a gateway.
std::string gateway_hint(const Model& model, const Topology& topology, std::size_t node) {
  for (std::size_t port = 0; port < topology.nodes[node].size(); ++port) {
    const auto segment = topology.nodes[node][port].segment;
    if (!segment) continue;
    for (const PortRef& other : topology.segments[*segment]) {
      if (model.nodes[other.node].kind != NodeKind::router || other.node == node) continue;
      const auto& addresses = model.nodes[other.node].ports[other.port].addresses;
      if (addresses.empty()) continue;
      return fmt::format("add 'gateway: {}' to node '{}'", strata::to_text(addresses[0].address),
                         model.nodes[node].name);
    }
  }
  return fmt::format("give node '{}' a gateway or a route", model.nodes[node].name);
}

}  // namespace

std::vector<std::vector<network::Route>> compute_routes(const Model& model,
                                                        const Topology& topology) {
  std::vector<std::vector<network::Route>> all;
  for (std::size_t i = 0; i < model.nodes.size(); ++i) {
    const NodeModel& node = model.nodes[i];
    std::vector<network::Route>& routes = all.emplace_back();
    const auto add = [&](const Prefix& to, const IpAddress& gateway, std::uint32_t metric) {
      const auto port = port_towards(node, gateway);
      if (!port) return;
      routes.push_back({.destination = to,
                        .gateway = gateway,
                        .port = PortId{static_cast<std::uint16_t>(*port)},
                        .metric = metric});
    };
    if (node.routes) {
      for (const RouteModel& route : *node.routes)
        add(route.destination, route.gateway, route.metric);
    } else if (node.kind == NodeKind::router) {
      routes = PathSearch(model, topology, i).run();
    }
    if (node.gateway) add(Prefix{}, *node.gateway, 0);
  }
  return all;
}

Mistake trace_route(const Model& model, const Topology& topology,
                    const std::vector<std::vector<network::Route>>& routes, std::size_t node,
                    const IpAddress& destination) {
  for (int hop = 0; hop < kHopsMost; ++hop) {
    const NodeModel& here = model.nodes[node];
    const auto owner = owner_of(model, destination);
    if (owner && owner->node == node) return {};
    const auto next = next_hop(here, routes[node], destination);
    const std::string target = strata::to_text(destination);
    if (!next) {
      return {fmt::format("node '{}' has no route to {}", here.name, target),
              gateway_hint(model, topology, node)};
    }
    const auto segment = topology.nodes[node][next->port].segment;
    const auto neighbour = owner_of(model, next->address);
    const bool is_near =
        segment && neighbour && topology.nodes[neighbour->node][neighbour->port].segment == segment;
    if (!is_near) {
      return {fmt::format("{} is not on the network behind port '{}' of node '{}'",
                          strata::to_text(next->address), here.ports[next->port].name, here.name),
              ""};
    }
    if (neighbour->node != node && model.nodes[neighbour->node].kind != NodeKind::router &&
        next->address != destination) {
      return {fmt::format("node '{}' is no router and would not forward to {}",
                          model.nodes[neighbour->node].name, target),
              "give it 'kind: router'"};
    }
    node = neighbour->node;
  }
  return {fmt::format("the routes to {} go round in a circle", strata::to_text(destination)), ""};
}

}  // namespace strata::scenario
