// SPDX-License-Identifier: MIT
#include "stack/network/answer_cache.h"

#include <gtest/gtest.h>

namespace strata::network {
namespace {

using Cache = AnswerCache<int, 64>;

Cache::Key to(int host) {
  return {.destination = Ipv4Address{10, 0, static_cast<std::uint8_t>(host / 256),
                                     static_cast<std::uint8_t>(host % 256)}};
}

TEST(AnswerCache, KnowsOnlyAnswersOfTheGenerationAndTheKey) {
  Cache cache;
  EXPECT_EQ(cache.find(to(1), 1), nullptr);
  cache.remember(to(1), 1, 17);
  ASSERT_NE(cache.find(to(1), 1), nullptr);
  EXPECT_EQ(*cache.find(to(1), 1), 17);
  EXPECT_EQ(cache.find(to(1), 2), nullptr) << "stale";
  EXPECT_EQ(cache.find(to(2), 1), nullptr);
  Cache::Key bound = to(1);
  bound.source = Ipv4Address{10, 0, 0, 9};
  EXPECT_EQ(cache.find(bound, 1), nullptr) << "another source may mean another way";
  cache.remember(to(1), 2, 18);
  EXPECT_EQ(*cache.find(to(1), 2), 18);
}

// It grows instead of forgetting, as long as it may; what it says is always right.
TEST(AnswerCache, HoldsMoreAnswersThanItBeganWithAndNeverWrongOnes) {
  Cache cache;
  const auto known = [&](int hosts) {
    int count = 0;
    for (int host = 0; host < hosts; ++host) {
      const int* answer = cache.find(to(host), 1);
      if (answer == nullptr) continue;
      EXPECT_EQ(*answer, host);
      ++count;
    }
    return count;
  };
  for (int host = 0; host < 8; ++host) cache.remember(to(host), 1, host);
  EXPECT_EQ(known(8), 8);
  for (int host = 0; host < 1000; ++host) cache.remember(to(host), 1, host);
  EXPECT_GE(known(1000), 32);
  EXPECT_LE(known(1000), 64);
}

}  // namespace
}  // namespace strata::network
