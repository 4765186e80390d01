// SPDX-License-Identifier: MIT
#include "sim/inference/socket_tables.h"

#include <algorithm>
#include <tuple>

namespace strata::inference {
namespace {

tcp::Info info_of(const TcpVariables& variables) {
  tcp::Info info;
  info.state = variables.state;
  info.mss = variables.mss;
  info.flight = variables.flight;
  info.snd_wnd = variables.snd_wnd;
  info.snd_una = variables.snd_una;
  info.snd_nxt = variables.snd_nxt;
  info.rcv_nxt = variables.rcv_nxt;
  return info;
}

socket::SocketInfo socket_of(socket::Type type, const FlowKey& flow) {
  socket::SocketInfo info;
  info.type = type;
  info.local = flow.local;
  info.remote = flow.remote;
  info.state = "bound";
  return info;
}

}  // namespace

std::vector<SocketTables::Row> SocketTables::take(const Event& event) {
  if (const auto* variables = std::get_if<TcpVariables>(&event.body)) {
    if (variables->state == TcpState::closed) return remove(event.node, variables->flow);
    socket::SocketInfo info = socket_of(socket::Type::stream, variables->flow);
    info.state = to_text(variables->state);
    info.send_queue = variables->flight;
    info.tcp = info_of(*variables);
    return {set(event.node, std::move(info))};
  }
  if (const auto* sent = std::get_if<UdpDatagramSent>(&event.body)) {
    return {set(event.node, socket_of(socket::Type::datagram, sent->flow))};
  }
  return {};
}

SocketTables::Row SocketTables::set(NodeId node, socket::SocketInfo info) {
  std::vector<socket::SocketInfo>& table = tables_[node];
  const auto end = static_cast<std::uint32_t>(table.size());
  const auto [at, is_new] = rows_.try_emplace({node, {info.local, info.remote}}, end);
  if (is_new) table.emplace_back();
  table[at->second] = info;
  return {.node = node, .row = at->second, .info = std::move(info)};
}

std::vector<SocketTables::Row> SocketTables::remove(NodeId node, const FlowKey& flow) {
  const auto at = rows_.find({node, flow});
  if (at == rows_.end()) return {};
  const std::uint32_t row = at->second;
  rows_.erase(at);
  std::vector<socket::SocketInfo>& table = tables_[node];
  const auto last = static_cast<std::uint32_t>(table.size() - 1);
  std::vector<Row> changed;
  if (row != last) {
    table[row] = std::move(table[last]);
    rows_[{node, {table[row].local, table[row].remote}}] = row;
    changed.push_back({.node = node, .row = row, .info = table[row]});
  }
  table.pop_back();
  changed.push_back({.node = node, .row = last, .info = std::nullopt});
  return changed;
}

std::vector<analysis::HostSockets> socket_tables(const trace::Recording& recording, Instant at) {
  SocketTables inferred;
  const trace::EventIndex end = recording.count_until(at);
  for (trace::EventIndex i = 0; i < end; ++i) inferred.take(recording.event(i));
  std::vector<analysis::HostSockets> hosts;
  for (const auto& [node, table] : inferred.tables()) {
    if (table.empty()) continue;
    hosts.push_back({.host = std::string{recording.directory().node_name(node)},
                     .addresses = {},
                     .sockets = table});
    std::ranges::sort(hosts.back().sockets, {}, [](const socket::SocketInfo& info) {
      return std::tuple{info.local, info.remote};
    });
    if (const auto* port = recording.directory().port(node, PortId{0})) {
      hosts.back().addresses = port->addresses;
    }
  }
  return hosts;
}

}  // namespace strata::inference
