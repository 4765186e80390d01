// SPDX-License-Identifier: MIT
// Port-based VLANs: access ports, trunks, tags put on and taken off (IEEE 802.1Q).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/link/switch_bench.h"

namespace strata::link {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

// Ports 0 and 1: access, VLAN 10. Port 2: access, VLAN 20. Port 3: trunk. Port 4: trunk whose
// native VLAN is 10.
SwitchConfig vlan_config() {
  return {
      .ports = 5, .access_vlan = {10, 10, 20, 0, 10}, .trunk = {false, false, false, true, true}};
}
const Octets kPayload(50, 0x45);

Octets untagged(const MacAddress& destination, const MacAddress& source) {
  return ethernet_frame(destination, source, 0x0800, kPayload);
}
Octets tagged(const MacAddress& destination, const MacAddress& source, std::uint16_t control) {
  Octets tag(4);
  store_be16(tag.data(), control);
  store_be16(tag.data() + 2, 0x0800);
  return ethernet_frame(destination, source, 0x8100, concat({tag, kPayload}));
}

TEST(SwitchVlan, FloodStaysInTheVlanAndIsTaggedOnTrunks) {
  SwitchBench bench{vlan_config()};
  const Octets plain = untagged(MacAddress::broadcast(), kOwnMac);
  EXPECT_THAT(bench.forward(0, plain),
              ElementsAre(Pair(1, plain), Pair(3, tagged(MacAddress::broadcast(), kOwnMac, 10)),
                          Pair(4, plain)));
}

TEST(SwitchVlan, TaggedFrameLeavesAccessPortsUntagged) {
  SwitchBench bench{vlan_config()};
  EXPECT_THAT(bench.forward(3, tagged(MacAddress::broadcast(), kOwnMac, 20)),
              ElementsAre(Pair(2, untagged(MacAddress::broadcast(), kOwnMac)),
                          Pair(4, tagged(MacAddress::broadcast(), kOwnMac, 20))));
}

TEST(SwitchVlan, SameAddressIsLearnedPerVlan) {
  SwitchBench bench{vlan_config()};
  bench.forward(0, untagged(MacAddress::broadcast(), kOwnMac));
  bench.forward(2, untagged(MacAddress::broadcast(), kOwnMac));
  ASSERT_EQ(bench.device().table().size(), 2U);
  const auto to_ten = bench.forward(3, tagged(kOwnMac, kPeerMac, 10));
  EXPECT_THAT(to_ten, ElementsAre(Pair(0, untagged(kOwnMac, kPeerMac))));
  const auto to_twenty = bench.forward(3, tagged(kOwnMac, kPeerMac, 20));
  EXPECT_THAT(to_twenty, ElementsAre(Pair(2, untagged(kOwnMac, kPeerMac))));
}

TEST(SwitchVlan, AccessPortRefusesTaggedFrames) {
  SwitchBench bench{vlan_config()};
  EXPECT_THAT(bench.forward(0, tagged(kPeerMac, kOwnMac, 10)), IsEmpty());
  EXPECT_THAT(bench.forward(0, tagged(kPeerMac, kOwnMac, 20)), IsEmpty());
  EXPECT_EQ(bench.drops(DropReason::vlan_mismatch), 2U);
  EXPECT_THAT(bench.device().table(), IsEmpty());
}

TEST(SwitchVlan, TrunkWithoutNativeVlanRefusesUntaggedFrames) {
  SwitchBench bench{vlan_config()};
  EXPECT_THAT(bench.forward(3, untagged(kPeerMac, kOwnMac)), IsEmpty());
  EXPECT_EQ(bench.drops(DropReason::vlan_mismatch), 1U);
}

TEST(SwitchVlan, ReservedVlanNumberIsRefused) {
  SwitchBench bench{vlan_config()};
  EXPECT_THAT(bench.forward(3, tagged(kPeerMac, kOwnMac, 0xfff)), IsEmpty());
  EXPECT_EQ(bench.drops(DropReason::vlan_mismatch), 1U);
}

TEST(SwitchVlan, PriorityTaggedFrameJoinsThePortsVlanAndKeepsItsPriority) {
  SwitchBench bench{vlan_config()};
  EXPECT_THAT(bench.forward(0, tagged(MacAddress::broadcast(), kOwnMac, 0xa000)),
              ElementsAre(Pair(1, untagged(MacAddress::broadcast(), kOwnMac)),
                          Pair(3, tagged(MacAddress::broadcast(), kOwnMac, 0xa00a)),
                          Pair(4, untagged(MacAddress::broadcast(), kOwnMac))));
}

TEST(SwitchVlan, MinimumFrameIsPaddedWhenItLosesItsTag) {
  SwitchBench bench{vlan_config()};
  const Octets frame =
      ethernet_frame(MacAddress::broadcast(), kOwnMac, 0x8100, from_hex("00 14 08 00 45"));
  ASSERT_EQ(frame.size(), 64U);
  const auto out = bench.forward(3, frame);
  EXPECT_EQ(out.at(2), ethernet_frame(MacAddress::broadcast(), kOwnMac, 0x0800, {0x45}));
}

TEST(SwitchVlan, NewFcsDoesNotHideDamageThatWasNotVerified) {
  SwitchConfig config = vlan_config();
  config.verify_fcs = false;
  SwitchBench bench{config};
  Octets damaged = untagged(MacAddress::broadcast(), kOwnMac);
  damaged.back() ^= 0x40;
  Octets expected = tagged(MacAddress::broadcast(), kOwnMac, 10);
  expected.back() ^= 0x40;
  EXPECT_EQ(bench.forward(0, damaged).at(3), expected);
}

TEST(SwitchVlan, PortWithoutVlanIsIsolated) {
  SwitchBench bench{{.ports = 3, .access_vlan = {10, 10}}};
  EXPECT_THAT(bench.forward(2, untagged(kPeerMac, kOwnMac)), IsEmpty());
  EXPECT_EQ(bench.forward(0, untagged(MacAddress::broadcast(), kOwnMac)).size(), 1U);
}

TEST(SwitchVlan, TagChangesAreTraced) {
  SwitchBench bench{vlan_config()};
  bench.forward(0, untagged(MacAddress::broadcast(), kOwnMac));
  const auto pushed = bench.log().all<HeaderPushed>();
  ASSERT_EQ(pushed.size(), 1U);
  EXPECT_EQ(pushed[0].protocol, Protocol::vlan);
  bench.forward(3, tagged(MacAddress::broadcast(), kPeerMac, 20));
  EXPECT_EQ(bench.log().all<HeaderPulled>().size(), 1U);
}

}  // namespace
}  // namespace strata::link
