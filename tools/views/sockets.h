// SPDX-License-Identifier: MIT
// The socket table of hosts at one instant, in the manner of ss(8), with what TCP knows.
#pragma once

#include <vector>

#include "sim/analysis/socket_table.h"
#include "stack/base/time.h"
#include "tools/views/text.h"

namespace strata::views {

Page sockets(const std::vector<analysis::HostSockets>& hosts, Instant at, const Options& options);

}  // namespace strata::views
