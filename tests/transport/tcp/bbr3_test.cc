// SPDX-License-Identifier: MIT
// BBR version 3 on a path made by hand, after the example test cases of draft-ietf-ccwg-bbr: a
// bottleneck of 1 MB/s, 100 ms of propagation.
#include <gtest/gtest.h>

#include <vector>

#include "tests/transport/tcp/bottleneck_path.h"

namespace strata::tcp::testing {
namespace {

constexpr std::uint64_t kLink = 1'000'000;     // octets per second
constexpr std::uint64_t kPathHolds = 100'000;  // octets

class Bbr3Path : public BottleneckPath {
 public:
  Bbr3Path() : BottleneckPath(make_bbr3()) {}

  std::uint64_t rate() const { return control->pacing_rate(window); }
  // The rate is above the link's, as in ProbeBW_UP only once Startup is over.
  bool is_probing() const { return rate() > kLink * 11 / 10; }
  bool run_until_probing(Instant end) {
    while (!is_probing() && now < end) run_for(5ms);
    return is_probing();
  }
};

TEST(TcpBbr3, StartupEndsWhereBandwidthNoLongerGrows) {
  Bbr3Path path;
  std::uint64_t highest = 0;
  while (path.now < kStart + 4s) {
    path.run_for(5ms);
    highest = std::max(highest, path.rate());
  }
  EXPECT_NEAR(static_cast<double>(highest), 2.77 * kLink * 0.99, 0.03 * kLink);
  // Startup leaves at most as much in the queue as the path holds (and the first ten segments).
  EXPECT_LE(path.flight_max, 2 * kPathHolds + 10'000);
  // Drained, and within 2 % of the bandwidth.
  EXPECT_LE(path.queued(), 5U);
  EXPECT_NEAR(static_cast<double>(path.rate()), 0.99 * kLink, 0.02 * kLink);
  EXPECT_NEAR(path.window.cwnd, 2 * kPathHolds, 12'000);
}

TEST(TcpBbr3, BandwidthIsProbedEveryTwoToThreeSeconds) {
  Bbr3Path path;
  path.run_until(kStart + 4s);
  std::vector<Instant> probes;
  bool was_probing = path.is_probing();
  while (path.now < kStart + 30s) {
    path.run_for(5ms);
    if (path.is_probing() && !was_probing) probes.push_back(path.now);
    was_probing = path.is_probing();
  }
  ASSERT_GE(probes.size(), 7U);
  for (std::size_t i = 1; i < probes.size(); ++i) {
    // The wait counts from the end of a probe, which lasts some round trips, or of ProbeRTT.
    EXPECT_GE(probes[i] - probes[i - 1], 2s) << i;
    EXPECT_LE(probes[i] - probes[i - 1], 5s) << i;
  }
}

// As often as Reno would probe: 63 round trips at most, fewer where the path holds less.
TEST(TcpBbr3, AShortPathIsProbedAfterAsManyRoundsAsItHoldsSegments) {
  Bbr3Path path;
  path.per_segment = 10ms;  // ten segments
  path.run_until(kStart + 6s);
  std::uint32_t probes = 0;
  bool was_probing = false;
  while (path.now < kStart + 16s) {
    path.run_for(5ms);
    const bool is_probing = path.rate() > kLink / 10 * 11 / 10;
    probes += is_probing && !was_probing ? 1 : 0;
    was_probing = is_probing;
  }
  EXPECT_GE(probes, 5U);
}

TEST(TcpBbr3, TheLinkStaysBusyAndTheQueueShort) {
  Bbr3Path path;
  path.run_until(kStart + 3s);
  const std::uint64_t before = path.delivered;
  path.queue_max = 0;
  path.run_until(kStart + 9s);
  EXPECT_GE(path.delivered - before, 5'900'000U);  // of 6 MB
  EXPECT_LE(path.queue_max, 130U);  // while it probes: 1.25 times what the path holds
}

TEST(TcpBbr3, TheRoundTripIsMeasuredWithHalfOfWhatThePathHolds) {
  Bbr3Path path;
  path.run_until(kStart + 10s);
  path.window_min = ~0U;
  path.run_until(kStart + 13s);
  EXPECT_NEAR(path.window_min, kPathHolds / 2, 2500);
  path.run_until(kStart + 15s);
  EXPECT_GE(path.window.cwnd, 2 * kPathHolds - 12'000);
}

TEST(TcpBbr3, StartupGoesOnWhileTheUserSetsThePace) {
  Bbr3Path path;
  path.app_interval = 10ms;  // 100 kB/s
  path.run_until(kStart + 9s);
  EXPECT_GE(path.rate(), 270'000U);
}

TEST(TcpBbr3, StartupEndsWithLosses) {
  Bbr3Path path;
  path.queue_limit = 10;
  path.run_until(kStart + 3s);
  EXPECT_LE(path.rate(), kLink * 126 / 100);
  EXPECT_GE(path.rate(), kLink * 6 / 10);
}

// What version 1 loses in a short queue, version 3 learns from.
TEST(TcpBbr3, AShortQueueLosesLittle) {
  const auto losses_of_thousand = [](BottleneckPath& path) {
    path.queue_limit = 20;
    path.run_until(kStart + 6s);
    path.sent = path.dropped = path.delivered = 0;
    path.run_until(kStart + 36s);
    return path.dropped * 1000 / path.sent;
  };
  Bbr3Path path;
  BottleneckPath old(make_bbr());
  const std::uint64_t losses = losses_of_thousand(path);
  EXPECT_LE(losses, 5U);
  EXPECT_GE(losses_of_thousand(old), 3 * std::max<std::uint64_t>(losses, 1));
  EXPECT_GE(path.delivered, 26'000'000U);  // of 30 MB
}

// Between probes the flow leaves 15 % of what a probe found too much.
TEST(TcpBbr3, HeadroomIsLeftBelowWhatWasTooMuch) {
  Bbr3Path path;
  path.queue_limit = 50;
  path.run_until(kStart + 4s);
  ASSERT_TRUE(path.run_until_probing(kStart + 12s));
  while (path.is_probing()) path.run_for(5ms);
  path.run_for(1s);
  EXPECT_LE(path.window.cwnd, (kPathHolds + 57'000) * 85 / 100);
  EXPECT_GE(path.window.cwnd, kPathHolds);
}

TEST(TcpBbr3, LossBetweenProbesSlowsDownForTheShortTermOnly) {
  Bbr3Path path;
  path.run_until(kStart + 4s);
  ASSERT_TRUE(path.run_until_probing(kStart + 12s));
  while (path.is_probing()) path.run_for(5ms);
  path.run_for(500ms);
  const std::uint64_t before = path.rate();
  path.drops_every_tenth = true;
  path.run_for(1s);
  path.drops_every_tenth = false;
  EXPECT_LT(path.rate(), before * 9 / 10);
  EXPECT_GT(path.rate(), before / 5);
  ASSERT_TRUE(path.run_until_probing(path.now + 4s));
  path.run_for(3s);
  EXPECT_GE(path.rate(), before * 95 / 100);
}

TEST(TcpBbr3, ALossThatWasNoneBringsStartupBack) {
  Bbr3Path path;
  path.queue_limit = 10;
  while (path.now < kStart + 3s && path.rate() <= 2 * kLink) path.run_for(1ms);
  while (path.now < kStart + 3s && path.rate() > kLink) path.run_for(1ms);
  ASSERT_LE(path.rate(), kLink);  // Drain
  path.queue_limit = ~0ULL;
  path.control->on_undo(path.window, path.now);
  path.run_for(5ms);
  EXPECT_GE(path.rate(), 2 * kLink);
}

// "ECN": a mark is congestion.
TEST(TcpBbr3, AMarkEndsStartup) {
  Bbr3Path path;
  path.run_until(kStart + 1s + 250ms);
  const std::uint64_t rate = path.rate();
  path.control->ssthresh_after(CongestionEvent::ecn, path.window, path.in_flight(), path.now);
  path.control->on_reduced(CongestionEvent::ecn, path.window);
  path.run_for(20ms);
  EXPECT_LT(path.rate(), rate / 2);  // drains
}

TEST(TcpBbr3, ATimeOutLeavesOneSegmentAndTheWindowComesBack) {
  Bbr3Path path;
  path.run_until(kStart + 4s);
  const std::uint32_t cwnd = path.window.cwnd;
  path.control->ssthresh_after(CongestionEvent::timeout, path.window, path.in_flight(), path.now);
  path.control->on_reduced(CongestionEvent::timeout, path.window);
  EXPECT_EQ(path.window.cwnd, BottleneckPath::kSmss);
  path.control->on_recovered(path.window, path.now);
  EXPECT_EQ(path.window.cwnd, cwnd);
}

}  // namespace
}  // namespace strata::tcp::testing
