// SPDX-License-Identifier: MIT
// An event of the link layer or above as one line with all it says, to compare two runs by. Events
// of the medium have no line: they are what may differ.
#pragma once

#include <string>

#include "stack/base/events.h"

namespace strata::test {

// Empty for events of the physical layer. Octets are written in hexadecimal.
std::string text_above_physical(const Event& event);

}  // namespace strata::test
