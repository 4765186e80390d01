// SPDX-License-Identifier: MIT
#include "stack/wire/udp.h"

#include "tests/wire/frames.h"
#include "tests/wire/random_headers.h"

namespace strata::wire {
namespace {

// The 13 bytes of a datagram that carries "hello"; the frame pads it to 46.
std::vector<std::uint8_t> hello(std::string_view frame_hex = frames::kUdpHello) {
  const auto frame = from_hex(frame_hex);
  return {frame.begin() + 34, frame.begin() + 34 + 13};
}

TEST(UdpHeader, IsReadFromARealFrame) {
  const auto header = UdpHeader::parse(hello(), kSource, kDestination);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->source_port, 5000);
  EXPECT_EQ(header->destination_port, 7);
  EXPECT_EQ(header->length, 13);
}

TEST(UdpHeader, IsWrittenWithItsChecksumAsInARealFrame) {
  auto bytes = hello();
  std::fill_n(bytes.begin(), UdpHeader::kBytes, std::uint8_t{0xee});
  UdpHeader{.source_port = 5000, .destination_port = 7}.emit(bytes, kSource, kDestination);
  EXPECT_EQ(bytes, hello());
}

TEST(UdpHeader, SurvivesTheRoundTripOverBothVersionsOfIp) {
  RandomHeaders random("udp");
  for (int i = 0; i < 1000; ++i) {
    IpAddress source = random.ip();
    IpAddress destination = random.ip();
    if (random.flip()) {
      std::array<std::uint8_t, 16> octets{};
      std::ranges::copy(random.bytes(16), octets.begin());
      source = Ipv6Address{octets};
      destination = Ipv6Address{octets};
    }
    auto bytes = random.bytes(UdpHeader::kBytes + random.number<std::size_t>(50));
    UdpHeader header{.source_port = random.u16(), .destination_port = random.u16()};
    header.emit(bytes, source, destination);
    const auto parsed = UdpHeader::parse(bytes, source, destination);
    ASSERT_TRUE(parsed);
    header.length = static_cast<std::uint16_t>(bytes.size());
    header.checksum = parsed->checksum;
    EXPECT_EQ(*parsed, header);
    EXPECT_NE(parsed->checksum, 0);
  }
}

TEST(UdpHeader, CutAtAnyByteIsAnErrorAndNothingWorse) {
  const auto good = hello();
  for (std::size_t size = 0; size < good.size(); ++size) {
    const auto header = UdpHeader::parse(Bytes{good}.first(size), kSource, kDestination);
    ASSERT_FALSE(header);
    EXPECT_EQ(header.error(), size < UdpHeader::kBytes ? DropReason::transport_truncated
                                                       : DropReason::transport_malformed);
  }
}

TEST(UdpHeader, BytesBeyondTheLengthAreNotCovered) {
  auto bytes = hello();
  bytes.push_back(0x55);
  const auto header = UdpHeader::parse(bytes, kSource, kDestination);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->length, 13);
}

TEST(UdpHeader, ALengthBelowEightIsMalformed) {
  auto bytes = hello();
  store_be16(&bytes[4], 7);
  EXPECT_EQ(UdpHeader::parse(bytes, kSource, kDestination),
            tl::unexpected(DropReason::transport_malformed));
}

TEST(UdpHeader, EverySingleBitErrorOutsideTheLengthIsFoundByTheChecksum) {
  const auto good = hello();
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    if (bit / 16 == 2) continue;  // the length field
    auto damaged = good;
    damaged[bit / 8] ^= static_cast<std::uint8_t>(0x80 >> bit % 8);
    EXPECT_EQ(UdpHeader::parse(damaged, kSource, kDestination),
              tl::unexpected(DropReason::transport_checksum))
        << bit;
  }
}

TEST(UdpHeader, ADamagedAddressIsFoundByThePseudoHeader) {
  EXPECT_EQ(UdpHeader::parse(hello(), kSource, Ipv4Address{10, 0, 2, 21}),
            tl::unexpected(DropReason::transport_checksum));
}

TEST(UdpHeader, WithoutVerificationABadChecksumPasses) {
  auto bytes = hello();
  bytes[8] ^= 1;
  EXPECT_TRUE(UdpHeader::parse(bytes, kSource, kDestination, /*verify=*/false));
}

// verifies RFC 768: an all zero transmitted checksum means that there is none
TEST(UdpHeader, ADatagramWithoutChecksumPassesWhateverItHolds) {
  auto bytes = hello(frames::kUdpWithoutChecksum);
  bytes[9] ^= 0xff;
  const auto header = UdpHeader::parse(bytes, kSource, kDestination);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->checksum, 0);
}

// verifies RFC 8200 8.1: over IPv6 a zero checksum is not allowed
TEST(UdpHeader, OverIpv6ADatagramWithoutChecksumIsRejected) {
  const IpAddress address = *Ipv6Address::parse("2001:db8::1");
  EXPECT_EQ(UdpHeader::parse(hello(frames::kUdpWithoutChecksum), address, address),
            tl::unexpected(DropReason::transport_checksum));
}

// verifies RFC 768: a computed checksum of zero is transmitted as all ones
TEST(UdpHeader, AComputedChecksumOfZeroIsSentAsAllOnes) {
  // Addresses 0, protocol 17, length 10 (twice) and ports 0: the payload word ffff - 17 - 20
  // completes the sum to all ones.
  std::vector<std::uint8_t> bytes(10);
  store_be16(&bytes[8], 0xffff - 17 - 20);
  UdpHeader{}.emit(bytes, Ipv4Address{}, Ipv4Address{});
  EXPECT_EQ(load_be16(&bytes[6]), 0xffff);
  EXPECT_TRUE(UdpHeader::parse(bytes, Ipv4Address{}, Ipv4Address{}));
}

}  // namespace
}  // namespace strata::wire
