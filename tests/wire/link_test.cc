// SPDX-License-Identifier: MIT
// Ethernet header, 802.1Q tag and ARP.
#include "stack/wire/arp.h"
#include "stack/wire/ethernet.h"
#include "tests/wire/frames.h"
#include "tests/wire/random_headers.h"

namespace strata::wire {
namespace {

constexpr MacAddress kClient{{2, 0, 0, 0, 0, 0x0a}};
constexpr MacAddress kRouter{{2, 0, 0, 0, 0, 0xfe}};

TEST(EthernetHeader, IsReadFromARealFrame) {
  const auto header = EthernetHeader::parse(from_hex(frames::kTcpData));
  ASSERT_TRUE(header);
  EXPECT_EQ(*header, (EthernetHeader{kRouter, kClient, EtherType::ipv4}));
}

TEST(EthernetHeader, IsWrittenAsInARealFrame) {
  std::vector<std::uint8_t> bytes(EthernetHeader::kBytes);
  EthernetHeader{kRouter, kClient, EtherType::ipv4}.emit(bytes.data());
  EXPECT_EQ(bytes, from_hex("0200000000fe 02000000000a 0800"));
}

TEST(EthernetHeader, SurvivesTheRoundTrip) {
  RandomHeaders random("ethernet");
  for (int i = 0; i < 1000; ++i) {
    const EthernetHeader header = random.ethernet();
    std::vector<std::uint8_t> bytes(EthernetHeader::kBytes);
    header.emit(bytes.data());
    EXPECT_EQ(EthernetHeader::parse(bytes), header);
  }
}

TEST(EthernetHeader, ShorterThanFourteenBytesIsTooShort) {
  const auto frame = from_hex(frames::kTcpData);
  for (std::size_t size = 0; size < EthernetHeader::kBytes; ++size) {
    EXPECT_EQ(EthernetHeader::parse(Bytes{frame}.first(size)),
              tl::unexpected(DropReason::frame_too_short));
  }
}

TEST(VlanTag, IsReadFromARealFrame) {
  const auto tag = VlanTag::parse(Bytes{from_hex(frames::kVlanTagged)}.subspan(12));
  ASSERT_TRUE(tag);
  EXPECT_EQ(*tag, (VlanTag{5, false, 100, EtherType::ipv4}));
}

TEST(VlanTag, SurvivesTheRoundTrip) {
  RandomHeaders random("vlan");
  for (int i = 0; i < 1000; ++i) {
    const VlanTag tag = random.vlan();
    auto bytes = random.bytes(VlanTag::kBytesWithType);
    tag.emit(bytes.data());
    EXPECT_EQ(VlanTag::parse(bytes), tag);
  }
}

TEST(VlanTag, AnUntaggedFrameHasNone) {
  EXPECT_EQ(VlanTag::parse(Bytes{from_hex(frames::kTcpData)}.subspan(12)),
            tl::unexpected(DropReason::vlan_mismatch));
}

TEST(VlanTag, CutShortIsTooShort) {
  EXPECT_EQ(VlanTag::parse(from_hex("8100a06408")), tl::unexpected(DropReason::frame_too_short));
}

TEST(ArpMessage, ARequestIsReadFromARealFrame) {
  const auto message = ArpMessage::parse(Bytes{from_hex(frames::kArpRequest)}.subspan(14));
  ASSERT_TRUE(message);
  EXPECT_EQ(*message, (ArpMessage{ArpOperation::request, kClient, Ipv4Address{10, 0, 1, 10},
                                  MacAddress{}, Ipv4Address{10, 0, 1, 1}}));
}

TEST(ArpMessage, AReplyIsWrittenAsInARealFrame) {
  std::vector<std::uint8_t> bytes(ArpMessage::kBytes);
  ArpMessage{ArpOperation::reply, kRouter, Ipv4Address{10, 0, 1, 1}, kClient,
             Ipv4Address{10, 0, 1, 10}}
      .emit(bytes.data());
  const auto frame = from_hex(frames::kArpReply);
  EXPECT_TRUE(std::ranges::equal(bytes, Bytes{frame}.subspan(14, ArpMessage::kBytes)));
}

TEST(ArpMessage, SurvivesTheRoundTrip) {
  RandomHeaders random("arp");
  for (int i = 0; i < 1000; ++i) {
    const ArpMessage message = random.arp();
    std::vector<std::uint8_t> bytes(ArpMessage::kBytes);
    message.emit(bytes.data());
    EXPECT_EQ(ArpMessage::parse(bytes), message);
  }
}

TEST(ArpMessage, CutShortIsMalformed) {
  const auto frame = from_hex(frames::kArpRequest);
  for (std::size_t size = 0; size < ArpMessage::kBytes; ++size) {
    EXPECT_EQ(ArpMessage::parse(Bytes{frame}.subspan(14, size)),
              tl::unexpected(DropReason::arp_malformed));
  }
}

TEST(ArpMessage, OtherThanIpv4OverEthernetIsMalformed) {
  const auto frame = from_hex(frames::kArpRequest);
  for (std::size_t octet = 0; octet < 6; ++octet) {  // types and sizes
    std::vector<std::uint8_t> bytes{frame.begin() + 14, frame.begin() + 42};
    bytes[octet] ^= 1;
    EXPECT_EQ(ArpMessage::parse(bytes), tl::unexpected(DropReason::arp_malformed)) << octet;
  }
}

}  // namespace
}  // namespace strata::wire
