// SPDX-License-Identifier: MIT
// Whole-scenario benchmark workloads, the same shapes as the ns-3 twin in peers/ns3_bench.cc.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "sim/world.h"

namespace strata::bench {

struct WorkloadOptions {
  std::string name = "p2p";  // p2p, swrt, dumbbell, chain
  std::uint64_t bytes = 100'000'000;
  std::uint32_t buffer_bytes = 256 * 1024;
  std::uint32_t flows = 100;
  std::uint64_t datagrams = 1'000'000;
  std::uint32_t routers = 10;
  Duration duration{10s};  // of dumbbell
  std::uint64_t seed = 1;
};

// The world of a workload, its processes started; nullptr for an unknown name.
std::unique_ptr<sim::World> make_world(const WorkloadOptions& options);
// When the run ends by itself: kNever for workloads that send a given number of bytes.
Instant end_of(const WorkloadOptions& options);

}  // namespace strata::bench
