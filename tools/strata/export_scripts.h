// SPDX-License-Identifier: MIT
// `strata run --export-pkt`: sides of recorded TCP flows written as packetdrill scripts.
#pragma once

#include <string>

#include "tools/strata/execute.h"
#include "tools/strata/options.h"

namespace strata::cli {

void add_export_options(po::options_description& options);

// Whether the options belong together; complains when they do not.
bool check_export_options(const ParsedLine& line);

// Writes the scripts that `line` asks for, if it does: one to a file *.pkt, else all that there are
// to a folder, and tells, unless `is_quiet`, which those are and why others could not be written.
// False after a complaint.
bool export_scripts(const scenario::Scenario& scenario, const trace::Recording& recording,
                    const std::string& file, const ParsedLine& line, bool is_quiet);

}  // namespace strata::cli
