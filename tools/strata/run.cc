// SPDX-License-Identifier: MIT
// `strata run`: runs a scenario and tells what happened. `strata live`: the same in real time, over
// the devices that the scenario names.
#include <fmt/format.h>

#include <algorithm>
#include <boost/program_options/value_semantic.hpp>
#include <deque>
#include <nlohmann/json.hpp>
#include <utility>

#include "tools/strata/execute.h"
#include "tools/strata/export_scripts.h"
#include "tools/strata/follow.h"
#include "tools/strata/html_report.h"
#include "tools/strata/live.h"
#include "tools/strata/options.h"
#include "tools/strata/render.h"
#include "tools/strata/report.h"

namespace strata::cli {
namespace {

using Json = nlohmann::ordered_json;

// --pcap and its relatives, else what the scenario's `capture:` says. False after a complaint.
bool read_capture(const ParsedLine& line, const scenario::Scenario& scenario,
                  const std::string& file, std::optional<trace::CaptureOptions>& capture) {
  for (const char* name : {"pcap-format", "pcap-layer"}) {
    if (!line.has(name) || line.has("pcap") || scenario.model.capture) continue;
    complain(fmt::format("--{} needs --pcap", name), "say where the files shall go: --pcap FOLDER");
    return false;
  }
  if (!line.has("pcap") && !scenario.model.capture) return true;
  if (line.has("json") && line.has("pcap") && line.text("pcap") == "-") {
    complain("--json and --pcap - both want standard output", "write one of them to files");
    return false;
  }
  if (line.has("pcap") && line.text("pcap").empty()) {
    complain("--pcap names no folder", "write '--pcap FOLDER', or '--pcap -' for standard output");
    return false;
  }
  const scenario::CaptureModel model = scenario.model.capture.value_or(scenario::CaptureModel{});
  const std::string format =
      line.has("pcap-format") ? line.text("pcap-format") : (model.pcapng ? "pcapng" : "pcap");
  const std::string layer = line.has("pcap-layer") ? line.text("pcap-layer")
                                                   : (model.physical_layer ? "physical" : "link");
  if (format != "pcapng" && format != "pcap") {
    complain_about(format, {"pcapng", "pcap"}, "--pcap-format cannot be", "use pcapng or pcap");
    return false;
  }
  if (layer != "link" && layer != "physical") {
    complain_about(layer, {"link", "physical"}, "--pcap-layer cannot be", "use link or physical");
    return false;
  }
  capture.emplace();
  capture->path = line.has("pcap") ? line.text("pcap") : model.folder;
  capture->format = format == "pcap" ? trace::CaptureFormat::pcap : trace::CaptureFormat::pcapng;
  capture->single_file = line.has("pcap") && capture->path == "-";
  capture->physical = layer == "physical";
  capture->comments = {fmt::format("scenario {}", file),
                       fmt::format("seed {}", scenario.model.seed)};
  return true;
}

Json expectations_json(const scenario::RunOutcome& outcome) {
  Json list = Json::array();
  for (const scenario::ExpectationOutcome& expectation : outcome.expectations) {
    list.push_back({{"expectation", expectation.written},
                    {"passed", expectation.passed},
                    {"actual", expectation.actual},
                    {"problem", expectation.problem}});
  }
  return list;
}

// A member of an object as its text has it between the braces.
std::string member_text(const std::string& key, Json value) {
  Json object;
  object[key] = std::move(value);
  // Text that a process printed need not be UTF-8.
  const std::string text = object.dump(2, ' ', false, Json::error_handler_t::replace);
  constexpr std::size_t kBrace = 2;  // and the end of its line
  return text.substr(kBrace, text.size() - 2 * kBrace);
}

// The member "flows", one flow after the other.
void print_flows(const std::deque<trace::FlowMetrics>& flows) {
  constexpr std::string_view kBefore = "  \"flows\": [\n";
  constexpr std::string_view kBehind = "\n  ]";
  if (flows.empty()) return print(member_text("flows", Json::array()));
  std::string_view opening = kBefore;
  for (const trace::FlowMetrics& flow : flows) {
    const std::string text = member_text("flows", Json::array({scenario::to_json(flow)}));
    print(opening);
    print(std::string_view{text}.substr(kBefore.size(),
                                        text.size() - kBefore.size() - kBehind.size()));
    opening = ",\n";
  }
  print(kBehind);
}

// Piece by piece: a live run that strangers talked to has many flows.
void print_object(const Json& json, const std::deque<trace::FlowMetrics>& flows) {
  std::string_view opening = "{\n";
  for (const auto& [key, value] : json.items()) {
    print(std::exchange(opening, ",\n"));
    if (key == "flows") {
      print_flows(flows);
    } else {
      print(member_text(key, value));
    }
  }
  print("\n}\n");
}

void print_json(const scenario::RunOutcome& outcome, const std::vector<std::string>& captures,
                const std::optional<LiveRun>& live) {
  Json json = scenario::to_json_without_flows(outcome.figures);
  json["expectations"] = expectations_json(outcome);
  json["failed_calls"] = outcome.failed_calls;
  json["stuck"] = outcome.stuck;
  json["captures"] = captures;
  if (live) json["live"] = live->figures();
  json["passed"] = outcome.passed();
  print_object(json, outcome.figures.metrics.flows);
}

std::string ending(const scenario::RunOutcome& outcome) {
  const sim::RunResult& result = outcome.figures.metrics.result;
  // No time of day and no CPU time: what is printed is the same on every machine.
  return fmt::format("ended at {} ({}) after {} events", to_text(result.end),
                     sim::to_text(result.reason), result.events);
}

// False when a view of the list could not be drawn.
bool print_views(const scenario::Scenario& scenario, const Execution& execution,
                 const views::Options& options) {
  std::vector<scenario::ShowRequest> requests = scenario.show;
  if (requests.empty()) requests.emplace_back();  // a summary
  bool good = true;
  for (const scenario::ShowRequest& request : requests) {
    print("\n");
    if (!scenario.show.empty()) print(fmt::format("-- {} --\n", request.written));
    const auto page = render(request, execution, options);
    if (page) {
      print(page->render(options));
      continue;
    }
    complain(fmt::format("{}: {}", request.written, page.error().what), page.error().mend);
    good = false;
  }
  return good;
}

// An empty line and the text, if there is one.
void print_section(const std::string& text) {
  if (!text.empty()) print("\n" + text);
}

void print_report(const scenario::Scenario& scenario, const Execution& execution,
                  const std::string& file, const views::Options& options, bool is_quiet) {
  const scenario::RunOutcome& outcome = execution.outcome;
  const auto has_summary = [](const scenario::ShowRequest& request) {
    return request.view == scenario::View::summary;
  };
  const bool wants_tables = !scenario.show.empty() &&
                            std::none_of(scenario.show.begin(), scenario.show.end(), has_summary);
  if (!is_quiet && wants_tables) print("\n" + summary(outcome, options.width).render(options));
  print_section(troubles(outcome).render(options));
  print_section(expectations(outcome, file).render(options));
  for (const std::string& path : execution.capture_files) print(fmt::format("wrote {}\n", path));
  const auto& fingerprint = outcome.figures.fingerprint;
  views::Page page;
  page.blank();
  page.line(ending(outcome));
  print(page.render(options));
  if (fingerprint) print(fmt::format("fingerprint {:016x}\n", *fingerprint));
}

// Ctrl-C is how a live run ends; a simulation that is interrupted has not been run.
int status_of(const Execution& execution, const std::optional<LiveRun>& live) {
  if (live && !live->problem().empty()) {
    complain(live->problem(), "");  // what happened until then is shown all the same
    return kUsage;
  }
  const sim::StopReason reason = execution.outcome.figures.metrics.result.reason;
  if (reason == sim::StopReason::interrupted && !live) return kInterrupted;
  if (reason == sim::StopReason::event_budget) return kFailed;
  return execution.outcome.passed() ? kOk : kFailed;
}

po::options_description run_options(bool is_live) {
  po::options_description options("options");
  options.add_options()("json", "print one JSON object instead (docs/run-json.md)")(
      "quiet,q", "no views and tables: only what is wrong, expectations and the fingerprint")(
      "pcap", po::value<std::string>()->value_name("FOLDER"),
      "write what each interface saw to a capture file; -: all of it to standard output, and "
      "nothing else")("pcap-format", po::value<std::string>()->value_name("FORMAT"),
                      "pcapng or pcap")(
      "pcap-layer", po::value<std::string>()->value_name("LAYER"),
      "link: frames begin at the MAC header; physical: at the preamble");
  if (is_live) {
    options.add_options()("for", po::value<std::string>()->value_name("TIME"),
                          "end after this time, for instance 30s; without it at the instant the "
                          "scenario gives, or on Ctrl-C")(
        "record", po::value<std::string>()->value_name("FILE"),
        "write what comes in to FILE; every command takes it like a scenario, and the run happens "
        "again")("follow", "print what happens as it happens, one line each");
  }
  if (!is_live) {
    options.add_options()("report", po::value<std::string>()->value_name("FILE"),
                          "write the run as one HTML file to look through in a browser");
    add_report_options(options);
    add_export_options(options);
  }
  add_scenario_options(options);
  add_view_options(options);
  return options;
}

// The scenario's `until`, replaced by --for. False after a complaint.
bool read_duration(const ParsedLine& line, scenario::Scenario& scenario) {
  if (!line.has("for")) return true;
  const auto duration = scenario::parse_duration(line.text("for"));
  if (!duration) {
    complain(fmt::format("--for: {}", duration.error().what), duration.error().mend);
    return false;
  }
  scenario.model.until = kStart + *duration;
  return true;
}

// What the views of the scenario need of the run.
void request_views(const scenario::Scenario& scenario, ExecuteOptions& options) {
  for (const scenario::ShowRequest& request : scenario.show) {
    options.record = options.record || needs_recording(request);
    if (request.at) options.socket_times.push_back(*request.at);
  }
}

// Opens what --report names, if it is given, and asks for what it needs. False after a complaint.
bool open_report(const ParsedLine& line, std::optional<HtmlReport>& report,
                 ExecuteOptions& options) {
  if (!is_accompanied(line, "report-frames", "report")) return false;
  if (!line.has("report")) return true;
  auto created = HtmlReport::create(line, line.text("report"));
  if (!created) return false;
  report.emplace(std::move(*created));
  HtmlReport::request(options);
  return true;
}

// --record. False after a complaint.
bool start_recording(const ParsedLine& line, const scenario::Scenario& scenario, LiveRun& live) {
  if (!line.has("record")) return true;
  auto file = device::OutputFile::create(line.text("record"));
  if (!file) {
    complain(file.error(), "");
    return false;
  }
  live.record_to(std::move(*file), scenario.source);
  return true;
}

// A live run needs a world outside; what is recorded has happened.
bool can_be_live(const scenario::Scenario& scenario, const std::string& file) {
  if (!scenario.inputs) return true;
  complain(fmt::format("{} is a recording of a live run", file),
           fmt::format("write 'strata run {}'", file));
  return false;
}

// --follow of a live run.
void print_events(ExecuteOptions& options, const views::Options& view_options) {
  options.on_event = [view_options](const trace::Directory& names, const Event& event) {
    print_as_it_happens(names, event, view_options);
  };
}

void print_title(const scenario::Scenario& scenario, bool ascii) {
  print(fmt::format("seed {}{}{}\n", scenario.model.seed, scenario.model.title.empty() ? "" : ": ",
                    views::legible(scenario.model.title, ascii)));
}

int run_with(const Arguments& arguments, bool is_live) {
  int status = kUsage;
  const std::string command = is_live ? "live" : "run";
  const auto line = parse_line(command, arguments, run_options(is_live), status);
  if (!line) return status;
  if (line->positional.size() != 1) {
    complain(line->positional.empty() ? "a scenario is missing" : "one scenario at a time",
             fmt::format("write 'strata {} FILE'", command));
    return kUsage;
  }
  const auto view_options = read_view_options(*line);
  if (!view_options) return kUsage;
  const std::string& file = line->positional.front();
  auto scenario = load_scenario(file, *line);
  if (!scenario || !(is_live ? can_be_live(*scenario, file) && read_duration(*line, *scenario)
                             : is_simulation(*scenario, file))) {
    return kUsage;
  }
  if (!check_export_options(*line)) return kUsage;
  const bool is_json = line->has("json");
  const bool is_quiet = line->has("quiet");
  ExecuteOptions options;
  options.record = line->has("export-pkt");
  options.progress = !is_json && !is_quiet && !is_live;
  if (!read_capture(*line, *scenario, file, options.capture)) return kUsage;
  const bool is_piped = options.capture && options.capture->single_file;
  if (!is_json && !is_quiet && !is_piped) request_views(*scenario, options);
  std::optional<HtmlReport> html;
  if (!open_report(*line, html, options)) return kUsage;
  if (!is_json && !is_piped) print_title(*scenario, view_options->ascii);
  std::optional<LiveRun> live;
  if (is_live) {
    auto opened = LiveRun::open(scenario->model);
    if (!opened) {
      complain(opened.error(), "");
      return kUsage;
    }
    live.emplace(std::move(*opened));
    if (!start_recording(*line, *scenario, *live)) return kUsage;
    options.drive = live->drive();
    options.at_end = [&live] { live->close(); };
    options.fingerprint = line->has("record") || html;  // costs a pass over every frame
    if (line->has("follow")) print_events(options, *view_options);
  }
  Execution execution = execute(*scenario, options);
  if (!execution.problem.empty()) {
    complain(execution.problem, "");
    return kUsage;
  }
  status = status_of(execution, live);
  if (html && !html->write(*scenario, execution, file)) return kUsage;
  const bool is_terse = is_json || is_piped || is_quiet;
  if (!export_scripts(*scenario, execution.recording, file, *line, is_terse)) return kUsage;
  if (is_piped && status == kFailed) {
    complain("the run did not keep what its scenario expects", "run it without '--pcap -'");
  }
  if (is_piped) return status;
  if (is_json) {
    print_json(execution.outcome, execution.capture_files, live);
    return status;
  }
  if (!is_quiet && !print_views(*scenario, execution, *view_options) && status == kOk) {
    status = kUsage;
  }
  if (live) print_section(live->report(is_quiet).render(*view_options));
  print_report(*scenario, execution, file, *view_options, is_quiet);
  if (html) print(fmt::format("wrote {}\n", html->path()));
  return status;
}

}  // namespace

int run_command(const Arguments& arguments) { return run_with(arguments, false); }
int live_command(const Arguments& arguments) { return run_with(arguments, true); }

}  // namespace strata::cli
