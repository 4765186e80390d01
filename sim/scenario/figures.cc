// SPDX-License-Identifier: MIT
#include "sim/scenario/figures.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

#include "sim/scenario/figure_tree.h"

namespace strata::scenario {
namespace {

using Json = nlohmann::ordered_json;
using Path = std::vector<std::string_view>;

// A run that has not happened: all names, no values. One flow stands for all.
RunFigures shape_of(const Model& model) {
  RunFigures run;
  for (const NodeModel& node : model.nodes) {
    run.directory.nodes.push_back(
        {.name = node.name,
         .kind = node.kind == NodeKind::device ? NodeKind::device : NodeKind::host});
    run.metrics.nodes.emplace_back();
  }
  const auto index = [&](const std::string& name) {
    std::uint32_t i = 0;
    while (i < model.nodes.size() && model.nodes[i].name != name) ++i;
    return NodeId{i};
  };
  for (const LinkModel& link : model.links) {
    run.directory.links.push_back(
        {.name = link.name, .a = {.node = index(link.a.node)}, .b = {.node = index(link.b.node)}});
    run.metrics.links.emplace_back();
  }
  for (const ProcessModel& process : model.processes) {
    run.processes.push_back({.node = process.node,
                             .name = process.name,
                             .program = process.program == nullptr  // a mistake, reported
                                            ? std::string{}
                                            : std::string{process.program->name}});
  }
  run.metrics.flows.push_back({.number = 1});
  return run;
}

Path split(std::string_view name) {
  Path path;
  while (true) {
    const std::size_t dot = name.find('.');
    path.push_back(name.substr(0, dot));
    if (dot == std::string_view::npos) return path;
    name.remove_prefix(dot + 1);
  }
}

std::optional<DropReason> reason_of(std::string_view text) {
  for (std::size_t i = 0; i < kDropReasons; ++i) {
    if (strata::to_text(static_cast<DropReason>(i)) == text) return static_cast<DropReason>(i);
  }
  return std::nullopt;
}

std::vector<std::string> names_in(const Branch& branch) {
  std::vector<std::string> names;
  for (const auto& [name, child] : branch.children) names.push_back(name);
  if (branch.causes) {
    for (std::size_t i = 0; i < kDropReasons; ++i) {
      names.emplace_back(strata::to_text(static_cast<DropReason>(i)));
    }
  }
  return names;
}

// What a path leads to; `is_counted` when a program counts it.
struct Found {
  FigureValue value;
  bool is_counted = false;
};

Parsed<Found> walk(const Branch& root, std::string_view name) {
  const Branch* branch = &root;
  const Path path = split(name);
  std::string walked;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const Branch* next = branch->find(path[i]);
    const bool is_last = i + 1 == path.size();
    if (next == nullptr && branch->causes && is_last) {
      if (const auto reason = reason_of(path[i])) {
        return Found{count_of(branch->causes->count(*reason))};
      }
    }
    if (next == nullptr) {
      const std::string mend = suggestion(path[i], names_in(*branch));
      return mistake(
          fmt::format("there is no figure {}", in_quotes(name)),
          mend.empty() || walked.empty() ? mend : fmt::format("below '{}': {}", walked, mend));
    }
    walked += (walked.empty() ? "" : ".") + std::string{path[i]};
    branch = next;
  }
  if (!branch->value) {
    return mistake(fmt::format("{} is a group of figures", in_quotes(name)),
                   branch->children.empty() ? ""
                                            : fmt::format("write for instance '{}.{}'", name,
                                                          branch->children.front().name));
  }
  return Found{*branch->value, branch->is_counted};
}

// The branch "flow" with the flow that `path` names; with the names of all if there is none.
Branch flows_for(const Path& path, const RunFigures& run) {
  Branch root;
  Branch& flows = root.child("flow");
  for (const trace::FlowMetrics& flow : run.metrics.flows) {
    std::string number = fmt::format("{}", flow.number);
    if (path.size() > 1 && number == path[1]) {
      flows.children = {{std::move(number), flow_branch(flow)}};
      break;
    }
    flows.children.push_back({std::move(number), Branch{}});
  }
  return root;
}

Parsed<Found> look_up(const Branch& root, const RunFigures& run, std::string_view name) {
  const Path path = split(name);
  return path[0] == "flow" ? walk(flows_for(path, run), name) : walk(root, name);
}

// "flow.7.goodput" -> "flow.1.goodput": before the run any number may turn out to exist.
std::string first_flow(std::string_view name) {
  const Path path = split(name);
  if (path.size() < 3 || path[0] != "flow") return std::string{name};
  unsigned flow = 0;
  const char* end = path[1].data() + path[1].size();
  const auto [stop, error] = std::from_chars(path[1].data(), end, flow);
  if (error != std::errc{} || stop != end || flow == 0) return std::string{name};
  return "flow.1" + std::string{name.substr(5 + path[1].size())};
}

double seconds(Instant instant) { return static_cast<double>((instant - kStart).count()) / 1e9; }

Json instant_json(const std::optional<Instant>& at) {
  return at ? Json(seconds(*at)) : Json(nullptr);
}

// "rtt-min" of a duration -> "rtt_min_ns".
std::string key_of(std::string_view name, const Branch& branch) {
  std::string key{name};
  std::replace(key.begin(), key.end(), '-', '_');
  const auto* quantity = branch.value ? std::get_if<Quantity>(&*branch.value) : nullptr;
  const bool is_duration = branch.value && std::holds_alternative<Never>(*branch.value);
  if (is_duration) return key + "_ns";
  if (quantity == nullptr) return key;
  switch (quantity->unit) {
    case Unit::count:
      return key;
    case Unit::bytes:
      return key.starts_with("bytes") ? key : key + "_bytes";
    case Unit::nanoseconds:
      return key + "_ns";
    case Unit::bits_per_second:
      return key + "_bps";
    case Unit::parts_per_million:
      return key + "_ppm";
  }
  return key;
}

Json value_json(const FigureValue& value) {
  if (const auto* quantity = std::get_if<Quantity>(&value)) return quantity->value;
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  return nullptr;
}

// The total, then the causes that occurred.
Json causes_json(const DropCounters& drops) {
  Json json = {{"total", drops.total()}};
  for (std::size_t i = 0; i < kDropReasons; ++i) {
    const auto reason = static_cast<DropReason>(i);
    if (drops.count(reason) > 0) json[std::string{strata::to_text(reason)}] = drops.count(reason);
  }
  return json;
}

Json group_json(const Branch& branch) {
  Json json = Json::object();
  if (branch.causes) return causes_json(*branch.causes);
  if (branch.value) json["total"] = value_json(*branch.value);
  for (const auto& [name, child] : branch.children) {
    const bool is_leaf = child.children.empty() && !child.causes;
    // "from-client" names a node and stays as it is.
    std::string key = name.starts_with("from-") ? name : key_of(name, is_leaf ? child : Branch{});
    json[std::move(key)] = is_leaf ? value_json(*child.value) : group_json(child);
  }
  return json;
}

// A process may print bytes that are not text: JSON gets U+FFFD in their place.
Json process_json(const ProcessOutcome& process) {
  Json json;
  json["node"] = process.node;
  json["name"] = process.name;
  json["program"] = process.program;
  json["server"] = process.is_server;
  json["started_s"] = instant_json(process.started);
  json["finished_s"] = instant_json(process.ended);
  json["error"] = process.error;
  json["output"] = process.output;
  json["figures"] = Json::object();
  for (const auto& [name, value] : process.figures) json["figures"][name] = value;
  return json;
}

}  // namespace

std::optional<Instant> finished(const std::vector<ProcessOutcome>& processes) {
  Instant last = kStart;
  for (const ProcessOutcome& process : processes) {
    if (process.ended) last = std::max(last, *process.ended);
    if (!process.ended && !process.is_server) return std::nullopt;
  }
  return last;
}

std::string to_text(const FigureValue& value) {
  if (const auto* quantity = std::get_if<Quantity>(&value)) return to_text(*quantity);
  if (const auto* text = std::get_if<std::string>(&value)) return in_quotes(*text);
  return "never";
}

FigureTable::FigureTable(const RunFigures& run)
    : run_(&run), root_(std::make_unique<const Branch>(tree_of(run))) {}
FigureTable::FigureTable(const Model& model)
    : run_(nullptr),
      shape_(std::make_unique<const RunFigures>(shape_of(model))),
      root_(std::make_unique<const Branch>(tree_of(*shape_))) {
  run_ = shape_.get();
}
FigureTable::~FigureTable() = default;

Parsed<FigureInfo> FigureTable::check(std::string_view name) const {
  const auto found = look_up(*root_, *run_, first_flow(name));
  if (!found) return tl::unexpected(found.error());
  if (found->is_counted) return FigureInfo{FigureKind::counted};
  if (std::holds_alternative<std::string>(found->value)) return FigureInfo{FigureKind::text};
  const auto* quantity = std::get_if<Quantity>(&found->value);
  return FigureInfo{FigureKind::number, quantity != nullptr ? quantity->unit : Unit::nanoseconds};
}

Parsed<FigureValue> FigureTable::find(std::string_view name) const {
  auto found = look_up(*root_, *run_, name);
  if (!found) return tl::unexpected(std::move(found.error()));
  return std::move(found->value);
}

std::vector<std::string> figure_words() { return names_in(tree_of(RunFigures{})); }

nlohmann::ordered_json to_json(const trace::FlowMetrics& flow) {
  Json json;
  json["number"] = flow.number;
  json["protocol"] = std::string{strata::to_text(flow.protocol)};
  json["opener"] = strata::to_text(flow.opener);
  json["responder"] = strata::to_text(flow.responder);
  json.update(group_json(flow_branch(flow)));
  return json;
}

nlohmann::ordered_json to_json(const RunFigures& run) {
  Json json = to_json_without_flows(run);
  for (const trace::FlowMetrics& flow : run.metrics.flows) json["flows"].push_back(to_json(flow));
  return json;
}

nlohmann::ordered_json to_json_without_flows(const RunFigures& run) {
  const Branch root = tree_of(run);
  Json json;
  json["seed"] = run.seed;
  if (run.fingerprint) json["fingerprint"] = fmt::format("{:016x}", *run.fingerprint);
  json["sim_time_s"] = seconds(run.metrics.result.end);
  json["cpu_s"] = run.cpu_s;
  json["events"] = run.metrics.result.events;
  json["stop"] = std::string{sim::to_text(run.metrics.result.reason)};
  json["finished_s"] = instant_json(finished(run.processes));
  json["frames"] = group_json(*root.find("frames"));
  json["tcp"] = group_json(*root.find("tcp"));
  json["links"] = Json::object();
  for (const auto& [name, link] : root.find("link")->children)
    json["links"][name] = group_json(link);
  json["nodes"] = Json::object();
  for (std::size_t i = 0; i < run.directory.nodes.size(); ++i) {
    const DropCounters none;
    const bool known = i < run.metrics.nodes.size();
    json["nodes"][run.directory.nodes[i].name]["dropped"] =
        causes_json(known ? run.metrics.nodes[i].drops : none);
    if (!known || run.metrics.nodes[i].replayed_frames == 0) continue;
    Json& node = json["nodes"][run.directory.nodes[i].name];
    node["replayed"] = run.metrics.nodes[i].replayed_frames;
    node["replayed_short"] = run.metrics.nodes[i].replayed_short;
  }
  json["flows"] = Json::array();
  json["processes"] = Json::array();
  for (const ProcessOutcome& process : run.processes) {
    json["processes"].push_back(process_json(process));
  }
  return json;
}

}  // namespace strata::scenario
