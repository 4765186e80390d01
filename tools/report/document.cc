// SPDX-License-Identifier: MIT
#include "tools/report/document.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>

#include "sim/trace/words.h"
#include "tools/report/conversations.h"
#include "tools/report/devices.h"
#include "tools/report/packets.h"
#include "tools/views/sentence.h"

namespace strata::report {
namespace {

using Json = nlohmann::ordered_json;
using NodeKind = trace::NodeKind;

constexpr int kVersion = 1;

std::string dump(const Json& json) {
  // Text of scenarios and processes need not be UTF-8.
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Json layers_of(NodeKind kind) {
  switch (kind) {
    case NodeKind::host:
      return {"physical", "link", "network", "transport", "application"};
    case NodeKind::router:
      return {"physical", "link", "network"};
    case NodeKind::network_switch:
      return {"physical", "link"};
    case NodeKind::device:
      return {"physical"};
  }
  return Json::array();
}

Json nodes_json(const trace::Directory& names) {
  Json nodes = Json::array();
  for (const trace::NodeEntry& node : names.nodes) {
    Json ports = Json::array();
    for (const trace::PortEntry& port : node.ports) {
      Json addresses = Json::array();
      for (const Prefix& prefix : port.addresses) addresses.push_back(to_text(prefix));
      ports.push_back({{"name", port.name},
                       {"mac", port.mac == MacAddress{} ? "" : to_text(port.mac)},
                       {"addresses", std::move(addresses)},
                       {"link", number(port.link)}});
    }
    nodes.push_back({{"name", node.name},
                     {"kind", std::string{to_text(node.kind)}},
                     {"ports", std::move(ports)},
                     {"layers", layers_of(node.kind)}});
  }
  return nodes;
}

Json links_json(const trace::Directory& names) {
  Json links = Json::array();
  const auto end = [](const sim::LinkEnd& at) {
    return Json{{"node", number(at.node)}, {"port", number(at.port)}};
  };
  for (const trace::LinkEntry& link : names.links) {
    links.push_back(
        {{"name", link.name},
         {"a", end(link.a)},
         {"b", end(link.b)},
         {"rate", link.rate_bps},
         {"delay", link.delay.count()},
         {"lineCode", link.line_code ? std::string{physical::to_text(*link.line_code)} : ""}});
  }
  return links;
}

Json drop_words_json() {
  Json words = Json::object();
  for (std::size_t i = 0; i < kDropReasons; ++i) {
    const auto reason = static_cast<DropReason>(i);
    words[std::string{to_text(reason)}] = words_of(reason);
  }
  return words;
}

Json run_json(const Input& input, const analysis::HopList& list) {
  const scenario::RunOutcome& outcome = input.outcome;
  const sim::RunResult& result = outcome.figures.metrics.result;
  Json expectations = Json::array();
  for (const scenario::ExpectationOutcome& expectation : outcome.expectations) {
    expectations.push_back({{"written", expectation.written},
                            {"passed", expectation.passed},
                            {"actual", expectation.actual},
                            {"problem", expectation.problem}});
  }
  return {{"generator", input.generator},
          {"file", input.file},
          {"title", input.scenario.model.title},
          {"about", input.scenario.model.about},
          {"seed", std::to_string(outcome.figures.seed)},
          {"fingerprint", fmt::format("{:016x}", outcome.figures.fingerprint.value_or(0))},
          {"end", number(input.recording.end())},
          {"ending", input.recording.is_inferred()
                         ? fmt::format("the capture ends at {}", to_text(result.end))
                         : fmt::format("ended at {} ({}) after {} events", to_text(result.end),
                                       sim::to_text(result.reason), result.events)},
          {"isInferred", input.recording.is_inferred()},
          {"expectations", std::move(expectations)},
          {"hopsKept", list.hops.size()},
          {"hopsTotal", list.total},
          {"keptUntil", number(list.until)},
          {"figures", scenario::to_json(outcome.figures)}};
}

// The list of events for people.
class Events {
 public:
  Events(const trace::Recording& recording, Strings& strings)
      : recording_(recording), strings_(strings), narrator_(recording) {}

  void read(trace::EventIndex index) {
    const views::Sentence told = narrator_.tell(index);
    if (told.is_detail) return;
    const Event& event = recording_.event(index);
    table_.add({number(event.time), number(event.node), strings_.id(to_text(told.layer)),
                strings_.id(told.kind), number(event.uid), flow_of(event), strings_.id(told.text)});
  }
  std::string json() const { return table_.json(); }

 private:
  std::int64_t flow_of(const Event& event) const {
    if (const FlowKey* key = trace::flow_key(event)) {
      const trace::Flow* flow = recording_.find_flow(*key);
      if (flow != nullptr) return flow->number;
    }
    return event.uid == kNoPacket ? 0 : std::int64_t{recording_.packet(event.uid).flow};
  }

  const trace::Recording& recording_;
  Strings& strings_;
  views::Narrator narrator_;
  Table table_{"~time", "node", "layer", "kind", "uid", "flow", "text"};
};

}  // namespace

Document document_of(const Input& input) {
  const trace::Recording& recording = input.recording;
  const analysis::HopList list = analysis::hops_of(recording, input.hops_most);
  Strings strings;
  Packets packets(recording, list, strings);
  Conversations conversations(recording, strings);
  Devices devices(strings);
  Events events(recording, strings);
  for (trace::EventIndex index = 0; index < recording.events().size(); ++index) {
    const Event& event = recording.event(index);
    if (event.time > list.until) break;
    packets.read(event);
    conversations.read(event);
    devices.read(event);
    events.read(index);
  }
  for (const SocketChange& change : input.sockets.changes()) {
    if (change.time <= list.until) devices.read(change);
  }

  std::map<std::string, std::string> tables = packets.tables();
  tables.merge(conversations.tables());
  tables.merge(devices.tables());
  tables.emplace("events", events.json());
  std::string written;
  for (const auto& [name, json] : tables) {
    written += fmt::format("{}\"{}\":{}", written.empty() ? "" : ",", name, json);
  }
  const Images& images = packets.images();
  Document document;
  document.json = fmt::format(
      R"({{"version":{},"run":{},"nodes":{},"links":{},"flows":{},"strings":{},"dropWords":{},)"
      R"("templates":{},"cells":{},"fieldValues":{},"demuxSteps":{},"tables":{{{}}}}})",
      kVersion, dump(run_json(input, list)), dump(nodes_json(recording.directory())),
      dump(links_json(recording.directory())), conversations.flows_json(), dump(strings.all()),
      dump(drop_words_json()), images.templates_json(), images.cells_json(),
      images.field_values_json(), devices.demux_steps_json(), written);
  document.octets = images.octets();
  return document;
}

}  // namespace strata::report
