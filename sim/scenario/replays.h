// SPDX-License-Identifier: MIT
// The capture files that a scenario replays: found beside it, read before the run.
#pragma once

#include <string>

#include "sim/scenario/diagnostic.h"
#include "sim/scenario/model.h"

namespace strata::scenario {

// Reads the capture of every device that has one into its DeviceModel. `file` is the scenario's:
// relative paths begin in its folder. What cannot be read is reported.
void read_replays(Model& model, const std::string& file, Diagnostics& diagnostics);

}  // namespace strata::scenario
