// SPDX-License-Identifier: MIT
#include "stack/transport/tcp/send_memory.h"

#include <gtest/gtest.h>

namespace strata::tcp {
namespace {

// A window of 50,000 octets: blocks of 25,000.
SendMemory::Sender sender() {
  return {.limit = 42'000,
          .mss = 1000,
          .cwnd = 10,
          .flight = 0,
          .window = 50'000,
          .window_most = 50'000,
          .burst = 10,
          .unsent_most = 0};
}

TEST(SendMemory, FillsABlockThatItHasBegun) {
  SendMemory memory;
  SendMemory::Sender nothing_leaves = sender();
  nothing_leaves.cwnd = 0;

  EXPECT_EQ(memory.take(61'000, nothing_leaves), 50'000U);
  EXPECT_EQ(memory.charge(), 50'000 + 2 * SendMemory::kBlockOverhead);
  EXPECT_EQ(memory.take(1, nothing_leaves), 0U);
}

// The first half window of a full block leaves, twice, and what it leaves free is filled again.
TEST(SendMemory, WhatLeavesMakesRoomInItsBlock) {
  SendMemory memory;

  EXPECT_EQ(memory.take(61'000, sender()), 60'000U);
  EXPECT_EQ(memory.charge(), 60'000 + 4 * SendMemory::kBlockOverhead);
}

TEST(SendMemory, ABlockThatLeavesWholeMakesNone) {
  SendMemory memory;
  SendMemory::Sender small = sender();
  small.limit = 4608;
  small.window = small.window_most = 2000;

  EXPECT_EQ(memory.take(10'000, small), 3000U);  // each of one segment
}

TEST(SendMemory, TextThatHasNotLeftMayHaveALimitOfItsOwn) {
  SendMemory memory;
  SendMemory::Sender low = sender();
  low.limit = 1'000'000;
  low.unsent_most = 32'000;

  EXPECT_EQ(memory.take(200'000, low), 60'000U);  // 10,000 of them have left
  EXPECT_FALSE(memory.has_room(low.limit, 50'000, low.unsent_most));
  EXPECT_TRUE(memory.has_room(low.limit, 15'999, low.unsent_most));
}

TEST(SendMemory, PushesTheEndOfACallAndOfABlockEachHalfWindow) {
  SendMemory memory;
  SendMemory::Sender nothing_leaves = sender();
  nothing_leaves.cwnd = 0;
  nothing_leaves.limit = 1'000'000;

  EXPECT_EQ(memory.take(80'000, nothing_leaves), 80'000U);
  EXPECT_FALSE(memory.is_pushed_at(25'000));  // a half is not more than a half
  EXPECT_TRUE(memory.is_pushed_at(50'000));
  EXPECT_FALSE(memory.is_pushed_at(75'000));
  EXPECT_TRUE(memory.is_pushed_at(80'000));

  // The block goes on, so it is not over where it was pushed.
  nothing_leaves.pushes = false;
  EXPECT_EQ(memory.take(1000, nothing_leaves), 1000U);
  EXPECT_FALSE(memory.is_pushed_at(80'000));
  EXPECT_FALSE(memory.is_pushed_at(81'000));
}

TEST(SendMemory, WakesAWriterWhenAThirdIsFree) {
  SendMemory memory;
  memory.take(61'000, sender());

  memory.on_sent(60'000);
  memory.release(30'000);
  EXPECT_FALSE(memory.has_room(42'000, 0, 0));
  memory.release(36'000);
  EXPECT_TRUE(memory.has_room(42'000, 0, 0));
  memory.release(60'000);
  EXPECT_EQ(memory.charge(), 0U);
}

}  // namespace
}  // namespace strata::tcp
