// SPDX-License-Identifier: MIT
// `strata compare`: two scenarios, or one under two settings, run and laid side by side.
#include <fmt/format.h>

#include <boost/program_options/value_semantic.hpp>

#include "sim/live_inputs.h"
#include "sim/scenario/explain.h"
#include "sim/scenario/overrides.h"
#include "tools/strata/compare_view.h"
#include "tools/strata/execute.h"
#include "tools/strata/html_report.h"
#include "tools/strata/live.h"
#include "tools/strata/options.h"

namespace strata::cli {
namespace {

using exports::ComparedRun;
using Settings = std::vector<std::string>;

constexpr std::size_t kReportColumns = 140;  // of the text for browsers without scripts

po::options_description compare_options() {
  po::options_description options("options");
  const auto settings = [] { return po::value<Settings>()->value_name("PATH=VALUE"); };
  options.add_options()("set-a", settings(), "change a value of the first run only")(
      "set-b", settings(), "change a value of the second run only, for instance seed=7")(
      "flow", po::value<std::string>()->value_name("N"),
      "lay only the packets of this conversation side by side")(
      "all", "show every packet, not only those around differences")(
      "json", "print one JSON object instead (docs/exports.md)")(
      "report", po::value<std::string>()->value_name("FILE"),
      "write both runs as one HTML page, side by side (docs/report.md)");
  add_report_options(options);
  add_scenario_options(options);
  add_view_options(options);
  return options;
}

// One side of the comparison, with what its run left behind.
struct Side {
  std::optional<scenario::Scenario> scenario;
  Execution execution;
  ComparedRun run;
};

// Every value of the document under its path.
void flatten(const scenario::Value& value, const std::string& path,
             std::vector<std::pair<std::string, std::string>>& settings) {
  const auto below = [&](const std::string& name) {
    return path.empty() ? name : fmt::format("{}.{}", path, name);
  };
  switch (value.kind) {
    case scenario::ValueKind::null:
      return;
    case scenario::ValueKind::scalar:
      settings.emplace_back(path, value.text);
      return;
    case scenario::ValueKind::list:
      for (std::size_t i = 0; i < value.items.size(); ++i) {
        flatten(value.items[i], below(std::to_string(i + 1)), settings);
      }
      return;
    case scenario::ValueKind::map:
      for (const scenario::Entry& entry : value.entries) {
        flatten(entry.value, below(entry.key), settings);
      }
      return;
  }
}

// The settings that hold, defaults included; `text` has been loaded before without mistakes.
std::vector<std::pair<std::string, std::string>> settings_of(const std::string& text,
                                                             const std::string& file,
                                                             const Settings& overrides) {
  std::vector<std::pair<std::string, std::string>> settings;
  scenario::Diagnostics ignored;
  auto document = scenario::parse_document(text, file, ignored);
  if (!document) return settings;
  for (const std::string& assignment : overrides) {
    scenario::apply_override(*document, assignment, ignored);
  }
  const auto complete = scenario::parse_document(scenario::explain(*document), file, ignored);
  if (complete) flatten(complete->root, "", settings);
  return settings;
}

// Runs one side. False after a complaint.
bool play(const std::string& file, const ParsedLine& line, const char* own, Side& side) {
  const auto text = read_file(file);
  if (!text || !may_be_scenario(file, *text)) return false;
  if (text->starts_with(sim::LiveInputs::kMagic)) {
    complain(fmt::format("{} is a recording of a live run", scenario::in_quotes(file)),
             "only scenarios can be compared; 'strata show' shows it");
    return false;
  }
  Settings overrides = overrides_of(line);
  if (line.has(own)) {
    const auto& more = line.values[own].as<Settings>();
    overrides.insert(overrides.end(), more.begin(), more.end());
  }
  scenario::Diagnostics diagnostics;
  std::vector<std::string> sources;
  side.scenario = scenario::load(*text, file, overrides, diagnostics, sources);
  // The first source is the file, then comes one for each override.
  for (std::size_t i = 1 + overrides_of(line).size(); i < sources.size(); ++i) {
    sources[i] = fmt::format("--{} {}", own, overrides[i - 1]);
  }
  report(diagnostics, sources);
  const auto& scenario = side.scenario;
  if (!scenario || !is_simulation(*scenario, file)) return false;
  ExecuteOptions options;
  options.progress = true;
  options.record = true;
  if (line.has("report")) HtmlReport::request(options);
  side.execution = execute(*scenario, options);
  side.run.file = file;
  side.run.seed = scenario->model.seed;
  side.run.fingerprint = side.execution.outcome.figures.fingerprint.value_or(0);
  side.run.settings = settings_of(*text, file, overrides);
  side.run.figures = scenario::to_json(side.execution.outcome.figures);
  side.run.recording = &side.execution.recording;
  return true;
}

bool is_interrupted(const Side& side) {
  return side.execution.outcome.figures.metrics.result.reason == sim::StopReason::interrupted;
}

// With scripts off it is the page of the terminal. False after a complaint.
bool write_report(HtmlReport& page, const Side& a, const Side& b,
                  const exports::Comparison& comparison) {
  const ComparisonOptions options{.view = {.width = kReportColumns}};
  return page.write({a.run.file, *a.scenario, a.execution}, {b.run.file, *b.scenario, b.execution},
                    exports::text_of(exports::comparison_json(a.run, b.run, comparison), false),
                    comparison_page(a.run, b.run, comparison, options).render(options.view));
}

}  // namespace

int compare_command(const Arguments& arguments) {
  int status = kUsage;
  const auto line = parse_line("compare", arguments, compare_options(), status);
  if (!line) return status;
  const std::vector<std::string>& files = line->positional;
  const bool has_own = line->has("set-a") || line->has("set-b");
  if (files.empty() || files.size() > 2 || (files.size() == 1 && !has_own)) {
    complain(files.size() > 2 ? "two runs at a time"
             : files.empty()  ? "scenarios are missing"
                              : "one file under the same settings is one run",
             "write 'strata compare A B', or 'strata compare A --set-b PATH=VALUE'");
    return kUsage;
  }
  const auto view = read_view_options(*line);
  if (!view) return kUsage;
  std::optional<std::uint32_t> flow;
  if (line->has("flow")) {
    const auto number = scenario::parse_count(line->text("flow"));
    if (!number || *number == 0 || *number > UINT32_MAX) {
      complain(fmt::format("--flow {}", scenario::in_quotes(line->text("flow"))),
               "flows count from 1");
      return kUsage;
    }
    flow = static_cast<std::uint32_t>(*number);
  }
  if (!is_accompanied(*line, "report-frames", "report")) return kUsage;
  std::optional<HtmlReport> page;
  if (line->has("report")) {
    auto created = HtmlReport::create(*line, line->text("report"));
    if (!created) return kUsage;
    page.emplace(std::move(*created));
  }
  Side a;
  Side b;
  if (!play(files.front(), *line, "set-a", a) || !play(files.back(), *line, "set-b", b)) {
    return kUsage;
  }
  for (const Side* side : {&a, &b}) {
    if (!flow || side->execution.recording.flow(*flow) != nullptr) continue;
    complain(fmt::format("there is no flow {} in {}", *flow, side == &a ? "A" : "B"),
             fmt::format("that run had {}", side->execution.recording.flows().size()));
    return kUsage;
  }
  const exports::Comparison comparison = exports::compare(a.run, b.run, flow);
  if (page && !write_report(*page, a, b, comparison)) {
    return kUsage;
  }
  if (line->has("json")) {
    print(exports::text_of(exports::comparison_json(a.run, b.run, comparison), true) + "\n");
  } else {
    const ComparisonOptions options{.view = *view, .is_complete = line->has("all")};
    print(comparison_page(a.run, b.run, comparison, options).render(*view));
  }
  return is_interrupted(a) || is_interrupted(b) ? kInterrupted : kOk;
}

}  // namespace strata::cli
