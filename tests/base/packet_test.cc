// SPDX-License-Identifier: MIT
#include "stack/base/packet.h"

#include <algorithm>
#include <utility>

namespace strata {
namespace {

TEST(Packet, HoldsItsPayloadWithRoomOnBothSides) {
  PacketPool pool;
  const Packet packet = pool.make(as_bytes("hello"));
  EXPECT_EQ(as_text(packet.bytes()), "hello");
  EXPECT_EQ(packet.headroom(), Packet::kHeadroom);
  EXPECT_GE(packet.tailroom(), Packet::kTailroom);
}

TEST(Packet, GrowsAndShrinksAtBothEnds) {
  PacketPool pool;
  Packet packet = pool.make(as_bytes("world"));
  std::ranges::copy(as_bytes("hello "), packet.push_front(6, Protocol::tcp).begin());
  std::ranges::copy(as_bytes("!"), packet.push_back(1).begin());
  EXPECT_EQ(as_text(packet.bytes()), "hello world!");
  EXPECT_EQ(as_text(packet.pull_front(6)), "hello ");
  packet.trim_back(1);
  EXPECT_EQ(as_text(packet.bytes()), "world");
}

TEST(Packet, MarksRememberEveryHeaderAndWhereItIs) {
  PacketPool pool;
  Packet packet = pool.make(as_bytes("data"));
  packet.push_front(20, Protocol::tcp);
  packet.push_front(20, Protocol::ipv4);
  packet.push_front(14, Protocol::ethernet);

  const auto marks = packet.marks();
  ASSERT_EQ(marks.size(), 3U);
  EXPECT_EQ(marks[0].protocol, Protocol::tcp);
  EXPECT_EQ(marks[0].begin - marks[2].begin, 34);
  EXPECT_EQ(marks[1].begin - marks[2].begin, 14);
  EXPECT_EQ(marks[2].length, 14);
  packet.clear_marks();
  EXPECT_TRUE(packet.marks().empty());
}

TEST(Packet, MoreHeadersThanMarksAreStillPushed) {
  PacketPool pool;
  Packet packet = pool.make(0);
  for (int i = 0; i < 40; ++i) packet.push_front(4, Protocol::vlan);
  EXPECT_EQ(packet.size(), 160U);
  EXPECT_EQ(packet.marks().size(), detail::PacketBuffer::kMarksMax);
}

TEST(Packet, ACloneIsTheSamePacketInAnotherBuffer) {
  PacketPool pool;
  Packet packet = pool.make(as_bytes("frame"));
  packet.push_front(2, Protocol::ethernet)[0] = 7;
  packet.mutable_bytes()[1] = 8;
  packet.set_parent(PacketUid{99}, Parentage::reply);
  packet.set_arrival(kStart + 5ms);

  Packet copy = packet.clone();
  EXPECT_TRUE(std::ranges::equal(copy.bytes(), packet.bytes()));
  EXPECT_NE(copy.bytes().data(), packet.bytes().data());
  EXPECT_EQ(copy.uid(), packet.uid());
  EXPECT_EQ(copy.parent(), PacketUid{99});
  EXPECT_EQ(copy.parentage(), Parentage::reply);
  EXPECT_EQ(copy.arrival(), kStart + 5ms);
  EXPECT_EQ(copy.marks().size(), 1U);
  EXPECT_EQ(copy.headroom(), packet.headroom());

  copy.assign_new_uid();
  EXPECT_NE(copy.uid(), packet.uid());
}

TEST(PacketPool, NumbersPacketsFromOne) {
  PacketPool pool;
  EXPECT_EQ(pool.make(1).uid(), PacketUid{1});
  EXPECT_EQ(pool.make(1).uid(), PacketUid{2});
}

TEST(PacketPool, CountsWhatIsAlive) {
  PacketPool pool;
  {
    Packet first = pool.make(1);
    Packet second = pool.make(1);
    EXPECT_EQ(pool.outstanding(), 2U);
    second = std::move(first);
    EXPECT_TRUE(second.has_value());
  }
  EXPECT_EQ(pool.outstanding(), 0U);
}

TEST(PacketPool, RecyclesBuffersOfEachSizeAndForgetsTheirPast) {
  PacketPool pool;
  for (const std::size_t size : {10U, 1460U, 9000U, 65000U}) {
    const std::uint8_t* before = nullptr;
    {
      Packet packet = pool.make(size);
      packet.push_front(4, Protocol::vlan);
      packet.set_parent(PacketUid{1}, Parentage::fragment);
      packet.set_arrival(kStart + 1s);
      before = packet.bytes().data() + 4;
    }
    const std::size_t footprint = pool.footprint_bytes();
    const Packet again = pool.make(size);
    EXPECT_EQ(again.bytes().data(), before);
    EXPECT_EQ(pool.footprint_bytes(), footprint);
    EXPECT_TRUE(again.marks().empty());
    EXPECT_EQ(again.parent(), kNoPacket);
    EXPECT_EQ(again.parentage(), Parentage::none);
    EXPECT_EQ(again.arrival(), Instant{});
  }
}

TEST(PacketPool, AVeryLargePacketGetsABufferOfItsOwnAndGivesItBack) {
  PacketPool pool;
  {
    const Packet packet = pool.make(200'000);
    EXPECT_EQ(packet.size(), 200'000U);
    EXPECT_GE(pool.footprint_bytes(), 200'000U);
  }
  EXPECT_EQ(pool.footprint_bytes(), 0U);
}

TEST(PacketDeathTest, PushingBeyondTheHeadroomIsABugOfOurs) {
  PacketPool pool;
  Packet packet = pool.make(10, /*headroom=*/8);
  EXPECT_DEATH(packet.push_front(9, Protocol::tcp), "headroom");
}

TEST(PacketDeathTest, PullingMoreThanThereIsIsABugOfOurs) {
  PacketPool pool;
  Packet packet = pool.make(10);
  EXPECT_DEATH(packet.pull_front(11), "size");
}

}  // namespace
}  // namespace strata
