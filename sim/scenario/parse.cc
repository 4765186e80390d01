// SPDX-License-Identifier: MIT
#include "sim/scenario/parse.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace strata::scenario {
namespace {

// The entries of a map of names, with names checked; empty when there are none.
std::vector<const Entry*> named_entries(const MapReader& reader, std::string_view key,
                                        Diagnostics& diagnostics) {
  std::vector<const Entry*> entries;
  const Entry* found = reader.entry(key);
  if (found == nullptr) return entries;
  if (found->value.kind != ValueKind::map) {
    diagnostics.error(found->value.at,
                      fmt::format("'{}' is {}, not {}", key, describe(Kind::named_maps),
                                  to_text(found->value.kind)),
                      key == "nodes" ? "write for instance 'client: { address: 10.0.1.10/24 }'"
                                     : "write for instance 'access: { ends: [client, server] }'");
    return entries;
  }
  for (const Entry& entry : found->value.entries) {
    if (auto wrong = check_name(entry.key)) diagnostics.error(entry.at, std::move(*wrong));
    entries.push_back(&entry);
  }
  return entries;
}

std::vector<ProcessModel> parse_processes(const MapReader& reader, Diagnostics& diagnostics) {
  std::vector<ProcessModel> processes;
  const Entry* found = reader.entry("processes");
  if (found == nullptr) return processes;
  if (found->value.kind != ValueKind::list) {
    diagnostics.error(
        found->value.at,
        fmt::format("'processes' is a list of maps, not {}", to_text(found->value.kind)),
        "write for instance '- { on: client, run: ping, to: server }'");
    return processes;
  }
  for (const Value& item : found->value.items) {
    processes.push_back(parse_process(item, diagnostics));
  }
  return processes;
}

// A process without a name is called after its program; the second of that name on a node gets a
// number. Two explicit names on one node must differ.
void name_processes(std::vector<ProcessModel>& processes, Diagnostics& diagnostics) {
  std::map<std::string, Position> taken;
  for (const ProcessModel& process : processes) {
    if (process.name.empty()) continue;
    if (!taken.emplace(process.node + "/" + process.name, process.at).second) {
      diagnostics.error(process.at,
                        fmt::format("node {} has two processes named {}", in_quotes(process.node),
                                    in_quotes(process.name)),
                        "give one of them another name");
    }
  }
  for (ProcessModel& process : processes) {
    if (!process.name.empty()) continue;
    const std::string base =
        process.program != nullptr ? std::string{process.program->name} : std::string{"process"};
    std::string name = base;
    for (int n = 2; taken.contains(process.node + "/" + name); ++n) {
      name = fmt::format("{}-{}", base, n);
    }
    taken.emplace(process.node + "/" + name, process.at);
    process.name = std::move(name);
  }
}

// Nodes have names of their own; devices at the ends of links have those of their interfaces.
void check_names_of_devices(const std::vector<NodeModel>& nodes, Diagnostics& diagnostics) {
  std::map<std::string_view, Position> taken;
  for (const NodeModel& node : nodes) {
    if (taken.emplace(node.name, node.at).second) continue;
    diagnostics.error(node.at, fmt::format("there is a node {} already", in_quotes(node.name)),
                      "let 'ends' refer to it by its name");
  }
}

std::optional<CaptureModel> parse_capture(const MapReader& scenario, Diagnostics& diagnostics) {
  const Entry* found = scenario.entry("capture");
  if (found == nullptr) return std::nullopt;
  MapReader reader(&found->value, Section::capture, "'capture'", diagnostics);
  if (!reader.is_readable()) return std::nullopt;
  reader.check_required();
  CaptureModel capture;
  capture.folder = reader.text("folder").value_or("");
  capture.pcapng = reader.choice("format") != "pcap";
  capture.physical_layer = reader.choice("layer") == "physical";
  // A scenario is something people pass around: it may not write wherever it likes.
  if (reader.has("folder") && capture.folder.empty()) {
    diagnostics.error(reader.at("folder"), "'folder' is empty", "write for instance 'captures'");
  } else if (capture.folder.starts_with('/') || capture.folder.find("..") != std::string::npos) {
    diagnostics.error(reader.at("folder"), "'folder' must lie below the current folder",
                      "use --pcap to write elsewhere");
  }
  return capture;
}

}  // namespace

Model parse_model(const Document& document, Diagnostics& diagnostics) {
  Model model;
  MapReader reader(&document.root, Section::scenario, "the scenario", diagnostics);
  if (!reader.is_readable()) return model;
  reader.check_required();
  model.title = reader.text("title").value_or("");
  model.about = reader.text("about").value_or("");
  reader.count("language");
  model.seed = reader.count("seed").value_or(1);
  model.until = reader.instant("until");
  for (const Entry* entry : named_entries(reader, "nodes", diagnostics)) {
    model.nodes.push_back(parse_node(*entry, diagnostics));
  }
  for (const Entry* entry : named_entries(reader, "links", diagnostics)) {
    model.links.push_back(parse_link(*entry, model.nodes, diagnostics));
  }
  check_names_of_devices(model.nodes, diagnostics);
  model.processes = parse_processes(reader, diagnostics);
  name_processes(model.processes, diagnostics);
  for (const Value* item : reader.texts("show")) model.show.push_back({item->text, item->at});
  for (const Value* item : reader.texts("expect")) model.expect.push_back({item->text, item->at});
  model.capture = parse_capture(reader, diagnostics);
  return model;
}

const NodeModel* find_node(const Model& model, std::string_view name) {
  const auto found = std::find_if(model.nodes.begin(), model.nodes.end(),
                                  [&](const NodeModel& node) { return node.name == name; });
  return found == model.nodes.end() ? nullptr : &*found;
}

const LinkModel* find_link(const Model& model, std::string_view name) {
  const auto found = std::find_if(model.links.begin(), model.links.end(),
                                  [&](const LinkModel& link) { return link.name == name; });
  return found == model.links.end() ? nullptr : &*found;
}

}  // namespace strata::scenario
