// SPDX-License-Identifier: MIT
// JSON Lines: every event of a run, one object a line. The first line tells what the run was, the
// last one how it ended, so that a file that was cut off shows it.
#include "tools/export/event_line.h"
#include "tools/export/format.h"
#include "tools/export/json.h"

namespace strata::exports {
namespace {

using trace::Directory;
using trace::Recording;

Json nodes_json(const Directory& names) {
  Json nodes = Json::array();
  for (const trace::NodeEntry& node : names.nodes) {
    Json entry{{"name", node.name}, {"kind", to_text(node.kind)}, {"ports", Json::array()}};
    for (const trace::PortEntry& port : node.ports) {
      Json addresses = Json::array();
      for (const Prefix& prefix : port.addresses) addresses.push_back(to_text(prefix));
      entry["ports"].push_back(
          {{"name", port.name},
           {"mac", to_text(port.mac)},
           {"addresses", std::move(addresses)},
           {"link", port.link == kNoLink ? Json{} : Json(names.link_name(port.link))}});
    }
    nodes.push_back(std::move(entry));
  }
  return nodes;
}

Json links_json(const Directory& names) {
  Json links = Json::array();
  for (const trace::LinkEntry& link : names.links) {
    links.push_back({{"name", link.name},
                     {"a", names.interface_name(link.a.node, link.a.port)},
                     {"b", names.interface_name(link.b.node, link.b.port)},
                     {"rate_bps", link.rate_bps == 0 ? Json{} : Json(link.rate_bps)},
                     {"delay_ns", json_of(link.delay)}});
  }
  return links;
}

Json flows_json(const Recording& recording) {
  Json flows = Json::array();
  for (const trace::Flow& flow : recording.flows()) {
    Json entry{{"number", flow.number}, {"protocol", to_text(flow.protocol)}};
    entry["opener"] = json_of(flow.opener);
    entry["responder"] = json_of(flow.responder);
    flows.push_back(std::move(entry));
  }
  return flows;
}

Json first_line(const Recording& recording, const Request& request) {
  Json json{{"t_ns", 0}, {"event", "run"}, {"version", kEventsVersion}};
  json["scenario"] = request.scenario;
  json["seed"] = recording.seed();
  json["nodes"] = nodes_json(recording.directory());
  json["links"] = links_json(recording.directory());
  json["flows"] = flows_json(recording);
  return json;
}

}  // namespace

Trouble write_events(const Recording& recording, const Request& request, const Sink& sink) {
  constexpr std::size_t kPiece = 1U << 16U;
  const std::vector<std::uint32_t> flows = flows_of_events(recording);
  std::string text = text_of(first_line(recording, request), false) + "\n";
  std::uint64_t written = 0;
  for (std::size_t i = 0; i < recording.events().size(); ++i) {
    const Event& event = recording.events()[i];
    if (event.time < request.from || event.time > request.until) continue;
    if (request.flow && flows[i] != *request.flow) continue;
    if (request.keep && (event.uid == kNoPacket || !request.keep(event.uid))) continue;
    append_event_line(text, event, flows[i], recording.directory());
    text += '\n';
    ++written;
    if (text.size() < kPiece) continue;
    sink(text);
    text.clear();
  }
  const Json last{{"t_ns", json_of(recording.end())},
                  {"event", "end"},
                  {"events", written},
                  {"events_lost", recording.events_lost()}};
  sink(text + text_of(last, false) + "\n");
  return std::nullopt;
}

}  // namespace strata::exports
