// SPDX-License-Identifier: MIT
#include "sim/event_queue.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "stack/base/random.h"

namespace strata::sim {
namespace {

TEST(EventQueue, EventsOfOneInstantComeInOrderOfInsertion) {
  EventQueue queue;
  for (std::uint32_t i = 0; i < 100; ++i) queue.push(kStart + 5ns, EventTarget::node_wake, i);

  for (std::uint32_t i = 0; i < 100; ++i) EXPECT_EQ(queue.pop().tag, i);
  EXPECT_TRUE(queue.empty());
}

TEST(EventQueue, EarlierInstantsComeFirstWhateverTheOrderOfInsertion) {
  EventQueue queue;
  queue.push(kStart + 3ns, EventTarget::node_wake, 3);
  queue.push(kStart + 1ns, EventTarget::node_wake, 1);
  queue.push(kStart + 2ns, EventTarget::node_wake, 2);

  EXPECT_EQ(queue.pop().tag, 1U);
  EXPECT_EQ(queue.pop().tag, 2U);
  EXPECT_EQ(queue.pop().tag, 3U);
}

TEST(EventQueue, AReservedSequenceKeepsItsPlaceThoughItIsPushedLater) {
  EventQueue queue;
  const std::uint64_t reserved = queue.reserve_sequence();
  queue.push(kStart, EventTarget::node_wake, 2);
  queue.push_reserved(kStart, reserved, EventTarget::frame_arrival, 1);

  EXPECT_EQ(queue.pop().tag, 1U);
  EXPECT_EQ(queue.pop().tag, 2U);
}

TEST(EventQueue, AgreesWithASortedListOverRandomPushesAndPops) {
  RandomStream random{7, "event-queue-test"};
  EventQueue queue;
  std::vector<QueuedEvent> model;
  for (std::uint32_t step = 0; step < 20'000; ++step) {
    if (model.empty() || random.below(5) < 3) {
      const Instant time = kStart + Duration{static_cast<std::int64_t>(random.below(50))};
      const std::uint64_t sequence = queue.push(time, EventTarget::node_wake, step);
      model.push_back({time, sequence, EventTarget::node_wake, step});
    } else {
      const auto first = std::min_element(
          model.begin(), model.end(), [](const QueuedEvent& x, const QueuedEvent& y) {
            return std::pair{x.time, x.sequence} < std::pair{y.time, y.sequence};
          });
      ASSERT_EQ(queue.pop().tag, first->tag) << "step " << step;
      model.erase(first);
    }
  }
  EXPECT_EQ(queue.size(), model.size());
}

}  // namespace
}  // namespace strata::sim
