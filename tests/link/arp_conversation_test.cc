// SPDX-License-Identifier: MIT
// ARP as a conversation: what leaves, when, and what happens to the datagrams that wait.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/link/link_bench.h"

namespace strata::link {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

// The whole frame, padding and FCS included (FCS computed with zlib).
const char* const kRequestFrame =
    "ff ff ff ff ff ff 02 00 00 00 00 0a 08 06 00 01 08 00 06 04 00 01 02 00 00 00 00 0a 0a 00 01 "
    "0a 00 00 00 00 00 00 0a 00 01 fe 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 cf 5a "
    "04 74";
const char* const kReplyFrame =
    "02 00 00 00 00 fe 02 00 00 00 00 0a 08 06 00 01 08 00 06 04 00 02 02 00 00 00 00 0a 0a 00 01 "
    "0a 02 00 00 00 00 fe 0a 00 01 fe 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 ec 6f "
    "d4 70";

Octets reply_of_peer() { return arp_message(2, kPeerMac, kPeerIp, kOwnMac, kOwnIp); }
Octets request_of_peer() { return arp_message(1, kPeerMac, kPeerIp, MacAddress{}, kOwnIp); }
MacAddress destination_of(const Octets& frame) { return MacAddress::load(frame.data()); }
bool is_arp(const Octets& frame) { return load_be16(frame.data() + 12) == 0x0806; }

// verifies RFC 1122 2.3.3-6
TEST(ArpConversation, FirstDatagramProvokesABroadcastRequest) {
  InterfaceBench bench;
  bench.send(kPeerIp, kStart);
  EXPECT_THAT(bench.take_frames(), ElementsAre(from_hex(kRequestFrame)));
  EXPECT_THAT(bench.take_neighbour_events(), ElementsAre("incomplete: request sent"));
}

TEST(ArpConversation, ReplyReleasesTheWaitingDatagramsInOrder) {
  InterfaceBench bench;
  bench.send(kPeerIp, kStart, {1});
  bench.send(kPeerIp, kStart, {2});
  bench.take_frames();
  bench.receive_arp(reply_of_peer(), kStart + 3ms);
  const auto frames = bench.take_frames();
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_EQ(destination_of(frames[0]), kPeerMac);
  EXPECT_EQ(frames[0][14], 1);
  EXPECT_EQ(frames[1][14], 2);
  EXPECT_THAT(
      bench.take_neighbour_events(),
      ElementsAre("incomplete: request sent", "incomplete: packet queued", "reachable: reply"));
  EXPECT_EQ(bench.interface().next_deadline(), kNever);
}

TEST(ArpConversation, ResolvedNeighbourIsSentToAtOnce) {
  InterfaceBench bench;
  bench.receive_arp(reply_of_peer(), kStart);
  bench.send(kPeerIp, kStart + 1ms);
  const auto frames = bench.take_frames();
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(destination_of(frames[0]), kPeerMac);
  EXPECT_EQ(load_be16(frames[0].data() + 12), 0x0800);
}

// verifies RFC 1122 2.3.2.1-2
TEST(ArpConversation, AsksAtMostOncePerSecondHoweverMuchIsSent) {
  InterfaceBench bench;
  for (int i = 0; i < 25; ++i) {
    bench.run(kStart + i * 100ms);
    bench.send(kPeerIp, kStart + i * 100ms);
  }
  EXPECT_THAT(bench.take_frames(), ElementsAre(from_hex(kRequestFrame), from_hex(kRequestFrame),
                                               from_hex(kRequestFrame)));
}

TEST(ArpConversation, RepeatedRequestsNameTheFirstAsTheirParent) {
  InterfaceBench bench;
  bench.send(kPeerIp, kStart);
  bench.run(kStart + 2s);
  ASSERT_EQ(bench.sent().size(), 3U);
  EXPECT_EQ(bench.sent()[0].parent(), kNoPacket);
  for (const std::size_t i : {1U, 2U}) {
    EXPECT_EQ(bench.sent()[i].parent(), bench.sent()[0].uid());
    EXPECT_EQ(bench.sent()[i].parentage(), Parentage::retransmission);
  }
}

// verifies RFC 1122 2.4-3
TEST(ArpConversation, SilenceAfterThreeRequestsIsFailureForEveryWaitingDatagram) {
  InterfaceBench bench;
  bench.send(kPeerIp, kStart, {1});
  bench.send(kPeerIp, kStart, {2});
  bench.run(kStart + 3s - 1ns);
  EXPECT_THAT(bench.unreachable(), IsEmpty());
  bench.run(kStart + 3s);
  ASSERT_EQ(bench.unreachable().size(), 2U);
  EXPECT_EQ(bench.unreachable()[0].bytes()[0], 1);
  EXPECT_EQ(bench.unreachable()[1].bytes()[0], 2);
  EXPECT_EQ(bench.interface().drops().count(DropReason::neighbour_unreachable), 2U);
  ASSERT_EQ(bench.interface().neighbours().size(), 1U);
  EXPECT_EQ(bench.interface().neighbours()[0].state, NeighbourState::failed);
  EXPECT_EQ(bench.take_neighbour_events().back(), "failed: no answer");
  EXPECT_EQ(bench.interface().next_deadline(), kNever);
}

TEST(ArpConversation, FailedNeighbourIsAskedForAnewByTheNextDatagram) {
  InterfaceBench bench;
  bench.send(kPeerIp, kStart);
  bench.run(kStart + 10s);
  bench.take_frames();
  bench.send(kPeerIp, kStart + 10s);
  EXPECT_THAT(bench.take_frames(), ElementsAre(from_hex(kRequestFrame)));
  bench.receive_arp(reply_of_peer(), kStart + 11s);
  EXPECT_EQ(bench.take_frames().size(), 1U);
}

// verifies RFC 1122 2.3.2.2-1
TEST(ArpConversation, FullQueueDropsTheOldestDatagram) {
  InterfaceConfig config = InterfaceBench::default_config();
  config.arp.queue_packets_max = 2;
  InterfaceBench bench{config};
  for (std::uint8_t i = 1; i <= 3; ++i) bench.send(kPeerIp, kStart, {i});
  EXPECT_EQ(bench.interface().drops().count(DropReason::neighbour_queue_full), 1U);
  bench.take_frames();
  bench.receive_arp(reply_of_peer(), kStart + 1ms);
  const auto frames = bench.take_frames();
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_EQ(frames[0][14], 2);
  EXPECT_EQ(frames[1][14], 3);
}

TEST(ArpConversation, RequestForUsIsAnsweredAndItsSenderLearned) {
  InterfaceBench bench;
  EXPECT_FALSE(bench.receive_arp(request_of_peer(), kStart));
  EXPECT_THAT(bench.take_frames(), ElementsAre(from_hex(kReplyFrame)));
  EXPECT_THAT(bench.take_neighbour_events(), ElementsAre("reachable: learned from request"));
  bench.send(kPeerIp, kStart + 1ms);
  const auto frames = bench.take_frames();
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_FALSE(is_arp(frames[0]));
}

TEST(ArpConversation, ReplyNamesTheRequestAsItsParent) {
  InterfaceBench bench;
  Packet request = bench.pool().make(
      ethernet_frame(MacAddress::broadcast(), kPeerMac, 0x0806, request_of_peer()));
  bench.interface().receive(request, kStart);
  ASSERT_EQ(bench.sent().size(), 1U);
  EXPECT_EQ(bench.sent()[0].parent(), request.uid());
  EXPECT_EQ(bench.sent()[0].parentage(), Parentage::reply);
}

// verifies RFC 1122 2.3.2.1-1, 2.3.2.1-3, 3.3.1.4-4, 3.3.1.4-5
TEST(ArpConversation, EntryOutOfDateIsUsedOnceMoreAndPolledByUnicast) {
  InterfaceBench bench;
  bench.receive_arp(reply_of_peer(), kStart);
  bench.send(kPeerIp, kStart + 60s - 1ns);
  EXPECT_EQ(bench.take_frames().size(), 1U) << "still fresh: no poll";
  bench.send(kPeerIp, kStart + 60s);
  const auto frames = bench.take_frames();
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_TRUE(is_arp(frames[0]));
  EXPECT_EQ(destination_of(frames[0]), kPeerMac);
  EXPECT_FALSE(is_arp(frames[1]));
  bench.receive_arp(reply_of_peer(), kStart + 60s + 2ms);
  EXPECT_THAT(bench.take_neighbour_events(),
              ElementsAre("reachable: reply", "stale: out of date", "reachable: reply"));
  bench.send(kPeerIp, kStart + 61s);
  EXPECT_EQ(bench.take_frames().size(), 1U);
}

TEST(ArpConversation, StaleEntryFailsAfterTwoUnansweredPolls) {
  InterfaceBench bench;
  bench.receive_arp(reply_of_peer(), kStart);
  bench.send(kPeerIp, kStart + 60s);
  bench.run(kStart + 62s);
  const auto frames = bench.take_frames();
  ASSERT_EQ(frames.size(), 3U);
  EXPECT_EQ(destination_of(frames[2]), kPeerMac);
  EXPECT_TRUE(is_arp(frames[2]));
  EXPECT_EQ(bench.interface().neighbours()[0].state, NeighbourState::failed);
  bench.send(kPeerIp, kStart + 62s);
  EXPECT_THAT(bench.take_frames(), ElementsAre(from_hex(kRequestFrame)));
}

TEST(ArpConversation, PollKeepsToTheRateLimitToo) {
  InterfaceConfig config = InterfaceBench::default_config();
  config.arp.reachable_time = 100ms;
  InterfaceBench bench{config};
  bench.send(kPeerIp, kStart);
  bench.receive_arp(reply_of_peer(), kStart + 1ms);
  bench.take_frames();
  bench.send(kPeerIp, kStart + 200ms);
  EXPECT_EQ(bench.take_frames().size(), 1U) << "the datagram, no poll yet";
  EXPECT_EQ(bench.interface().next_deadline(), kStart + 1s);
  bench.run(kStart + 1s);
  const auto frames = bench.take_frames();
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_TRUE(is_arp(frames[0]));
  EXPECT_EQ(destination_of(frames[0]), kPeerMac);
}

// verifies RFC 1122 3.3.1.4-3
TEST(ArpConversation, AgeingNeedsNoTimer) {
  InterfaceBench bench;
  bench.receive_arp(reply_of_peer(), kStart);
  EXPECT_EQ(bench.interface().next_deadline(), kNever);
}

// verifies RFC 5227 2.3
TEST(ArpConversation, AnnouncesTwiceTwoSecondsApartWhenAskedTo) {
  InterfaceConfig config = InterfaceBench::default_config();
  config.arp.announce = true;
  InterfaceBench bench{config};
  const Octets announcement = ethernet_frame(MacAddress::broadcast(), kOwnMac, 0x0806,
                                             arp_message(1, kOwnMac, kOwnIp, MacAddress{}, kOwnIp));
  EXPECT_EQ(bench.interface().next_deadline(), kStart);
  bench.run(kStart);
  EXPECT_THAT(bench.take_frames(), ElementsAre(announcement));
  EXPECT_EQ(bench.interface().next_deadline(), kStart + 2s);
  bench.run(kStart + 1h);
  EXPECT_THAT(bench.take_frames(), ElementsAre(announcement));
}

TEST(ArpConversation, QuietInterfaceAnnouncesNothing) {
  InterfaceBench bench;
  EXPECT_EQ(bench.interface().next_deadline(), kNever);
}

TEST(ArpConversation, FlushReturnsWhatWaits) {
  InterfaceBench bench;
  bench.send(kPeerIp, kStart);
  bench.interface().flush_neighbours(kStart + 1ms);
  EXPECT_EQ(bench.unreachable().size(), 1U);
  EXPECT_THAT(bench.interface().neighbours(), IsEmpty());
  EXPECT_EQ(bench.interface().next_deadline(), kNever);
}

}  // namespace
}  // namespace strata::link
