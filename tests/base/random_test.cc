// SPDX-License-Identifier: MIT
#include "stack/base/random.h"

#include <array>
#include <limits>

namespace strata {
namespace {

// Aumasson and Bernstein, reference implementation, vectors_sip64: key 00..0f, message 00..(n-1).
TEST(KeyedHash, IsSipHash24) {
  constexpr SecretKey kKey{0x0706050403020100U, 0x0f0e0d0c0b0a0908U};
  const struct {
    std::size_t length;
    std::uint64_t hash;
  } vectors[] = {
      {0, 0x726fdb47dd0e0e31U}, {1, 0x74f839c593dc67fdU},  {2, 0x0d6c8009d9a94f5aU},
      {3, 0x85676696d7fb7e2dU}, {7, 0xab0200f58b01d137U},  {8, 0x93f5f5799a932462U},
      {9, 0x9e0082df0ba9e4b0U}, {15, 0xa129ca6149be45e5U},
  };
  std::array<std::uint8_t, 15> message{};
  for (std::size_t i = 0; i < message.size(); ++i) message[i] = static_cast<std::uint8_t>(i);
  for (const auto& vector : vectors) {
    EXPECT_EQ(keyed_hash(kKey, Bytes{message}.first(vector.length)), vector.hash) << vector.length;
  }
}

// Computed by an independent implementation of SipHash-2-4, SplitMix64 and xoshiro256**. They must
// never change: every recorded run depends on them.
TEST(RandomStream, GivesTheNumbersOfItsAlgorithmForever) {
  RandomStream loss(42, "link/access/loss");
  EXPECT_EQ(loss.next(), 0x5b4b422e7ccd2016U);
  EXPECT_EQ(loss.next(), 0xed49ad97501c89dbU);
  EXPECT_EQ(loss.next(), 0xbdfb2ba0638ce40dU);
  EXPECT_EQ(loss.next(), 0xa02095301e94eeabU);
  EXPECT_EQ(loss.draws(), 4U);

  RandomStream empty(0, "");
  EXPECT_EQ(empty.next(), 0xb312022cd71eed26U);
  EXPECT_EQ(empty.next(), 0xfc87ca98f8740105U);
}

TEST(RandomStream, DependsOnItsSeedAndItsNameOnly) {
  RandomStream a(1, "a");
  RandomStream again(1, "a");
  RandomStream other_seed(2, "a");
  RandomStream other_name(1, "b");
  other_name.next();  // however often another stream is used
  const std::uint64_t first = a.next();
  EXPECT_EQ(again.next(), first);
  EXPECT_NE(other_seed.next(), first);
  EXPECT_NE(other_name.next(), first);
}

TEST(RandomStream, BelowStaysBelowAndReachesEverything) {
  RandomStream random(1, "below");
  std::array<int, 7> counts{};
  for (int i = 0; i < 70'000; ++i) ++counts.at(random.below(7));
  for (const int count : counts) EXPECT_NEAR(count, 10'000, 400);
  EXPECT_EQ(random.below(1), 0U);
}

TEST(RandomStream, BetweenIncludesBothEnds) {
  RandomStream random(1, "between");
  bool low = false;
  bool high = false;
  for (int i = 0; i < 1000; ++i) {
    const std::int64_t value = random.between(-3, 3);
    ASSERT_GE(value, -3);
    ASSERT_LE(value, 3);
    low |= value == -3;
    high |= value == 3;
  }
  EXPECT_TRUE(low && high);
  EXPECT_EQ(random.between(5, 5), 5);
}

TEST(RandomStream, BetweenCoversTheWholeRangeOfItsType) {
  RandomStream random(1, "wide");
  bool negative = false;
  bool positive = false;
  for (int i = 0; i < 64; ++i) {
    const std::int64_t value = random.between(std::numeric_limits<std::int64_t>::min(),
                                              std::numeric_limits<std::int64_t>::max());
    negative |= value < 0;
    positive |= value > 0;
  }
  EXPECT_TRUE(negative && positive);
}

TEST(RandomStream, ADrawTakesOneNumberWhateverTheProbability) {
  RandomStream a(1, "draws");
  RandomStream b(1, "draws");
  a.draw(Probability::never());
  a.draw(Probability::always());
  b.next();
  b.next();
  EXPECT_EQ(a.next(), b.next());
}

TEST(RandomStream, ADrawSaysWhatItDrewAndWhere) {
  RandomStream random(1, "detail");
  random.next();
  const auto draw = random.draw(Probability::ratio(1, 2));
  EXPECT_EQ(draw.index, 1U);
  EXPECT_GE(draw.value, 0.0);
  EXPECT_LT(draw.value, 1.0);
  EXPECT_EQ(draw.hit, draw.value < 0.5);
}

TEST(DeriveKey, DiffersByNameAndSeed) {
  EXPECT_EQ(derive_key(1, "client"), derive_key(1, "client"));
  EXPECT_NE(derive_key(1, "client"), derive_key(1, "server"));
  EXPECT_NE(derive_key(1, "client"), derive_key(2, "client"));
}

}  // namespace
}  // namespace strata
