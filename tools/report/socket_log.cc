// SPDX-License-Identifier: MIT
#include "tools/report/socket_log.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace strata::report {
namespace {

// What the table shows of a row.
auto shown(const socket::SocketInfo& info) {
  const tcp::Info none;
  const tcp::Info& tcp = info.tcp ? *info.tcp : none;
  return std::tuple{info.fd,
                    info.process,
                    info.type,
                    info.local,
                    info.remote,
                    info.state,
                    info.receive_queue,
                    info.send_queue,
                    info.tcp.has_value(),
                    tcp.rcv_nxt,
                    tcp.snd_una,
                    tcp.cwnd,
                    tcp.rto,
                    tcp.timers};
}

}  // namespace

void SocketLog::on_event(const Event& event) {
  if (event.node == kNoNode) return;
  if (raw(event.node) >= is_touched_.size()) is_touched_.resize(raw(event.node) + 1);
  is_touched_[raw(event.node)] = true;
}

void SocketLog::look(const sim::World& world, Instant at) {
  for (std::uint32_t node = 0; node < is_touched_.size(); ++node) {
    if (!is_touched_[node]) continue;
    is_touched_[node] = false;
    // Routers have no processes, and their tables are not shown.
    if (world.has_host(NodeId{node}) && !world.is_router(NodeId{node})) {
      look_at(world, NodeId{node}, at);
    }
  }
}

void SocketLog::look_at(const sim::World& world, NodeId node, Instant at) {
  std::vector<socket::SocketInfo> now = world.host(node).sockets().table();
  const std::size_t before = raw(node) < last_.size() ? last_[raw(node)].size() : 0;
  for (std::uint32_t row = 0; row < now.size(); ++row) add({at, node, row, std::move(now[row])});
  for (auto row = static_cast<std::uint32_t>(now.size()); row < before; ++row) {
    add({at, node, row, std::nullopt});
  }
}

void SocketLog::add(SocketChange change) {
  if (raw(change.node) >= last_.size()) last_.resize(raw(change.node) + 1);
  std::vector<socket::SocketInfo>& last = last_[raw(change.node)];
  if (!change.info) {
    last.resize(std::min<std::size_t>(last.size(), change.row));
  } else if (change.row >= last.size()) {
    last.resize(change.row + 1);
    last[change.row] = *change.info;
  } else {
    if (shown(last[change.row]) == shown(*change.info)) return;
    last[change.row] = *change.info;
  }
  changes_.push_back(std::move(change));
}

}  // namespace strata::report
