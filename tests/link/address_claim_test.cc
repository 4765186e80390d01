// SPDX-License-Identifier: MIT
// Probing for one's own address, announcing it, giving way (RFC 5227).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/link/link_bench.h"

namespace strata::link {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

InterfaceConfig probing() {
  InterfaceConfig config = InterfaceBench::default_config();
  config.arp.probe = true;
  return config;
}

const Octets kProbe = ethernet_frame(MacAddress::broadcast(), kOwnMac, 0x0806,
                                     arp_message(1, kOwnMac, Ipv4Address{}, MacAddress{}, kOwnIp));
const Octets kAnnouncement = ethernet_frame(MacAddress::broadcast(), kOwnMac, 0x0806,
                                            arp_message(1, kOwnMac, kOwnIp, MacAddress{}, kOwnIp));

Octets datagram_from(Ipv4Address source) {
  Octets bytes(20);
  bytes[0] = 0x45;
  source.store(&bytes[12]);
  return bytes;
}

// verifies RFC 5227 2.1.1, 2.3
TEST(AddressClaim, ThreeProbesAndTwoSecondsOfSilenceComeBeforeTheAnnouncements) {
  InterfaceBench bench{probing()};
  std::vector<Instant> sent;
  std::vector<Octets> frames;
  while (bench.interface().next_deadline() != kNever) {
    const Instant next = bench.interface().next_deadline();
    bench.run(next);
    for (Octets& frame : bench.take_frames()) {
      sent.push_back(next);
      frames.push_back(std::move(frame));
    }
  }

  EXPECT_THAT(frames, ElementsAre(kProbe, kProbe, kProbe, kAnnouncement, kAnnouncement));
  ASSERT_EQ(sent.size(), 5U);
  EXPECT_LE(sent[0] - kStart, 1s);
  for (const std::size_t i : {1U, 2U}) {
    EXPECT_GE(sent[i] - sent[i - 1], 1s);
    EXPECT_LE(sent[i] - sent[i - 1], 2s);
  }
  EXPECT_EQ(sent[3] - sent[2], 2s);
  EXPECT_EQ(sent[4] - sent[3], 2s);
}

// verifies RFC 5227 2.1
TEST(AddressClaim, NothingIsSentFromAnAddressThatIsBeingProbed) {
  InterfaceBench bench{probing()};
  bench.receive_arp(arp_message(1, kPeerMac, kPeerIp, MacAddress{}, kOwnIp), kStart);
  bench.send(kPeerIp, kStart, datagram_from(kOwnIp));
  EXPECT_THAT(bench.take_frames(), IsEmpty());  // neither the answer nor the datagram
  EXPECT_EQ(bench.interface().drops().count(DropReason::interface_down), 1U);
  bench.send(Ipv4Address::limited_broadcast(), kStart, datagram_from(Ipv4Address{}));
  EXPECT_EQ(bench.take_frames().size(), 1U);  // it may ask for an address meanwhile

  bench.run(kStart + 10s);
  bench.take_frames();
  bench.receive_arp(arp_message(1, kPeerMac, kPeerIp, MacAddress{}, kOwnIp), kStart + 10s);
  bench.send(kPeerIp, kStart + 10s, datagram_from(kOwnIp));
  EXPECT_EQ(bench.take_frames().size(), 2U);
}

struct Contradiction {
  const char* name;
  Octets message;
};

class AddressTaken : public testing::TestWithParam<Contradiction> {};

// verifies RFC 5227 2.1.1
TEST_P(AddressTaken, IsNeverUsed) {
  InterfaceBench bench{probing()};
  bench.run(kStart + 1s);
  bench.take_frames();
  bench.receive_arp(GetParam().message, kStart + 1s);

  EXPECT_EQ(bench.interface().address_conflicts(), 1U);
  EXPECT_THAT(bench.take_neighbour_events(), ElementsAre("failed: address is taken"));
  bench.run(kStart + 1min);
  bench.receive_arp(arp_message(1, kPeerMac, kPeerIp, MacAddress{}, kOwnIp), kStart + 1min);
  bench.send(kPeerIp, kStart + 1min, datagram_from(kOwnIp));
  EXPECT_THAT(bench.take_frames(), IsEmpty());
}

INSTANTIATE_TEST_SUITE_P(
    Cases, AddressTaken,
    testing::Values(Contradiction{"reply", arp_message(2, kThirdMac, kOwnIp, kOwnMac, {})},
                    Contradiction{"request", arp_message(1, kThirdMac, kOwnIp, {}, kPeerIp)},
                    Contradiction{"probe", arp_message(1, kThirdMac, {}, {}, kOwnIp)}),
    [](const auto& instance) { return std::string{instance.param.name}; });

// verifies RFC 5227 2.1.1
TEST(AddressClaim, OurOwnProbeComingBackIsNoContradiction) {
  InterfaceBench bench{probing()};
  bench.receive_arp(arp_message(1, kOwnMac, Ipv4Address{}, MacAddress{}, kOwnIp), kStart);

  EXPECT_EQ(bench.interface().address_conflicts(), 0U);
}

TEST(AddressClaim, OfSeveralAddressesTheFreeOnesAreUsed) {
  InterfaceConfig config = probing();
  config.addresses.push_back(kThirdIp);
  InterfaceBench bench{config};
  bench.receive_arp(arp_message(2, kPeerMac, kOwnIp, kOwnMac, {}), kStart);
  bench.run(kStart + 10s);
  bench.take_frames();

  bench.send(kPeerIp, kStart + 10s, datagram_from(kOwnIp));
  EXPECT_THAT(bench.take_frames(), IsEmpty());
  bench.send(kPeerIp, kStart + 10s, datagram_from(kThirdIp));
  EXPECT_EQ(bench.take_frames().size(), 1U);  // the request for the neighbour
}

TEST(AddressClaim, StationsProbeAtTimesOfTheirOwn) {
  InterfaceConfig other = probing();
  other.mac = kThirdMac;
  InterfaceBench first{probing()};
  InterfaceBench second{other};

  EXPECT_NE(first.interface().next_deadline(), second.interface().next_deadline());
}

}  // namespace
}  // namespace strata::link
