// SPDX-License-Identifier: MIT
// What the cache believes and what it does not: RFC 826 reception, RFC 1812 3.3.2, RFC 5227 2.4.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/link/link_bench.h"

namespace strata::link {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::optional<MacAddress> known_mac(InterfaceBench& bench, Ipv4Address address) {
  for (const NeighbourEntry& entry : bench.interface().neighbours()) {
    if (entry.address == IpAddress{address}) return entry.mac;
  }
  return std::nullopt;
}

// verifies RFC 826: "If the pair is already in my translation table, update"
TEST(ArpRules, RequestForOthersUpdatesAKnownSender) {
  InterfaceBench bench;
  bench.receive_arp(arp_message(2, kPeerMac, kPeerIp, kOwnMac, kOwnIp), kStart);
  bench.receive_arp(arp_message(1, kThirdMac, kPeerIp, MacAddress{}, kThirdIp), kStart + 1ms);
  EXPECT_EQ(known_mac(bench, kPeerIp), kThirdMac);
  EXPECT_THAT(bench.take_neighbour_events(),
              ElementsAre("reachable: reply", "reachable: merged from request"));
  EXPECT_THAT(bench.take_frames(), IsEmpty());
}

TEST(ArpRules, RequestForOthersAddsNothing) {
  InterfaceBench bench;
  bench.receive_arp(arp_message(1, kPeerMac, kPeerIp, MacAddress{}, kThirdIp), kStart);
  EXPECT_THAT(bench.interface().neighbours(), IsEmpty());
  EXPECT_THAT(bench.take_frames(), IsEmpty());
}

TEST(ArpRules, RequestOfTheNeighbourWeAskForReleasesWhatWaits) {
  InterfaceBench bench;
  bench.send(kPeerIp, kStart);
  bench.take_frames();
  bench.receive_arp(arp_message(1, kPeerMac, kPeerIp, MacAddress{}, kThirdIp), kStart + 1ms);
  EXPECT_EQ(bench.take_frames().size(), 1U);
}

TEST(ArpRules, AnnouncementUpdatesKnownNeighboursOnly) {
  InterfaceBench bench;
  bench.receive_arp(arp_message(1, kThirdMac, kThirdIp, MacAddress{}, kThirdIp), kStart);
  EXPECT_THAT(bench.interface().neighbours(), IsEmpty());
  bench.receive_arp(arp_message(2, kPeerMac, kPeerIp, kOwnMac, kOwnIp), kStart);
  bench.receive_arp(arp_message(1, kThirdMac, kPeerIp, MacAddress{}, kPeerIp), kStart + 1ms);
  EXPECT_EQ(known_mac(bench, kPeerIp), kThirdMac);
  EXPECT_EQ(bench.take_neighbour_events().back(), "reachable: announcement");
}

TEST(ArpRules, RefreshRestartsTheAge) {
  InterfaceBench bench;
  bench.receive_arp(arp_message(2, kPeerMac, kPeerIp, kOwnMac, kOwnIp), kStart);
  bench.receive_arp(arp_message(1, kPeerMac, kPeerIp, MacAddress{}, kThirdIp), kStart + 50s);
  bench.send(kPeerIp, kStart + 100s);
  EXPECT_EQ(bench.take_frames().size(), 1U) << "no poll";
}

// verifies RFC 1812 3.3.2 (MUST NOT)
TEST(ArpRules, GroupAndZeroAddressesAreNotBelieved) {
  InterfaceBench bench;
  const MacAddress multicast{{0x01, 0x00, 0x5e, 0, 0, 1}};
  for (const MacAddress& mac : {MacAddress::broadcast(), multicast, MacAddress{}}) {
    bench.receive_arp(arp_message(2, mac, kPeerIp, kOwnMac, kOwnIp), kStart);
    bench.receive_arp(arp_message(1, mac, kPeerIp, MacAddress{}, kOwnIp), kStart);
  }
  EXPECT_THAT(bench.interface().neighbours(), IsEmpty());
  EXPECT_THAT(bench.take_frames(), IsEmpty());
  EXPECT_EQ(bench.interface().drops().count(DropReason::arp_malformed), 6U);
}

TEST(ArpRules, MalformedMessagesAreDropped) {
  const Octets good = arp_message(1, kPeerMac, kPeerIp, MacAddress{}, kOwnIp);
  InterfaceBench bench;
  for (const std::size_t octet : {0U, 2U, 4U, 5U}) {  // hardware, protocol, two lengths
    Octets bad = good;
    bad[octet] = 0x77;
    bench.receive_arp(bad, kStart);
  }
  EXPECT_EQ(bench.interface().drops().count(DropReason::arp_malformed), 4U);
  EXPECT_THAT(bench.take_frames(), IsEmpty());
}

// verifies RFC 5227 2.1.1: a probe has sender address 0.0.0.0 and must be answered
TEST(ArpRules, ProbeIsAnsweredAndTeachesNothing) {
  InterfaceBench bench;
  bench.receive_arp(arp_message(1, kPeerMac, Ipv4Address{}, MacAddress{}, kOwnIp), kStart);
  EXPECT_THAT(bench.take_frames(), ElementsAre(ethernet_frame(
                                       kPeerMac, kOwnMac, 0x0806,
                                       arp_message(2, kOwnMac, kOwnIp, kPeerMac, Ipv4Address{}))));
  EXPECT_THAT(bench.interface().neighbours(), IsEmpty());
}

// verifies RFC 5227 2.4 (c)
TEST(ArpRules, ConflictIsCountedAndDefendedOncePerTenSeconds) {
  InterfaceBench bench;
  const Octets conflict = arp_message(1, kThirdMac, kOwnIp, MacAddress{}, kPeerIp);
  const Octets defence = ethernet_frame(MacAddress::broadcast(), kOwnMac, 0x0806,
                                        arp_message(1, kOwnMac, kOwnIp, MacAddress{}, kOwnIp));
  bench.receive_arp(conflict, kStart);
  EXPECT_THAT(bench.take_frames(), ElementsAre(defence));
  bench.receive_arp(conflict, kStart + 9s);
  EXPECT_THAT(bench.take_frames(), IsEmpty());
  bench.receive_arp(conflict, kStart + 19s);
  EXPECT_THAT(bench.take_frames(), ElementsAre(defence));
  EXPECT_EQ(bench.interface().address_conflicts(), 3U);
  EXPECT_THAT(bench.interface().neighbours(), IsEmpty());
}

TEST(ArpRules, OwnMessageComingBackIsNoConflict) {
  InterfaceBench bench;
  bench.receive_arp(arp_message(1, kOwnMac, kOwnIp, MacAddress{}, kPeerIp), kStart);
  EXPECT_EQ(bench.interface().address_conflicts(), 0U);
  EXPECT_THAT(bench.take_frames(), IsEmpty());
}

TEST(ArpRules, AnyOfSeveralOwnAddressesIsAnswered) {
  InterfaceConfig config = InterfaceBench::default_config();
  config.addresses.push_back(kThirdIp);
  InterfaceBench bench{config};
  bench.receive_arp(arp_message(1, kPeerMac, kPeerIp, MacAddress{}, kThirdIp), kStart);
  EXPECT_THAT(bench.take_frames(),
              ElementsAre(ethernet_frame(kPeerMac, kOwnMac, 0x0806,
                                         arp_message(2, kOwnMac, kThirdIp, kPeerMac, kPeerIp))));
}

TEST(ArpRules, FullCacheForgetsTheLeastRecentlyUsed) {
  InterfaceConfig config = InterfaceBench::default_config();
  config.arp.entries_max = 2;
  InterfaceBench bench{config};
  bench.receive_arp(arp_message(2, kPeerMac, kPeerIp, kOwnMac, kOwnIp), kStart);
  bench.receive_arp(arp_message(2, kThirdMac, kThirdIp, kOwnMac, kOwnIp), kStart);
  bench.send(kPeerIp, kStart);
  bench.send(Ipv4Address{10, 0, 1, 99}, kStart);
  EXPECT_EQ(known_mac(bench, kPeerIp), kPeerMac);
  EXPECT_FALSE(known_mac(bench, kThirdIp));
  EXPECT_EQ(bench.interface().neighbours().size(), 2U);
}

TEST(ArpRules, FloodOfDestinationsHoldsABoundedNumberOfPackets) {
  InterfaceConfig config = InterfaceBench::default_config();
  config.arp.entries_max = 8;
  config.arp.queue_packets_max = 2;
  InterfaceBench bench{config};
  for (std::uint32_t i = 0; i < 1000; ++i) {
    for (int n = 0; n < 3; ++n) bench.send(Ipv4Address{0x0a000200U + i}, kStart);
  }
  bench.take_frames();
  EXPECT_EQ(bench.pool().outstanding(), 16U);
  EXPECT_EQ(bench.interface().drops().count(DropReason::neighbour_queue_full), 3000U - 16U);
}

TEST(ArpRules, EntryEvictedBehindTheFrontOfTheCacheIsNotUsed) {
  InterfaceConfig config = InterfaceBench::default_config();
  config.arp.entries_max = 1;
  InterfaceBench bench{config};
  bench.receive_arp(arp_message(2, kPeerMac, kPeerIp, kOwnMac, kOwnIp), kStart);
  bench.send(kPeerIp, kStart);
  bench.send(kPeerIp, kStart);
  bench.send(kThirdIp, kStart);
  bench.take_frames();
  bench.send(kPeerIp, kStart);
  const auto frames = bench.take_frames();
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(load_be16(frames[0].data() + 12), 0x0806);
}

}  // namespace
}  // namespace strata::link
