// SPDX-License-Identifier: MIT
#include "stack/wire/tcp.h"

#include "tests/wire/frames.h"
#include "tests/wire/random_headers.h"

namespace strata::wire {
namespace {

std::vector<std::uint8_t> segment_of(std::string_view frame_hex) {
  const auto frame = from_hex(frame_hex);
  return {frame.begin() + 34, frame.end() - 4};
}

TEST(TcpHeader, IsReadFromARealFrame) {
  const auto header = TcpHeader::parse(segment_of(frames::kTcpData), kSource, kDestination);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->source_port, 40000);
  EXPECT_EQ(header->destination_port, 80);
  EXPECT_EQ(header->sequence, Seq32{1001});
  EXPECT_EQ(header->acknowledgement, Seq32{5001});
  EXPECT_EQ(header->flags, tcp_flag::kPsh | tcp_flag::kAck);
  EXPECT_EQ(header->window, 510);
  EXPECT_EQ(header->checksum, 0x5b87);
  EXPECT_EQ(header->header_bytes(), 32U);
}

// verifies RFC 9293 MUST-2
TEST(TcpHeader, ParsingAndEmittingARealSegmentGivesTheSameBytes) {
  for (const std::string_view hex : {frames::kTcpData, frames::kTcpSynOptions, frames::kTcpSack,
                                     frames::kTcpUnknownOption, frames::kHttpRequest}) {
    const auto good = segment_of(hex);
    const auto header = TcpHeader::parse(good, kSource, kDestination);
    ASSERT_TRUE(header);
    auto bytes = good;
    std::fill_n(bytes.begin(), header->header_bytes(), std::uint8_t{0xee});
    header->emit(bytes, kSource, kDestination);
    EXPECT_EQ(bytes, good);
  }
}

TEST(TcpHeader, SurvivesTheRoundTrip) {
  RandomHeaders random("tcp");
  for (int i = 0; i < 1000; ++i) {
    TcpHeader header = random.tcp();
    auto bytes = random.bytes(header.header_bytes() + random.number<std::size_t>(40));
    header.emit(bytes, kSource, kDestination);
    const auto parsed = TcpHeader::parse(bytes, kSource, kDestination);
    ASSERT_TRUE(parsed);
    header.checksum = parsed->checksum;
    EXPECT_EQ(*parsed, header);
  }
}

TEST(TcpHeader, EmittingWithThePayloadSummedBeforeGivesTheSameBytes) {
  RandomHeaders random("tcp sum");
  const IpAddress v6 = *Ipv6Address::parse("2001:db8::1");
  for (int i = 0; i < 1000; ++i) {
    const TcpHeader header = random.tcp();
    const IpAddress address = random.flip() ? v6 : IpAddress{random.ip()};
    auto one_pass = random.bytes(header.header_bytes() + random.number<std::size_t>(300));
    auto two_passes = one_pass;
    InternetChecksum sum;
    sum.add(Bytes{one_pass}.subspan(header.header_bytes()));
    header.emit(one_pass, address, address, sum);
    header.emit(two_passes, address, address);
    EXPECT_EQ(one_pass, two_passes);
  }
}

TEST(TcpHeader, CutAtAnyByteIsAnErrorAndNothingWorse) {
  const auto good = segment_of(frames::kTcpData);
  for (std::size_t size = 0; size < good.size(); ++size) {
    const auto header = TcpHeader::parse(Bytes{good}.first(size), kSource, kDestination);
    ASSERT_FALSE(header);
    const DropReason expected = size < 20   ? DropReason::transport_truncated
                                : size < 32 ? DropReason::transport_malformed
                                            : DropReason::transport_checksum;
    EXPECT_EQ(header.error(), expected) << size;
  }
}

TEST(TcpHeader, ADataOffsetBelowFiveWordsIsMalformed) {
  auto segment = segment_of(frames::kTcpData);
  segment[12] = 0x40;
  EXPECT_EQ(TcpHeader::parse(segment, kSource, kDestination),
            tl::unexpected(DropReason::transport_malformed));
}

// verifies RFC 9293 MUST-3: the receiver checks the checksum
TEST(TcpHeader, EverySingleBitErrorIsFound) {
  const auto good = segment_of(frames::kTcpData);
  for (std::size_t bit = 0; bit < good.size() * 8; ++bit) {
    auto damaged = good;
    damaged[bit / 8] ^= static_cast<std::uint8_t>(0x80 >> bit % 8);
    EXPECT_FALSE(TcpHeader::parse(damaged, kSource, kDestination)) << bit;
  }
}

TEST(TcpHeader, ADamagedAddressIsFoundByThePseudoHeader) {
  EXPECT_EQ(TcpHeader::parse(segment_of(frames::kTcpData), Ipv4Address{10, 0, 1, 11}, kDestination),
            tl::unexpected(DropReason::transport_checksum));
}

TEST(TcpHeader, WithoutVerificationABadChecksumPasses) {
  auto segment = segment_of(frames::kTcpData);
  segment.back() ^= 1;
  EXPECT_TRUE(TcpHeader::parse(segment, kSource, kDestination, /*verify=*/false));
}

// verifies RFC 9293 3.1: the reserved bits are ignored on receipt
TEST(TcpHeader, ReservedBitsAreKeptAndDoNoHarm) {
  TcpHeader header{.reserved = 0xf, .flags = tcp_flag::kAck};
  std::vector<std::uint8_t> bytes(20);
  header.emit(bytes, kSource, kDestination);
  const auto parsed = TcpHeader::parse(bytes, kSource, kDestination);
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->reserved, 0xf);
  EXPECT_EQ(parsed->flags, tcp_flag::kAck);
}

}  // namespace
}  // namespace strata::wire
