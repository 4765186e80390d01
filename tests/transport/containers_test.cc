// SPDX-License-Identifier: MIT
// Slots and HashTable.
#include <gtest/gtest.h>

#include <map>

#include "stack/base/random.h"
#include "stack/transport/hash_table.h"
#include "stack/transport/slots.h"

namespace strata::transport {
namespace {

struct Thing {
  Thing(EndpointId own_id, int given) : id(own_id), value(given) {}
  EndpointId id;
  int value;
};

TEST(Slots, NeverReusesAHandleThoughItReusesTheSlot) {
  Slots<Thing> slots(EndpointKind::datagram);
  const EndpointId first = slots.emplace(1).id;
  slots.erase(first);
  const EndpointId second = slots.emplace(2).id;

  EXPECT_EQ(slots.index_of(first), slots.index_of(second));
  EXPECT_NE(first, second);
  EXPECT_EQ(slots.find(first), nullptr);
  EXPECT_EQ(slots.find(second)->value, 2);
}

TEST(Slots, FindsNothingUnderAHandleOfAnotherKind) {
  Slots<Thing> datagrams(EndpointKind::datagram);
  Slots<Thing> streams(EndpointKind::stream);
  const EndpointId id = datagrams.emplace(1).id;
  streams.emplace(2);

  EXPECT_EQ(streams.find(id), nullptr);
  EXPECT_EQ(kind_of(id), EndpointKind::datagram);
}

// A hash that collides all the time exercises probing and backward shift.
struct PoorHash {
  std::size_t operator()(std::uint16_t key) const { return key % 5; }
};

TEST(HashTable, AgreesWithAMapUnderRandomInsertsAndErasuresThatCollide) {
  HashTable<std::uint16_t, int, PoorHash> table;
  std::map<std::uint16_t, int> model;
  RandomStream random(7, "hash-table");
  for (int step = 0; step < 20'000; ++step) {
    const auto key = static_cast<std::uint16_t>(random.below(60));
    if (random.below(2) == 0) {
      table[key] = step;
      model[key] = step;
    } else {
      ASSERT_EQ(table.erase(key), model.erase(key) == 1);
    }
    ASSERT_EQ(table.size(), model.size());
  }
  for (std::uint16_t key = 0; key < 60; ++key) {
    const int* found = table.find(key);
    ASSERT_EQ(found != nullptr, model.contains(key)) << key;
    if (found != nullptr) {
      EXPECT_EQ(*found, model[key]);
    }
  }
}

}  // namespace
}  // namespace strata::transport
