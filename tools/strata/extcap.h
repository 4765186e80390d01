// SPDX-License-Identifier: MIT
// Strata as a capture interface of Wireshark (its "extcap" contract): what the two files behind the
// subcommand share.
#pragma once

#include <string>

#include "tools/strata/options.h"

namespace strata::cli {

// The one interface Wireshark is told of.
inline constexpr const char* kExtcapInterface = "strata";

// Runs the scenario that the options name and writes what an interface of it sees to the FIFO,
// until the scenario ends, the reader goes away or the process is told to end. Returns the exit
// status.
int extcap_capture(const ParsedLine& line);

// What is captured when the user chose nothing.
std::string extcap_default_scenario();

}  // namespace strata::cli
