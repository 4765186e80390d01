// SPDX-License-Identifier: MIT
// The world of a plan: a chain of networks joined by routers, hosts on the first and the last.
#pragma once

#include <memory>
#include <vector>

#include "sim/world.h"
#include "tests/property/plan.h"

namespace strata::property {

struct Topology {
  std::unique_ptr<sim::World> world;
  std::vector<NodeId> hosts;           // by number of the plan
  std::vector<Ipv4Address> addresses;  // theirs
};

Topology build_topology(const Plan& plan);

}  // namespace strata::property
