// SPDX-License-Identifier: MIT
// The files of tools/wireshark, built into the program.
#pragma once

#include <string_view>

namespace strata::cli {

extern const std::string_view kWiresharkLua;
extern const std::string_view kWiresharkColorfilters;
extern const std::string_view kWiresharkPreferences;
extern const std::string_view kWiresharkButtons;

}  // namespace strata::cli
