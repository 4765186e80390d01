// SPDX-License-Identifier: MIT
// The tables of the nodes at an instant as JSON: neighbours, addresses learned, routes.
#include "sim/analysis/tables.h"
#include "tools/export/view_json.h"

namespace strata::exports {
namespace {

using trace::Directory;

// The row of a table, with what all of them have in common.
template <typename Row>
Json common(const Directory& names, const Row& row) {
  return {{"node", names.node_name(row.node)},
          {"port", names.port_name(row.node, row.port)},
          {"since_ns", json_of(row.since)}};
}

Json address_or_null(const IpAddress& address) {
  return address.is_unspecified() ? Json{} : Json(to_text(address));
}

Json more_of(const Directory&, const analysis::NeighbourRow& row) {
  return {{"address", to_text(row.address)},
          {"mac", row.mac.is_zero() ? Json{} : Json(to_text(row.mac))},
          {"state", to_text(row.state)},
          {"cause", row.cause},
          {"waiting_packets", row.waiting_packets}};
}

Json more_of(const Directory& names, const analysis::MacRow& row) {
  const trace::PortEntry* port = names.port(row.node, row.port);
  return {{"mac", to_text(row.address)},
          {"vlan", row.vlan == 0 ? Json{} : Json(row.vlan)},
          {"link", port == nullptr ? Json{} : Json(names.link_name(port->link))}};
}

Json more_of(const Directory&, const analysis::RouteRow& row) {
  return {{"to", to_text(row.route)},
          {"via", address_or_null(row.next_hop)},
          {"metric", row.metric},
          {"origin", to_text(row.origin)}};
}

template <typename Row>
Json table_json(std::string_view view, const trace::Recording& recording, Instant at, NodeId node,
                const std::vector<Row>& rows) {
  Json json{{"view", view}, {"version", kViewVersion}, {"t_ns", json_of(at)}};
  json["rows"] = Json::array();
  for (const Row& row : rows) {
    if (node != kNoNode && row.node != node) continue;
    Json entry = common(recording.directory(), row);
    entry.update(more_of(recording.directory(), row));
    json["rows"].push_back(std::move(entry));
  }
  return json;
}

}  // namespace

Json arp_json(const trace::Recording& recording, Instant at, NodeId node) {
  return table_json("arp", recording, at, node, analysis::tables_at(recording, at).neighbours());
}

Json fdb_json(const trace::Recording& recording, Instant at, NodeId node) {
  return table_json("fdb", recording, at, node, analysis::tables_at(recording, at).macs());
}

Json routes_json(const trace::Recording& recording, Instant at, NodeId node) {
  return table_json("routes", recording, at, node, analysis::tables_at(recording, at).routes());
}

}  // namespace strata::exports
