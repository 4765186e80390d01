// SPDX-License-Identifier: MIT
// CUBIC in whole segments, as Linux computes it: the figures follow from its integers by hand.
#include "stack/transport/tcp/counted_cubic.h"

#include <gtest/gtest.h>

#include "stack/base/time.h"

namespace strata::tcp::testing {
namespace {

constexpr std::uint32_t kSegment = 1000;

struct Counted {
  CountedCubic cubic;
  CongestionWindow window{.smss = kSegment, .cwnd = 0};
  Instant now = kStart + 1s;

  explicit Counted(std::uint32_t segments) { window.cwnd = segments * kSegment; }
  // `acks` ACKs of one segment each, `gap` apart.
  std::uint32_t after(int acks, Duration gap) {
    for (int i = 0; i < acks; ++i) {
      now += gap;
      cubic.grow(window, kSegment, now, Duration{});
    }
    return window.cwnd / kSegment;
  }
};

// Nothing is known of the path: the curve is flat, and 20 segments are worth one.
TEST(TcpCountedCubic, WithoutAKnownMaximumTwentySegmentsAreWorthOne) {
  Counted at{100};
  EXPECT_EQ(at.after(19, 1ms), 100U);
  EXPECT_EQ(at.after(1, 1ms), 101U);
  EXPECT_EQ(at.after(20, 1ms), 102U);
}

// W_est is a segment larger after 14 of seven segments (7 * 15/8 = 13), but while the window does
// not change that shows 32 ms after the last look; then 7 are worth one, and there are enough.
TEST(TcpCountedCubic, RenosWindowIsLookedAtThirtyTwoTimesASecond) {
  Counted at{7};
  EXPECT_EQ(at.after(1, 1ms), 7U);
  EXPECT_EQ(at.after(14, 2ms), 7U);
  EXPECT_EQ(at.after(1, 4ms), 8U);
}

// RFC 9438 4.2: K = cubic root of (100 - 70) / 0.4 = 4.217 s; until then the window grows to 100.
TEST(TcpCountedCubic, WindowComesBackToTheMaximum) {
  Counted at{100};
  at.after(1, 1ms);
  at.cubic.on_reduction(CongestionEvent::loss, at.window);
  at.window.cwnd = 70 * kSegment;
  const Instant begin = at.now;
  while (at.now - begin < 4217ms) at.after(1, 1ms);
  EXPECT_GE(at.window.cwnd, 99 * kSegment);
  EXPECT_LE(at.window.cwnd, 100 * kSegment);
}

// However steep the curve: half a segment for each, so that the window is no more than 1.5 times as
// large after a round trip.
TEST(TcpCountedCubic, TwoSegmentsAreWorthOneAtMost) {
  Counted at{10};
  at.after(1, 1ms);
  at.now += 10s;  // target: 0.4 * 1000 segments above
  const std::uint32_t before = at.after(1, 1ms);
  EXPECT_EQ(at.after(20, 1ms), before + 10);
}

// After a time-out nothing is known any more, and a pause is no time for growth.
TEST(TcpCountedCubic, TimeOutForgetsAndPausesDoNotCount) {
  Counted at{50};
  at.after(1, 1ms);
  at.cubic.on_reduction(CongestionEvent::loss, at.window);
  at.cubic.on_reduction(CongestionEvent::timeout, at.window);
  EXPECT_EQ(at.after(19, 1ms), 50U);
  EXPECT_EQ(at.after(1, 1ms), 51U);
  at.now += 20s;
  at.cubic.on_transmission_start(at.now, 20s);
  EXPECT_EQ(at.after(19, 1ms), 51U);
}

}  // namespace
}  // namespace strata::tcp::testing
