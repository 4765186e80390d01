// SPDX-License-Identifier: MIT
// The sockets that the hosts of a capture must have had at some instant: an endpoint of every TCP
// connection that had begun and not ended, and of every UDP conversation.
#pragma once

#include <vector>

#include "sim/analysis/socket_table.h"
#include "sim/trace/recording.h"

namespace strata::inference {

// In the order of the recording's hosts; those without a socket are left out.
std::vector<analysis::HostSockets> socket_tables(const trace::Recording& recording, Instant at);

}  // namespace strata::inference
