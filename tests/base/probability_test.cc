// SPDX-License-Identifier: MIT

#include "stack/base/random.h"

namespace strata {
namespace {

TEST(Probability, IsParsedExactlyFromDecimals) {
  const auto one_percent = Probability::ratio(1, 100);
  for (const char* text : {"0.01", "1 %", "1%", "1e-2", "1/100", " 0.010 ", "10e-3", "0.1e-1",
                           "2/200", "1.0 %", ".01", "100e-2 %"}) {
    EXPECT_EQ(Probability::parse(text), one_percent) << text;
  }
}

TEST(Probability, NeverAndAlwaysAreExact) {
  for (const char* text : {"0", "0.0", "0 %", "0/7", "0e-6"}) {
    EXPECT_TRUE(Probability::parse(text)->is_never()) << text;
  }
  for (const char* text : {"1", "1.0", "100 %", "7/7", "1e0", "0.1e1"}) {
    EXPECT_TRUE(Probability::parse(text)->is_always()) << text;
  }
}

TEST(Probability, NothingElseIsAccepted) {
  for (const char* text : {"",  " ",    "%",     "1.5",   "101 %", "-0.1",    "2/1",   "1/0",
                           "a", "0.1x", "1 e-2", "0.1.1", "1//2",  "1/2/3",   "1e",    "1e+",
                           ".", "0,5",  "nan",   "inf",   "1e99",  "0.5 % %", "1e-2/3"}) {
    EXPECT_FALSE(Probability::parse(text)) << text;
  }
}

TEST(Probability, AHalfIsHalfOfTheDraws) {
  EXPECT_EQ(Probability::parse("0.5")->threshold(), std::uint64_t{1} << 63);
  EXPECT_EQ(Probability::parse("1/4")->threshold(), std::uint64_t{1} << 62);
  EXPECT_DOUBLE_EQ(Probability::parse("0.25")->as_double(), 0.25);
}

TEST(Probability, ATinyOneIsNotNever) {
  for (const char* text : {"1e-9", "1e-19", "1e-30", "1e-40"}) {
    const auto probability = Probability::parse(text);
    ASSERT_TRUE(probability) << text;
    EXPECT_FALSE(probability->is_never()) << text;
    EXPECT_FALSE(probability->is_always()) << text;
  }
  EXPECT_NEAR(Probability::parse("1e-9")->as_double(), 1e-9, 1e-18);
}

TEST(Probability, NeverNeverHitsAndAlwaysAlwaysDoes) {
  RandomStream random(1, "extremes");
  for (int i = 0; i < 1000; ++i) {
    EXPECT_FALSE(random.chance(Probability::never()));
    EXPECT_TRUE(random.chance(Probability::always()));
  }
}

TEST(Probability, HitsAsOftenAsItSays) {
  RandomStream random(1, "share");
  int hits = 0;
  for (int i = 0; i < 100'000; ++i) hits += random.chance(Probability::ratio(3, 10)) ? 1 : 0;
  EXPECT_NEAR(hits, 30'000, 600);  // four standard deviations
}

}  // namespace
}  // namespace strata
