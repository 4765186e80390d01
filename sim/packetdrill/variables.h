// SPDX-License-Identifier: MIT
// Kernel variables (sysctl) of Linux and FreeBSD and what they mean to this stack.
#pragma once

#include <string_view>

#include "sim/packetdrill/settings.h"

namespace strata::packetdrill {

// False for a variable without a counterpart, and for a value that is none.
bool set_variable(std::string_view name, std::string_view value, Settings& settings);
// FreeBSD has several stacks: takes `freebsd`, its default, or `rack`. False for any other.
bool choose_stack(std::string_view name, Settings& settings);
// True for one whose value, whatever it is or this one, changes no packet (ignored_variables.cc).
bool is_without_effect(std::string_view name, std::string_view value);

}  // namespace strata::packetdrill
