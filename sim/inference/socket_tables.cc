// SPDX-License-Identifier: MIT
#include "sim/inference/socket_tables.h"

#include <map>
#include <utility>

namespace strata::inference {
namespace {

using Key = std::pair<NodeId, FlowKey>;

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

}  // namespace

std::vector<analysis::HostSockets> socket_tables(const trace::Recording& recording, Instant at) {
  std::map<Key, socket::SocketInfo> sockets;
  const trace::EventIndex end = recording.count_until(at);
  for (trace::EventIndex i = 0; i < end; ++i) {
    const Event& event = recording.event(i);
    if (const auto* variables = std::get_if<TcpVariables>(&event.body)) {
      const Key key{event.node, variables->flow};
      if (variables->state == TcpState::closed) {
        sockets.erase(key);
        continue;
      }
      socket::SocketInfo& info = sockets[key];
      info.type = socket::Type::stream;
      info.local = variables->flow.local;
      info.remote = variables->flow.remote;
      info.state = to_text(variables->state);
      info.send_queue = variables->flight;
      info.tcp = info_of(*variables);
    } else if (const auto* sent = std::get_if<UdpDatagramSent>(&event.body)) {
      socket::SocketInfo& info = sockets[{event.node, sent->flow}];
      info.type = socket::Type::datagram;
      info.local = sent->flow.local;
      info.remote = sent->flow.remote;
      info.state = "bound";
    }
  }
  std::vector<analysis::HostSockets> hosts;
  NodeId last = kNoNode;
  for (auto& [key, info] : sockets) {
    if (key.first != last) {
      last = key.first;
      hosts.push_back({.host = std::string{recording.directory().node_name(last)},
                       .addresses = {},
                       .sockets = {}});
      if (const auto* port = recording.directory().port(last, PortId{0})) {
        hosts.back().addresses = port->addresses;
      }
    }
    hosts.back().sockets.push_back(std::move(info));
  }
  return hosts;
}

}  // namespace strata::inference
