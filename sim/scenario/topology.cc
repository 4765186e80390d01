// SPDX-License-Identifier: MIT
#include "sim/scenario/topology.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace strata::scenario {
namespace {

constexpr std::size_t kSwitchPortsMost = 254;

// Sets of things numbered from 0 that grow by joining.
class Union {
 public:
  std::size_t add() {
    parent_.push_back(parent_.size());
    return parent_.size() - 1;
  }
  std::size_t root(std::size_t item) {
    while (parent_[item] != item) {
      parent_[item] = parent_[parent_[item]];
      item = parent_[item];
    }
    return item;
  }
  // False when they were joined already.
  bool join(std::size_t a, std::size_t b) {
    a = root(a);
    b = root(b);
    parent_[std::max(a, b)] = std::min(a, b);
    return a != b;
  }

 private:
  std::vector<std::size_t> parent_;
};

class Resolver {
 public:
  Resolver(const Model& model, Diagnostics& diagnostics)
      : model_(model), diagnostics_(diagnostics) {}

  Topology run() {
    for (const NodeModel& node : model_.nodes) {
      std::vector<TopologyPort>& ports = topology_.nodes.emplace_back();
      for (const PortModel& port : node.ports) ports.push_back({.name = port.name});
    }
    for (std::size_t i = 0; i < model_.links.size(); ++i) resolve_link(i);
    join_segments();
    return std::move(topology_);
  }

 private:
  bool is_switch(std::size_t node) const {
    return model_.nodes[node].kind == NodeKind::network_switch;
  }

  std::optional<std::size_t> find_node_index(const EndModel& end) {
    std::vector<std::string> names;
    for (std::size_t i = 0; i < model_.nodes.size(); ++i) {
      if (model_.nodes[i].name == end.node) return i;
      names.push_back(model_.nodes[i].name);
    }
    diagnostics_.error(end.at, fmt::format("there is no node {}", in_quotes(end.node)),
                       suggestion(end.node, names));
    return std::nullopt;
  }

  std::optional<PortRef> switch_port(std::size_t node, const EndModel& end) {
    std::vector<TopologyPort>& ports = topology_.nodes[node];
    if (!end.port.empty()) {
      diagnostics_.error(
          end.at, fmt::format("the ports of switch '{}' have no names of their own", end.node),
          fmt::format("write '{}': its ports are numbered in the order of the links", end.node));
      return std::nullopt;
    }
    if (ports.size() >= kSwitchPortsMost) {
      diagnostics_.error(end.at, fmt::format("a switch has at most {} ports", kSwitchPortsMost));
      return std::nullopt;
    }
    ports.push_back({.name = fmt::format("p{}", ports.size())});
    return PortRef{node, ports.size() - 1};
  }

  std::optional<PortRef> find_port(std::size_t node, const EndModel& end) {
    if (is_switch(node)) return switch_port(node, end);
    const std::vector<TopologyPort>& ports = topology_.nodes[node];
    std::vector<std::string> names;
    for (std::size_t i = 0; i < ports.size(); ++i) {
      if (ports[i].name == end.port) return PortRef{node, i};
      names.push_back(ports[i].name);
    }
    if (end.port.empty() && ports.size() == 1) return PortRef{node, 0};
    if (end.port.empty() && ports.size() > 1) {
      diagnostics_.error(end.at, fmt::format("node '{}' has {} ports", end.node, ports.size()),
                         fmt::format("say which: '{}:{}'", end.node, names.front()));
    } else if (!ports.empty()) {
      diagnostics_.error(end.at,
                         fmt::format("node '{}' has no port {}", end.node, in_quotes(end.port)),
                         suggestion(end.port, names));
    }
    return std::nullopt;
  }

  std::optional<PortRef> resolve_end(const EndModel& end, std::size_t link) {
    const auto node = find_node_index(end);
    if (!node) return std::nullopt;
    const auto port = find_port(*node, end);
    if (!port) return std::nullopt;
    TopologyPort& found = topology_.nodes[port->node][port->port];
    if (found.link) {
      diagnostics_.error(end.at,
                         fmt::format("port '{}' already is an end of link '{}'",
                                     port_text(model_, *port), model_.links[*found.link].name),
                         "give the node another port under 'addresses', or put a switch between");
      return std::nullopt;
    }
    found.link = link;
    return port;
  }

  void resolve_link(std::size_t index) {
    const LinkModel& link = model_.links[index];
    TopologyLink& resolved = topology_.links.emplace_back();
    if (link.a.node.empty() && link.b.node.empty()) return;  // reported by the parser
    if (link.a.node == link.b.node) {
      diagnostics_.error(link.b.at,
                         fmt::format("link '{}' connects '{}' with itself", link.name, link.a.node),
                         "a link has ends at two different nodes");
      return;
    }
    const auto a = resolve_end(link.a, index);
    const auto b = resolve_end(link.b, index);
    if (!a || !b) return;
    resolved = {true, *a, *b};
  }

  // Finds out which switches know VLANs at all, and which VLANs there are. On a switch none of
  // whose links has `vlan` or `trunk` everything is in one domain, VLAN 0.
  void find_vlans() {
    has_vlans_.assign(model_.nodes.size(), false);
    for (std::size_t i = 0; i < model_.links.size(); ++i) {
      const TopologyLink& link = topology_.links[i];
      const LinkModel& model = model_.links[i];
      if (!link.is_resolved || !(model.vlan || model.trunk)) continue;
      if (model.vlan) all_vlans_.insert(*model.vlan);
      has_vlans_[link.a.node] = true;
      has_vlans_[link.b.node] = true;
    }
  }

  std::size_t domain(std::size_t node, std::uint16_t vlan) {
    const auto [found, is_new] = domains_.try_emplace({node, vlan}, 0);
    if (is_new) found->second = union_.add();
    return found->second;
  }

  void join_switches(std::size_t index) {
    const TopologyLink& link = topology_.links[index];
    const LinkModel& model = model_.links[index];
    std::set<std::uint16_t> vlans;
    if (model.trunk) {
      vlans = all_vlans_;
      vlans.insert(1);
    } else {
      vlans.insert(model.vlan.value_or(0));
    }
    bool is_loop = false;
    for (const std::uint16_t vlan : vlans) {
      const bool joined = union_.join(domain(link.a.node, access_vlan(link.a.node, vlan)),
                                      domain(link.b.node, access_vlan(link.b.node, vlan)));
      is_loop = is_loop || !joined;
    }
    if (is_loop) {
      diagnostics_.error(model.at, fmt::format("link '{}' closes a loop of switches", model.name),
                         "remove it: without a spanning tree every broadcast would circle forever");
    }
  }

  // The VLAN of untagged frames: the one given, or VLAN 1 on a switch that knows VLANs at all.
  std::uint16_t access_vlan(std::size_t node, std::uint16_t given) const {
    if (given != 0) return has_vlans_[node] ? given : std::uint16_t{0};
    return has_vlans_[node] ? std::uint16_t{1} : std::uint16_t{0};
  }

  std::size_t member(std::size_t index, PortRef port) {
    if (is_switch(port.node)) {
      return domain(port.node, access_vlan(port.node, model_.links[index].vlan.value_or(0)));
    }
    const std::size_t item = union_.add();
    members_.emplace_back(item, port);
    return item;
  }

  void join_segments() {
    find_vlans();
    for (std::size_t i = 0; i < model_.links.size(); ++i) {
      const TopologyLink& link = topology_.links[i];
      if (!link.is_resolved) continue;
      if (is_switch(link.a.node) && is_switch(link.b.node)) {
        join_switches(i);
      } else {
        union_.join(member(i, link.a), member(i, link.b));
      }
    }
    std::map<std::size_t, std::size_t> numbers;  // root -> segment
    for (const auto& [item, port] : members_) {
      const auto [found, is_new] =
          numbers.try_emplace(union_.root(item), topology_.segments.size());
      if (is_new) topology_.segments.emplace_back();
      topology_.segments[found->second].push_back(port);
      topology_.nodes[port.node][port.port].segment = found->second;
    }
  }

  const Model& model_;
  Diagnostics& diagnostics_;
  Topology topology_;
  Union union_;
  std::map<std::pair<std::size_t, std::uint16_t>, std::size_t> domains_;  // (switch, VLAN)
  std::vector<std::pair<std::size_t, PortRef>> members_;
  std::vector<bool> has_vlans_;
  std::set<std::uint16_t> all_vlans_;
};

}  // namespace

Topology resolve_topology(const Model& model, Diagnostics& diagnostics) {
  return Resolver(model, diagnostics).run();
}

MacAddress mac_of(PortRef port) {
  const std::size_t node = port.node + 1;
  return MacAddress{{0x02, 0x00, 0x00, static_cast<std::uint8_t>(node >> 8),
                     static_cast<std::uint8_t>(node), static_cast<std::uint8_t>(port.port + 1)}};
}

const Prefix* address_on(const PortModel& port, const Prefix& subnet) {
  const auto found =
      std::find_if(port.addresses.begin(), port.addresses.end(),
                   [&](const Prefix& prefix) { return prefix.network() == subnet.network(); });
  return found == port.addresses.end() ? nullptr : &*found;
}

std::optional<PortRef> owner_of(const Model& model, const IpAddress& address) {
  for (std::size_t node = 0; node < model.nodes.size(); ++node) {
    for (std::size_t port = 0; port < model.nodes[node].ports.size(); ++port) {
      for (const Prefix& prefix : model.nodes[node].ports[port].addresses) {
        if (prefix.address == address) return PortRef{node, port};
      }
    }
  }
  return std::nullopt;
}

std::optional<PortRef> find_port(const Model& model, std::string_view text) {
  const std::size_t colon = text.find(':');
  for (std::size_t node = 0; node < model.nodes.size(); ++node) {
    const NodeModel& candidate = model.nodes[node];
    if (candidate.name != text.substr(0, colon)) continue;
    for (std::size_t port = 0; port < candidate.ports.size(); ++port) {
      const bool is_meant =
          colon == std::string_view::npos || candidate.ports[port].name == text.substr(colon + 1);
      if (is_meant) return PortRef{node, port};
    }
  }
  return std::nullopt;
}

std::string port_text(const Model& model, PortRef port) {
  const NodeModel& node = model.nodes[port.node];
  if (node.ports.size() <= 1) return node.name;
  return fmt::format("{}:{}", node.name, node.ports[port.port].name);
}

}  // namespace strata::scenario
