// SPDX-License-Identifier: MIT
// `strata test`: runs scenarios for their expectations only.
#include <fmt/format.h>

#include <algorithm>

#include "tools/strata/execute.h"
#include "tools/strata/execute_script.h"
#include "tools/strata/files.h"
#include "tools/strata/live.h"
#include "tools/strata/options.h"
#include "tools/strata/report.h"
#include "tools/strata/test_packetdrill.h"
#include "tools/views/text.h"

namespace strata::cli {
namespace {

// False when the user pressed Ctrl-C.
bool test_file(const std::string& file, const ParsedLine& line, const views::Options& options,
               Tally& tally) {
  const auto scenario = load_scenario(file, line);
  if (!scenario) {
    ++tally.broken;
    print(fmt::format("BROKEN {}\n", file));
    return true;
  }
  if (const auto devices = devices_of(scenario->model); !devices.empty()) {
    ++tally.live;
    print(fmt::format("live   {} (attached to {}: strata live {})\n", file,
                      devices.front()->ports.front().name, file));
    return true;
  }
  const Execution execution = execute(*scenario, {.record = false, .progress = true});
  const sim::StopReason reason = execution.outcome.figures.metrics.result.reason;
  if (reason == sim::StopReason::interrupted) return false;
  if (execution.outcome.passed() && reason != sim::StopReason::event_budget) {
    ++tally.passed;
    if (!line.has("quiet")) {
      print(fmt::format("ok     {} ({})\n", file,
                        views::counted(execution.outcome.expectations.size(), "expectation")));
    }
    return true;
  }
  ++tally.failed;
  print(fmt::format("FAILED {} (seed {})\n", file, scenario->model.seed));
  print(troubles(execution.outcome).render(options));
  print(expectations(execution.outcome, file).render(options));
  return true;
}

}  // namespace

int test_command(const Arguments& arguments) {
  po::options_description options("options");
  add_scenario_options(options);
  add_view_options(options);
  add_packetdrill_options(options);
  options.add_options()("quiet,q", "tell only of what did not pass")(
      "notes", "tell what of a packetdrill script was left out")(
      "trace", "show the ladder of each packetdrill script");
  int status = kUsage;
  const auto line = parse_line("test", arguments, options, status);
  if (!line) return status;
  const auto view_options = read_view_options(*line);
  if (!view_options) return kUsage;
  std::vector<std::string> files;
  for (const std::string& path : line->positional) {
    const std::vector<std::string> found = test_files(path);
    if (found.empty()) {
      complain(fmt::format("there are no scenarios in {}", path), "");
      return kUsage;
    }
    files.insert(files.end(), found.begin(), found.end());
  }
  if (files.empty()) {
    complain("scenarios are missing", "write 'strata test FILE...' or name a folder of them");
    return kUsage;
  }
  const bool has_script = std::ranges::any_of(files, is_packetdrill_script);
  const auto script_options = read_packetdrill_options(*line, has_script);
  if (!script_options) return kUsage;
  Tally tally;
  for (const std::string& file : files) {
    if (is_packetdrill_script(file)) {
      test_script(file, *script_options, *line, *view_options, tally);
      continue;
    }
    if (!test_file(file, *line, *view_options, tally)) return kInterrupted;
  }
  print(fmt::format("{} passed, {} failed, {} broken{}{}\n", tally.passed, tally.failed,
                    tally.broken,
                    tally.unsupported > 0 ? fmt::format(", {} unsupported", tally.unsupported) : "",
                    tally.live > 0 ? fmt::format(", {} for 'strata live'", tally.live) : ""));
  if (tally.broken + tally.unsupported > 0) return kUsage;
  return tally.failed > 0 ? kFailed : kOk;
}

}  // namespace strata::cli
