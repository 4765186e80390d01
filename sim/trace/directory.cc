// SPDX-License-Identifier: MIT
#include "sim/trace/directory.h"

#include <fmt/format.h>

#include <algorithm>

namespace strata::trace {
namespace {

constexpr std::string_view kUnknown = "?";

// First interface for which `matches(port)` holds.
template <typename Matches>
std::optional<sim::LinkEnd> find_interface(const Directory& directory, const Matches& matches) {
  for (std::uint32_t node = 0; node < directory.nodes.size(); ++node) {
    const std::vector<PortEntry>& ports = directory.nodes[node].ports;
    for (std::uint16_t port = 0; port < ports.size(); ++port) {
      if (matches(ports[port])) return sim::LinkEnd{NodeId{node}, PortId{port}};
    }
  }
  return std::nullopt;
}

template <typename Entry>
std::size_t index_of(const std::vector<Entry>& entries, std::string_view name) {
  const auto at = std::find_if(entries.begin(), entries.end(),
                               [&](const Entry& entry) { return entry.name == name; });
  return static_cast<std::size_t>(at - entries.begin());
}

}  // namespace

std::string_view to_text(NodeKind kind) {
  switch (kind) {
    case NodeKind::host:
      return "host";
    case NodeKind::router:
      return "router";
    case NodeKind::network_switch:
      return "switch";
    case NodeKind::device:
      return "device";
  }
  return kUnknown;
}

const NodeEntry* Directory::node(NodeId node) const {
  return raw(node) < nodes.size() ? &nodes[raw(node)] : nullptr;
}
const PortEntry* Directory::port(NodeId node_id, PortId port) const {
  const NodeEntry* entry = node(node_id);
  return entry != nullptr && raw(port) < entry->ports.size() ? &entry->ports[raw(port)] : nullptr;
}
const LinkEntry* Directory::link(LinkId link) const {
  return raw(link) < links.size() ? &links[raw(link)] : nullptr;
}

std::string_view Directory::node_name(NodeId node_id) const {
  const NodeEntry* entry = node(node_id);
  return entry != nullptr ? std::string_view{entry->name} : kUnknown;
}
std::string_view Directory::port_name(NodeId node_id, PortId port_id) const {
  const PortEntry* entry = port(node_id, port_id);
  return entry != nullptr ? std::string_view{entry->name} : kUnknown;
}
std::string_view Directory::link_name(LinkId link_id) const {
  const LinkEntry* entry = link(link_id);
  return entry != nullptr ? std::string_view{entry->name} : kUnknown;
}
std::string Directory::interface_name(NodeId node_id, PortId port_id) const {
  return fmt::format("{}:{}", node_name(node_id), port_name(node_id, port_id));
}

NodeId Directory::find_node(std::string_view name) const {
  const std::size_t index = index_of(nodes, name);
  return index < nodes.size() ? NodeId{static_cast<std::uint32_t>(index)} : kNoNode;
}
LinkId Directory::find_link(std::string_view name) const {
  const std::size_t index = index_of(links, name);
  return index < links.size() ? LinkId{static_cast<std::uint32_t>(index)} : kNoLink;
}
PortId Directory::find_port(NodeId node_id, std::string_view name) const {
  const NodeEntry* entry = node(node_id);
  if (entry == nullptr) return kNoPort;
  const std::size_t index = index_of(entry->ports, name);
  return index < entry->ports.size() ? PortId{static_cast<std::uint16_t>(index)} : kNoPort;
}

std::optional<sim::LinkEnd> Directory::owner_of(const IpAddress& address) const {
  return find_interface(*this, [&](const PortEntry& port) {
    return std::any_of(port.addresses.begin(), port.addresses.end(),
                       [&](const Prefix& prefix) { return prefix.address == address; });
  });
}
std::optional<sim::LinkEnd> Directory::owner_of(const MacAddress& mac) const {
  if (mac.is_zero()) return std::nullopt;
  return find_interface(*this, [&](const PortEntry& port) { return port.mac == mac; });
}

std::optional<sim::LinkEnd> Directory::peer_of(LinkId link_id, NodeId node_id,
                                               PortId port_id) const {
  const LinkEntry* entry = link(link_id);
  if (entry == nullptr) return std::nullopt;
  const sim::LinkEnd end{node_id, port_id};
  if (entry->a == end) return entry->b;
  if (entry->b == end) return entry->a;
  return std::nullopt;
}

std::string Directory::host_text(const IpAddress& address) const {
  const auto owner = owner_of(address);
  return owner ? std::string{node_name(owner->node)} : to_text(address);
}
std::string Directory::endpoint_text(const Endpoint& endpoint) const {
  if (!owner_of(endpoint.address)) return to_text(endpoint);
  return fmt::format("{}:{}", host_text(endpoint.address), endpoint.port);
}

}  // namespace strata::trace
