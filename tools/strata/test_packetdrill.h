// SPDX-License-Identifier: MIT
// The part of `strata test` that runs packetdrill scripts (docs/packetdrill.md).
#pragma once

#include <string>

#include "sim/packetdrill/runner.h"
#include "tools/strata/options.h"
#include "tools/views/text.h"

namespace strata::cli {

struct Tally {
  int passed = 0;
  int failed = 0;
  int broken = 0;       // could not be run
  int unsupported = 0;  // asked for what there is not
  int live = 0;         // attached to devices: not for a simulation
};

// Runs one script, prints what came of it (with --quiet only if it did not pass, with --trace the
// ladder behind it) and counts it. `run` says how.
void test_script(const std::string& file, const packetdrill::RunOptions& run,
                 const ParsedLine& line, const views::Options& options, Tally& tally);

}  // namespace strata::cli
