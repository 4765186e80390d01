// SPDX-License-Identifier: MIT
#include <algorithm>

#include "stack/wire/dissect.h"
#include "tools/export/view_json.h"
#include "tools/views/tcp_history.h"

namespace strata::exports {
namespace {

using trace::Recording;
using views::LadderRow;

// The innermost protocol of a packet: "tcp", "arp"; null when it has no octets.
Json protocol_of(const Recording& recording, PacketUid uid) {
  Json name;
  for (const wire::DissectedLayer& layer : wire::dissect(recording.frame(uid)).layers) {
    switch (layer.protocol) {
      case Protocol::data:
      case Protocol::padding:
      case Protocol::fcs:
        break;
      default:
        name = to_text(layer.protocol);
    }
  }
  return name;
}

// What TCP says about the segment it sent; null for other packets.
Json segment_of(const Recording& recording, PacketUid uid) {
  for (const trace::EventIndex index : recording.of_packet(uid)) {
    const auto* sent = std::get_if<TcpSegmentSent>(&recording.event(index).body);
    if (sent == nullptr) continue;
    Json json{{"kind", to_text(sent->kind)},
              {"offset", sent->offset},
              {"length_bytes", sent->length},
              {"ack_offset", sent->ack_offset}};
    json["retransmission_of"] = json_of(sent->first_sent_as);
    json["cause"] = sent->cause == RetransmitCause::none ? Json{} : Json(to_text(sent->cause));
    return json;
  }
  return {};
}

Json drop_of(const Recording& recording, const std::optional<views::PacketEnd>& end) {
  if (!end) return {};
  const trace::Directory& names = recording.directory();
  return {{"reason", to_text(end->reason)},
          {"layer", to_text(end->layer)},
          {"node", names.node_name(end->node)},
          {"link", end->link == kNoLink ? Json{} : Json(names.link_name(end->link))},
          {"t_ns", json_of(end->time)},
          {"decision", end->decision.empty() ? Json{} : Json(end->decision)}};
}

Json variables_of(const TcpVariables* variables) {
  if (variables == nullptr) return {};
  const TcpVariables& v = *variables;
  return {{"state", to_text(v.state)},
          {"phase", v.phase},
          {"cwnd_bytes", v.cwnd},
          {"ssthresh_bytes", v.ssthresh},
          {"flight_bytes", v.flight},
          {"snd_wnd_bytes", v.snd_wnd},
          {"rcv_wnd_bytes", v.rcv_wnd},
          {"snd_una", v.snd_una},
          {"snd_nxt", v.snd_nxt},
          {"rcv_nxt", v.rcv_nxt},
          {"out_of_order_bytes", v.out_of_order},
          {"srtt_ns", json_of(v.srtt)},
          {"rttvar_ns", json_of(v.rttvar)},
          {"rto_ns", json_of(v.rto)}};
}

Json row_json(const Recording& recording, const LadderRow& row) {
  const trace::Directory& names = recording.directory();
  const trace::PacketRecord record = recording.packet(row.uid);
  return {{"uid", raw(row.uid)},
          {"parent", json_of(record.parent)},
          {"flow", record.flow == 0 ? Json{} : Json(record.flow)},
          {"from", names.node_name(row.from)},
          {"to", names.node_name(row.to)},
          {"sent_ns", json_of(row.sent)},
          {"reached_ns", json_of(row.reached)},
          {"arrived_ns", json_of(row.arrived)},
          {"protocol", protocol_of(recording, row.uid)},
          {"label", row.label.text},
          {"segment", segment_of(recording, row.uid)},
          {"drop", drop_of(recording, row.end)},
          {"damaged", row.damaged},
          {"branches", row.branches}};
}

Json flow_json(const Recording& recording, const trace::Flow& flow) {
  const trace::Directory& names = recording.directory();
  Json json{{"number", flow.number}, {"protocol", to_text(flow.protocol)}};
  json["opener"] = json_of(flow.opener);
  json["responder"] = json_of(flow.responder);
  const auto ends = views::flow_ends(recording, flow);
  json["opener_node"] = ends ? Json(names.node_name(ends->opener)) : Json{};
  json["responder_node"] = ends ? Json(names.node_name(ends->responder)) : Json{};
  return json;
}

}  // namespace

Json ladder_json(const Recording& recording, const views::LadderSelection& selection) {
  std::vector<LadderRow> rows = views::ladder_rows(recording, selection);
  std::stable_sort(rows.begin(), rows.end(),
                   [](const LadderRow& a, const LadderRow& b) { return a.sent < b.sent; });
  const trace::Flow* flow = selection.flow ? recording.flow(*selection.flow) : nullptr;
  const auto ends = flow == nullptr ? std::nullopt : views::flow_ends(recording, *flow);
  Json json{{"view", "ladder"}, {"version", kViewVersion}};
  json["flow"] = flow == nullptr ? Json{} : flow_json(recording, *flow);
  json["rows"] = Json::array();
  for (const LadderRow& row : rows) json["rows"].push_back(row_json(recording, row));
  if (!ends) return json;
  const views::TcpHistory opener(recording, ends->opener, *flow);
  const views::TcpHistory responder(recording, ends->responder, *flow);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    // What an end that never heard of the packet thinks is not part of the row.
    const bool is_forward = ends->is_forward(rows[i]);
    const std::optional<Instant> arrival = ends->arrival(rows[i]);
    const auto sender = (is_forward ? opener : responder).at(rows[i].uid, rows[i].sent);
    const auto receiver =
        arrival ? (is_forward ? responder : opener).at(rows[i].uid, *arrival) : nullptr;
    json["rows"][i]["opener"] = variables_of(is_forward ? sender : receiver);
    json["rows"][i]["responder"] = variables_of(is_forward ? receiver : sender);
  }
  return json;
}

}  // namespace strata::exports
