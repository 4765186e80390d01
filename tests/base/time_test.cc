// SPDX-License-Identifier: MIT
#include "stack/base/time.h"

namespace strata {
namespace {

TEST(Time, ADurationIsPrintedInTheUnitThatKeepsItReadable) {
  EXPECT_EQ(to_text(Duration{0}), "0 ns");
  EXPECT_EQ(to_text(250ns), "250 ns");
  EXPECT_EQ(to_text(999ns), "999 ns");
  EXPECT_EQ(to_text(1us), "1 µs");
  EXPECT_EQ(to_text(1500ns), "1.5 µs");
  EXPECT_EQ(to_text(47666us), "47.666 ms");
  EXPECT_EQ(to_text(1500ms), "1.5 s");
  EXPECT_EQ(to_text(2min), "120 s");
}

TEST(Time, DigitsBeyondThePrecisionAreCutOff) {
  EXPECT_EQ(to_text(Duration{1'234'567}), "1.234 ms");
  EXPECT_EQ(to_text(Duration{1'234'567}, 6), "1.234567 ms");
  EXPECT_EQ(to_text(Duration{1'234'567}, 0), "1 ms");
  EXPECT_EQ(to_text(Duration{1'000'999}), "1 ms");
  EXPECT_EQ(to_text(Duration{999'999'999}), "999.999 ms");
}

TEST(Time, NegativeDurationsKeepTheirSign) {
  EXPECT_EQ(to_text(-1500us), "-1.5 ms");
  EXPECT_EQ(to_text(Duration::min(), 0), "-9223372036 s");
}

TEST(Time, AnInstantIsPrintedFromTheStartOfTheRun) {
  EXPECT_EQ(to_text(kStart + 22ms), "22 ms");
  EXPECT_EQ(to_text(kNever), "never");
}

TEST(Time, AnInstantThatDoesNotFitIsNever) {
  EXPECT_EQ(after(kStart, 5s), kStart + 5s);
  EXPECT_EQ(after(kStart + 1h, Duration::max()), kNever);
  EXPECT_EQ(after(kNever, 1ns), kNever);
  EXPECT_EQ(after(kNever, 0ns), kNever);
}

}  // namespace
}  // namespace strata
