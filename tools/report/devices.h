// SPDX-License-Identifier: MIT
// The tables of a report about what devices know: sockets and their demultiplexer, neighbours,
// switch tables, routes, and what became of links.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "sim/trace/recording.h"
#include "tools/report/socket_log.h"
#include "tools/report/table.h"

namespace strata::report {

class Devices {
 public:
  explicit Devices(Strings& strings) : strings_(strings) {}

  // Every event, in order.
  void read(const Event& event);
  void read(const SocketChange& change);
  std::map<std::string, std::string> tables() const;
  // The rules each row of the demultiplexer's table went through; equal lists are written once.
  std::string demux_steps_json() const;

 private:
  void on(const Event& event, const Demultiplexed& decision);
  void on(const Event& event, const NeighbourChanged& change);
  void on(const Event& event, const MacTableChanged& change);
  void on(const Event& event, const RouteChanged& change);
  void on(const Event& event, const LinkStateChanged& change);
  void on(const Event& event, const LinkMtuChanged& change);
  template <typename Other>
  void on(const Event&, const Other&) {}

  Strings& strings_;
  Table demux_{"~time", "node", "uid", "protocol", "local", "remote", "socket", "outcome", "steps"};
  std::map<std::string, std::int64_t> steps_;
  std::vector<std::string> step_order_;
  Table sockets_{"~time",  "node",         "row",       "fd",    "process", "type",
                 "state",  "receiveQueue", "sendQueue", "local", "remote",  "rcvNxt",
                 "sndUna", "cwnd",         "rto",       "timers"};
  Table neighbours_{"~time", "node",  "port",    "address", "mac",
                    "state", "cause", "waiting", "isKept"};
  Table mac_table_{"~time", "node", "change", "mac", "port", "vlan"};
  Table routes_{"~time", "node", "change", "prefix", "nextHop", "port", "metric", "origin"};
  Table link_states_{"~time", "link", "isUp", "mtu"};
};

}  // namespace strata::report
