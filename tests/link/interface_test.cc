// SPDX-License-Identifier: MIT
// The Ethernet interface: what goes around a datagram on the way down, and which frames come up.
#include "stack/link/interface.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/link/link_bench.h"

namespace strata::link {
namespace {

using testing::ElementsAre;

const MacAddress kMulticast{{0x01, 0x00, 0x5e, 0x00, 0x00, 0x01}};

// IPv4 and TCP with the payload "hello\r\n", and the frame it makes; a protocol analyser has
// confirmed the FCS 0xd945d32c.
const char* const kDatagram =
    "45 00 00 3b 00 2a 40 00 40 06 23 76 0a 00 01 0a 0a 00 02 14 9c 40 00 50 00 00 03 e9 00 00 13 "
    "89 80 18 01 fe 5b 87 00 00 01 01 08 0a 00 00 00 16 00 00 00 14 68 65 6c 6c 6f 0d 0a";
const char* const kHeader = "02 00 00 00 00 fe 02 00 00 00 00 0a 08 00";
const char* const kFcs = "2c d3 45 d9";

Octets to_us(std::uint16_t type, const Octets& payload) {
  return ethernet_frame(kOwnMac, kPeerMac, type, payload);
}
void make_known(InterfaceBench& bench) {
  bench.receive_arp(arp_message(2, kPeerMac, kPeerIp, kOwnMac, kOwnIp), kStart);
  bench.log().clear();
}
// "ethernet 14", "fcs 4", ... of the header events of one kind.
template <typename E>
std::vector<std::string> headers(const InterfaceBench& bench) {
  std::vector<std::string> lines;
  for (const E& event : bench.log().template all<E>()) {
    lines.push_back(std::string{to_text(event.protocol)} + " " +
                    std::to_string(event.header_bytes));
  }
  return lines;
}
std::uint64_t drops(InterfaceBench& bench, DropReason reason) {
  return bench.interface().drops().count(reason);
}

// verifies RFC 1122 2.3.1-2, 2.3.3-1, 2.3.3-5
TEST(InterfaceSend, PutsHeaderAndFcsAroundTheDatagram) {
  InterfaceBench bench;
  make_known(bench);
  bench.send(kPeerIp, kStart, from_hex(kDatagram));
  EXPECT_THAT(bench.take_frames(),
              ElementsAre(concat({from_hex(kHeader), from_hex(kDatagram), from_hex(kFcs)})));
  EXPECT_THAT(headers<HeaderPushed>(bench), ElementsAre("ethernet 14", "fcs 4"));
}

TEST(InterfaceSend, PadsAShortDatagramToTheMinimumFrame) {
  InterfaceBench bench;
  make_known(bench);
  bench.send(kPeerIp, kStart, Octets(20, 0x45));
  const auto frames = bench.take_frames();
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(frames[0], sealed(concat({from_hex(kHeader), Octets(20, 0x45)})));
  EXPECT_EQ(frames[0].size(), 64U);
  EXPECT_THAT(headers<HeaderPushed>(bench), ElementsAre("ethernet 14", "padding 26", "fcs 4"));
}

TEST(InterfaceSend, KeepsTheUidOfTheDatagram) {
  InterfaceBench bench;
  make_known(bench);
  const PacketUid uid = bench.send(kPeerIp, kStart);
  ASSERT_EQ(bench.sent().size(), 1U);
  EXPECT_EQ(bench.sent()[0].uid(), uid);
}

TEST(InterfaceSend, TagsFramesOfAVlan) {
  InterfaceConfig config = InterfaceBench::default_config();
  config.vlan = 10;
  InterfaceBench bench{config};
  bench.interface().send_broadcast(bench.pool().make(from_hex("45 00")), kStart);
  // FCS computed with zlib.
  EXPECT_THAT(bench.take_frames(),
              ElementsAre(concat({from_hex("ff ff ff ff ff ff 02 00 00 00 00 0a 81 00 00 0a 08 00"),
                                  from_hex("45 00"), Octets(40), from_hex("46 e2 06 cf")})));
  EXPECT_THAT(headers<HeaderPushed>(bench),
              ElementsAre("vlan 4", "ethernet 14", "padding 40", "fcs 4"));
}

// verifies RFC 1122 2.4-2
TEST(InterfaceSend, TheTagCarriesThePrecedenceOfTheDatagram) {
  InterfaceConfig config = InterfaceBench::default_config();
  config.vlan = 10;
  InterfaceBench bench{config};
  bench.interface().send_broadcast(bench.pool().make(from_hex("45 b8")), kStart);  // EF: 5
  bench.interface().send_broadcast(bench.pool().make(from_hex("45 c0")), kStart);  // CS6

  const auto frames = bench.take_frames();
  ASSERT_EQ(frames.size(), 2U);
  EXPECT_EQ(load_be16(frames[0].data() + 14), 0xa00a);
  EXPECT_EQ(load_be16(frames[1].data() + 14), 0xc00a);
}

// verifies RFC 1122 3.3.6-5
TEST(InterfaceSend, BroadcastNeedsNoResolution) {
  InterfaceBench bench;
  bench.interface().send_broadcast(bench.pool().make(from_hex("45 00")), kStart);
  bench.send(Ipv4Address::limited_broadcast(), kStart, from_hex("45 00"));
  const Octets expected =
      ethernet_frame(MacAddress::broadcast(), kOwnMac, 0x0800, from_hex("4500"));
  EXPECT_THAT(bench.take_frames(), ElementsAre(expected, expected));
}

// verifies RFC 1112 6.4
TEST(InterfaceSend, MulticastGroupIsMappedToItsMacAddress) {
  InterfaceBench bench;
  bench.send(Ipv4Address{224, 0x81, 2, 3}, kStart);
  const auto frames = bench.take_frames();
  ASSERT_EQ(frames.size(), 1U);
  EXPECT_EQ(to_hex(Bytes{frames[0]}.first(6)), "01 00 5e 01 02 03");
}

TEST(InterfaceSend, DatagramBeyondTheMtuIsDropped) {
  InterfaceBench bench;
  make_known(bench);
  bench.send(kPeerIp, kStart, Octets(1500));
  EXPECT_EQ(bench.take_frames().size(), 1U);
  bench.send(kPeerIp, kStart, Octets(1501));
  EXPECT_TRUE(bench.take_frames().empty());
  EXPECT_EQ(drops(bench, DropReason::frame_too_long), 1U);
}

// verifies RFC 1122 2.3.3-1
TEST(InterfaceReceive, StripsHeaderAndFcsAndKeepsPadding) {
  InterfaceBench bench;
  const auto frame = bench.receive(to_us(0x0800, Octets(20, 0x45)), kStart);
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->type, EtherType::ipv4);
  EXPECT_EQ(frame->source, kPeerMac);
  EXPECT_EQ(frame->destination, kOwnMac);
  EXPECT_EQ(bench.received(), concat({Octets(20, 0x45), Octets(26)}));
  EXPECT_THAT(headers<HeaderPulled>(bench), ElementsAre("fcs 4", "ethernet 14"));
}

struct FilterCase {
  const char* name;
  MacAddress destination;
  bool promiscuous;
  bool accepted;
  bool is_broadcast;
  bool is_group;
  bool is_for_other;
};
class InterfaceFilter : public testing::TestWithParam<FilterCase> {};

// verifies RFC 1122 2.4-1
TEST_P(InterfaceFilter, DecidesByDestination) {
  const FilterCase& expected = GetParam();
  InterfaceConfig config = InterfaceBench::default_config();
  config.promiscuous = expected.promiscuous;
  InterfaceBench bench{config};
  const auto frame =
      bench.receive(ethernet_frame(expected.destination, kPeerMac, 0x0800, {0x45}), kStart);
  ASSERT_EQ(frame.has_value(), expected.accepted);
  EXPECT_EQ(drops(bench, DropReason::not_for_me), expected.accepted ? 0U : 1U);
  if (!frame) return;
  EXPECT_EQ(frame->is_broadcast, expected.is_broadcast);
  EXPECT_EQ(frame->is_group, expected.is_group);
  EXPECT_EQ(frame->is_for_other, expected.is_for_other);
}

INSTANTIATE_TEST_SUITE_P(
    Destinations, InterfaceFilter,
    testing::Values(FilterCase{"own", kOwnMac, false, true, false, false, false},
                    FilterCase{"broadcast", MacAddress::broadcast(), false, true, true, true,
                               false},
                    FilterCase{"multicast", kMulticast, false, true, false, true, false},
                    FilterCase{"other", kThirdMac, false, false, false, false, false},
                    FilterCase{"other_promiscuous", kThirdMac, true, true, false, false, true},
                    FilterCase{"own_promiscuous", kOwnMac, true, true, false, false, false}),
    [](const auto& item) { return std::string{item.param.name}; });

TEST(InterfaceReceive, PromiscuousInterfaceDoesNotAnswerRequestsSentToOthers) {
  InterfaceConfig config = InterfaceBench::default_config();
  config.promiscuous = true;
  InterfaceBench bench{config};
  const Octets request = arp_message(1, kPeerMac, kPeerIp, MacAddress{}, kOwnIp);
  EXPECT_FALSE(bench.receive(ethernet_frame(kThirdMac, kPeerMac, 0x0806, request), kStart));
  EXPECT_TRUE(bench.take_frames().empty());
}

TEST(InterfaceReceive, DropsARunt) {
  InterfaceBench bench;
  Octets frame = to_us(0x0800, {0x45});
  frame.pop_back();
  EXPECT_FALSE(bench.receive(frame, kStart));
  EXPECT_FALSE(bench.receive({}, kStart));
  EXPECT_EQ(drops(bench, DropReason::frame_too_short), 2U);
}

TEST(InterfaceReceive, DropsAGiant) {
  InterfaceBench bench;
  EXPECT_TRUE(bench.receive(to_us(0x0800, Octets(1500)), kStart));
  EXPECT_FALSE(bench.receive(to_us(0x0800, Octets(1505)), kStart));
  EXPECT_EQ(drops(bench, DropReason::frame_too_long), 1U);
}

TEST(InterfaceReceive, AnFcsThatHasBeenVerifiedIsNotVerifiedAgain) {
  InterfaceBench bench;
  Octets frame = to_us(0x0800, {0x45});
  frame[20] ^= 0x10;
  {
    Packet packet = bench.pool().make(frame);
    packet.set_sound_fcs(true);  // though it is not
    EXPECT_TRUE(bench.interface().receive(packet, kStart));
  }
  EXPECT_FALSE(bench.pool().make(frame).has_sound_fcs()) << "nothing is left of it in a new packet";
}

TEST(InterfaceReceive, DropsADamagedFrameAndShowsItWhole) {
  InterfaceBench bench;
  Octets frame = to_us(0x0800, {0x45});
  frame[20] ^= 0x10;
  EXPECT_FALSE(bench.receive(frame, kStart));
  EXPECT_EQ(drops(bench, DropReason::fcs_error), 1U);
  ASSERT_EQ(bench.log().entries().size(), 1U);
  EXPECT_EQ(bench.log().entries()[0].bytes, frame);
}

TEST(InterfaceReceive, AcceptsADamagedFrameWhenTheFcsIsNotVerified) {
  InterfaceConfig config = InterfaceBench::default_config();
  config.verify_fcs = false;
  InterfaceBench bench{config};
  Octets frame = to_us(0x0800, {0x45});
  frame[20] ^= 0x10;
  EXPECT_TRUE(bench.receive(frame, kStart));
}

TEST(InterfaceReceive, DropsUnknownEtherTypes) {
  InterfaceBench bench;
  EXPECT_FALSE(bench.receive(to_us(0x88cc, {0x45}), kStart));
  EXPECT_EQ(drops(bench, DropReason::unknown_ethertype), 1U);
}

TEST(InterfaceReceive, TakesFramesOfItsVlanOnly) {
  InterfaceConfig config = InterfaceBench::default_config();
  config.vlan = 10;
  InterfaceBench bench{config};
  const auto frame = bench.receive(to_us(0x8100, from_hex("00 0a 08 00 45")), kStart);
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->type, EtherType::ipv4);
  EXPECT_EQ(bench.received()[0], 0x45);
  EXPECT_THAT(headers<HeaderPulled>(bench), ElementsAre("fcs 4", "ethernet 14", "vlan 4"));
  EXPECT_FALSE(bench.receive(to_us(0x8100, from_hex("00 0b 08 00 45")), kStart));
  EXPECT_FALSE(bench.receive(to_us(0x0800, {0x45}), kStart));
  EXPECT_EQ(drops(bench, DropReason::vlan_mismatch), 2U);
}

TEST(InterfaceReceive, UntaggedInterfaceTakesPriorityTagsOnly) {
  InterfaceBench bench;
  EXPECT_TRUE(bench.receive(to_us(0x8100, from_hex("e0 00 08 00 45")), kStart));
  EXPECT_FALSE(bench.receive(to_us(0x8100, from_hex("00 01 08 00 45")), kStart));
  EXPECT_EQ(drops(bench, DropReason::vlan_mismatch), 1U);
}

// verifies RFC 1122 2.3.3-2
TEST(InterfaceReceive, TakesIpBehindLlcAndSnap) {
  InterfaceBench bench;
  // 802.3 length 11: eight octets of LLC and SNAP, three of payload; the rest is padding.
  const auto frame = bench.receive(to_us(11, from_hex("aa aa 03 00 00 00 08 00 45 46 47")), kStart);
  ASSERT_TRUE(frame);
  EXPECT_EQ(frame->type, EtherType::ipv4);
  EXPECT_EQ(bench.received(), from_hex("45 46 47"));
}

TEST(InterfaceReceive, DropsOther8023Frames) {
  InterfaceBench bench;
  EXPECT_FALSE(bench.receive(to_us(11, from_hex("42 42 03 00 00 00 08 00 45 46 47")), kStart));
  EXPECT_FALSE(bench.receive(to_us(7, from_hex("aa aa 03 00 00 00 08 00")), kStart));
  EXPECT_FALSE(bench.receive(to_us(47, from_hex("aa aa 03 00 00 00 08 00")), kStart));
  EXPECT_EQ(drops(bench, DropReason::unknown_ethertype), 3U);
}

TEST(InterfaceReceive, SurvivesArbitraryFrames) {
  InterfaceBench bench;
  RandomStream stream{11, "frames"};
  for (int i = 0; i < 2000; ++i) {
    Octets frame(60 + stream.below(20));
    for (std::uint8_t& octet : frame) octet = static_cast<std::uint8_t>(stream.below(256));
    kOwnMac.store(frame.data());
    const std::array<std::uint16_t, 5> types{0x0806, 0x8100, 0x0800, 0x0010, 0x0030};
    store_be16(frame.data() + 12, types[stream.below(types.size())]);
    if (stream.below(2) == 0) std::ranges::copy(from_hex("00 01 08 00 06 04 00"), &frame[14]);
    bench.receive(sealed(frame), kStart + i * 1ms);
  }
  EXPECT_LE(bench.interface().neighbours().size(), 512U);
}

}  // namespace
}  // namespace strata::link
