// SPDX-License-Identifier: MIT
// The sockets that the hosts of a capture must have had at some instant: an endpoint of every TCP
// connection that had begun and not ended, and of every UDP conversation. Descriptors, processes,
// congestion windows and timers a capture does not tell: they are -1, empty and 0.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "sim/analysis/socket_table.h"
#include "sim/trace/recording.h"

namespace strata::inference {

// The tables while events come in. A socket keeps its row until it ends; the last one of the host
// then takes its place, so that an event changes two rows at most, however many there are.
class SocketTables {
 public:
  struct Row {
    NodeId node = kNoNode;
    std::uint32_t row = 0;
    std::optional<socket::SocketInfo> info;  // none: the table of the host ends before this row
  };

  // The rows that the event changed.
  std::vector<Row> take(const Event& event);
  // By node.
  const std::map<NodeId, std::vector<socket::SocketInfo>>& tables() const { return tables_; }

 private:
  Row set(NodeId node, socket::SocketInfo info);
  std::vector<Row> remove(NodeId node, const FlowKey& flow);

  std::map<NodeId, std::vector<socket::SocketInfo>> tables_;
  std::map<std::pair<NodeId, FlowKey>, std::uint32_t> rows_;
};

// In the order of the recording's hosts; those without a socket are left out.
std::vector<analysis::HostSockets> socket_tables(const trace::Recording& recording, Instant at);

}  // namespace strata::inference
