// SPDX-License-Identifier: MIT
// `strata dissect`: a capture made by anyone in the views of a run. What is not in the capture is
// inferred, and said to be.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <boost/program_options/value_semantic.hpp>

#include "sim/inference/socket_tables.h"
#include "tools/strata/capture_input.h"
#include "tools/strata/capture_path.h"
#include "tools/strata/capture_report.h"
#include "tools/strata/capture_summary.h"
#include "tools/strata/options.h"
#include "tools/strata/render.h"
#include "tools/strata/selection.h"
#include "tools/strata/view_request.h"
#include "tools/views/packet_list.h"

namespace strata::cli {
namespace {

// Views that a capture can fill; "packets" is the one shown when none is named.
const std::vector<std::string> kViews{"packets", "summary", "packet", "path",
                                      "ladder",  "sockets", "demux"};

po::options_description dissect_options() {
  po::options_description options("options");
  add_selection_options(options);
  add_capture_options(options);
  options.add_options()("json", "print it as JSON instead, for programs (docs/exports.md)")(
      "report", po::value<std::string>()->value_name("FILE"),
      "write it as one HTML file to look through in a browser, instead of a view");
  add_report_options(options);
  add_view_options(options);
  return options;
}

// What the views need to know beside the recording.
Execution execution_of(inference::CaptureRecording capture, const scenario::ShowRequest& request) {
  Execution execution;
  execution.recording = std::move(capture.recording);
  const Instant at = request.at.value_or(execution.recording.end());
  execution.socket_tables.push_back({at, inference::socket_tables(execution.recording, at)});
  return execution;
}

// The view as it is printed; a mistake when the request names what is not there.
scenario::Parsed<std::string> written(const std::string& view, const scenario::ShowRequest& request,
                                      inference::CaptureRecording capture, bool is_json,
                                      const views::Options& options) {
  const views::Page summary = capture_summary(capture, options);
  if (view == "path") {
    const auto uid = find_packet(capture.recording, request.packet.value(), request.flow);
    if (!uid) return tl::unexpected(uid.error());
    return capture_path(capture, *uid, options).render(options);
  }
  const Execution execution = execution_of(std::move(capture), request);
  const trace::Directory& names = execution.recording.directory();
  if (!request.node.empty() && names.find_node(request.node) == kNoNode) {
    return scenario::mistake(fmt::format("there is no host {}", scenario::in_quotes(request.node)),
                             "'summary' lists them");
  }
  if (view == "summary") return summary.render(options);
  if (view == "packets") {
    const views::PacketListSelection selection{
        .flow = request.flow, .from = request.from, .until = request.until};
    return views::packet_list(execution.recording, selection, options).render(options);
  }
  if (is_json) {
    const auto json = render_json(request, execution);
    if (!json) return tl::unexpected(json.error());
    return exports::text_of(*json, true) + "\n";
  }
  const auto page = render(request, execution, options);
  if (!page) return tl::unexpected(page.error());
  views::Page whole;
  if (view != "packet") {
    whole.wrap(views::Text("hosts, states and what TCP did are inferred from the capture",
                           views::Role::dim),
               options.width);
  }
  whole.append(*page);
  return whole.render(options);
}

// The view and its clauses, or nullopt after a complaint. "packets" is none of the views of runs:
// its clauses are read as those of a ladder.
std::optional<scenario::ShowRequest> read_request(const ParsedLine& line, std::string& view) {
  view = line.positional.size() > 1 ? line.positional[1] : "packets";
  if (std::find(kViews.begin(), kViews.end(), view) == kViews.end()) {
    complain_about(view, kViews, "a capture has no view",
                   fmt::format("use {}", fmt::join(kViews, ", ")));
    return std::nullopt;
  }
  ParsedLine as_run = line;
  as_run.positional.resize(1);
  as_run.positional.push_back(view == "packets" ? "ladder" : view);
  if (line.positional.size() > 2) {
    as_run.positional.insert(as_run.positional.end(), line.positional.begin() + 2,
                             line.positional.end());
  }
  auto request = scenario::parse_show(request_text(as_run));
  if (request) return *request;
  complain(request.error().what, request.error().mend);
  return std::nullopt;
}

}  // namespace

int dissect_command(const Arguments& arguments) {
  int status = kUsage;
  const auto line = parse_line("dissect", arguments, dissect_options(), status);
  if (!line) return status;
  if (line->positional.empty()) {
    complain("a capture is missing", "write 'strata dissect FILE', or '-' for standard input");
    return kUsage;
  }
  const auto view_options = read_view_options(*line);
  if (!view_options) return kUsage;
  std::string view;
  const auto request = read_request(*line, view);
  if (!request) return kUsage;
  const bool is_json = line->has("json");
  if (is_json && (view == "packets" || view == "summary" || view == "path")) {
    complain(fmt::format("'{}' of a capture has no JSON", view),
             "'ladder --json' has every packet");
    return kUsage;
  }
  const std::string& path = line->positional.front();
  std::optional<HtmlReport> report;
  if (!is_accompanied(*line, "report-frames", "report")) return kUsage;
  if (line->has("report")) {
    if (is_json || line->positional.size() > 1) {
      complain("--report takes no view", "leave the view out: the report has all of them");
      return kUsage;
    }
    auto created = HtmlReport::create(*line, line->text("report"));
    if (!created) return kUsage;
    report.emplace(std::move(*created));
  }
  auto capture = read_capture(*line, path);
  if (!capture) return kUsage;
  if (report) return write_capture_report(*report, path, std::move(*capture));
  const std::string problem = capture->problem;
  const auto text = written(view, *request, std::move(*capture), is_json, *view_options);
  if (!text) {
    complain(text.error().what, text.error().mend);
    return kUsage;
  }
  print(*text);
  if (problem.empty()) return kOk;
  complain(problem, "what comes before it is shown");
  return kUsage;
}

}  // namespace strata::cli
