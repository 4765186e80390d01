// SPDX-License-Identifier: MIT
#include "tools/views/node_tables.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/analysis/tables.h"
#include "tools/views/table.h"

namespace strata::views {
namespace {

using trace::NodeEntry;
using trace::NodeKind;
using trace::Recording;

// Writes one block for each node of a kind: a title, then its rows or a word that there are none.
template <typename Row, typename Kind, typename Write>
Page blocks(const Recording& recording, const std::vector<Row>& rows, Instant at, NodeId only,
            std::string_view what, const Options& options, Kind has_table, Write write) {
  Page page;
  const std::vector<NodeEntry>& nodes = recording.directory().nodes;
  for (std::uint32_t i = 0; i < nodes.size(); ++i) {
    const NodeId node{i};
    if (only != kNoNode && node != only) continue;
    if (!has_table(nodes[i].kind)) continue;
    std::vector<Row> own;
    std::copy_if(rows.begin(), rows.end(), std::back_inserter(own),
                 [&](const Row& row) { return row.node == node; });
    if (!page.lines().empty()) page.blank();
    Text title(fmt::format("t={}  {} ({})", to_text(at), nodes[i].name, to_text(nodes[i].kind)),
               Role::heading);
    page.wrap(title, options.width);
    if (own.empty()) {
      page.line(fmt::format("  no {}", what), Role::dim);
    } else {
      write(page, own);
    }
  }
  if (page.lines().empty()) {
    page.line(only == kNoNode
                  ? fmt::format("no node of this run has {}", what)
                  : fmt::format("{} has no {}", recording.directory().node_name(only), what),
              Role::dim);
  }
  return page;
}

bool speaks_ip(NodeKind kind) { return kind == NodeKind::host || kind == NodeKind::router; }

std::string owner_text(const trace::Directory& names, const MacAddress& mac) {
  const auto owner = names.owner_of(mac);
  return owner ? names.interface_name(owner->node, owner->port) : "–";
}

Role neighbour_role(NeighbourState state) {
  switch (state) {
    case NeighbourState::reachable:
      return Role::good;
    case NeighbourState::failed:
      return Role::bad;
    case NeighbourState::incomplete:
    case NeighbourState::stale:
      return Role::plain;
  }
  return Role::plain;
}

}  // namespace

Page arp_tables(const Recording& recording, Instant at, NodeId node, const Options& options) {
  const auto rows = analysis::tables_at(recording, at).neighbours();
  const trace::Directory& names = recording.directory();
  const auto write = [&](Page& page, const std::vector<analysis::NeighbourRow>& own) {
    Table table({{"address"},
                 {"MAC"},
                 {"state"},
                 {"waiting", true, 66},
                 {"interface", false, 74},
                 {"since", true, 84},
                 {"age", true, 110},
                 {"because", false, 96},
                 {"whose", false, 124}});
    for (const analysis::NeighbourRow& row : own) {
      const bool is_known = row.mac != MacAddress{};
      table.row({{to_text(row.address)},
                 {is_known ? to_text(row.mac) : "–"},
                 {std::string{to_text(row.state)}, neighbour_role(row.state)},
                 {std::to_string(row.waiting_packets)},
                 {std::string{names.port_name(row.node, row.port)}},
                 {to_text(row.since)},
                 {to_text(at - row.since)},
                 {std::string{row.cause}},
                 {is_known ? owner_text(names, row.mac) : "–", Role::dim}});
    }
    table.write(page, options);
  };
  return blocks(recording, rows, at, node, "neighbours", options, speaks_ip, write);
}

Page mac_tables(const Recording& recording, Instant at, NodeId node, const Options& options) {
  const auto rows = analysis::tables_at(recording, at).macs();
  const trace::Directory& names = recording.directory();
  const auto write = [&](Page& page, const std::vector<analysis::MacRow>& own) {
    Table table({{"MAC"},
                 {"VLAN", true},
                 {"port"},
                 {"link", false, 72},
                 {"since", true},
                 {"age", true, 84},
                 {"whose"}});
    for (const analysis::MacRow& row : own) {
      const trace::PortEntry* port = names.port(row.node, row.port);
      table.row({{to_text(row.address)},
                 {row.vlan == 0 ? "–" : std::to_string(row.vlan)},
                 {std::string{names.port_name(row.node, row.port)}},
                 {port == nullptr ? "?" : std::string{names.link_name(port->link)}},
                 {to_text(row.since)},
                 {to_text(at - row.since)},
                 {owner_text(names, row.address), Role::dim}});
    }
    table.write(page, options);
  };
  return blocks(
      recording, rows, at, node, "addresses learned", options,
      [](NodeKind kind) { return kind == NodeKind::network_switch; }, write);
}

Page route_tables(const Recording& recording, Instant at, NodeId node, const Options& options) {
  const auto rows = analysis::tables_at(recording, at).routes();
  const trace::Directory& names = recording.directory();
  const auto write = [&](Page& page, const std::vector<analysis::RouteRow>& own) {
    Table table({{"to"},
                 {"via"},
                 {"out of"},
                 {"metric", true, 76},
                 {"origin", false, 66},
                 {"since", true, 90},
                 {"whose", false, 104}});
    for (const analysis::RouteRow& row : own) {
      const bool is_direct = row.next_hop.is_unspecified();
      table.row({{to_text(row.route)},
                 {is_direct ? "on the link" : to_text(row.next_hop)},
                 {std::string{names.port_name(row.node, row.port)}},
                 {std::to_string(row.metric)},
                 {std::string{to_text(row.origin)}},
                 {to_text(row.since)},
                 {is_direct ? "–" : names.host_text(row.next_hop), Role::dim}});
    }
    table.write(page, options);
  };
  return blocks(recording, rows, at, node, "routes", options, speaks_ip, write);
}

}  // namespace strata::views
