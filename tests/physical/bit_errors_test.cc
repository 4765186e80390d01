// SPDX-License-Identifier: MIT
// Bit errors: exact for probabilities whose powers are exact, within binomial bounds for others.
#include "stack/physical/bit_errors.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace strata::physical {
namespace {

constexpr double kSigmas = 3.2905;  // two-sided 99.9 % of a normal distribution

TEST(BitErrorModel, RunLengthFollowsThePowersOfOneHalf) {
  // A run is at least n bits long with probability 2^-n.
  const BitErrorModel model{Probability::ratio(1, 2)};
  EXPECT_EQ(model.run_length(~std::uint64_t{0}), 0U);
  EXPECT_EQ(model.run_length(std::uint64_t{1} << 63), 0U);
  EXPECT_EQ(model.run_length((std::uint64_t{1} << 63) - 1), 1U);
  EXPECT_EQ(model.run_length(std::uint64_t{1} << 62), 1U);
  EXPECT_EQ(model.run_length((std::uint64_t{1} << 62) - 1), 2U);
  EXPECT_EQ(model.run_length((std::uint64_t{1} << 50) - 1), 14U);
}

TEST(BitErrorModel, RunLengthFollowsThePowersOfThreeQuarters) {
  // (3/4)^2 * 2^64 = 9 * 2^60, (3/4)^3 * 2^64 = 27 * 2^58.
  const BitErrorModel model{Probability::ratio(1, 4)};
  EXPECT_EQ(model.run_length(9 * (std::uint64_t{1} << 60)), 1U);
  EXPECT_EQ(model.run_length(9 * (std::uint64_t{1} << 60) - 1), 2U);
  EXPECT_EQ(model.run_length(27 * (std::uint64_t{1} << 58)), 2U);
  EXPECT_EQ(model.run_length(27 * (std::uint64_t{1} << 58) - 1), 3U);
}

struct Rate {
  const char* text;
  std::size_t frame_bytes;
  int frames;
};
class BitErrorRate : public testing::TestWithParam<Rate> {};

TEST_P(BitErrorRate, LiesWithinBinomialBounds) {
  const Rate rate = GetParam();
  const BitErrorModel model{*Probability::parse(rate.text)};
  const double p = model.per_bit().as_double();
  RandomStream stream{42, "link/bits"};
  std::vector<std::uint8_t> frame(rate.frame_bytes);
  double errors = 0;
  double damaged = 0;
  double position_sum = 0;
  for (int i = 0; i < rate.frames; ++i) {
    const auto outcome = model.apply(frame, stream);
    errors += static_cast<double>(outcome.flipped_bits.size());
    damaged += outcome.flipped_bits.empty() ? 0 : 1;
    position_sum += std::accumulate(outcome.flipped_bits.begin(), outcome.flipped_bits.end(), 0.0);
  }
  const double bits = static_cast<double>(rate.frame_bytes) * 8;
  const double n = bits * rate.frames;
  EXPECT_NEAR(errors, n * p, kSigmas * std::sqrt(n * p * (1 - p)) + 1);
  const double frame_p = 1 - std::pow(1 - p, bits);
  EXPECT_NEAR(damaged, rate.frames * frame_p,
              kSigmas * std::sqrt(rate.frames * frame_p * (1 - frame_p)) + 1);
  // Errors are spread evenly over the frame: uniform positions have deviation bits / sqrt(12).
  EXPECT_NEAR(position_sum / errors, (bits - 1) / 2, kSigmas * bits / std::sqrt(12 * errors));
}

INSTANTIATE_TEST_SUITE_P(Rates, BitErrorRate,
                         testing::Values(Rate{"0.5", 64, 300}, Rate{"0.1", 64, 500},
                                         Rate{"1e-2", 200, 1000}, Rate{"1e-3", 1518, 1000},
                                         Rate{"1e-5", 1518, 5000}, Rate{"1e-6", 1518, 30000}));

TEST(BitErrorModel, ReportsExactlyTheBitsItFlipped) {
  const BitErrorModel model{*Probability::parse("0.05")};
  RandomStream stream{7, "bits"};
  std::vector<std::uint8_t> frame(100);
  const auto outcome = model.apply(frame, stream);
  ASSERT_FALSE(outcome.flipped_bits.empty());
  EXPECT_TRUE(std::ranges::is_sorted(outcome.flipped_bits));
  std::vector<std::uint32_t> set;
  for (std::uint32_t bit = 0; bit < 800; ++bit) {
    if ((frame[bit / 8] & (0x80U >> (bit % 8))) != 0) set.push_back(bit);
  }
  EXPECT_EQ(set, outcome.flipped_bits);
}

TEST(BitErrorModel, CostsOneNumberPerFrameAndOnePerError) {
  const BitErrorModel model{*Probability::parse("1e-3")};
  RandomStream stream{8, "bits"};
  std::vector<std::uint8_t> frame(1000);
  std::uint64_t errors = 0;
  for (int i = 0; i < 50; ++i) {
    const auto outcome = model.apply(frame, stream);
    EXPECT_EQ(outcome.draw_index, static_cast<std::uint64_t>(i) + errors);
    errors += outcome.flipped_bits.size();
  }
  EXPECT_EQ(stream.draws(), 50 + errors);
}

TEST(BitErrorModel, OfProbabilityZeroFlipsNothingAndStillDraws) {
  RandomStream stream{9, "bits"};
  std::vector<std::uint8_t> frame(1518);
  EXPECT_TRUE(BitErrorModel{Probability::never()}.apply(frame, stream).flipped_bits.empty());
  EXPECT_EQ(stream.draws(), 1U);
}

TEST(BitErrorModel, OfProbabilityOneFlipsEveryBit) {
  RandomStream stream{10, "bits"};
  std::vector<std::uint8_t> frame(4, 0xa5);
  EXPECT_EQ(BitErrorModel{Probability::always()}.apply(frame, stream).flipped_bits.size(), 32U);
  EXPECT_EQ(frame, std::vector<std::uint8_t>(4, 0x5a));
}

TEST(BitErrorModel, FlipsTheSameBitsOnEveryMachine) {
  // From the same random numbers with exact rational arithmetic. A change here changes every
  // recorded run with bit errors.
  const std::vector<std::uint32_t> expected{84,   171,  199,  260,  295,  325,  583,  630,
                                            662,  732,  789,  896,  943,  1055, 1151, 1204,
                                            1226, 1408, 1443, 1457, 1477, 1499};
  const BitErrorModel model{*Probability::parse("1e-2")};
  RandomStream stream{42, "link/bits"};
  std::vector<std::uint8_t> frame(200);
  EXPECT_EQ(model.apply(frame, stream).flipped_bits, expected);
}

TEST(FlipBits, CountsFromTheMostSignificantBitAndIgnoresWhatIsBeyond) {
  std::vector<std::uint8_t> frame{0x00, 0xff};
  const std::vector<std::uint32_t> wanted{0, 9, 16};
  EXPECT_EQ(flip_bits(frame, wanted), (std::vector<std::uint32_t>{0, 9}));
  EXPECT_EQ(frame, (std::vector<std::uint8_t>{0x80, 0xbf}));
}

}  // namespace
}  // namespace strata::physical
