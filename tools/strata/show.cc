// SPDX-License-Identifier: MIT
// `strata show`: runs a scenario or a packetdrill script again and shows one view of it. A run is
// exact, so running it again is looking at the same run.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <boost/program_options/value_semantic.hpp>

#include "tools/strata/execute_script.h"
#include "tools/strata/files.h"
#include "tools/strata/follow.h"
#include "tools/strata/live.h"
#include "tools/strata/options.h"
#include "tools/strata/render.h"
#include "tools/strata/selection.h"
#include "tools/strata/view_request.h"
#include "tools/views/svg.h"

namespace strata::cli {
namespace {

po::options_description show_options() {
  po::options_description options("options");
  options.add_options()("uid", po::value<std::string>()->value_name("N"),
                        "the packet with this number")(
      "of", po::value<std::string>()->value_name("PACKET"),
      "the packet meant, for instance 'data 3', 'syn 1', 'drop 1'")(
      "flow", po::value<std::string>()->value_name("N"), "the conversation with this number")(
      "at", po::value<std::string>()->value_name("TIME"),
      "sockets, arp, fdb, routes: at this instant")(
      "on", po::value<std::string>()->value_name("NODE"),
      "tables, demux, log, plot queue: of this node only; stream, plot: what this node sends")(
      "link", po::value<std::string>()->value_name("LINK"),
      "packet, header, waveform: as it was on this link")(
      "from", po::value<std::string>()->value_name("TIME"),
      "ladder, log, states, plot: begin here")("to", po::value<std::string>()->value_name("TIME"),
                                               "ladder, log, states, plot: end here")(
      "bytes", po::value<std::string>()->value_name("FIRST-LAST"),
      "waveform: octets of the frame, counted from 0")(
      "code", po::value<std::string>()->value_name("CODE"),
      "waveform: in this line code: nrz, nrzi, manchester, mlt3");
  options.add_options()("filter", po::value<std::string>()->value_name("FILTER"),
                        "ladder, log: only packets that pass, for instance "
                        "'tcp.flags.syn == 1' (docs/views.md)");
  options.add_options()("follow",
                        "show it as the run goes: the log line by line, or on a terminal "
                        "any view drawn again")(
      "speed", po::value<std::string>()->value_name("FACTOR"),
      "with --follow: seconds of the run in one of ours, for instance 0.01; without it 1");
  options.add_options()("json", "print it as JSON instead, for programs (docs/exports.md)")(
      "svg", "print it as a picture instead, for documents");
  add_scenario_options(options);
  add_packetdrill_options(options);
  add_view_options(options);
  return options;
}

// The view as it is printed.
scenario::Parsed<std::string> written(const scenario::ShowRequest& request,
                                      const Execution& execution, const ParsedLine& line,
                                      const views::Options& options) {
  if (line.has("json")) {
    const auto json = render_json(request, execution);
    if (!json) return tl::unexpected(json.error());
    return exports::text_of(*json, true) + "\n";
  }
  const auto page = render(request, execution, options);
  if (!page) return tl::unexpected(page.error());
  if (!line.has("svg")) return page->render(options);
  const std::string command =
      fmt::format("strata show {} {}", line.positional.front(), request_text(line));
  return views::svg(*page, command);
}

ExecuteOptions execute_options(const scenario::ShowRequest& request) {
  ExecuteOptions options;
  options.progress = true;
  options.record = needs_recording(request);
  if (request.at) options.socket_times.push_back(*request.at);
  return options;
}

// The run that the view is of; nullopt after a complaint.
std::optional<Execution> run_scenario(const scenario::ShowRequest& request, const ParsedLine& line,
                                      int& status) {
  const std::string& file = line.positional.front();
  const auto scenario = load_scenario(file, line);
  if (!scenario || !is_simulation(*scenario, file)) return std::nullopt;
  if (const auto wrong = scenario::check_show(request, scenario->model)) {
    complain(wrong->what, wrong->mend);
    return std::nullopt;
  }
  Execution execution = execute(*scenario, execute_options(request));
  const sim::StopReason reason = execution.outcome.figures.metrics.result.reason;
  status = reason == sim::StopReason::interrupted ? kInterrupted : kOk;
  return execution;
}

// The same of a script. One that fails can be looked at up to there.
std::optional<Execution> run_script(const scenario::ShowRequest& request,
                                    const packetdrill::RunOptions& options, const ParsedLine& line,
                                    int& status) {
  const std::string& file = line.positional.front();
  const auto text = read_file(file);
  if (!text) return std::nullopt;
  auto [report, execution] = execute_script(*text, options, execute_options(request));
  const std::string problem = fmt::format("{}: {}", place_of(file, report), report.problem);
  if (report.directory.nodes.empty()) {
    complain(problem, report.details.empty() ? "" : report.details.front());
    return std::nullopt;
  }
  const trace::Directory& names = report.directory;
  if ((!request.node.empty() && names.find_node(request.node) == kNoNode) ||
      (!request.link.empty() && names.find_link(request.link) == kNoLink)) {
    complain(fmt::format("a script has no '{}{}'", request.node, request.link),
             "its nodes are 'stack' and 'peer', and the link between them is 'cable'");
    return std::nullopt;
  }
  status = kOk;
  if (report.verdict != packetdrill::Verdict::passed) {
    complain(problem, fmt::format("{}", fmt::join(report.details, "; ")));
    status = kFailed;
  }
  return std::move(execution);
}

// False after a complaint.
bool read_filter(const ParsedLine& line, scenario::ShowRequest& request) {
  if (!line.has("filter")) return true;
  if (request.view != scenario::View::ladder && request.view != scenario::View::log) {
    complain(fmt::format("the view {} takes no filter", to_text(request.view)),
             "ladder and log do");
    return false;
  }
  request.filter = line.text("filter");
  const auto wrong = check_filter(request.filter);
  if (wrong) complain(wrong->what, wrong->mend);
  return !wrong;
}

}  // namespace

int show_command(const Arguments& arguments) {
  int status = kUsage;
  const auto line = parse_line("show", arguments, show_options(), status);
  if (!line) return status;
  if (line->positional.size() < 2) {
    complain(line->positional.empty() ? "a scenario is missing" : "a view is missing",
             fmt::format("write 'strata show FILE VIEW'; views: {}",
                         fmt::join(scenario::view_names(), ", ")));
    return kUsage;
  }
  const auto view_options = read_view_options(*line);
  if (!view_options) return kUsage;
  auto request = scenario::parse_show(request_text(*line));
  if (!request) {
    complain(request.error().what, request.error().mend);
    return kUsage;
  }
  if (!read_filter(*line, *request) || !is_accompanied(*line, "speed", "follow")) return kUsage;
  if (line->has("json") && line->has("svg")) {
    complain("--json and --svg exclude each other", "give one of them");
    return kUsage;
  }
  const auto speed = parse_speed(line->has("speed") ? line->text("speed") : "1");
  if (!speed) {
    complain(fmt::format("--speed {} is no factor", scenario::in_quotes(line->text("speed"))),
             "use a number above 0, for instance 0.01");
    return kUsage;
  }
  const bool is_script = is_packetdrill_script(line->positional.front());
  const auto script_options = read_packetdrill_options(*line, is_script);
  if (!script_options) return kUsage;
  const auto execution = is_script ? run_script(*request, *script_options, *line, status)
                                   : run_scenario(*request, *line, status);
  if (!execution) return kUsage;
  if (line->has("follow")) {
    const auto followed = follow(*request, *execution, *speed, *view_options);
    if (!followed) complain(followed.error().what, followed.error().mend);
    return !followed ? kUsage : is_interrupted() ? kInterrupted : status;
  }
  const auto text = written(*request, *execution, *line, *view_options);
  if (!text) {
    complain(text.error().what, text.error().mend);
    return kUsage;
  }
  print(*text);
  return status;
}

}  // namespace strata::cli
