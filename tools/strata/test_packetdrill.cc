// SPDX-License-Identifier: MIT
#include "tools/strata/test_packetdrill.h"

#include <fmt/format.h>

#include "sim/packetdrill/runner.h"
#include "tools/strata/terminal.h"

namespace strata::cli {
namespace {

using packetdrill::Verdict;

// NAME=VALUE; a name alone stands for itself, which changes nothing.
std::pair<std::string, std::string> split(const std::string& definition) {
  const std::size_t sign = definition.find('=');
  if (sign == std::string::npos) return {definition, ""};
  return {definition.substr(0, sign), definition.substr(sign + 1)};
}

packetdrill::RunOptions read_options(const ParsedLine& line) {
  packetdrill::RunOptions options;
  if (line.has("define")) {
    for (const std::string& each : line.values["define"].as<std::vector<std::string>>()) {
      options.definitions.insert(split(each));
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

views::Page details(const packetdrill::Report& report, bool with_notes) {
  views::Page page;
  for (const std::string& each : report.details) page.line("       " + each);
  if (!with_notes) return page;
  for (const std::string& note : report.notes) {
    page.line("       note: " + note, views::Role::dim);
  }
  return page;
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
       "how the stack under a packetdrill script behaves: linux, freebsd or rfc")  //
      ("notes", "tell what of a packetdrill script was left out");
}

void test_script(const std::string& file, const ParsedLine& line, const views::Options& options,
                 Tally& tally) {
  const auto text = read_file(file);
  if (!text) {
    ++tally.broken;
    print(fmt::format("BROKEN {}\n", file));
    return;
  }
  const packetdrill::Report report = packetdrill::run(*text, read_options(line));
  const std::string where =
      report.at.line == 0 ? file : fmt::format("{}:{}:{}", file, report.at.line, report.at.column);
  switch (report.verdict) {
    case Verdict::passed:
      ++tally.passed;
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
      ++tally.broken;
      print(fmt::format("BROKEN {}: not run: {}\n", where, report.problem));
      break;
  }
  print(details(report, line.has("notes")).render(options));
}

}  // namespace strata::cli
