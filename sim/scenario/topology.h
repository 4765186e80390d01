// SPDX-License-Identifier: MIT
// How the parts of a model hang together: which port each link ends at, which ports share a
// broadcast domain, and the routes that follow. Nodes, ports and links are numbered as the world
// will number them: in the order of the scenario, a switch's ports in the order of its links.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "sim/scenario/model.h"
#include "stack/network/network.h"

namespace strata::scenario {

struct PortRef {
  std::size_t node = 0;
  std::size_t port = 0;
  friend bool operator==(const PortRef&, const PortRef&) = default;
};

struct TopologyPort {
  std::string name;                    // "eth0", "left"; of a switch "p0", "p1", ...
  std::optional<std::size_t> link;     // nothing is connected
  std::optional<std::size_t> segment;  // of hosts and routers with a link
};

struct TopologyLink {
  bool is_resolved = false;  // both ends exist
  PortRef a;
  PortRef b;
};

// A broadcast domain: ports of hosts and routers that hear each other's broadcasts, joined by links
// and switches (per VLAN).
using Segment = std::vector<PortRef>;

struct Topology {
  std::vector<std::vector<TopologyPort>> nodes;  // ports of each node of the model
  std::vector<TopologyLink> links;
  std::vector<Segment> segments;
};

// Resolves names and joins segments. Unknown names, ports used twice, ambiguous ends and loops of
// switches are reported.
Topology resolve_topology(const Model& model, Diagnostics& diagnostics);

// MAC address of a port: 02:00:00:HH:NN:PP, node and port counted from 1.
MacAddress mac_of(PortRef port);

// The address of a port that shares a subnet with `prefix`, if it has one.
const Prefix* address_on(const PortModel& port, const Prefix& subnet);
// Who in the model has this address.
std::optional<PortRef> owner_of(const Model& model, const IpAddress& address);
// The port meant by NODE (its first) or NODE:PORT; nullopt when there is none. Ports of switches
// have no names here.
std::optional<PortRef> find_port(const Model& model, std::string_view text);
// "client", or "r1:left" where the node has several ports.
std::string port_text(const Model& model, PortRef port);

}  // namespace strata::scenario
