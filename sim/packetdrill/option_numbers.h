// SPDX-License-Identifier: MIT
// Socket options that a script gives by their numbers, which each system has of its own.
#pragma once

#include <cstdint>
#include <string>

#include "sim/packetdrill/script.h"

namespace strata::packetdrill {

// The name of the option that `option` means at `level`; empty for a number that none has here.
std::string option_name(const Expression& level, const Expression& option, bool of_freebsd);

}  // namespace strata::packetdrill
