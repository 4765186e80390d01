// SPDX-License-Identifier: MIT
// A subcommand of `strata`. Each is a function over its arguments in a file of its own; main() does
// nothing but choose one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace strata::cli {

// What the shell gets to see.
enum Exit : int {
  kOk = 0,
  kFailed = 1,         // an expectation did not hold
  kUsage = 2,          // a mistake on the command line or in a scenario, or a file problem
  kInterrupted = 130,  // Ctrl-C
};

using Arguments = std::vector<std::string>;

struct Command {
  std::string_view name;
  std::string_view synopsis;  // "run FILE [options]"
  std::string_view summary;   // one line
  int (*run)(const Arguments& arguments);
};

// In the order of the help text.
const std::vector<Command>& commands();

int run_command(const Arguments& arguments);
int live_command(const Arguments& arguments);
int report_command(const Arguments& arguments);
int show_command(const Arguments& arguments);
int export_command(const Arguments& arguments);
int compare_command(const Arguments& arguments);
int step_command(const Arguments& arguments);
int dissect_command(const Arguments& arguments);
int extcap_command(const Arguments& arguments);
int wireshark_command(const Arguments& arguments);
int check_command(const Arguments& arguments);
int test_command(const Arguments& arguments);
int list_command(const Arguments& arguments);
int new_command(const Arguments& arguments);
int help_command(const Arguments& arguments);

}  // namespace strata::cli
