// SPDX-License-Identifier: MIT
// The command line of Strata: chooses the subcommand.
#include <csignal>
#include <exception>

#include "tools/strata/command.h"
#include "tools/strata/terminal.h"

namespace strata::cli {
namespace {

int dispatch(const Arguments& arguments) {
  if (arguments.empty()) {
    complain("a command is missing", "try 'strata help'");
    return kUsage;
  }
  const std::string& name = arguments.front();
  if (name == "--help" || name == "-h") return help_command({});
  if (name == "--version") {
    print("strata " STRATA_VERSION "\n");
    return kOk;
  }
  std::vector<std::string> names;
  for (const Command& command : commands()) {
    if (command.name == name) return command.run({arguments.begin() + 1, arguments.end()});
    names.emplace_back(command.name);
  }
  complain_about(name, names, name.starts_with('-') ? "unknown option" : "unknown command",
                 "try 'strata help'");
  return kUsage;
}

}  // namespace
}  // namespace strata::cli

int main(int argc, char** argv) {
  // A reader that goes away (`strata run x | head`) ends output, not the program, in mid-write.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a limit of file sizes is an error like a full disk
  int status = strata::cli::kUsage;
  try {
    status = strata::cli::dispatch({argv + 1, argv + argc});
  } catch (const std::exception& error) {
    strata::cli::complain(error.what(), "");
  }
  return strata::cli::finish_output(status);
}
