// SPDX-License-Identifier: MIT
// Vegas keeps between two and four segments of its own in the bottleneck's queue.
#include <gtest/gtest.h>

#include "stack/transport/tcp/congestion.h"

namespace strata::tcp::testing {
namespace {

struct Path {
  std::unique_ptr<CongestionControl> control = make_vegas();
  CongestionWindow window{.smss = 1000, .cwnd = 10'000};
  std::uint64_t una = 1;

  // One window of ACKs on a path of `base` that drains a segment per millisecond: what does not fit
  // into base waits.
  void round_trip(Duration base) {
    const std::uint64_t segments = window.cwnd / window.smss;
    const Duration rtt = std::max<Duration>(base, static_cast<std::int64_t>(segments) * 1ms);
    const std::uint64_t end = una + window.cwnd;
    for (std::uint64_t i = 0; i < segments; ++i) {
      una += 1000;
      control->on_ack(
          window,
          {.newly_acked = 1000, .una = una, .nxt = end, .rtt = rtt, .is_cwnd_limited = true});
    }
  }
};

TEST(TcpVegas, SettlesWithTwoToFourSegmentsQueued) {
  Path path;
  path.window.ssthresh = 15'000;
  for (int i = 0; i < 200; ++i) {
    const std::uint64_t segments = path.window.cwnd / 1000;
    const Duration rtt = std::max<Duration>(20ms, static_cast<std::int64_t>(segments) * 1ms);
    const std::uint64_t end = path.una + path.window.cwnd;
    bool is_first_round = i == 0;
    while (path.una < end) {
      path.una += 1000;
      path.control->on_ack(path.window, {.newly_acked = 1000,
                                         .una = path.una,
                                         .nxt = path.una + path.window.cwnd,
                                         .rtt = is_first_round ? Duration{20ms} : rtt,
                                         .is_cwnd_limited = true});
    }
  }
  // 20 segments fill the path without a queue.
  EXPECT_GE(path.window.cwnd, 22'000U);
  EXPECT_LE(path.window.cwnd, 25'000U);
}

TEST(TcpVegas, LeavesSlowStartWhenAQueueForms) {
  Path path;
  for (int i = 0; i < 20; ++i) path.round_trip(20ms);
  EXPECT_FALSE(path.window.is_slow_start());
  EXPECT_LE(path.window.cwnd, 40'000U);
}

TEST(TcpVegas, LossHalvesAsReno) {
  const auto control = make_vegas();
  const CongestionWindow window{.smss = 1000, .cwnd = 20'000};
  EXPECT_EQ(control->ssthresh_after(CongestionEvent::loss, window, 20'000, kStart), 10'000U);
}

}  // namespace
}  // namespace strata::tcp::testing
