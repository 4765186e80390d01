// SPDX-License-Identifier: MIT
// Directory: the names behind the numbers of a trace. Plain data, so that a recording can be looked
// at after its world is gone, and a test can write one by hand.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/link_config.h"
#include "stack/base/address.h"
#include "stack/base/ids.h"

namespace strata::sim {
class World;
}

namespace strata::trace {

enum class NodeKind : std::uint8_t { host, router, network_switch, device };
// "host", "router", "switch", "device".
std::string_view to_text(NodeKind kind);

struct PortEntry {
  std::string name;               // "eth0"
  MacAddress mac;                 // zero on a switch
  std::vector<Prefix> addresses;  // 10.0.1.10/24; none on a switch
  LinkId link = kNoLink;          // kNoLink: not connected
};

struct NodeEntry {
  std::string name;
  NodeKind kind{};
  std::vector<PortEntry> ports;
};

struct LinkEntry {
  std::string name;
  sim::LinkEnd a;
  sim::LinkEnd b;
  std::uint64_t rate_bps = 0;  // 0: infinitely fast
  Duration delay{};
  std::optional<physical::LineCodeKind> line_code;
};

struct Directory {
  std::vector<NodeEntry> nodes;  // by NodeId
  std::vector<LinkEntry> links;  // by LinkId

  static Directory of(const sim::World& world);

  // Each gives a printable text for any id, also for kNoNode, kNoPort and kNoLink ("?").
  std::string_view node_name(NodeId node) const;
  std::string_view port_name(NodeId node, PortId port) const;
  std::string_view link_name(LinkId link) const;
  // "client:eth0".
  std::string interface_name(NodeId node, PortId port) const;

  // Null when the id is unknown.
  const NodeEntry* node(NodeId node) const;
  const PortEntry* port(NodeId node, PortId port) const;
  const LinkEntry* link(LinkId link) const;

  NodeId find_node(std::string_view name) const;               // kNoNode when there is none
  LinkId find_link(std::string_view name) const;               // kNoLink when there is none
  PortId find_port(NodeId node, std::string_view name) const;  // kNoPort when there is none
  // Who has this address or MAC on an interface; nullopt when nobody has.
  std::optional<sim::LinkEnd> owner_of(const IpAddress& address) const;
  std::optional<sim::LinkEnd> owner_of(const MacAddress& mac) const;
  // The other end of a link.
  std::optional<sim::LinkEnd> peer_of(LinkId link, NodeId node, PortId port) const;
  // "client" for an address of client, else the address itself.
  std::string host_text(const IpAddress& address) const;
  // "client:40000".
  std::string endpoint_text(const Endpoint& endpoint) const;
};

}  // namespace strata::trace
