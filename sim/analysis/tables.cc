// SPDX-License-Identifier: MIT
#include "sim/analysis/tables.h"

#include <algorithm>

namespace strata::analysis {

void Tables::apply(const Event& event) {
  std::visit([&](const auto& body) { on(event, body); }, event.body);
}

void Tables::on(const Event& event, const NeighbourChanged& change) {
  const std::tuple key{event.node, change.port, change.address};
  if (!change.is_kept) {
    neighbours_.erase(key);
    return;
  }
  neighbours_[key] = {
      .node = event.node,
      .port = change.port,
      .address = change.address,
      .mac = change.mac,
      .state = change.state,
      .cause = change.cause,
      .waiting_packets = change.state == NeighbourState::incomplete ? change.waiting_packets : 0,
      .since = event.time};
}

void Tables::on(const Event& event, const MacTableChanged& change) {
  const std::tuple key{event.node, change.vlan, change.address};
  if (change.change == TableChange::removed || change.change == TableChange::expired) {
    macs_.erase(key);
    return;
  }
  macs_[key] = {.node = event.node,
                .address = change.address,
                .vlan = change.vlan,
                .port = change.port,
                .since = event.time};
}

void Tables::on(const Event& event, const RouteChanged& change) {
  const auto same = std::find_if(routes_.begin(), routes_.end(), [&](const RouteRow& row) {
    return row.node == event.node && row.route == change.route && row.next_hop == change.next_hop &&
           row.port == change.port && row.metric == change.metric && row.origin == change.origin;
  });
  if (change.change == TableChange::removed || change.change == TableChange::expired) {
    if (same != routes_.end()) routes_.erase(same);
  } else if (same == routes_.end()) {
    routes_.push_back({.node = event.node,
                       .route = change.route,
                       .next_hop = change.next_hop,
                       .port = change.port,
                       .metric = change.metric,
                       .origin = change.origin,
                       .since = event.time});
  }
}

std::vector<NeighbourRow> Tables::neighbours() const {
  std::vector<NeighbourRow> rows;
  for (const auto& [key, row] : neighbours_) rows.push_back(row);
  return rows;
}

std::vector<MacRow> Tables::macs() const {
  std::vector<MacRow> rows;
  for (const auto& [key, row] : macs_) rows.push_back(row);
  return rows;
}

std::vector<RouteRow> Tables::routes() const {
  std::vector<RouteRow> rows = routes_;
  std::stable_sort(rows.begin(), rows.end(), [](const RouteRow& a, const RouteRow& b) {
    return std::tuple{a.node, b.route.length, a.route.address, a.metric} <
           std::tuple{b.node, a.route.length, b.route.address, b.metric};
  });
  return rows;
}

Tables tables_at(const trace::Recording& recording, Instant at) {
  Tables tables;
  const trace::EventIndex count = recording.count_until(at);
  for (trace::EventIndex index = 0; index < count; ++index) tables.apply(recording.event(index));
  return tables;
}

}  // namespace strata::analysis
