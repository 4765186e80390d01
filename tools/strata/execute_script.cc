// SPDX-License-Identifier: MIT
#include "tools/strata/execute_script.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sim/packetdrill/cable.h"
#include "sim/scenario/diagnostic.h"
#include "sim/trace/fingerprint.h"
#include "tools/strata/terminal.h"

namespace strata::cli {
namespace {

// NAME=VALUE; an option may be a name alone.
std::pair<std::string, std::string> split(const std::string& definition) {
  const std::size_t sign = definition.find('=');
  if (sign == std::string::npos) return {definition, ""};
  return {definition.substr(0, sign), definition.substr(sign + 1)};
}

SocketTables tables_of(const packetdrill::Report& report,
                       const packetdrill::Report::SocketsAt& sockets) {
  return {.at = sockets.at,
          .hosts = {{.host = std::string(report.directory.node_name(packetdrill::kStackNode)),
                     .addresses = report.addresses,
                     .sockets = sockets.sockets}}};
}

}  // namespace

void add_packetdrill_options(po::options_description& options) {
  options.add_options()  //
      ("define,D", po::value<std::vector<std::string>>()->composing()->value_name("NAME=VALUE"),
       "a word that packetdrill scripts leave open")  //
      ("script-option",
       po::value<std::vector<std::string>>()->composing()->value_name("NAME=VALUE"),
       "an option as a packetdrill script has it at its head (--NAME=VALUE)")  //
      ("profile", po::value<std::string>()->value_name("NAME"),
       "how the stack under a packetdrill script behaves: linux, freebsd, rfc or teaching");
}

std::optional<packetdrill::RunOptions> read_packetdrill_options(const ParsedLine& line,
                                                                bool has_script) {
  for (const char* name : {"define", "script-option", "profile"}) {
    if (has_script || !line.has(name)) continue;
    complain(fmt::format("--{} is for packetdrill scripts (*.pkt), and there is none", name),
             "--set changes a key of a scenario");
    return std::nullopt;
  }
  packetdrill::RunOptions options;
  if (line.has("define")) {
    for (const std::string& each : line.values["define"].as<std::vector<std::string>>()) {
      const auto [name, value] = split(each);
      if (name.empty() || name.size() == each.size()) {
        complain(fmt::format("-D {} defines nothing", scenario::in_quotes(each)),
                 "write -D NAME=VALUE");
        return std::nullopt;
      }
      options.definitions.insert_or_assign(name, value);
    }
  }
  if (line.has("script-option")) {
    for (const std::string& each : line.values["script-option"].as<std::vector<std::string>>()) {
      const auto [name, value] = split(each);
      options.options.push_back({.name = name, .value = value});
    }
  }
  options.profile = line.text("profile");
  return options;
}

ScriptExecution execute_script(const std::string& script, packetdrill::RunOptions run,
                               const ExecuteOptions& options) {
  trace::Recorder recorder;
  trace::Metrics metrics;
  trace::Fingerprint fingerprint;
  run.watches = {{&metrics, trace::Metrics::kWanted}, {&fingerprint, trace::Fingerprint::kWanted}};
  if (options.record) run.watches.push_back({&recorder, kAllEvents});
  run.socket_times = options.socket_times;
  std::sort(run.socket_times.begin(), run.socket_times.end());

  ScriptExecution result{.report = packetdrill::run(script, run), .execution = {}};
  const packetdrill::Report& report = result.report;
  scenario::RunFigures& figures = result.execution.outcome.figures;
  figures.directory = report.directory;
  figures.fingerprint = fingerprint.value();
  figures.metrics =
      std::move(metrics).collect({report.cable}, report.directory.nodes.size(),
                                 {.reason = sim::StopReason::idle, .end = report.end});
  for (const auto& sockets : report.sockets) {
    result.execution.socket_tables.push_back(tables_of(report, sockets));
  }
  if (options.record) {
    result.execution.recording = recorder.finish(report.directory, 0, report.end);
  }
  return result;
}

std::string place_of(const std::string& file, const packetdrill::Report& report) {
  if (report.at.line == 0) return file;
  return fmt::format("{}:{}:{}", file, report.at.line, report.at.column);
}

}  // namespace strata::cli
