// SPDX-License-Identifier: MIT
#include "sim/scenario/validate.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

#include "sim/scenario/figures.h"
#include "sim/scenario/filter.h"
#include "sim/scenario/reader.h"
#include "sim/scenario/routing.h"

namespace strata::scenario {
namespace {

constexpr std::size_t kNodesMost = 10'000;

class Validator {
 public:
  Validator(const Model& model, Diagnostics& diagnostics)
      : model_(model), diagnostics_(diagnostics) {
    for (const NodeModel& node : model.nodes) node_names_.push_back(node.name);
  }

  void run() {
    if (model_.nodes.size() > kNodesMost) {
      diagnostics_.error({}, fmt::format("a scenario has at most {} nodes", kNodesMost));
      return;
    }
    topology_ = resolve_topology(model_, diagnostics_);
    check_names();
    check_addresses();
    check_connections();
    for (const Segment& segment : topology_.segments) check_subnets(segment);
    for (std::size_t i = 0; i < model_.nodes.size(); ++i) check_next_hops(i);
    for (const NodeModel& node : model_.nodes) check_replay(node);
    for (std::size_t i = 0; i < model_.links.size(); ++i) check_link(i);
    for (const ProcessModel& process : model_.processes) check_process(process);
    // Reachability only means something in a network that is sound so far.
    if (!diagnostics_.has_errors()) check_reachability();
  }

 private:
  std::optional<std::size_t> index_of(const std::string& name) const {
    const auto found = std::find(node_names_.begin(), node_names_.end(), name);
    if (found == node_names_.end()) return std::nullopt;
    return static_cast<std::size_t>(found - node_names_.begin());
  }

  // Expectations say "tcp.retransmissions" and "server.received": a node may not be called tcp.
  void check_names() {
    const std::vector<std::string> words = figure_words();
    for (const NodeModel& node : model_.nodes) {
      if (std::find(words.begin(), words.end(), node.name) == words.end()) continue;
      diagnostics_.error(node.at,
                         fmt::format("'{}' is a word of expectations and no name", node.name),
                         "give the node another name");
    }
  }

  void check_host_address(const Prefix& prefix, const PortModel& port) {
    const IpAddress& address = prefix.address;
    const std::string text = strata::to_text(address);
    if (prefix.length == 0 || address.v4().is_unspecified()) {
      diagnostics_.error(port.at, fmt::format("{} is no address of a network", text));
    } else if (address.v4().is_multicast() || address.v4().is_class_e() ||
               address.v4().is_loopback() || address.v4().is_limited_broadcast()) {
      diagnostics_.error(port.at, fmt::format("{} cannot be the address of a port", text),
                         "use a unicast address such as 10.0.1.10");
    } else if (prefix.length < 31 && prefix.network().address == address) {
      diagnostics_.error(port.at, fmt::format("{} is the address of the network itself", text),
                         "set the bits behind the prefix length");
    } else if (prefix.directed_broadcast() == address.v4()) {
      diagnostics_.error(port.at, fmt::format("{} is the broadcast address of its network", text));
    }
  }

  void check_addresses() {
    std::map<IpAddress, std::string> owners;
    for (const NodeModel& node : model_.nodes) {
      for (const PortModel& port : node.ports) {
        for (const Prefix& prefix : port.addresses) {
          check_host_address(prefix, port);
          const auto [owner, is_new] = owners.try_emplace(prefix.address, node.name);
          if (is_new) continue;
          diagnostics_.error(port.at,
                             fmt::format("{} is also the address of node '{}'",
                                         strata::to_text(prefix.address), owner->second),
                             "every address is given once");
        }
      }
    }
  }

  void check_connections() {
    // A host on its own can still talk to itself.
    if (model_.nodes.size() == 1 && model_.links.empty()) return;
    for (std::size_t i = 0; i < model_.nodes.size(); ++i) {
      const NodeModel& node = model_.nodes[i];
      const std::vector<TopologyPort>& ports = topology_.nodes[i];
      const auto is_linked = [](const TopologyPort& port) { return port.link.has_value(); };
      if (std::none_of(ports.begin(), ports.end(), is_linked)) {
        if (!has_broken_link(node.name)) {
          diagnostics_.error(node.at,
                             fmt::format("node '{}' is not connected to any link", node.name),
                             "name it in the 'ends' of a link, or remove it");
        }
        continue;
      }
      for (std::size_t p = 0; p < ports.size(); ++p) {
        if (is_linked(ports[p]) || has_broken_link(node.name)) continue;
        diagnostics_.error(
            node.ports[p].at,
            fmt::format("port '{}:{}' is not connected to any link", node.name, ports[p].name),
            "name it in the 'ends' of a link, or remove it");
      }
    }
  }

  // Some link of this node could not be resolved and has been reported.
  bool has_broken_link(const std::string& node) const {
    for (std::size_t i = 0; i < model_.links.size(); ++i) {
      const LinkModel& link = model_.links[i];
      if (topology_.links[i].is_resolved) continue;
      if (link.a.node == node || link.b.node == node || link.a.node.empty()) return true;
    }
    return false;
  }

  // Each port must share a subnet with some other port of its segment.
  void check_subnets(const Segment& segment) {
    std::map<Prefix, std::set<std::size_t>> members;  // subnet -> positions in the segment
    for (std::size_t i = 0; i < segment.size(); ++i) {
      for (const Prefix& prefix : model_.nodes[segment[i].node].ports[segment[i].port].addresses) {
        members[prefix.network()].insert(i);
      }
    }
    for (std::size_t i = 0; i < segment.size(); ++i) {
      const PortRef ref = segment[i];
      const PortModel& port = model_.nodes[ref.node].ports[ref.port];
      const auto is_shared = [&](const Prefix& own) { return members[own.network()].size() > 1; };
      const auto is_others = [&](const auto& subnet) { return !subnet.second.contains(i); };
      const auto other = std::find_if(members.begin(), members.end(), is_others);
      if (other == members.end() || port.addresses.empty() ||
          std::any_of(port.addresses.begin(), port.addresses.end(), is_shared)) {
        continue;
      }
      const std::size_t link = *topology_.nodes[ref.node][ref.port].link;
      diagnostics_.error(
          port.at,
          fmt::format("{} of '{}' is not on the network of link '{}', {}",
                      strata::to_text(port.addresses.front()), port_text(model_, ref),
                      model_.links[link].name, strata::to_text(other->first)),
          "give both ends of a link addresses of the same network");
    }
  }

  void check_next_hop(std::size_t index, const IpAddress& hop, Position at, std::string_view what) {
    const NodeModel& node = model_.nodes[index];
    const std::string text = strata::to_text(hop);
    for (std::size_t p = 0; p < node.ports.size(); ++p) {
      for (const Prefix& prefix : node.ports[p].addresses) {
        if (!prefix.contains(hop)) continue;
        if (prefix.address == hop) {
          diagnostics_.error(at, fmt::format("{} {} is node '{}' itself", what, text, node.name));
          return;
        }
        check_neighbour({index, p}, hop, at, what);
        return;
      }
    }
    std::string networks;
    for (const PortModel& port : node.ports) {
      for (const Prefix& prefix : port.addresses) {
        networks += (networks.empty() ? "" : ", ") + strata::to_text(prefix.network());
      }
    }
    diagnostics_.error(at,
                       fmt::format("{} {} is not on a network of node '{}'", what, text, node.name),
                       networks.empty() ? "the node has no address yet"
                                        : fmt::format("its networks: {}", networks));
  }

  // `hop` lies on the subnet of `port`: is there a router behind it?
  void check_neighbour(PortRef port, const IpAddress& hop, Position at, std::string_view what) {
    const auto segment = topology_.nodes[port.node][port.port].segment;
    if (!segment) return;  // not connected: reported
    const auto owner = owner_of(model_, hop);
    const std::string text = strata::to_text(hop);
    if (owner && topology_.nodes[owner->node][owner->port].segment == segment) {
      const NodeModel& node = model_.nodes[owner->node];
      if (node.kind == NodeKind::router) return;
      diagnostics_.error(
          at, fmt::format("{} {} is host '{}', which does not forward", what, text, node.name),
          fmt::format("give '{}' the key 'kind: router'", node.name));
      return;
    }
    std::string mend;
    for (const PortRef& other : topology_.segments[*segment]) {
      const NodeModel& node = model_.nodes[other.node];
      if (node.kind != NodeKind::router || other.node == port.node) continue;
      if (node.ports[other.port].addresses.empty()) continue;
      mend = fmt::format("router '{}' is {}", node.name,
                         strata::to_text(node.ports[other.port].addresses.front().address));
    }
    diagnostics_.error(at,
                       fmt::format("nobody on the network has the address of {} {}", what, text),
                       std::move(mend));
  }

  void check_next_hops(std::size_t index) {
    const NodeModel& node = model_.nodes[index];
    if (node.gateway) check_next_hop(index, *node.gateway, node.gateway_at, "gateway");
    if (!node.routes) return;
    for (const RouteModel& route : *node.routes) {
      check_next_hop(index, route.gateway, route.at, "next router");
    }
  }

  void check_replay(const NodeModel& node) {
    if (node.device.to.empty() || find_port(model_, node.device.to)) return;
    diagnostics_.error(node.device.to_at,
                       fmt::format("'to': there is no node or port {}", in_quotes(node.device.to)),
                       suggestion(node.device.to, node_names_));
  }

  void check_link(std::size_t index) {
    const LinkModel& link = model_.links[index];
    const std::vector<std::string> ends{link.a.node, link.b.node};
    if (link.trunk && !link.vlan && topology_.links[index].is_resolved) {
      for (const std::string& end : ends) {
        const NodeModel* node = find_node(model_, end);
        if (node == nullptr || node->kind == NodeKind::network_switch ||
            node->kind == NodeKind::device) {
          continue;  // what is behind a device may know VLANs or not
        }
        diagnostics_.error(
            link.at,
            fmt::format("'{}' at the end of trunk '{}' needs to know its VLAN", end, link.name),
            "add 'vlan: 10' to the link");
      }
    }
    for (const ImpairmentModel& impairment : link.impairments) {
      check_direction(link, impairment.direction, ends);
      check_match(impairment);
    }
  }

  void check_direction(const LinkModel& link, const DirectionModel& direction,
                       const std::vector<std::string>& ends) {
    if (direction.from.empty() && direction.to.empty()) return;
    for (const std::string& name : {direction.from, direction.to}) {
      if (std::find(ends.begin(), ends.end(), name) != ends.end()) continue;
      diagnostics_.error(direction.at,
                         fmt::format("link '{}' has no end at {}", link.name, in_quotes(name)),
                         suggestion(name, ends));
      return;
    }
    if (direction.from == direction.to) {
      diagnostics_.error(direction.at, "a direction leads from one end to the other",
                         fmt::format("write '{} > {}'", ends[0], ends[1]));
    }
  }

  void check_match(const ImpairmentModel& impairment) {
    if (impairment.match.empty()) return;
    auto resolved = resolve_names(model_, impairment.match);
    if (!resolved) {
      resolved.error().what = "'match': " + resolved.error().what;
      diagnostics_.error(impairment.match_at, std::move(resolved.error()));
      return;
    }
    if (const auto wrong = sim::check_filter(*resolved)) {
      diagnostics_.error(impairment.match_at,
                         fmt::format("'match' is not a pcap filter: {}", *wrong),
                         "see pcap-filter(7)");
    }
  }

  void check_process(const ProcessModel& process) {
    const auto node = index_of(process.node);
    if (!node) {
      if (process.node.empty()) return;  // reported by the parser
      diagnostics_.error(process.node_at,
                         fmt::format("there is no node {}", in_quotes(process.node)),
                         suggestion(process.node, node_names_));
    } else if (const NodeKind kind = model_.nodes[*node].kind;
               kind == NodeKind::network_switch || kind == NodeKind::device) {
      diagnostics_.error(process.node_at, fmt::format("'{}' is a {}, which runs no processes",
                                                      process.node, to_text(kind)));
    }
    for (const TargetModel& target : process.targets) {
      if (!target.is_name) continue;
      const NodeModel* named = find_node(model_, target.node);
      if (named == nullptr) {
        diagnostics_.error(
            target.at,
            fmt::format("'{}': there is no node {}", target.parameter, in_quotes(target.node)),
            suggestion(target.node, node_names_));
      } else if (std::all_of(named->ports.begin(), named->ports.end(),
                             [](const PortModel& port) { return port.addresses.empty(); })) {
        diagnostics_.error(target.at, fmt::format("'{}': node '{}' has no address",
                                                  target.parameter, target.node));
      }
    }
  }

  // A target given by name must be reachable, and so must be the way back. One given as an address
  // is taken as it stands: that is how a lesson about an unreachable network says what it means.
  void check_reachability() {
    const auto routes = compute_routes(model_, topology_);
    for (const ProcessModel& process : model_.processes) {
      const auto node = index_of(process.node);
      if (!node) continue;
      for (const TargetModel& target : process.targets) {
        const auto other = index_of(target.node);
        if (!target.is_name || !other) continue;
        check_route(routes, *node, *other, target, "");
        check_route(routes, *other, *node, target, "no answer will come back: ");
      }
    }
  }

  void check_route(const std::vector<std::vector<network::Route>>& routes, std::size_t from,
                   std::size_t to, const TargetModel& target, std::string_view prefix) {
    const IpAddress* address = first_address(model_.nodes[to]);
    if (address == nullptr) return;
    Mistake wrong = trace_route(model_, topology_, routes, from, *address);
    if (wrong.what.empty()) return;
    wrong.what = fmt::format("'{}': {}{}", target.parameter, prefix, wrong.what);
    diagnostics_.error(target.at, std::move(wrong));
  }

  static const IpAddress* first_address(const NodeModel& node) {
    for (const PortModel& port : node.ports) {
      if (!port.addresses.empty()) return &port.addresses.front().address;
    }
    return nullptr;
  }

  const Model& model_;
  Diagnostics& diagnostics_;
  std::vector<std::string> node_names_;
  Topology topology_;
};

}  // namespace

void validate(const Model& model, Diagnostics& diagnostics) { Validator(model, diagnostics).run(); }

}  // namespace strata::scenario
