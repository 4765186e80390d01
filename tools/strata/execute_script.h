// SPDX-License-Identifier: MIT
// A packetdrill script run so that it can be looked at as the run of a scenario can: the same
// Execution, of which views and exports are made.
#pragma once

#include <optional>
#include <string>

#include "sim/packetdrill/runner.h"
#include "tools/strata/execute.h"
#include "tools/strata/options.h"

namespace strata::cli {

struct ScriptExecution {
  packetdrill::Report report;
  Execution execution;
};

// The options of the command line that scripts understand.
void add_packetdrill_options(po::options_description& options);
// What these options say; nullopt after a complaint: one is malformed, or none of the files is a
// script.
std::optional<packetdrill::RunOptions> read_packetdrill_options(const ParsedLine& line,
                                                                bool has_script);

// Runs `script`. Of `options`, what is to be recorded and when the sockets are to be looked at
// count.
ScriptExecution execute_script(const std::string& script, packetdrill::RunOptions run,
                               const ExecuteOptions& options);

// "FILE:LINE:COLUMN" of what is wrong; the file alone when nothing is.
std::string place_of(const std::string& file, const packetdrill::Report& report);

}  // namespace strata::cli
