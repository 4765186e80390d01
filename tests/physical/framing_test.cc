// SPDX-License-Identifier: MIT
// Framing against figures of IEEE 802.3 and a frame whose FCS a protocol analyser has confirmed.
#include "stack/physical/framing.h"

#include <gtest/gtest.h>

#include <numeric>

namespace strata::physical {
namespace {

// Ethernet II, IPv4 and TCP with the payload "hello\r\n": 73 octets, FCS 0xd945d32c.
const std::vector<std::uint8_t> kFrame{
    0x02, 0x00, 0x00, 0x00, 0x00, 0xfe, 0x02, 0x00, 0x00, 0x00, 0x00, 0x0a, 0x08, 0x00,  // Ethernet
    0x45, 0x00, 0x00, 0x3b, 0x00, 0x2a, 0x40, 0x00, 0x40, 0x06, 0x23, 0x76, 0x0a, 0x00,  // IPv4
    0x01, 0x0a, 0x0a, 0x00, 0x02, 0x14, 0x9c, 0x40, 0x00, 0x50, 0x00, 0x00, 0x03, 0xe9,  // TCP
    0x00, 0x00, 0x13, 0x89, 0x80, 0x18, 0x01, 0xfe, 0x5b, 0x87, 0x00, 0x00, 0x01, 0x01, 0x08, 0x0a,
    0x00, 0x00, 0x00, 0x16, 0x00, 0x00, 0x00, 0x14, 0x68, 0x65, 0x6c, 0x6c, 0x6f, 0x0d, 0x0a};

std::vector<std::uint8_t> frame_with_fcs() {
  std::vector<std::uint8_t> frame = kFrame;
  for (const int octet : {0x2c, 0xd3, 0x45, 0xd9}) {
    frame.push_back(static_cast<std::uint8_t>(octet));
  }
  return frame;
}

TEST(Fcs, MatchesTheCheckValueOfCrc32) {
  EXPECT_EQ(compute_fcs(as_bytes("123456789")), 0xcbf43926U);
}

TEST(Fcs, OfACompleteFrameIsTheConstantResidue) {
  // Running the CRC over a frame and its own FCS leaves the same value for every good frame.
  EXPECT_EQ(compute_fcs(frame_with_fcs()), 0x2144df1cU);
}

TEST(Fcs, StandsLeastSignificantOctetFirstBehindTheFrame) {
  PacketPool pool;
  Packet packet = pool.make(kFrame);
  append_fcs(packet);
  EXPECT_EQ(to_hex(packet.bytes().last(4)), "2c d3 45 d9");
  EXPECT_EQ(stored_fcs(packet.bytes()), 0xd945d32cU);
  EXPECT_TRUE(has_valid_fcs(packet.bytes()));
}

TEST(Fcs, FindsEverySingleBitError) {
  std::vector<std::uint8_t> frame = frame_with_fcs();
  ASSERT_TRUE(has_valid_fcs(frame));
  for (std::size_t bit = 0; bit < frame.size() * 8; ++bit) {
    const auto mask = static_cast<std::uint8_t>(0x80U >> (bit % 8));
    frame[bit / 8] ^= mask;
    EXPECT_FALSE(has_valid_fcs(frame)) << "bit " << bit;
    frame[bit / 8] ^= mask;
  }
}

TEST(Fcs, OfFewerThanFourOctetsIsInvalid) {
  EXPECT_FALSE(has_valid_fcs(Bytes{}));
  EXPECT_FALSE(has_valid_fcs(Bytes{kFrame}.first(3)));
}

TEST(Padding, FillsUpToTheMinimumWithZeros) {
  PacketPool pool;
  Packet packet = pool.make(Bytes{kFrame}.first(42));
  EXPECT_EQ(pad(packet, 60), 18U);
  ASSERT_EQ(packet.size(), 60U);
  EXPECT_EQ(std::accumulate(packet.bytes().begin() + 42, packet.bytes().end(), 0), 0);
  EXPECT_EQ(pad(packet, 60), 0U);
  EXPECT_EQ(packet.size(), 60U);
}

TEST(Preamble, StandsBeforeTheStartDelimiterAndComesOffAgain) {
  const auto octets = with_preamble(Bytes{kFrame}.first(2));
  EXPECT_EQ(to_hex(octets), "55 55 55 55 55 55 55 d5 02 00");
  const auto frame = without_preamble(octets);
  ASSERT_TRUE(frame);
  EXPECT_EQ(to_hex(*frame), "02 00");
}

TEST(Preamble, MayHaveLostItsBeginning) {
  const std::vector<std::uint8_t> late{0x55, 0xd5, 0x01};
  const auto frame = without_preamble(late);
  ASSERT_TRUE(frame);
  EXPECT_EQ(to_hex(*frame), "01");
}

TEST(Preamble, WithoutStartDelimiterIsNoFrame) {
  const std::vector<std::uint8_t> endless(20, 0x55);
  EXPECT_FALSE(without_preamble(endless));
  const std::vector<std::uint8_t> damaged{0x55, 0x55, 0x57, 0xd5, 0x01};
  EXPECT_FALSE(without_preamble(damaged));
  EXPECT_FALSE(without_preamble(Bytes{}));
}

TEST(TransmissionClock, TakesTheSlotTimeForAMinimumFrameAtTenMegabits) {
  // IEEE 802.3 4.4.2: 512 bit times
  EXPECT_EQ(TransmissionClock{10'000'000}.transmit(std::uint64_t{64} * 8), 51'200ns);
}

TEST(TransmissionClock, BeyondTheRangeOfTimeTakesTheLongestDuration) {
  EXPECT_EQ(TransmissionClock{1}.transmit(~std::uint64_t{0}), Duration::max());
}

TEST(TransmissionClock, CarriesTheFractionIntoTheNextFrame) {
  TransmissionClock clock{3};
  EXPECT_EQ(clock.transmit(1), 333'333'333ns);
  EXPECT_EQ(clock.transmit(1), 333'333'333ns);
  EXPECT_EQ(clock.transmit(1), 333'333'334ns);
}

TEST(TransmissionClock, LosesNoTimeOverManyFramesAtFourHundredGigabits) {
  // 512 bits last 1.28 ns.
  TransmissionClock clock{400'000'000'000};
  Duration sum{};
  for (int i = 0; i < 100; ++i) {
    const Duration one = clock.transmit(512);
    EXPECT_TRUE(one == 1ns || one == 2ns);
    sum += one;
  }
  EXPECT_EQ(sum, 128ns);
}

TEST(TransmissionClock, OfRateZeroIsInfinitelyFast) {
  TransmissionClock clock{0};
  EXPECT_EQ(clock.transmit(12'304), 0ns);
}

}  // namespace
}  // namespace strata::physical
