// SPDX-License-Identifier: MIT
// The built `strata`, run from the outside in an environment that holds nothing but what a test
// gives.
#pragma once

#include <string>
#include <vector>

#include "tests/support/command.h"

namespace strata::cli_tests {

using test::CommandOptions;
using test::CommandResult;
using test::read_file;
using test::TemporaryFolder;

inline CommandResult strata(std::vector<std::string> arguments, CommandOptions options = {}) {
  arguments.insert(arguments.begin(), test::strata_binary());
  options.has_clean_environment = true;
  return run_command(arguments, options);
}

// A scenario of the tree: "loss/fast-retransmit.yaml".
inline std::string scenario(const std::string& name) {
  return (test::source_root() / "scenarios" / name).string();
}

// A schema of the documentation: "run.schema.json".
inline std::string documentation(const std::string& name) {
  return (test::source_root() / "docs" / name).string();
}

// Two hosts, one link, a ping: fast, and nothing goes wrong.
inline constexpr const char* kPing =
    "nodes:\n  a: { address: 10.0.0.1/24 }\n  b: { address: 10.0.0.2/24 }\n"
    "links:\n  wire: { ends: [a, b], delay: 5 ms }\n"
    "processes: [ { on: a, run: ping, to: b, count: 2 } ]\n";

}  // namespace strata::cli_tests
