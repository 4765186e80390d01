// SPDX-License-Identifier: MIT
#include "stack/transport/tcp/receive_memory.h"

#include <gtest/gtest.h>

namespace strata::tcp {
namespace {

constexpr std::uint64_t kHeaders = 40;

TEST(ReceiveMemory, GivesHalfOfItselfBeforeAnythingHasCome) {
  const ReceiveMemory memory(131'072);

  EXPECT_EQ(memory.full_space(), 65'536U);
  EXPECT_EQ(memory.room(), 65'536U);
}

// 64 octets in front, 320 behind: 1040 octets take a block of 2048, and their descriptor 256.
TEST(ReceiveMemory, ASmallSegmentFillsItsBlockBadly) {
  ReceiveMemory memory(20'000);
  memory.measure(1000, kHeaders);
  memory.on_kept(1001, 1000, kHeaders);

  EXPECT_EQ(memory.full_space(), 20'000U * 111 / 256);
  EXPECT_EQ(memory.room(), (20'000U - 2304) * 111 / 256);
  EXPECT_EQ(memory.needed_for(111), 256U);
}

// What does not fit the first page is in whole pages: 9000 octets cost 12,544.
TEST(ReceiveMemory, ALargeSegmentFillsItsPagesWell) {
  ReceiveMemory memory(131'072);
  memory.measure(9000, kHeaders);
  memory.on_kept(9001, 9000, kHeaders);

  EXPECT_EQ(memory.full_space(), 93'696U);
  EXPECT_EQ(memory.room(), (131'072U - 12'544) * 183 / 256);
}

TEST(ReceiveMemory, ABlockIsFreeWhenAllOfItHasBeenRead) {
  ReceiveMemory memory(5000);
  memory.on_kept(1001, 1000, kHeaders);
  memory.on_kept(3001, 1000, kHeaders);  // above a gap
  memory.on_kept(2001, 1000, kHeaders);
  EXPECT_TRUE(memory.is_overdrawn());
  EXPECT_EQ(memory.room(), 0U);

  memory.release(1000);
  EXPECT_TRUE(memory.is_overdrawn());
  memory.release(2001);
  EXPECT_EQ(memory.room(), (5000U - 2304) / 2);
}

// A block of 704 octets has 180 to spare behind 140.
TEST(ReceiveMemory, WhatIsGivenUpAboveAGapIsFree) {
  ReceiveMemory memory(5000);
  memory.on_kept(101, 100, kHeaders);
  const std::uint64_t room = memory.room();
  memory.on_kept(301, 100, kHeaders);
  EXPECT_LT(memory.room(), room);

  memory.give_up_above(101);
  EXPECT_EQ(memory.room(), room);
}

TEST(ReceiveMemory, ATinySegmentIsCopiedBehindTheOneBefore) {
  ReceiveMemory memory(10'000);
  memory.on_kept(101, 100, kHeaders);
  const std::uint64_t room = memory.room();
  memory.on_kept(201, 100, kHeaders);
  EXPECT_EQ(memory.room(), room);
  memory.on_kept(301, 100, kHeaders);
  EXPECT_EQ(memory.room(), (10'000U - 2 * 960) / 2);

  memory.release(201);
  EXPECT_EQ(memory.room(), room);
}

}  // namespace
}  // namespace strata::tcp
