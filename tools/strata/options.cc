// SPDX-License-Identifier: MIT
#include "tools/strata/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/program_options/errors.hpp>
#include <boost/program_options/parsers.hpp>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <memory>
#include <sstream>

#include "sim/scenario/document.h"
#include "tools/strata/capture_input.h"
#include "tools/strata/files.h"

namespace strata::cli {
namespace {

constexpr std::size_t kFileMost = scenario::kDocumentBytesMost + 1;
constexpr std::size_t kRecordingMost = std::size_t{4} << 30;

std::vector<std::string> option_names(const po::options_description& options) {
  std::vector<std::string> names;
  for (const auto& option : options.options()) names.push_back("--" + option->long_name());
  return names;
}

void print_help(std::string_view name, const po::options_description& options) {
  for (const Command& command : commands()) {
    if (command.name != name) continue;
    std::ostringstream text;
    text << options;
    print(
        fmt::format("usage: strata {}\n\n{}\n\n{}", command.synopsis, command.summary, text.str()));
  }
}

// Boost's message without its leading details, in one line.
std::string one_line(std::string_view message) {
  std::string line{message.substr(0, message.find('\n'))};
  if (line.starts_with("the ")) line.erase(0, 4);
  return line;
}

struct CloseInput {
  void operator()(std::FILE* file) const {
    if (file != stdin) std::fclose(file);
  }
};

}  // namespace

std::optional<ParsedLine> parse_line(std::string_view command, const Arguments& arguments,
                                     const po::options_description& own, int& status) {
  po::options_description options = own;
  options.add_options()("help,h", "print this");
  const std::string try_help = fmt::format("try 'strata help {}'", command);
  status = kUsage;
  try {
    const auto parsed =
        po::command_line_parser(arguments)
            .options(options)
            .style(po::command_line_style::default_style & ~po::command_line_style::allow_guessing)
            .run();
    ParsedLine line;
    po::store(parsed, line.values);
    po::notify(line.values);
    line.positional = po::collect_unrecognized(parsed.options, po::include_positional);
    if (!line.has("help")) return line;
    print_help(command, options);
    status = kOk;
  } catch (const po::unknown_option& error) {
    complain_about(error.get_option_name(), option_names(options), "unknown option", try_help);
  } catch (const po::error& error) {
    complain(one_line(error.what()), try_help);
  }
  return std::nullopt;
}

bool is_accompanied(const ParsedLine& line, const char* option, const char* other) {
  if (!line.has(option) || line.has(other)) return true;
  complain(fmt::format("--{} needs --{}", option, other),
           fmt::format("add it, or leave out --{}", option));
  return false;
}

void add_scenario_options(po::options_description& options) {
  options.add_options()("set", po::value<std::vector<std::string>>()->value_name("PATH=VALUE"),
                        "change a value of the scenario, for instance links.access.delay=20ms")(
      "seed", po::value<std::string>()->value_name("N"), "the same as --set seed=N")(
      "until", po::value<std::string>()->value_name("TIME"), "the same as --set until=TIME");
}

void add_view_options(po::options_description& options) {
  options.add_options()("width", po::value<std::string>()->value_name("COLUMNS"),
                        "columns of views; without it those of the terminal, or 100")(
      "color", po::value<std::string>()->value_name("WHEN"), "auto, always or never")(
      "ascii", "only plain ASCII characters");
}

std::optional<views::Options> read_view_options(const ParsedLine& line) {
  std::size_t width = 0;
  if (line.has("width")) {
    const std::string text = line.text("width");
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), width);
    if (error != std::errc{} || stop != text.data() + text.size() || width < 60 || width > 1000) {
      complain(fmt::format("--width {} is not a number of columns", scenario::in_quotes(text)),
               "use 60 to 1000");
      return std::nullopt;
    }
  }
  const std::string color = line.has("color") ? line.text("color") : "auto";
  When when = When::automatic;
  if (color == "always") {
    when = When::always;
  } else if (color == "never") {
    when = When::never;
  } else if (color != "auto") {
    complain_about(color, {"auto", "always", "never"}, "--color cannot be",
                   "use auto, always or never");
    return std::nullopt;
  }
  return view_options(width, when, line.has("ascii"));
}

namespace {

// At most `most` octets.
std::optional<std::string> read_file(const std::string& path, std::size_t most) {
  constexpr std::size_t kStep = 1U << 20;
  const std::unique_ptr<std::FILE, CloseInput> file(path == "-" ? stdin
                                                                : std::fopen(path.c_str(), "rb"));
  if (file == nullptr) {
    complain(fmt::format("cannot read {}: {}", scenario::in_quotes(path), std::strerror(errno)),
             errno == ENOENT ? "'strata list' shows the scenarios that come with it" : "");
    return std::nullopt;
  }
  std::string text;
  for (std::size_t count = 1; count > 0 && text.size() < most;) {
    const std::size_t size = text.size();
    text.resize(size + std::min(kStep, most - size));
    count = std::fread(text.data() + size, 1, text.size() - size, file.get());
    text.resize(size + count);
  }
  if (std::ferror(file.get()) != 0) {
    complain(fmt::format("cannot read {}: {}", scenario::in_quotes(path), std::strerror(errno)),
             "");
    return std::nullopt;
  }
  return text;
}

}  // namespace

std::optional<std::string> read_file(const std::string& path) { return read_file(path, kFileMost); }

std::vector<std::string> overrides_of(const ParsedLine& line) {
  std::vector<std::string> overrides;
  if (line.has("set")) overrides = line.values["set"].as<std::vector<std::string>>();
  for (const char* name : {"seed", "until"}) {
    if (line.has(name)) overrides.push_back(fmt::format("{}={}", name, line.text(name)));
  }
  return overrides;
}

void report(const scenario::Diagnostics& diagnostics, const std::vector<std::string>& sources) {
  for (const scenario::Diagnostic& diagnostic : diagnostics.all()) {
    note(scenario::to_text(diagnostic, sources));
  }
  if (diagnostics.error_count() > diagnostics.all().size()) {
    note(fmt::format("... and {} more", diagnostics.error_count() - diagnostics.all().size()));
  }
}

namespace {

// A recorded live run: its scenario, and what came in from outside.
std::optional<scenario::Scenario> load_recording(const std::string& path, const ParsedLine& line) {
  if (path == "-" || !overrides_of(line).empty()) {
    complain(fmt::format("{} is a recording of a live run", scenario::in_quotes(path)),
             path == "-" ? "give its file"
                         : "what has happened cannot be changed: leave out --set, "
                           "--seed and --until");
    return std::nullopt;
  }
  const auto octets = read_file(path, kRecordingMost);
  if (!octets) return std::nullopt;
  auto inputs = sim::LiveInputs::parse(as_bytes(*octets));
  if (!inputs) {
    complain(fmt::format("cannot read {}: {}", scenario::in_quotes(path), inputs.error()), "");
    return std::nullopt;
  }
  scenario::Diagnostics diagnostics;
  std::vector<std::string> sources;
  auto loaded =
      scenario::load(inputs->scenario, inputs->file, inputs->overrides, diagnostics, sources);
  report(diagnostics, sources);
  if (!loaded) return std::nullopt;
  loaded->model.until = inputs->end;
  loaded->inputs = std::make_shared<const sim::LiveInputs>(std::move(*inputs));
  return loaded;
}

}  // namespace

bool may_be_scenario(const std::string& path, const std::string& text) {
  if (is_capture(text)) {
    complain(fmt::format("{} is a capture, not a scenario", scenario::in_quotes(path)),
             "'strata dissect' shows it; a scenario replays it with 'device: { capture: FILE }'");
    return false;
  }
  if (is_packetdrill_script(path)) {
    complain(fmt::format("{} is a packetdrill script, not a scenario", scenario::in_quotes(path)),
             "'strata test' runs it, 'strata show' shows it");
    return false;
  }
  return true;
}

std::optional<scenario::Scenario> load_scenario(const std::string& path, const ParsedLine& line) {
  const auto text = read_file(path);
  if (!text) return std::nullopt;
  if (text->starts_with(sim::LiveInputs::kMagic)) return load_recording(path, line);
  if (!may_be_scenario(path, *text)) return std::nullopt;
  scenario::Diagnostics diagnostics;
  std::vector<std::string> sources;
  auto loaded = scenario::load(*text, path == "-" ? "standard input" : path, overrides_of(line),
                               diagnostics, sources);
  report(diagnostics, sources);
  return loaded;
}

}  // namespace strata::cli
