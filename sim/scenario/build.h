// SPDX-License-Identifier: MIT
// Model -> World. Everything that is not in the scenario follows from it: MAC addresses from the
// positions of nodes and ports, routes from the topology, what names mean from the addresses.
#pragma once

#include <memory>

#include "sim/scenario/model.h"
#include "sim/world.h"

namespace strata::scenario {

// A world at time zero, its processes and link failures scheduled. Requires a model that validate()
// found no errors in. Nodes, links and processes keep the order of the model.
std::unique_ptr<sim::World> build(const Model& model);

}  // namespace strata::scenario
