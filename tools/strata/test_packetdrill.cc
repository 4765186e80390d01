// SPDX-License-Identifier: MIT
#include "tools/strata/test_packetdrill.h"

#include <fmt/format.h>

#include "tools/strata/execute_script.h"
#include "tools/strata/render.h"
#include "tools/strata/terminal.h"

namespace strata::cli {
namespace {

using packetdrill::Verdict;

views::Page details(const packetdrill::Report& report, bool with_notes) {
  views::Page page;
  for (const std::string& each : report.details) page.line("       " + each);
  if (!with_notes) return page;
  for (const std::string& note : report.notes) {
    page.line("       note: " + note, views::Role::dim);
  }
  return page;
}

// What crossed the cable up to the end or the failure.
void print_ladder(const Execution& execution, const views::Options& options) {
  scenario::ShowRequest request;
  request.view = scenario::View::ladder;
  const auto page = render(request, execution, options);
  if (page) print(page->render(options));
}

}  // namespace

void test_script(const std::string& file, const packetdrill::RunOptions& run,
                 const ParsedLine& line, const views::Options& options, Tally& tally) {
  const auto text = read_file(file);
  if (!text) {
    ++tally.broken;
    print(fmt::format("BROKEN {}\n", file));
    return;
  }
  const bool is_traced = line.has("trace");
  const auto [report, execution] = execute_script(*text, run, {.record = is_traced});
  const std::string where = place_of(file, report);
  switch (report.verdict) {
    case Verdict::passed:
      ++tally.passed;
      if (line.has("quiet")) break;
      print(fmt::format(
          "ok     {} ({} events{}{})\n", file, report.events,
          report.over_ipv4 ? ", over IPv4 in place of IPv6" : "",
          report.notes.empty() ? "" : fmt::format(", {} left out", report.notes.size())));
      break;
    case Verdict::failed:
      ++tally.failed;
      print(fmt::format("FAILED {}: {}\n", where, report.problem));
      break;
    case Verdict::broken:
      ++tally.broken;
      print(fmt::format("BROKEN {}: {}\n", where, report.problem));
      break;
    case Verdict::unsupported:
      ++tally.unsupported;
      print(fmt::format("UNSUPPORTED {}: {}\n", where, report.problem));
      break;
  }
  print(details(report, line.has("notes")).render(options));
  if (is_traced) print_ladder(execution, options);
}

}  // namespace strata::cli
