// SPDX-License-Identifier: MIT
// The tables of nodes at one instant: neighbours (ARP), what switches have learned, routes in use.
// Each is one block per node that has such a table; `node` kNoNode stands for all of them.
#pragma once

#include "sim/trace/recording.h"
#include "tools/views/text.h"

namespace strata::views {

Page arp_tables(const trace::Recording& recording, Instant at, NodeId node, const Options& options);
Page mac_tables(const trace::Recording& recording, Instant at, NodeId node, const Options& options);
Page route_tables(const trace::Recording& recording, Instant at, NodeId node,
                  const Options& options);

}  // namespace strata::views
