// SPDX-License-Identifier: MIT
#include "tools/strata/capture_report.h"

#include <fmt/format.h>

#include <utility>

#include "sim/inference/socket_tables.h"
#include "sim/trace/metrics.h"
#include "tools/strata/command.h"
#include "tools/strata/options.h"
#include "tools/strata/terminal.h"

namespace strata::cli {
namespace {

// Frames by link and direction. What was lost, where and why, a capture does not tell.
std::vector<trace::LinkMetrics> links_of(const trace::Recording& recording) {
  const trace::Directory& names = recording.directory();
  std::vector<trace::LinkMetrics> links(names.links.size());
  for (const Event& event : recording.events()) {
    const auto* sent = std::get_if<FrameSent>(&event.body);
    if (sent == nullptr || names.link(sent->link) == nullptr) continue;
    trace::LinkMetrics& link = links[raw(sent->link)];
    const bool is_forward = names.link(sent->link)->a.node == event.node;
    sim::LinkCounters& counters = is_forward ? link.a_to_b : link.b_to_a;
    for (std::uint64_t* frames :
         {&counters.offered_frames, &counters.sent_frames, &counters.delivered_frames}) {
      ++*frames;
    }
    for (std::uint64_t* bytes :
         {&counters.offered_bytes, &counters.sent_bytes, &counters.delivered_bytes}) {
      *bytes += sent->frame.size();
    }
  }
  return links;
}

scenario::RunFigures figures_of(const trace::Recording& recording) {
  trace::Metrics metrics;
  for (const Event& event : recording.events()) metrics.on_event(event);
  const trace::Directory& names = recording.directory();
  scenario::RunFigures figures;
  figures.directory = names;
  figures.metrics = std::move(metrics).collect(links_of(recording), names.nodes.size(),
                                               {.reason = sim::StopReason::idle,
                                                .end = recording.end(),
                                                .events = recording.events().size()});
  return figures;
}

report::SocketLog sockets_of(const trace::Recording& recording) {
  report::SocketLog log;
  inference::SocketTables tables;
  for (const Event& event : recording.events()) {
    for (inference::SocketTables::Row& row : tables.take(event)) {
      log.add({event.time, row.node, row.row, std::move(row.info)});
    }
  }
  return log;
}

std::string about(const inference::CaptureRecording& capture) {
  std::string text = fmt::format(
      "{}{} packets of a capture. Only their octets and times were captured. Everything else is "
      "inferred from them: who the hosts are, the states of TCP at both ends, what was sent again "
      "and why, which sockets there were and which one a packet was for. A packet reaches its "
      "destination at the instant at which it was captured. Congestion windows, timers, tables of "
      "routes and neighbours, what programs did and where a packet was lost are not known, and "
      "their panels are empty.",
      capture.has_more ? "The first " : "", capture.packets);
  if (capture.bytes_left_out > 0) {
    text +=
        fmt::format("\n\n{} octets were left out when it was captured.", capture.bytes_left_out);
  }
  if (!capture.problem.empty()) text += "\n\nIt was not read to its end: " + capture.problem + ".";
  return text;
}

}  // namespace

int write_capture_report(HtmlReport& report, const std::string& path,
                         inference::CaptureRecording capture) {
  const std::string problem = capture.problem;
  scenario::Scenario described;
  described.model.title = path == "-" ? "A capture" : fmt::format("Capture {}", path);
  described.model.about = about(capture);
  Execution execution;
  execution.outcome.figures = figures_of(capture.recording);
  execution.sockets = sockets_of(capture.recording);
  execution.recording = std::move(capture.recording);
  if (!report.write(described, execution, path)) return kUsage;
  if (report.path() != device::OutputFile::kStandardOutput) {
    print(fmt::format("wrote {}\n", report.path()));
  }
  if (problem.empty()) return kOk;
  complain(problem, "what comes before it is in the report");
  return kUsage;
}

}  // namespace strata::cli
