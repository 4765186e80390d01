// SPDX-License-Identifier: MIT
// The tables of all nodes at one instant: who is whose neighbour (ARP), where the switches have
// seen which address, which routes are in use. Folded from the events that changed them.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>
#include <tuple>
#include <vector>

#include "sim/trace/recording.h"

namespace strata::analysis {

// `since` is when the row became what it is; a refresh that changes nothing does not count.
struct NeighbourRow {
  NodeId node = kNoNode;
  PortId port = kNoPort;
  IpAddress address;
  MacAddress mac;
  NeighbourState state{};
  std::string_view cause;  // of that state; valid as long as the recording
  std::uint32_t waiting_packets = 0;
  Instant since{};
};

struct MacRow {
  NodeId node = kNoNode;
  MacAddress address;
  std::uint16_t vlan = 0;
  PortId port = kNoPort;
  Instant since{};
};

struct RouteRow {
  NodeId node = kNoNode;
  Prefix route;
  IpAddress next_hop;  // unspecified: on the link
  PortId port = kNoPort;
  std::uint32_t metric = 0;
  RouteOrigin origin{};
  Instant since{};
};

// Give it the events of a run in order and it holds the tables as they are then.
class Tables {
 public:
  void apply(const Event& event);

  std::vector<NeighbourRow> neighbours() const;  // by node, port, address
  std::vector<MacRow> macs() const;              // by node, VLAN, address
  std::vector<RouteRow> routes() const;          // by node; longest prefix first, then metric

 private:
  void on(const Event& event, const NeighbourChanged& change);
  void on(const Event& event, const MacTableChanged& change);
  void on(const Event& event, const RouteChanged& change);
  template <typename Other>
  void on(const Event&, const Other&) {}

  std::map<std::tuple<NodeId, PortId, IpAddress>, NeighbourRow> neighbours_;
  std::map<std::tuple<NodeId, std::uint16_t, MacAddress>, MacRow> macs_;
  std::vector<RouteRow> routes_;  // few, in order of insertion
};

// After all events of that instant.
Tables tables_at(const trace::Recording& recording, Instant at);

}  // namespace strata::analysis
