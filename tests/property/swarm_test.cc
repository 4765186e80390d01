// SPDX-License-Identifier: MIT
// Two stacks, a random network between them and random programs on both (see plan.h): the
// invariants hold after every event and at the end. `tools/dev swarm` plays many more seeds.
#include "tests/property/swarm.h"

#include <gtest/gtest.h>

#include "tests/property/ends.h"

namespace strata::property {
namespace {

TEST(Swarm, NoInvariantBreaksAndTheSameSeedGivesTheSameRun) {
  const SwarmTotals totals = run_swarm({.first = 1, .last = 200, .jobs = 2, .repeat_every = 10},
                                       [](std::uint64_t seed, const std::string& what) {
                                         ADD_FAILURE()
                                             << "seed " << seed << ": " << what
                                             << "\nagain: tools/dev swarm --show " << seed;
                                       });

  EXPECT_EQ(totals.seeds, 200U);
  EXPECT_EQ(totals.repeated, 20U);
  // The plans are bad networks and impatient programs, but most connections come to a good end.
  EXPECT_GT(totals.completed * 2, totals.connections);
}

TEST(Swarm, DifferentSeedsGiveDifferentRuns) {
  EXPECT_NE(run_seed(1, true).fingerprint, run_seed(2, true).fingerprint);
}

TEST(Swarm, AStreamIsRecognisedAtItsOffsetOnly) {
  std::vector<std::uint8_t> octets(100);
  fill_stream(octets, 7, 1003);

  EXPECT_TRUE(is_stream(octets, 7, 1003));
  EXPECT_FALSE(is_stream(octets, 7, 1004));
  EXPECT_FALSE(is_stream(octets, 8, 1003));
  octets[99] ^= 1U;
  EXPECT_FALSE(is_stream(octets, 7, 1003));
}

}  // namespace
}  // namespace strata::property
