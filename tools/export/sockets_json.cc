// SPDX-License-Identifier: MIT
#include "tools/export/view_json.h"

namespace strata::exports {
namespace {

using socket::SocketInfo;

Json tcp_json(const tcp::Info& info) {
  return {{"state", to_text(info.state)},
          {"phase", info.phase},
          {"mss_bytes", info.mss},
          {"cwnd_bytes", info.cwnd},
          {"ssthresh_bytes", info.ssthresh},
          {"flight_bytes", info.flight},
          {"snd_wnd_bytes", info.snd_wnd},
          {"snd_una", info.snd_una},
          {"snd_nxt", info.snd_nxt},
          {"send_queue_bytes", info.send_queue_bytes},
          {"rcv_wnd_bytes", info.rcv_wnd},
          {"rcv_nxt", info.rcv_nxt},
          {"receive_queue_bytes", info.receive_queue_bytes},
          {"out_of_order_bytes", info.out_of_order_bytes},
          {"srtt_ns", json_of(info.srtt)},
          {"rttvar_ns", json_of(info.rttvar)},
          {"rto_ns", json_of(info.rto)},
          {"retransmissions", info.counters.retransmissions},
          {"timers", info.timers}};
}

Json socket_json(const SocketInfo& info) {
  const bool is_listener = analysis::is_listener(info);
  const tcp::Info* connection = analysis::connection_of(info);
  Json json{{"fd", info.fd < 0 ? Json{} : Json(info.fd)},
            {"process", info.process},
            {"protocol", analysis::protocol_text(info.type)},
            {"state", info.state}};
  json["local"] = json_of(info.local);
  json["remote"] = json_of(info.remote);
  // Of a listener the two count connections: waiting for accept(), and how many may.
  json[is_listener ? "waiting" : "receive_queue_bytes"] = info.receive_queue;
  json[is_listener ? "backlog" : "send_queue_bytes"] = info.send_queue;
  json["tcp"] = connection == nullptr ? Json{} : tcp_json(*connection);
  return json;
}

}  // namespace

Json sockets_json(const std::vector<analysis::HostSockets>& hosts, Instant at) {
  Json json{{"view", "sockets"}, {"version", kViewVersion}, {"t_ns", json_of(at)}};
  json["hosts"] = Json::array();
  for (const analysis::HostSockets& host : hosts) {
    Json entry{{"host", host.host}, {"addresses", Json::array()}, {"sockets", Json::array()}};
    for (const Prefix& prefix : host.addresses) entry["addresses"].push_back(to_text(prefix));
    for (const SocketInfo& info : host.sockets) entry["sockets"].push_back(socket_json(info));
    json["hosts"].push_back(std::move(entry));
  }
  return json;
}

}  // namespace strata::exports
