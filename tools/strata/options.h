// SPDX-License-Identifier: MIT
// The options of the subcommands, read by Boost.Program_options, and scenarios loaded from files.
// Mistakes are told in one line with the mend.
#pragma once

#include <boost/program_options/options_description.hpp>
#include <boost/program_options/variables_map.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/run.h"
#include "tools/strata/command.h"
#include "tools/strata/terminal.h"

namespace strata::cli {

namespace po = boost::program_options;

// What a command line came to.
struct ParsedLine {
  po::variables_map values;
  std::vector<std::string> positional;
  bool has(const char* name) const { return values.count(name) > 0; }
  std::string text(const char* name) const {
    return has(name) ? values[name].as<std::string>() : std::string{};
  }
};

// Nullopt after a complaint, or after `--help` was answered; `status` is then the exit status.
// `command` names the entry of commands() for the help text.
std::optional<ParsedLine> parse_line(std::string_view command, const Arguments& arguments,
                                     const po::options_description& options, int& status);

// --set, --seed, --until: what changes a scenario before it is read.
void add_scenario_options(po::options_description& options);
// --width, --color, --ascii.
void add_view_options(po::options_description& options);
// Complains and returns nullopt when one of them is mistaken.
std::optional<views::Options> read_view_options(const ParsedLine& line);

// False after a complaint: `option` stands there without `other`, of which it says something.
bool is_accompanied(const ParsedLine& line, const char* option, const char* other);

// The file, or "-" for standard input; nullopt after a complaint.
std::optional<std::string> read_file(const std::string& path);
// False after a complaint: the file is a capture or a packetdrill script.
bool may_be_scenario(const std::string& path, const std::string& text);
// Loads a scenario - or a recording of a live run, which holds its scenario - with the overrides of
// the command line. Prints every diagnostic to standard error; nullopt if one of them is an error.
std::optional<scenario::Scenario> load_scenario(const std::string& path, const ParsedLine& line);
// The overrides in the form PATH=VALUE, --seed and --until included.
std::vector<std::string> overrides_of(const ParsedLine& line);
void report(const scenario::Diagnostics& diagnostics, const std::vector<std::string>& sources);

}  // namespace strata::cli
