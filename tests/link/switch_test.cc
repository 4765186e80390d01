// SPDX-License-Identifier: MIT
// Learning, forwarding, flooding and ageing of a switch without VLANs (IEEE 802.1D clause 7).
#include "stack/link/switch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/link/switch_bench.h"

namespace strata::link {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(LearningSwitch, FloodsAnUnknownDestinationToAllOtherPorts) {
  SwitchBench bench{{.ports = 4}};
  EXPECT_THAT(bench.ports(1, kOwnMac, kPeerMac), ElementsAre(0, 2, 3));
}

TEST(LearningSwitch, SendsToTheOnePortItLearned) {
  SwitchBench bench{{.ports = 4}};
  bench.ports(1, kOwnMac, kPeerMac);
  EXPECT_THAT(bench.ports(3, kPeerMac, kOwnMac), ElementsAre(1));
  EXPECT_THAT(bench.ports(1, kOwnMac, kPeerMac), ElementsAre(3));
  EXPECT_THAT(bench.table_changes(),
              ElementsAre("added 02:00:00:00:00:0a 1", "added 02:00:00:00:00:fe 3"));
}

TEST(LearningSwitch, PassesFramesUnchanged) {
  SwitchBench bench{{.ports = 3}};
  const Octets frame = ethernet_frame(kPeerMac, kOwnMac, 0x8100, from_hex("e0 0a 08 00 45"));
  const auto out = bench.forward(0, frame);
  EXPECT_EQ(out.at(1), frame);
  EXPECT_EQ(out.at(2), frame);
}

TEST(LearningSwitch, FloodsBroadcastAndMulticast) {
  SwitchBench bench{{.ports = 3}};
  EXPECT_THAT(bench.ports(0, kOwnMac, MacAddress::broadcast()), ElementsAre(1, 2));
  EXPECT_THAT(bench.ports(0, kOwnMac, MacAddress{{0x01, 0, 0x5e, 0, 0, 1}}), ElementsAre(1, 2));
  EXPECT_THAT(bench.ports(0, kOwnMac, MacAddress{{0x01, 0x80, 0xc2, 0, 0, 0x10}}),
              ElementsAre(1, 2));
}

TEST(LearningSwitch, NeverRelaysReservedAddresses) {
  SwitchBench bench{{.ports = 3}};
  for (std::uint8_t last = 0; last <= 0x0f; ++last) {
    EXPECT_THAT(bench.ports(0, kOwnMac, MacAddress{{0x01, 0x80, 0xc2, 0, 0, last}}), IsEmpty());
  }
  EXPECT_EQ(bench.drops(DropReason::not_for_me), 16U);
  EXPECT_EQ(bench.device().table().size(), 1U) << "but it learns from them";
}

TEST(LearningSwitch, FiltersWhatIsAlreadyOnTheRightPort) {
  SwitchBench bench{{.ports = 3}};
  bench.ports(1, kOwnMac, MacAddress::broadcast());
  EXPECT_THAT(bench.ports(1, kPeerMac, kOwnMac), IsEmpty());
  EXPECT_EQ(bench.drops(DropReason::same_port), 1U);
}

TEST(LearningSwitch, FollowsAStationThatMoves) {
  SwitchBench bench{{.ports = 3}};
  bench.ports(1, kOwnMac, MacAddress::broadcast());
  bench.ports(2, kOwnMac, MacAddress::broadcast());
  EXPECT_THAT(bench.ports(0, kPeerMac, kOwnMac), ElementsAre(2));
  EXPECT_EQ(bench.table_changes()[1], "updated 02:00:00:00:00:0a 2");
}

TEST(LearningSwitch, ForgetsASilentStationAfterTheAgeingTime) {
  SwitchBench bench{{.ports = 3}};
  bench.ports(1, kOwnMac, MacAddress::broadcast(), kStart);
  EXPECT_THAT(bench.ports(0, kPeerMac, kOwnMac, kStart + 300s - 1ns), ElementsAre(1));
  EXPECT_THAT(bench.ports(0, kPeerMac, kOwnMac, kStart + 300s), ElementsAre(1, 2));
  EXPECT_THAT(bench.table_changes(),
              ElementsAre("added 02:00:00:00:00:0a 1", "added 02:00:00:00:00:fe 0",
                          "expired 02:00:00:00:00:0a 1"));
}

TEST(LearningSwitch, AgeingNeedsNoTimerButMayBeAskedFor) {
  SwitchBench bench{{.ports = 2}};
  bench.ports(1, kOwnMac, MacAddress::broadcast(), kStart);
  EXPECT_EQ(bench.device().next_deadline(), kNever);
  bench.device().on_deadline(kStart + 300s);
  EXPECT_THAT(bench.device().table(), IsEmpty());
}

TEST(LearningSwitch, FullTableFloodsWhatItCouldNotLearn) {
  SwitchBench bench{{.ports = 3, .entries_max = 1}};
  bench.ports(0, kOwnMac, MacAddress::broadcast());
  bench.ports(1, kPeerMac, MacAddress::broadcast());
  EXPECT_THAT(bench.ports(0, kOwnMac, kPeerMac), ElementsAre(1, 2));
  EXPECT_THAT(bench.ports(1, kPeerMac, kOwnMac), ElementsAre(0));
}

TEST(LearningSwitch, DoesNotLearnGroupAddresses) {
  SwitchBench bench{{.ports = 2}};
  bench.ports(0, MacAddress::broadcast(), kPeerMac);
  EXPECT_THAT(bench.device().table(), IsEmpty());
}

TEST(LearningSwitch, DropsADamagedFrameAndLearnsNothingFromIt) {
  SwitchBench bench{{.ports = 2}};
  Octets frame = ethernet_frame(kPeerMac, kOwnMac, 0x0800, {0x45});
  frame[30] ^= 1;
  EXPECT_THAT(bench.forward(0, frame), IsEmpty());
  EXPECT_EQ(bench.drops(DropReason::fcs_error), 1U);
  EXPECT_THAT(bench.device().table(), IsEmpty());
}

TEST(LearningSwitch, PassesADamagedFrameOnWhenItDoesNotVerify) {
  SwitchBench bench{{.ports = 2, .verify_fcs = false}};
  Octets frame = ethernet_frame(kPeerMac, kOwnMac, 0x0800, {0x45});
  frame[30] ^= 1;
  EXPECT_EQ(bench.forward(0, frame).at(1), frame);
}

TEST(LearningSwitch, DropsRuntsAndGiants) {
  SwitchBench bench{{.ports = 2, .frame_bytes_max = 1522}};
  EXPECT_THAT(bench.forward(0, Octets(63)), IsEmpty());
  EXPECT_THAT(bench.forward(0, {}), IsEmpty());
  EXPECT_EQ(bench.drops(DropReason::frame_too_short), 2U);
  EXPECT_EQ(bench.forward(0, ethernet_frame(kPeerMac, kOwnMac, 0x0800, Octets(1504))).size(), 1U);
  EXPECT_THAT(bench.forward(0, ethernet_frame(kPeerMac, kOwnMac, 0x0800, Octets(1505))), IsEmpty());
  EXPECT_EQ(bench.drops(DropReason::frame_too_long), 1U);
}

TEST(LearningSwitch, ForwardsThePacketItselfWithoutACopy) {
  SwitchBench bench{{.ports = 3}};
  bench.ports(1, kPeerMac, MacAddress::broadcast());
  Packet packet = bench.pool().make(ethernet_frame(kPeerMac, kOwnMac, 0x0800, {0x45}));
  const std::uint8_t* const where = packet.bytes().data();
  const PacketUid uid = packet.uid();
  bench.device().receive(PortId{0}, std::move(packet), kStart);
  EXPECT_EQ(bench.pool().outstanding(), 1U);
  const auto out = bench.device().poll_transmit(kStart);
  ASSERT_TRUE(out);
  EXPECT_EQ(out->packet.bytes().data(), where);
  EXPECT_EQ(out->packet.uid(), uid);
}

TEST(LearningSwitch, FloodedCopiesAreTheSameFrame) {
  SwitchBench bench{{.ports = 4}};
  Packet packet = bench.pool().make(ethernet_frame(kPeerMac, kOwnMac, 0x0800, {0x45}));
  const PacketUid uid = packet.uid();
  bench.device().receive(PortId{0}, std::move(packet), kStart);
  for (int copies = 0; copies < 3; ++copies) {
    const auto out = bench.device().poll_transmit(kStart);
    ASSERT_TRUE(out);
    EXPECT_EQ(out->packet.uid(), uid);
  }
  EXPECT_FALSE(bench.device().poll_transmit(kStart));
}

TEST(LearningSwitch, SaysWhereItForwarded) {
  SwitchBench bench{{.ports = 3}};
  bench.ports(1, kOwnMac, kPeerMac);
  bench.ports(2, kPeerMac, kOwnMac);
  const auto events = bench.log().all<SwitchForwarded>();
  ASSERT_EQ(events.size(), 2U);
  EXPECT_TRUE(events[0].flooded);
  EXPECT_THAT(events[0].out, ElementsAre(PortId{0}, PortId{2}));
  EXPECT_FALSE(events[1].flooded);
  EXPECT_EQ(events[1].in, PortId{2});
  EXPECT_THAT(events[1].out, ElementsAre(PortId{1}));
  EXPECT_EQ(events[1].source, kPeerMac);
  EXPECT_EQ(events[1].destination, kOwnMac);
}

TEST(LearningSwitch, ForgetsAndAvoidsAPortThatWentDown) {
  SwitchBench bench{{.ports = 3}};
  bench.ports(1, kOwnMac, MacAddress::broadcast());
  bench.device().set_port_up(PortId{1}, false, kStart);
  EXPECT_EQ(bench.table_changes().back(), "removed 02:00:00:00:00:0a 1");
  EXPECT_THAT(bench.ports(0, kPeerMac, kOwnMac), ElementsAre(2));
  EXPECT_THAT(bench.ports(1, kOwnMac, kPeerMac), IsEmpty());
  bench.device().set_port_up(PortId{1}, true, kStart);
  EXPECT_THAT(bench.ports(0, kPeerMac, kOwnMac), ElementsAre(1, 2));
}

}  // namespace
}  // namespace strata::link
