// SPDX-License-Identifier: MIT
#include "stack/base/deadline_heap.h"

#include <algorithm>
#include <array>
#include <vector>

#include "stack/base/random.h"

namespace strata {
namespace {

struct Owner {
  int name = 0;
  DeadlineSlot deadline_slot;
};

Instant at(int milliseconds) { return kStart + std::chrono::milliseconds{milliseconds}; }

TEST(DeadlineHeap, GivesOwnersInTheOrderOfTheirDeadlines) {
  DeadlineHeap<Owner> heap;
  std::array<Owner, 3> owners{Owner{0, {}}, Owner{1, {}}, Owner{2, {}}};
  heap.set(owners[0], at(30));
  heap.set(owners[1], at(10));
  heap.set(owners[2], at(20));

  EXPECT_EQ(heap.earliest(), at(10));
  EXPECT_EQ(heap.pop_due(at(5)), nullptr);
  EXPECT_EQ(heap.pop_due(at(30)), &owners[1]);
  EXPECT_EQ(heap.pop_due(at(30)), &owners[2]);
  EXPECT_EQ(heap.pop_due(at(30)), &owners[0]);
  EXPECT_EQ(heap.pop_due(at(30)), nullptr);
  EXPECT_EQ(heap.earliest(), kNever);
}

TEST(DeadlineHeap, TiesBreakByOrderOfSetting) {
  DeadlineHeap<Owner> heap;
  std::array<Owner, 8> owners{};
  for (Owner& owner : owners) heap.set(owner, at(1));
  for (Owner& owner : owners) EXPECT_EQ(heap.pop_due(at(1)), &owner);
}

TEST(DeadlineHeap, SettingTheSameDeadlineAgainKeepsThePlaceInTheOrder) {
  DeadlineHeap<Owner> heap;
  std::array<Owner, 2> owners{};
  heap.set(owners[0], at(1));
  heap.set(owners[1], at(1));
  heap.set(owners[0], at(1));
  EXPECT_EQ(heap.pop_due(at(1)), &owners[0]);
  EXPECT_EQ(heap.pop_due(at(1)), &owners[1]);
}

TEST(DeadlineHeap, NeverRemoves) {
  DeadlineHeap<Owner> heap;
  Owner owner;
  heap.set(owner, kNever);
  EXPECT_TRUE(heap.empty());
  heap.set(owner, at(1));
  heap.set(owner, kNever);
  EXPECT_TRUE(heap.empty());
  EXPECT_EQ(owner.deadline_slot.position, DeadlineSlot::kNotQueued);
  heap.remove(owner);  // harmless
}

TEST(DeadlineHeap, AgreesWithAReferenceModelOverRandomOperations) {
  struct Reference {
    Instant deadline = kNever;
    std::uint64_t order = 0;
  };
  RandomStream random(1, "heap");
  std::vector<Owner> owners(40);
  std::vector<Reference> model(owners.size());
  DeadlineHeap<Owner> heap;
  std::uint64_t order = 0;
  const auto earliest = [&] {
    return std::ranges::min_element(model, [](const Reference& a, const Reference& b) {
      return a.deadline != b.deadline ? a.deadline < b.deadline : a.order < b.order;
    });
  };
  for (int i = 0; i < 20000; ++i) {
    const std::size_t which = random.below(owners.size());
    const auto action = random.below(10);
    if (action < 6) {
      const Instant deadline = at(static_cast<int>(random.below(50)));
      if (model[which].deadline != deadline) model[which] = {deadline, ++order};
      heap.set(owners[which], deadline);
    } else if (action < 8) {
      model[which].deadline = kNever;
      heap.remove(owners[which]);
    } else {
      const Instant now = at(static_cast<int>(random.below(50)));
      const auto due = earliest();
      Owner* popped = heap.pop_due(now);
      if (due->deadline > now) {
        ASSERT_EQ(popped, nullptr);
      } else {
        ASSERT_EQ(popped, &owners[static_cast<std::size_t>(due - model.begin())]);
        due->deadline = kNever;
      }
    }
    ASSERT_EQ(heap.earliest(), earliest()->deadline);
    const auto queued = std::ranges::count_if(
        model, [](const Reference& entry) { return entry.deadline != kNever; });
    ASSERT_EQ(heap.size(), static_cast<std::size_t>(queued));
  }
}

}  // namespace
}  // namespace strata
