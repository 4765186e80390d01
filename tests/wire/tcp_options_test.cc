// SPDX-License-Identifier: MIT
#include "stack/wire/options.h"
#include "stack/wire/tcp.h"
#include "tests/wire/frames.h"
#include "tests/wire/random_headers.h"

namespace strata::wire {
namespace {

TcpOptionValues values_of(std::string_view hex) { return TcpOptionValues::from(from_hex(hex)); }

TEST(TcpOptions, TheOptionsOfASynAreUnderstood) {
  const auto values = values_of("020405b4 0402 080a0000006400000000 01 030307");
  EXPECT_EQ(values.mss, 1460);
  EXPECT_TRUE(values.sack_permitted);
  EXPECT_EQ(values.timestamps, (TcpTimestamps{100, 0}));
  EXPECT_EQ(values.window_scale, 7);
  EXPECT_EQ(values.sack_count, 0);
  EXPECT_FALSE(values.malformed);
}

TEST(TcpOptions, SackBlocksAreUnderstood) {
  const auto values = values_of("0101 0512 00001b59 00002105 00002661 00002c15");
  ASSERT_EQ(values.sack_count, 2);
  EXPECT_EQ(values.sack_blocks[0], (SackBlock{Seq32{7001}, Seq32{8453}}));
  EXPECT_EQ(values.sack_blocks[1], (SackBlock{Seq32{9825}, Seq32{11285}}));
}

// verifies RFC 9768 3.2.3: what does not fill a counter is padding
TEST(TcpOptions, AnAccurateEcnOptionOfOddLengthIsReadAsFarAsItGoes) {
  const auto one = values_of("ac07 000005 0102");
  ASSERT_TRUE(one.ecn_counters.has_value());
  EXPECT_EQ(one.ecn_counters->ect0, 5u);
  EXPECT_EQ(one.ecn_counters->ce, std::nullopt);
  const auto three = values_of("ae0d 000005 000006 000007 ffff");
  ASSERT_TRUE(three.ecn_counters.has_value());
  EXPECT_EQ(three.ecn_counters->ect1, 5u);
  EXPECT_EQ(three.ecn_counters->ce, 6u);
  EXPECT_EQ(three.ecn_counters->ect0, 7u);
  EXPECT_FALSE(three.malformed);
}

// verifies RFC 9293 MUST-4: EOL and NOP; what follows EOL is padding
TEST(TcpOptions, NothingBehindTheEndOfTheListCounts) {
  const auto values = values_of("01 00 020405b4");
  EXPECT_EQ(values.mss, std::nullopt);
  EXPECT_FALSE(values.malformed);
}

// verifies RFC 9293 MUST-5: an option is understood in any segment
TEST(TcpOptions, AnMssOptionInASegmentWithoutSynIsStillRead) {
  const auto frame = from_hex(frames::kTcpIllegalOptionLength);  // an ACK that carries one
  const auto header = TcpHeader::parse(Bytes{frame}.subspan(34, 28), Ipv4Address{10, 0, 1, 10},
                                       Ipv4Address{10, 0, 2, 20});
  ASSERT_TRUE(header);
  EXPECT_FALSE(header->has(tcp_flag::kSyn));
  EXPECT_EQ(TcpOptionValues::from(header->options.bytes()).mss, 1400);
}

// verifies RFC 9293 MUST-6 and MUST-68: an unknown option is skipped by its length
TEST(TcpOptions, UnknownOptionsAreSkipped) {
  const auto values = values_of("fe06f9890102 1e04abcd 020405b4");
  EXPECT_EQ(values.mss, 1460);
  EXPECT_FALSE(values.malformed);
}

// verifies RFC 9293 MUST-7: an illegal length is survived
TEST(TcpOptions, AnIllegalLengthEndsTheWalkAndKeepsWhatWasReadBefore) {
  for (const std::string_view tail : {"0800", "0801", "08", "080b0102", "fe00", "fe", "feff0000"}) {
    const auto values = values_of(std::string{"02040578"}.append(tail));
    EXPECT_TRUE(values.malformed) << tail;
    EXPECT_EQ(values.mss, 1400) << tail;
  }
}

TEST(TcpOptions, AKnownOptionOfAnotherLengthIsIllegal) {
  for (const std::string_view hex :
       {"0203 05", "020505b400", "0302", "03040707", "040300", "0809 00000000000000",
        "080b 000000000000000000", "0502", "050a 000000010000 0002"}) {
    const auto values = values_of(hex);
    const bool is_one_block = hex.starts_with("050a");
    EXPECT_EQ(values.malformed, !is_one_block) << hex;
    EXPECT_EQ(values.mss, std::nullopt);
    EXPECT_EQ(values.window_scale, std::nullopt);
    EXPECT_FALSE(values.sack_permitted);
    EXPECT_EQ(values.timestamps, std::nullopt);
  }
}

// verifies RFC 9293 MUST-64: options are processed regardless of alignment
TEST(TcpOptions, AnyAlignmentIsUnderstood) {
  for (int nops = 0; nops < 8; ++nops) {
    std::string hex;
    for (int i = 0; i < nops; ++i) hex += "01";
    const auto values = values_of(hex + "080a0000006400000032" + "020405b4");
    EXPECT_EQ(values.timestamps, (TcpTimestamps{100, 50})) << nops;
    EXPECT_EQ(values.mss, 1460) << nops;
  }
}

TEST(TcpOptions, OfAnOptionThatOccursTwiceTheLastCounts) {
  EXPECT_EQ(values_of("02040578 020405b4").mss, 1460);
}

// verifies RFC 9293 MUST-69: the padding is zeros
TEST(TcpOptionWriter, WritesInTheOrderOfTheCallsAndPadsWithZeros) {
  TcpOptionWriter writer;
  writer.mss(1460).window_scale(8).sack_permitted().timestamps({22, 20});
  const auto expected = from_hex("020405b4 030308 0402 080a0000001600000014 00");
  EXPECT_EQ(writer.finish(), OptionBytes{expected});
}

TEST(TcpOptionWriter, WritesTheSynOptionsOfARealFrame) {
  TcpOptionWriter writer;
  writer.mss(1460).sack_permitted().timestamps({100, 0}).no_operation().window_scale(7);
  const auto frame = from_hex(frames::kTcpSynOptions);
  EXPECT_EQ(writer.finish(), OptionBytes{Bytes{frame}.subspan(54, 20)});
}

TEST(TcpOptionWriter, FourSackBlocksFitExactly) {
  const std::array<SackBlock, 4> blocks{
      SackBlock{Seq32{1}, Seq32{2}}, SackBlock{Seq32{3}, Seq32{4}}, SackBlock{Seq32{5}, Seq32{6}},
      SackBlock{Seq32{7}, Seq32{8}}};
  TcpOptionWriter writer;
  const OptionBytes options = writer.no_operation().no_operation().sack(blocks).finish();
  const auto values = TcpOptionValues::from(options.bytes());
  EXPECT_EQ(options.size(), 36U);
  EXPECT_EQ(values.sack_count, 4);
  EXPECT_EQ(values.sack_blocks, blocks);
}

TEST(TcpOptionWriter, WhatIsWrittenIsReadBack) {
  RandomHeaders random("options");
  for (int i = 0; i < 500; ++i) {
    TcpOptionWriter writer;
    const auto mss = random.u16();
    const auto shift = random.u8();
    const TcpTimestamps timestamps{random.u32(), random.u32()};
    const SackBlock block{Seq32{random.u32()}, Seq32{random.u32()}};
    const auto payload = random.bytes(4);
    writer.mss(mss).raw(253, payload).window_scale(shift).timestamps(timestamps);
    writer.sack({&block, 1});
    const auto values = TcpOptionValues::from(writer.finish().bytes());
    EXPECT_EQ(values.mss, mss);
    EXPECT_EQ(values.window_scale, shift);
    EXPECT_EQ(values.timestamps, timestamps);
    ASSERT_EQ(values.sack_count, 1);
    EXPECT_EQ(values.sack_blocks[0], block);
    EXPECT_FALSE(values.malformed);
  }
}

TEST(TcpOptions, AnyBytesAtAllAreSurvived) {
  RandomHeaders random("option noise");
  for (int i = 0; i < 20000; ++i) {
    const auto values = TcpOptionValues::from(random.bytes(random.number<std::size_t>(41)));
    EXPECT_LE(values.sack_count, 4);
  }
}

}  // namespace
}  // namespace strata::wire
