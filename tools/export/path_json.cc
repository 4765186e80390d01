// SPDX-License-Identifier: MIT
#include "sim/trace/words.h"
#include "tools/export/view_json.h"
#include "tools/views/journey.h"

namespace strata::exports {
namespace {

using trace::Directory;
using views::Hop;
using views::Journey;

Json hop_json(const Directory& names, const Hop& hop) {
  return {{"link", names.link_name(hop.link)},
          {"from", names.node_name(hop.from)},
          {"from_port", names.port_name(hop.from, hop.out_port)},
          {"to", names.node_name(hop.to)},
          {"to_port", names.port_name(hop.to, hop.in_port)},
          {"queued_ns", json_of(hop.queued)},
          {"sent_ns", json_of(hop.sent)},
          {"last_bit_out_ns", json_of(hop.last_bit_out)},
          {"received_ns", json_of(hop.received)},
          {"frame_bytes", hop.sent_frame.size()},
          {"frame", hex_of(hop.sent_frame)},
          {"error", to_text(hop.error)},
          {"reordered", hop.is_reordered},
          {"flipped_bits", hop.flipped_bits},
          {"arriving_bytes", hop.cut_to ? Json(*hop.cut_to) : Json{}},
          {"drop", hop.dropped ? Json(to_text(*hop.dropped)) : Json{}}};
}

// Headers put on and taken off, in order.
Json headers_json(const views::Visit& visit) {
  Json list = Json::array();
  for (const Event* event : visit.events) {
    if (const auto* pushed = std::get_if<HeaderPushed>(&event->body)) {
      list.push_back({{"action", "push"},
                      {"protocol", to_text(pushed->protocol)},
                      {"header_bytes", pushed->header_bytes}});
    } else if (const auto* pulled = std::get_if<HeaderPulled>(&event->body)) {
      list.push_back({{"action", "pull"},
                      {"protocol", to_text(pulled->protocol)},
                      {"header_bytes", pulled->header_bytes}});
    }
  }
  return list;
}

Json visit_json(const Directory& names, const views::Visit& visit) {
  const trace::NodeEntry* node = names.node(visit.node);
  return {{"node", names.node_name(visit.node)},
          {"kind", node == nullptr ? Json{} : Json(to_text(node->kind))},
          {"arrived_ns", json_of(visit.arrived)},
          {"departed_ns", json_of(visit.departed)},
          {"headers", headers_json(visit)}};
}

Json end_json(const Directory& names, const views::PacketEnd& end) {
  return {{"reason", to_text(end.reason)},
          {"layer", to_text(end.layer)},
          {"node", names.node_name(end.node)},
          {"link", end.link == kNoLink ? Json{} : Json(names.link_name(end.link))},
          {"t_ns", json_of(end.time)},
          {"decision", end.decision.empty() ? Json{} : Json(end.decision)}};
}

}  // namespace

Json path_json(const trace::Recording& recording, PacketUid uid) {
  const Directory& names = recording.directory();
  const Journey journey = views::journey_of(recording, uid);
  Json json{{"view", "path"}, {"version", kViewVersion}, {"uid", raw(uid)}};
  json["parent"] = json_of(journey.record.parent);
  json["relation"] = to_text(journey.record.parentage);
  json["label"] = journey.visits.empty() ? "" : views::Labeller(recording).label(uid).text;
  json["accepted"] = journey.accepted;
  json["delivered_ns"] = json_of(journey.delivered);
  json["visits"] = Json::array();
  for (const views::Visit& visit : journey.visits)
    json["visits"].push_back(visit_json(names, visit));
  json["hops"] = Json::array();
  for (const Hop& hop : journey.hops) json["hops"].push_back(hop_json(names, hop));
  json["drops"] = Json::array();
  for (const views::PacketEnd& end : journey.ends) json["drops"].push_back(end_json(names, end));
  return json;
}

}  // namespace strata::exports
