// SPDX-License-Identifier: MIT
// Names for the settings of TCP that no system's kernel variable stands for: `strata.tcp.sack=0` in
// a script is `tcp: { sack: false }` of a scenario. Times are in microseconds.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "stack/transport/tcp/config.h"
#include "stack/transport/tcp/profile.h"

namespace strata::packetdrill {

// Sets "strata.tcp.KEY". False: there is no such setting.
bool set_config(std::string_view name, std::string_view value, tcp::Config& config);

// A configuration as scripts write it: the profile that is nearest, and what differs from it.
struct ConfigText {
  tcp::Profile profile{};
  std::vector<std::string> settings;  // "strata.tcp.sack=0"
};
ConfigText config_text(const tcp::Config& config);

}  // namespace strata::packetdrill
