// SPDX-License-Identifier: MIT
// From the text of a packetdrill script to its model.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "sim/packetdrill/script.h"

namespace strata::packetdrill {

// Words that stand for something else in this run (-D NAME=VALUE).
using Definitions = std::map<std::string, std::string, std::less<>>;

// The script as the system ("Linux", "FreeBSD") reads it, or its first mistake. Never fails
// otherwise, whatever the bytes are.
tl::expected<Script, Problem> parse(std::string_view text, const Definitions& definitions = {},
                                    std::string_view system = "Linux");

}  // namespace strata::packetdrill
