// SPDX-License-Identifier: MIT
// The static routes of a scenario: those it gives, default gateways, and on routers without routes
// of their own the shortest paths to every network. And whether a datagram would get there.
#pragma once

#include <vector>

#include "sim/scenario/topology.h"

namespace strata::scenario {

// Routes of each node, connected networks excluded (the stack adds those itself). Requires a
// topology without mistakes; a next hop nobody has is left out.
std::vector<std::vector<network::Route>> compute_routes(const Model& model,
                                                        const Topology& topology);

// Follows the routes from a node to an address. Empty when a datagram arrives; else the reason it
// does not, and what to add.
Mistake trace_route(const Model& model, const Topology& topology,
                    const std::vector<std::vector<network::Route>>& routes, std::size_t node,
                    const IpAddress& destination);

}  // namespace strata::scenario
