// SPDX-License-Identifier: MIT
#include "stack/base/ring.h"

#include <gtest/gtest.h>

#include <cstddef>
#include <deque>
#include <memory>
#include <random>
#include <utility>

namespace strata {
namespace {

TEST(Ring, HoldsWhatADequeWouldHoldWhateverIsDoneToIt) {
  Ring<int> ring;
  std::deque<int> expected;
  std::mt19937 random(20261126);
  for (int step = 0; step < 10'000; ++step) {
    const unsigned what = random() % 8;
    if (what < 4) {
      ring.push_back(step);
      expected.push_back(step);
    } else if (what == 4) {
      const std::size_t position = random() % (expected.size() + 1);
      ring.insert(position, step);
      expected.insert(expected.begin() + static_cast<std::ptrdiff_t>(position), step);
    } else if (!expected.empty()) {
      ASSERT_EQ(ring.pop_front(), expected.front());
      expected.pop_front();
    }
    ASSERT_EQ(ring.size(), expected.size());
    ASSERT_EQ(ring.empty(), expected.empty());
    if (expected.empty()) continue;
    const std::size_t position = random() % expected.size();
    ASSERT_EQ(ring[position], expected[position]);
    ASSERT_EQ(std::as_const(ring).front(), expected.front());
    ASSERT_EQ(ring.back(), expected.back());
  }
}

TEST(Ring, KeepsNothingOfAnElementThatWasTaken) {
  Ring<std::shared_ptr<int>> ring;
  const auto element = std::make_shared<int>(1);
  ring.push_back(element);
  ring.pop_front();
  EXPECT_EQ(element.use_count(), 1);
}

}  // namespace
}  // namespace strata
