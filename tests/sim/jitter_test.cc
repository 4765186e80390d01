// SPDX-License-Identifier: MIT
#include "sim/jitter.h"

#include <gtest/gtest.h>

#include <cmath>

namespace strata::sim {
namespace {

struct Moments {
  double mean = 0;
  double deviation = 0;
  double skewness = 0;
};

template <typename Draw>
Moments moments(int count, const Draw& draw) {
  double sum = 0;
  std::vector<double> values;
  for (int i = 0; i < count; ++i) {
    values.push_back(draw());
    sum += values.back();
  }
  Moments result{.mean = sum / count};
  double second = 0;
  double third = 0;
  for (const double value : values) {
    const double distance = value - result.mean;
    second += distance * distance;
    third += distance * distance * distance;
  }
  result.deviation = std::sqrt(second / count);
  result.skewness = third / count / std::pow(result.deviation, 3);
  return result;
}

constexpr int kDraws = 200'000;
double in_microseconds(Duration duration) { return static_cast<double>(duration.count()) / 1000; }

TEST(Jitter, UniformDelaysHaveTheMomentsOfAUniformDistribution) {
  RandomStream random{1, "uniform"};
  const Jitter jitter{JitterShape::uniform, 1ms, 200us};
  const Moments found =
      moments(kDraws, [&] { return in_microseconds(draw_jitter(jitter, random)); });

  EXPECT_NEAR(found.mean, 1000, 1.5);
  EXPECT_NEAR(found.deviation, 200 / std::sqrt(3.0), 1);
  EXPECT_NEAR(found.skewness, 0, 0.03);
}

TEST(Jitter, NormalDelaysHaveTheMomentsOfANormalDistribution) {
  RandomStream random{1, "normal"};
  const Jitter jitter{JitterShape::normal, 1ms, 100us};
  const Moments found =
      moments(kDraws, [&] { return in_microseconds(draw_jitter(jitter, random)); });

  EXPECT_NEAR(found.mean, 1000, 1);
  EXPECT_NEAR(found.deviation, 100, 0.8);
  EXPECT_NEAR(found.skewness, 0, 0.03);
}

TEST(Jitter, TheSharesOfANormalDistributionLieWhereTablesPutThem) {
  RandomStream random{2, "normal"};
  int within_one = 0;
  int within_two = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double value = draw_half_normal(random).as_double();
    within_one += value < 1 ? 1 : 0;
    within_two += value < 2 ? 1 : 0;
  }
  EXPECT_NEAR(within_one / double{kDraws}, 0.682689, 0.004);
  EXPECT_NEAR(within_two / double{kDraws}, 0.954500, 0.002);
}

TEST(Jitter, ExponentialDelaysHaveTheMomentsOfAnExponentialDistribution) {
  RandomStream random{1, "exponential"};
  const Jitter jitter{JitterShape::exponential, 1ms};
  const Moments found =
      moments(kDraws, [&] { return in_microseconds(draw_jitter(jitter, random)); });

  EXPECT_NEAR(found.mean, 1000, 8);
  EXPECT_NEAR(found.deviation, 1000, 15);
  EXPECT_NEAR(found.skewness, 2, 0.15);
}

TEST(Jitter, AnExponentialVariateExceedsTwoWithItsProbability) {
  RandomStream random{3, "exponential"};
  int above = 0;
  for (int i = 0; i < kDraws; ++i) above += draw_exponential(random).as_double() > 2 ? 1 : 0;

  EXPECT_NEAR(above / double{kDraws}, 0.135335, 0.0026);
}

TEST(Jitter, IsNeverNegative) {
  RandomStream random{4, "negative"};
  const Jitter normal{JitterShape::normal, 10us, 100us};
  const Jitter uniform{JitterShape::uniform, 10us, 100us};
  for (int i = 0; i < 10'000; ++i) {
    ASSERT_GE(draw_jitter(normal, random), 0ns);
    ASSERT_GE(draw_jitter(uniform, random), 0ns);
  }
}

TEST(Jitter, AFixedPointProductIsExactAndSaturates) {
  const FixedPoint half_more{.whole = 2, .fraction = std::uint64_t{1} << 63};
  EXPECT_EQ(half_more.times(3ns), 7ns);
  EXPECT_EQ(half_more.times(1h), 2h + 30min);
  EXPECT_EQ((FixedPoint{.whole = 1000}).times(Duration::max()), Duration::max());
}

// The sequence is part of what a seed promises, on every compiler. The numbers were computed with
// exact rational arithmetic by an independent implementation in another language.
TEST(Jitter, TheDelaysOfASeedAreFixed) {
  RandomStream random{42, "fixed"};
  const Jitter normal{JitterShape::normal, 1ms, 100us};
  const Jitter exponential{JitterShape::exponential, 1ms};

  EXPECT_EQ(draw_jitter(normal, random), 1'079'875ns);
  EXPECT_EQ(draw_jitter(exponential, random), 1'658'036ns);
  EXPECT_EQ(draw_jitter(normal, random), 857'957ns);
  EXPECT_EQ(draw_jitter(exponential, random), 2'035'180ns);
  EXPECT_EQ(draw_jitter(normal, random), 882'685ns);
  EXPECT_EQ(draw_jitter(exponential, random), 23'599ns);
}

}  // namespace
}  // namespace strata::sim
