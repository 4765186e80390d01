// SPDX-License-Identifier: MIT
// One seed of the swarm, and many of them in parallel processes: a seed that ends in a failed
// assertion takes only its own process down and is reported like any other.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "sim/world.h"

namespace strata::property {

struct SeedOutcome {
  std::uint64_t events = 0;
  std::uint64_t connections = 0;
  std::uint64_t completed = 0;          // read to the end at both ends
  std::uint64_t timed_out = 0;          // the network was too bad
  std::uint64_t fingerprint = 0;        // when asked for
  std::vector<std::string> violations;  // sentences
};

// Called with the world of a seed before its first event and after its last.
struct Onlooker {
  std::function<void(sim::World&)> before;
  std::function<void(sim::World&)> after;
};

// Plays one seed and holds it against the invariants after every event and at its end.
SeedOutcome run_seed(std::uint64_t seed, bool with_fingerprint, const Onlooker& onlooker = {});

struct SwarmOptions {
  std::uint64_t first = 1;
  std::uint64_t last = 100;
  unsigned jobs = 1;
  // Every so many seeds one is played twice, and the fingerprints compared; 0: none.
  std::uint64_t repeat_every = 16;
};

struct SwarmTotals {
  std::uint64_t seeds = 0;
  std::uint64_t events = 0;
  std::uint64_t connections = 0;
  std::uint64_t completed = 0;
  std::uint64_t timed_out = 0;
  std::uint64_t repeated = 0;
  std::uint64_t failures = 0;
};

// `on_failure` gets a seed and what is wrong with it; `on_progress` the totals, now and then.
SwarmTotals run_swarm(const SwarmOptions& options,
                      const std::function<void(std::uint64_t, const std::string&)>& on_failure,
                      const std::function<void(const SwarmTotals&)>& on_progress = {});

}  // namespace strata::property
