// SPDX-License-Identifier: MIT
// `strata export`: runs a scenario and writes what happened in the format of another program.
#include <fmt/format.h>

#include <boost/program_options/value_semantic.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "sim/device/output_file.h"
#include "sim/scenario/units.h"
#include "tools/export/event_schema.h"
#include "tools/export/format.h"
#include "tools/strata/execute.h"
#include "tools/strata/live.h"
#include "tools/strata/options.h"
#include "tools/strata/selection.h"

namespace strata::cli {
namespace {

using exports::Format;

po::options_description export_options() {
  po::options_description options("options");
  options.add_options()("output,o", po::value<std::string>()->value_name("FILE"),
                        "write to this file instead of standard output")(
      "flow", po::value<std::string>()->value_name("N"), "only the conversation with this number")(
      "back", "xplot: what the responder of the flow sent")(
      "from", po::value<std::string>()->value_name("TIME"), "begin here")(
      "to", po::value<std::string>()->value_name("TIME"), "end here")(
      "filter", po::value<std::string>()->value_name("FILTER"),
      "events, mermaid, mscgen, asciicast: only packets that pass (docs/views.md)")(
      "list", "list the formats")("schema", "print the JSON Schema of the events")(
      "reference", "print docs/events.md");
  add_scenario_options(options);
  options.add_options()("width", po::value<std::string>()->value_name("COLUMNS"),
                        "asciicast: columns of the terminal, 100 without it");
  return options;
}

void print_formats() {
  for (const Format& format : exports::formats()) {
    print(fmt::format("  {:<16} {}\n", format.name, format.help));
  }
}

// Null after a complaint.
const Format* format_named(const std::string& name) {
  std::vector<std::string> names;
  for (const Format& format : exports::formats()) {
    if (format.name == name) return &format;
    names.emplace_back(format.name);
  }
  complain_about(name, names, "there is no format", "'strata export --list' shows them");
  return nullptr;
}

bool read_number(const ParsedLine& line, const char* option, std::uint64_t least,
                 std::uint64_t most, std::optional<std::uint64_t>& number) {
  if (!line.has(option)) return true;
  const auto parsed = scenario::parse_count(line.text(option));
  if (parsed && *parsed >= least && *parsed <= most) {
    number = *parsed;
    return true;
  }
  complain(fmt::format("--{} {}", option, scenario::in_quotes(line.text(option))),
           fmt::format("use a number from {} to {}", least, most));
  return false;
}

bool read_instant(const ParsedLine& line, const char* option, Instant& instant) {
  if (!line.has(option)) return true;
  const auto duration = scenario::parse_duration(line.text(option));
  if (!duration) {
    complain(fmt::format("--{}: {}", option, duration.error().what), duration.error().mend);
    return false;
  }
  instant = after(kStart, *duration);
  return true;
}

// Nullopt after a complaint.
std::optional<exports::Request> request_of(const ParsedLine& line) {
  exports::Request request;
  request.scenario = line.positional.front();
  std::optional<std::uint64_t> flow;
  std::optional<std::uint64_t> width;
  if (!read_number(line, "flow", 1, UINT32_MAX, flow) ||
      !read_number(line, "width", 60, 1000, width) || !read_instant(line, "from", request.from) ||
      !read_instant(line, "to", request.until)) {
    return std::nullopt;
  }
  if (flow) request.flow = static_cast<std::uint32_t>(*flow);
  if (width) request.width = static_cast<std::size_t>(*width);
  if (request.until < request.from) {
    complain("--to lies before --from", "exchange the two");
    return std::nullopt;
  }
  request.is_backward = line.has("back");
  return request;
}

// False after a complaint.
bool check_filter_of(const ParsedLine& line, const Format& format) {
  if (!line.has("filter")) return true;
  if (!format.takes_filter) {
    complain(fmt::format("the format {} takes no filter", format.name),
             "events, mermaid, mscgen and asciicast do");
    return false;
  }
  const auto wrong = check_filter(line.text("filter"));
  if (wrong) complain(wrong->what, wrong->mend);
  return !wrong;
}

int write(const trace::Recording& recording, const Format& format, const exports::Request& request,
          const std::string& path) {
  if (path.empty() || path == "-") {
    const auto trouble =
        format.write(recording, request, [](std::string_view text) { print(text); });
    if (trouble) complain(*trouble, "");
    return trouble ? kUsage : kOk;
  }
  auto file = device::OutputFile::create(path);
  if (!file) {
    complain(file.error(), "");
    return kUsage;
  }
  std::optional<std::string> trouble;
  const auto unwritable = format.write(recording, request, [&](std::string_view text) {
    if (!trouble) trouble = file->write(as_bytes(text));
  });
  if (unwritable) trouble = unwritable;
  if (!trouble) trouble = file->commit();
  if (!trouble) return kOk;
  complain(*trouble, "");
  return kUsage;
}

}  // namespace

int export_command(const Arguments& arguments) {
  int status = kUsage;
  const auto line = parse_line("export", arguments, export_options(), status);
  if (!line) return status;
  if (line->has("list") || line->has("schema") || line->has("reference")) {
    if (line->has("list")) print_formats();
    if (line->has("schema")) print(exports::events_schema_text());
    if (line->has("reference")) print(exports::events_page());
    return kOk;
  }
  if (line->positional.size() != 2) {
    complain(line->positional.empty()       ? "a scenario is missing"
             : line->positional.size() == 1 ? "a format is missing"
                                            : "one scenario and one format at a time",
             "write 'strata export FILE FORMAT'; 'strata export --list' shows the formats");
    return kUsage;
  }
  const Format* format = format_named(line->positional[1]);
  if (format == nullptr) return kUsage;
  auto request = request_of(*line);
  if (!request || !check_filter_of(*line, *format)) return kUsage;
  if (line->has("output") && line->text("output").empty()) {
    complain("--output names no file", "write '-o FILE', or leave it out for standard output");
    return kUsage;
  }
  const auto scenario = load_scenario(request->scenario, *line);
  if (!scenario || !is_simulation(*scenario, request->scenario)) return kUsage;
  ExecuteOptions options;
  options.progress = true;
  options.record = true;
  const Execution execution = execute(*scenario, options);
  const trace::Recording& recording = execution.recording;
  if (request->flow && recording.flow(*request->flow) == nullptr) {
    complain(fmt::format("there is no flow {}", *request->flow),
             fmt::format("the run had {}", recording.flows().size()));
    return kUsage;
  }
  request->keep = packet_filter(line->text("filter"), recording).value_or(nullptr);
  if (recording.events_lost() > 0) {
    note(fmt::format("strata: the last {} events did not fit and are left out",
                     recording.events_lost()));
  }
  status = write(recording, *format, *request, line->text("output"));
  if (status != kOk) return status;
  const sim::StopReason reason = execution.outcome.figures.metrics.result.reason;
  return reason == sim::StopReason::interrupted ? kInterrupted : kOk;
}

}  // namespace strata::cli
