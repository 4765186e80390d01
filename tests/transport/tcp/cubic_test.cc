// SPDX-License-Identifier: MIT
// CUBIC against the figures of RFC 9438, and HyStart++ against the rules of RFC 9406.
#include "stack/transport/tcp/cubic.h"

#include <gtest/gtest.h>

#include "stack/transport/tcp/hystart.h"

namespace strata::tcp::testing {
namespace {

constexpr std::uint32_t kSegmentBytes = 1000;

AckSample acked(std::uint64_t octets, Instant now) {
  return {.now = now, .newly_acked = octets, .srtt = 100ms, .is_cwnd_limited = true};
}

// A controller that has met congestion at 100 segments and left recovery at 70.
struct AtSeventy {
  Cubic cubic;
  CongestionWindow window{.smss = kSegmentBytes, .cwnd = 100 * kSegmentBytes};
  Instant start = kStart + 1s;

  AtSeventy() {
    window.ssthresh = cubic.ssthresh_after(CongestionEvent::loss, window, window.cwnd, kStart);
    window.cwnd = window.ssthresh;
    cubic.on_ack(window, acked(kSegmentBytes, start));
  }
};

TEST(TcpCubic, CubeRootIsExact) {
  for (const std::uint64_t root : {0ULL, 1ULL, 2ULL, 7ULL, 1000ULL, 2642244ULL}) {
    EXPECT_EQ(integer_cube_root(root * root * root), root);
    if (root > 0) {
      EXPECT_EQ(integer_cube_root(root * root * root - 1), root - 1);
    }
  }
}

// verifies RFC 9438 4.6
TEST(TcpCubic, ReductionIsToSevenTenthsAndNotBelowTwoSegments) {
  Cubic cubic;
  const CongestionWindow window{.smss = kSegmentBytes, .cwnd = 100 * kSegmentBytes};
  EXPECT_EQ(cubic.ssthresh_after(CongestionEvent::loss, window, 100 * kSegmentBytes, kStart),
            70 * kSegmentBytes);
  EXPECT_EQ(cubic.ssthresh_after(CongestionEvent::ecn, window, kSegmentBytes, kStart),
            2 * kSegmentBytes);
}

// verifies RFC 9438 4.2: W_max = 100 gives K = cubic root of 100 * 0.3 / 0.4 = 4.217 s
TEST(TcpCubic, WindowBeginsAtSeventyAndIsAHundredAfterK) {
  const AtSeventy at;
  EXPECT_NEAR(static_cast<double>(at.cubic.k().count()) / 1e9, 4.217, 0.001);
  EXPECT_NEAR(static_cast<double>(at.cubic.window_at(0s, kSegmentBytes)), 70'000, 50);
  EXPECT_NEAR(static_cast<double>(at.cubic.window_at(at.cubic.k(), kSegmentBytes)), 100'000, 1);
  // C * (2 s)^3 = 3.2 segments beyond the plateau.
  EXPECT_NEAR(static_cast<double>(at.cubic.window_at(at.cubic.k() + 2s, kSegmentBytes)), 103'200,
              10);
}

// verifies RFC 9438 4.4, 4.5: with an ACK for every segment cwnd follows W_cubic(t + RTT)
TEST(TcpCubic, WindowFollowsTheCurve) {
  AtSeventy at;
  Instant now = at.start;
  while (now < at.start + 6s) {
    const std::uint32_t cwnd = at.window.cwnd;
    for (std::uint32_t octets = 0; octets < cwnd; octets += kSegmentBytes) {
      at.cubic.on_ack(at.window, acked(kSegmentBytes, now));
    }
    now += 100ms;
  }
  const auto target = static_cast<double>(at.cubic.window_at(now - at.start, kSegmentBytes));
  EXPECT_NEAR(at.window.cwnd, target, 0.02 * target);
  EXPECT_GT(at.window.cwnd, 101'000U);  // convex by now
}

// verifies RFC 9438 4.2: the target is at most 1.5 times cwnd, so that one round trip adds no more
// than half
TEST(TcpCubic, GrowthOfOneRoundTripIsBounded) {
  AtSeventy at;
  const std::uint32_t before = at.window.cwnd;
  const Instant late = at.start + 60s;  // W_cubic is far beyond
  at.cubic.on_ack(at.window,
                  acked(before / kSegmentBytes * kSegmentBytes, late));  // whole segments
  EXPECT_LE(at.window.cwnd, before + before / 2);
  EXPECT_GT(at.window.cwnd, before + before / 3);
}

// verifies RFC 9438 4.3: on a short path W_est rules: alpha = 9/17 segment per window
TEST(TcpCubic, RenoFriendlyWindowGrowsByNineSeventeenthsPerRoundTrip) {
  Cubic cubic;
  CongestionWindow window{.smss = kSegmentBytes, .cwnd = 20 * kSegmentBytes};
  window.ssthresh = cubic.ssthresh_after(CongestionEvent::loss, window, window.cwnd, kStart);
  window.cwnd = window.ssthresh;
  Instant now = kStart;
  const auto one_round_trip = [&] {
    const std::uint32_t segments = window.cwnd / kSegmentBytes;  // whole ones
    for (std::uint32_t i = 0; i < segments; ++i) {
      AckSample sample = acked(kSegmentBytes, now);
      sample.srtt = 1ms;
      cubic.on_ack(window, sample);
    }
    now += 1ms;
  };
  for (int i = 0; i < 5; ++i) one_round_trip();
  EXPECT_NEAR(window.cwnd, 14'000 + 5 * 1000 * 9 / 17, 30);
  // From cwnd_prior on it is one segment, as Reno.
  while (window.cwnd < 21 * kSegmentBytes) one_round_trip();
  const std::uint32_t from = window.cwnd;
  for (int i = 0; i < 5; ++i) one_round_trip();
  EXPECT_NEAR(window.cwnd, from + 5000, 150);
}

// verifies RFC 9438 4.7
TEST(TcpCubic, FastConvergenceRemembersLessWhenTheWindowCameDown) {
  Cubic cubic;
  CongestionWindow window{.smss = kSegmentBytes, .cwnd = 100 * kSegmentBytes};
  cubic.ssthresh_after(CongestionEvent::loss, window, window.cwnd, kStart);
  EXPECT_EQ(cubic.w_max(), 100 * kSegmentBytes);
  window.cwnd = 80 * kSegmentBytes;
  cubic.ssthresh_after(CongestionEvent::loss, window, window.cwnd, kStart);
  EXPECT_EQ(cubic.w_max(), 68 * kSegmentBytes);  // 80 * (1 + 0.7) / 2
  window.fast_convergence = false;
  window.cwnd = 60 * kSegmentBytes;
  cubic.ssthresh_after(CongestionEvent::loss, window, window.cwnd, kStart);
  EXPECT_EQ(cubic.w_max(), 60 * kSegmentBytes);
}

// verifies RFC 9438 4.8
TEST(TcpCubic, AfterATimeoutTheCurveStartsAtItsPlateau) {
  Cubic cubic;
  CongestionWindow window{.smss = kSegmentBytes, .cwnd = 100 * kSegmentBytes};
  window.ssthresh = cubic.ssthresh_after(CongestionEvent::timeout, window, window.cwnd, kStart);
  EXPECT_EQ(window.ssthresh, 70 * kSegmentBytes);
  window.cwnd = window.ssthresh;  // slow start has come back to it
  cubic.on_ack(window, acked(kSegmentBytes, kStart + 1s));
  EXPECT_EQ(cubic.k(), Duration{});
  EXPECT_EQ(cubic.w_max(), 70 * kSegmentBytes);
}

// verifies RFC 9438 4.9
TEST(TcpCubic, UndoPutsTheCurveBack) {
  AtSeventy at;
  const Duration k = at.cubic.k();
  at.cubic.ssthresh_after(CongestionEvent::loss, at.window, 50 * kSegmentBytes, at.start + 1s);
  EXPECT_NE(at.cubic.w_max(), 100 * kSegmentBytes);
  at.cubic.on_undo(at.window, at.start + 1s);
  EXPECT_EQ(at.cubic.w_max(), 100 * kSegmentBytes);
  EXPECT_EQ(at.cubic.k(), k);
}

// verifies RFC 9438 4.2: t leaves out the time in which the window was not used
TEST(TcpCubic, UnusedTimeDoesNotCount) {
  AtSeventy at;
  AtSeventy other;
  AckSample idle = acked(kSegmentBytes, at.start + 3s);
  idle.is_cwnd_limited = false;
  at.cubic.on_ack(at.window, idle);
  EXPECT_EQ(at.window.cwnd, other.window.cwnd);
  at.cubic.on_transmission_start(at.window, at.start + 8s, 5s);
  for (int i = 0; i < 70; ++i) {
    at.cubic.on_ack(at.window, acked(kSegmentBytes, at.start + 8s + 100ms));
    other.cubic.on_ack(other.window, acked(kSegmentBytes, other.start + 100ms));
  }
  EXPECT_EQ(at.window.cwnd, other.window.cwnd);
}

// Rounds of 20 ACKs with this round-trip time.
struct SlowStart {
  HyStart hystart;
  CongestionWindow window{.smss = kSegmentBytes, .cwnd = 10 * kSegmentBytes};
  std::uint64_t una = 1;

  void round(Duration rtt) {
    const std::uint64_t end = una + 20000;
    while (una < end) {
      una += kSegmentBytes;
      hystart.on_ack(window,
                     {.newly_acked = kSegmentBytes, .una = una, .nxt = end + 500, .rtt = rtt});
    }
  }
};

// verifies RFC 9406 4.2
TEST(TcpHyStart, RisingRoundTripsLeadToConservativeSlowStart) {
  SlowStart at;
  at.round(100ms);
  at.round(100ms);
  EXPECT_FALSE(at.hystart.is_conservative());
  at.round(109ms);  // the threshold is an eighth: 12.5 ms
  EXPECT_FALSE(at.hystart.is_conservative());
  at.round(124ms);
  EXPECT_TRUE(at.hystart.is_conservative());
  const std::uint32_t before = at.window.cwnd;
  at.round(124ms);
  EXPECT_EQ(at.window.cwnd, before + 20 * kSegmentBytes / 4);
  EXPECT_TRUE(at.window.is_slow_start());
}

// verifies RFC 9406 4.2: five rounds of CSS end slow start
TEST(TcpHyStart, FiveConservativeRoundsEndSlowStart) {
  SlowStart at;
  at.round(100ms);
  at.round(100ms);
  at.round(130ms);
  int rounds = 0;
  while (at.window.is_slow_start() && rounds < 10) {
    at.round(130ms);
    ++rounds;
  }
  EXPECT_EQ(rounds, 5);
}

// verifies RFC 9406 4.2: a round-trip time below the baseline takes slow start up again
TEST(TcpHyStart, JitterDoesNotEndSlowStart) {
  SlowStart at;
  at.round(100ms);
  at.round(100ms);
  at.round(130ms);
  at.round(100ms);
  EXPECT_FALSE(at.hystart.is_conservative());
  EXPECT_TRUE(at.window.is_slow_start());
}

}  // namespace
}  // namespace strata::tcp::testing
