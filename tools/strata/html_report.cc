// SPDX-License-Identifier: MIT
// `strata report`: runs a scenario, or reads a capture, and writes its HTML report.
#include "tools/strata/html_report.h"

#include <fmt/format.h>

#include <boost/program_options/value_semantic.hpp>
#include <charconv>
#include <filesystem>

#include "tools/report/page.h"
#include "tools/strata/capture_input.h"
#include "tools/strata/capture_report.h"
#include "tools/strata/command.h"
#include "tools/strata/live.h"

namespace strata::cli {

void add_report_options(po::options_description& options) {
  options.add_options()("report-frames", po::value<std::string>()->value_name("N"),
                        "keep the first N frames in the report (default 50000); it says so when "
                        "there were more");
}

std::optional<HtmlReport> HtmlReport::create(const ParsedLine& line, const std::string& path) {
  if (path.empty()) {
    complain("the report has no name", "name a file: run.html");
    return std::nullopt;
  }
  std::size_t frames_most = report::kHopsMost;
  if (line.has("report-frames")) {
    const std::string text = line.text("report-frames");
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), frames_most);
    if (error != std::errc{} || end != text.data() + text.size() || frames_most == 0) {
      complain(
          fmt::format("--report-frames {} is not a number of frames", scenario::in_quotes(text)),
          "use a number from 1");
      return std::nullopt;
    }
  }
  auto file = device::OutputFile::create(path);
  if (!file) {
    complain(file.error(), "");
    return std::nullopt;
  }
  return HtmlReport(std::move(*file), frames_most);
}

void HtmlReport::request(ExecuteOptions& options) {
  options.record = true;
  options.log_sockets = true;
}

report::Input HtmlReport::input_of(const ReportedRun& run) const {
  return {.generator = "strata " STRATA_VERSION,
          .file = run.file,
          .scenario = run.scenario,
          .outcome = run.execution.outcome,
          .recording = run.execution.recording,
          .sockets = run.execution.sockets,
          .hops_most = frames_most_};
}

bool HtmlReport::write(const std::string& page) {
  auto failure = file_.write(as_bytes(page));
  if (!failure) failure = file_.commit();
  if (failure) complain(*failure, "");
  return !failure;
}

bool HtmlReport::write(const scenario::Scenario& scenario, const Execution& execution,
                       const std::string& scenario_file) {
  return write(report::html(input_of({scenario_file, scenario, execution})));
}

bool HtmlReport::write(const ReportedRun& a, const ReportedRun& b, std::string comparison,
                       std::string text) {
  const report::Input first = input_of(a);
  const report::Input second = input_of(b);
  return write(report::html(report::Pair{first, second, std::move(comparison), std::move(text)}));
}

namespace {

std::string name_of_report(const ParsedLine& line, const std::string& file) {
  if (line.has("output")) return line.text("output");
  return (file == "-" ? "run" : std::filesystem::path(file).stem().string()) + ".html";
}

int report_of_capture(const ParsedLine& line, const std::string& file) {
  if (!overrides_of(line).empty()) {
    complain(fmt::format("{} is a capture", scenario::in_quotes(file)),
             "what has happened cannot be changed: leave out --set, --seed and --until");
    return kUsage;
  }
  auto report = HtmlReport::create(line, name_of_report(line, file));
  if (!report) return kUsage;
  auto capture = read_capture(line, file);
  return capture ? write_capture_report(*report, file, std::move(*capture)) : kUsage;
}

}  // namespace

int report_command(const Arguments& arguments) {
  int status = kUsage;
  po::options_description options("options");
  options.add_options()("output,o", po::value<std::string>()->value_name("FILE"),
                        "where it goes; without it the name of the scenario with .html, here");
  add_report_options(options);
  add_capture_options(options);
  add_scenario_options(options);
  const auto line = parse_line("report", arguments, options, status);
  if (!line) return status;
  if (line->positional.size() != 1) {
    complain(line->positional.empty() ? "a scenario is missing" : "one scenario at a time",
             "write 'strata report FILE'");
    return kUsage;
  }
  const std::string& file = line->positional.front();
  if (is_capture_file(file)) return report_of_capture(*line, file);
  if (line->has("first")) {
    complain(fmt::format("--first is for captures, and {} is none", scenario::in_quotes(file)),
             "leave it out; --report-frames bounds the report of a run");
    return kUsage;
  }
  const auto scenario = load_scenario(file, *line);
  if (!scenario || !is_simulation(*scenario, file)) return kUsage;
  auto report = HtmlReport::create(*line, name_of_report(*line, file));
  if (!report) return kUsage;
  ExecuteOptions execute_options;
  execute_options.progress = true;
  HtmlReport::request(execute_options);
  const Execution execution = execute(*scenario, execute_options);
  if (!report->write(*scenario, execution, file)) return kUsage;
  if (report->path() != device::OutputFile::kStandardOutput) {
    print(fmt::format("wrote {}\n", report->path()));
  }
  // Ctrl-C ends the run: the report holds what happened until then.
  const sim::StopReason reason = execution.outcome.figures.metrics.result.reason;
  return reason == sim::StopReason::interrupted ? kInterrupted : kOk;
}

}  // namespace strata::cli
