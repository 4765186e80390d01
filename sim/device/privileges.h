// SPDX-License-Identifier: MIT
// Giving up what opening devices needed (capabilities(7)).
#pragma once

#include <optional>
#include <string>

namespace strata::device {

// From now on the process can neither use nor regain any capability, but the one with which the
// superuser writes into other people's folders, if it had that: capture files are named at the end
// of a run. Does nothing for a process without capabilities. Returns what went wrong.
std::optional<std::string> drop_privileges();

}  // namespace strata::device
