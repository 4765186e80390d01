// SPDX-License-Identifier: MIT
#include "sim/inference/hosts.h"

#include <algorithm>

#include "stack/wire/arp.h"

namespace strata::inference {
namespace {

std::uint16_t port_in(Bytes payload, std::size_t offset) {
  return payload.size() >= offset + 2 ? load_be16(payload.data() + offset) : std::uint16_t{0};
}

// Captures of simulations call an interface NODE:PORT; to that node it is PORT.
std::string port_of(const std::string& node, const std::string& interface) {
  const std::string before = node + ":";
  return interface.starts_with(before) ? interface.substr(before.size()) : interface;
}

}  // namespace

void Hosts::add_names(const std::vector<device::CaptureName>& names) {
  for (const device::CaptureName& entry : names) names_.try_emplace(entry.address, entry.name);
}

NodeId Hosts::named(const std::string& name, trace::NodeKind kind) {
  const auto [found, is_new] =
      by_name_.try_emplace(name, NodeId{static_cast<std::uint32_t>(directory_.nodes.size())});
  if (is_new) directory_.nodes.push_back({.name = name, .kind = kind, .ports = {}});
  return found->second;
}

NodeId Hosts::host(const IpAddress& address) {
  if (const auto known = by_address_.find(address); known != by_address_.end()) {
    return known->second;
  }
  const auto name = names_.find(address);
  const NodeId node =
      named(name != names_.end() ? name->second : to_text(address), trace::NodeKind::host);
  by_address_.emplace(address, node);
  // Its addresses belong to its first port, which it has before any frame of it is looked at.
  std::vector<trace::PortEntry>& ports = directory_.nodes[raw(node)].ports;
  if (ports.empty()) ports.push_back({});
  const std::uint8_t length = address.is_v4() ? 32 : 128;
  ports.front().addresses.push_back({address, length});
  return node;
}

NodeId Hosts::station(const MacAddress& mac) {
  if (mac.is_broadcast()) return named("broadcast", trace::NodeKind::device);
  if (const auto known = by_mac_.find(mac); known != by_mac_.end()) return known->second;
  const NodeId node = named(to_text(mac), trace::NodeKind::device);
  by_mac_.emplace(mac, node);
  return node;
}

Hosts::Ends Hosts::ends_of_datagram(const wire::Datagram& datagram,
                                    const wire::LinkHeader& header) {
  if (datagram.source != datagram.destination) {
    return {host(datagram.source), host(datagram.destination), header.source};
  }
  // A host that talks to itself: its two ends are told apart by their ports.
  const bool has_ports =
      datagram.protocol == IpProtocol::tcp || datagram.protocol == IpProtocol::udp;
  if (!has_ports || datagram.fragment_offset != 0) {
    return {host(datagram.source), host(datagram.destination), header.source};
  }
  const Endpoint from{datagram.source, port_in(datagram.payload, 0)};
  const Endpoint to{datagram.destination, port_in(datagram.payload, 2)};
  return {named(to_text(from), trace::NodeKind::host), named(to_text(to), trace::NodeKind::host),
          header.source};
}

Hosts::Ends Hosts::ends_of(Bytes frame, wire::LinkType link_type) {
  const auto header = wire::link_header_of(frame, link_type);
  if (!header) {
    const NodeId unknown = named("unknown", trace::NodeKind::device);
    return {unknown, unknown, {}};
  }
  // What is left out or malformed behind the addresses does not matter here.
  constexpr std::size_t kAnyLength = 1U << 20;
  const wire::DissectOptions as_cut{
      .link_type = link_type, .has_fcs = false, .bytes_left_out = kAnyLength};
  if (const auto datagram = wire::datagram_in(frame, as_cut)) {
    return ends_of_datagram(*datagram, *header);
  }
  if (header->type == EtherType::arp) {
    const auto message = wire::ArpMessage::parse(frame.subspan(header->bytes));
    if (message && !message->sender_ip.is_unspecified()) {
      const bool to_one = message->operation == wire::ArpOperation::reply &&
                          message->sender_ip != message->target_ip &&
                          !header->destination.is_group();
      const NodeId from = host(message->sender_ip);
      by_mac_.try_emplace(message->sender_mac, from);
      return {from, to_one ? host(message->target_ip) : station(MacAddress::broadcast()),
              header->source};
    }
  }
  const bool has_addresses =
      link_type == wire::LinkType::ethernet || link_type == wire::LinkType::ethernet_physical;
  return {station(header->source),
          has_addresses ? station(header->destination) : named("unknown", trace::NodeKind::device),
          header->source};
}

PortId Hosts::port(NodeId node, std::uint32_t number, const std::string& name) {
  std::vector<trace::PortEntry>& ports = directory_.nodes[raw(node)].ports;
  const auto [found, is_new] = ports_.try_emplace({node, number}, PortId{});
  if (!is_new) return found->second;
  // The port that holds the addresses is not of any interface yet.
  const bool is_first = ports.size() == 1 && ports.front().name.empty();
  constexpr std::size_t kPortsMost = 0xffff;
  if (!is_first && ports.size() < kPortsMost) ports.push_back({});
  ports.back().name = port_of(directory_.nodes[raw(node)].name, name);
  found->second = PortId{static_cast<std::uint16_t>(ports.size() - 1)};
  return found->second;
}

Passage Hosts::passage(Bytes frame, std::uint32_t number,
                       const device::CaptureInterface& interface) {
  const Ends ends = ends_of(frame, interface.link_type);
  const std::string name = interface.name.empty() ? "capture" : interface.name;
  const sim::LinkEnd from{ends.from, port(ends.from, number, name)};
  const sim::LinkEnd to{ends.to, port(ends.to, number, name)};
  trace::PortEntry& sender = directory_.nodes[raw(from.node)].ports[raw(from.port)];
  if (sender.mac.is_zero()) sender.mac = ends.from_mac;
  const auto [found, is_new] =
      links_.try_emplace({number, std::min(ends.from, ends.to), std::max(ends.from, ends.to)},
                         LinkId{static_cast<std::uint32_t>(directory_.links.size())});
  if (is_new) {
    directory_.links.push_back({.name = name, .a = from, .b = to});
    if (sender.link == kNoLink) sender.link = found->second;
    trace::PortEntry& receiver = directory_.nodes[raw(to.node)].ports[raw(to.port)];
    if (receiver.link == kNoLink) receiver.link = found->second;
  }
  return {from, to, found->second};
}

}  // namespace strata::inference
