// SPDX-License-Identifier: MIT
#include "stack/wire/ipv4.h"

#include "stack/base/checksum.h"
#include "stack/wire/options.h"
#include "tests/wire/frames.h"
#include "tests/wire/random_headers.h"

namespace strata::wire {
namespace {

std::vector<std::uint8_t> datagram_of(std::string_view frame_hex) {
  const auto frame = from_hex(frame_hex);
  return {frame.begin() + 14, frame.end() - 4};
}

Ipv4Header header_of_tcp_data() {
  return {.total_length = 59,
          .identification = 0x2a,
          .dont_fragment = true,
          .ttl = 64,
          .protocol = IpProtocol::tcp,
          .checksum = 0x2376,
          .source = Ipv4Address{10, 0, 1, 10},
          .destination = Ipv4Address{10, 0, 2, 20}};
}

TEST(Ipv4Header, IsReadFromARealFrame) {
  const auto header = Ipv4Header::parse(datagram_of(frames::kTcpData));
  ASSERT_TRUE(header);
  EXPECT_EQ(*header, header_of_tcp_data());
  EXPECT_EQ(header->payload_bytes(), 39U);
}

TEST(Ipv4Header, IsWrittenWithItsChecksumAsInARealFrame) {
  const auto datagram = datagram_of(frames::kTcpData);
  std::vector<std::uint8_t> bytes(20);
  header_of_tcp_data().emit(bytes.data());
  EXPECT_TRUE(std::ranges::equal(bytes, Bytes{datagram}.first(20)));
}

TEST(Ipv4Header, FragmentOffsetsCountBytes) {
  const auto header = Ipv4Header::parse(datagram_of(frames::kFragmentLast));
  ASSERT_TRUE(header);
  EXPECT_EQ(header->fragment_offset, 48);
  EXPECT_FALSE(header->more_fragments);
  EXPECT_TRUE(header->is_fragment());
}

TEST(Ipv4Header, SurvivesTheRoundTripWithOptions) {
  RandomHeaders random("ipv4");
  for (int i = 0; i < 1000; ++i) {
    Ipv4Header header = random.ipv4(13);
    std::vector<std::uint8_t> bytes(header.total_length);
    header.emit(bytes.data());
    const auto parsed = Ipv4Header::parse(bytes);
    ASSERT_TRUE(parsed);
    header.checksum = parsed->checksum;
    EXPECT_EQ(*parsed, header);
  }
}

TEST(Ipv4Header, ParsingAndEmittingARealHeaderGivesTheSameBytes) {
  for (const std::string_view hex : {frames::kTcpData, frames::kIpv4RecordRoute,
                                     frames::kFragmentFirst, frames::kIcmpTimeExceeded}) {
    const auto datagram = datagram_of(hex);
    const auto header = Ipv4Header::parse(datagram);
    ASSERT_TRUE(header);
    std::vector<std::uint8_t> bytes(header->header_bytes());
    header->emit(bytes.data());
    EXPECT_TRUE(std::ranges::equal(bytes, Bytes{datagram}.first(bytes.size())));
  }
}

TEST(Ipv4Header, CutAtAnyByteIsAnErrorAndNothingWorse) {
  const auto datagram = datagram_of(frames::kIpv4RecordRoute);
  for (std::size_t size = 0; size < datagram.size(); ++size) {
    const auto header = Ipv4Header::parse(Bytes{datagram}.first(size));
    ASSERT_FALSE(header) << size;
    // The header is 32 bytes long; behind it the total length misses the payload.
    EXPECT_EQ(header.error(),
              size < 32 ? DropReason::header_truncated : DropReason::bad_total_length);
  }
}

// verifies RFC 1122 3.2.1.1: a datagram whose version is not 4 is silently discarded
TEST(Ipv4Header, OtherVersionsAreRejected) {
  auto datagram = datagram_of(frames::kTcpData);
  datagram[0] = 0x65;
  EXPECT_EQ(Ipv4Header::parse(datagram), tl::unexpected(DropReason::bad_version));
}

TEST(Ipv4Header, AHeaderLengthBelowFiveWordsIsRejected) {
  auto datagram = datagram_of(frames::kTcpData);
  datagram[0] = 0x44;
  EXPECT_EQ(Ipv4Header::parse(datagram), tl::unexpected(DropReason::bad_header_length));
}

TEST(Ipv4Header, ATotalLengthBelowTheHeaderIsRejected) {
  auto datagram = datagram_of(frames::kTcpData);
  store_be16(&datagram[2], 19);
  EXPECT_EQ(Ipv4Header::parse(datagram), tl::unexpected(DropReason::bad_total_length));
}

// verifies RFC 1122 3.2.1.2: the header checksum is verified
TEST(Ipv4Header, EverySingleBitErrorIsFound) {
  const auto good = datagram_of(frames::kIpv4RecordRoute);
  for (std::size_t bit = 0; bit < 32 * 8; ++bit) {
    auto damaged = good;
    damaged[bit / 8] ^= static_cast<std::uint8_t>(0x80 >> bit % 8);
    EXPECT_FALSE(Ipv4Header::parse(damaged)) << bit;
  }
}

TEST(Ipv4Header, AQuotedDatagramMayBeCutAndItsChecksumWrong) {
  auto quote = datagram_of(frames::kUdpProbe);
  quote.resize(28);
  quote[10] ^= 0xff;
  const auto header = Ipv4Header::parse_quoted(quote);
  ASSERT_TRUE(header);
  EXPECT_EQ(header->total_length, 34);
  EXPECT_EQ(header->ttl, 1);
}

TEST(Ipv4Header, AQuoteNeedsItsWholeHeader) {
  const auto quote = datagram_of(frames::kIpv4RecordRoute);
  EXPECT_EQ(Ipv4Header::parse_quoted(Bytes{quote}.first(31)),
            tl::unexpected(DropReason::header_truncated));
}

// verifies RFC 1624 equation 3 against RFC 1071
TEST(DecrementTtl, TheIncrementalChecksumEqualsARecomputation) {
  RandomHeaders random("ttl");
  for (int i = 0; i < 2000; ++i) {
    Ipv4Header header = random.ipv4(0);
    if (header.ttl == 0) header.ttl = 1;
    std::vector<std::uint8_t> incremental(header.header_bytes());
    header.emit(incremental.data());
    decrement_ttl(incremental);

    --header.ttl;
    std::vector<std::uint8_t> recomputed(header.header_bytes());
    header.emit(recomputed.data());
    EXPECT_EQ(incremental, recomputed);
  }
}

TEST(OptionWalker, YieldsEachOptionWithItsOffset) {
  const auto bytes = from_hex("01 94040000 0703040000 00 ffff");
  OptionWalker walk(Bytes{bytes}.first(6));
  const auto nop = walk.next();
  const auto alert = walk.next();
  const auto none = walk.next();

  ASSERT_TRUE(nop && alert);
  EXPECT_EQ(nop->bytes.size(), 1U);
  EXPECT_EQ(alert->kind, 148);
  EXPECT_EQ(alert->offset, 1U);
  EXPECT_EQ(alert->payload().size(), 2U);
  EXPECT_FALSE(none);
  EXPECT_TRUE(walk.is_malformed());  // kind 7 without a length
  EXPECT_EQ(walk.offset(), 5U);
}

TEST(OptionWalker, TheEndOfTheListIsYieldedAndWhatFollowsIsPadding) {
  const auto bytes = from_hex("0101 00 ffffff");
  OptionWalker walk(bytes);
  std::size_t count = 0;
  while (walk.next()) ++count;
  EXPECT_EQ(count, 3U);
  EXPECT_FALSE(walk.is_malformed());
  EXPECT_EQ(walk.offset(), 3U);
}

TEST(OptionWalker, NeverReadsBeyondTheEndWhateverTheBytes) {
  RandomHeaders random("walk");
  for (int i = 0; i < 5000; ++i) {
    const auto bytes = random.bytes(random.number<std::size_t>(41));
    OptionWalker walk(bytes);
    std::size_t offset = 0;
    while (const auto option = walk.next()) {
      EXPECT_EQ(option->offset, offset);
      offset += option->bytes.size();
      ASSERT_LE(offset, bytes.size());
    }
    EXPECT_EQ(walk.offset(), offset);
  }
}

}  // namespace
}  // namespace strata::wire
