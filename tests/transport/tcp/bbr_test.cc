// SPDX-License-Identifier: MIT
// BBR on a path made by hand: a bottleneck that delivers one segment per millisecond, 100 ms of
// propagation, a queue without end and no loss. The model must find both figures.
#include <gtest/gtest.h>

#include "tests/transport/tcp/bottleneck_path.h"

namespace strata::tcp::testing {
namespace {

constexpr std::uint32_t kSmss = BottleneckPath::kSmss;

class BbrPath : public BottleneckPath {
 public:
  BbrPath() : BottleneckPath(make_bbr()) {}
};

TEST(TcpBbr, FindsBandwidthAndRoundTripWithoutALoss) {
  BbrPath path;
  path.run_until(kStart + 4s);
  // Gains of the cycle: 3/4 to 5/4 of 1 MB/s, one percent less.
  EXPECT_GE(path.control->pacing_rate(path.window), 700'000U);
  EXPECT_LE(path.control->pacing_rate(path.window), 1'260'000U);
  // Twice what the path holds.
  EXPECT_NEAR(path.window.cwnd, 200'000, 12'000);
}

TEST(TcpBbr, KeepsTheLinkBusyAndTheQueueShort) {
  BbrPath path;
  path.run_until(kStart + 3s);
  const std::uint64_t before = path.delivered;
  path.queue_max = 0;
  path.run_until(kStart + 8s);
  EXPECT_GE(path.delivered - before, 4'900'000U);  // of 5 MB
  EXPECT_LE(path.queue_max, 40U);                  // a quarter of the path, while it probes
}

// Section 4.3.5: a round trip not confirmed for ten seconds is measured with four segments.
TEST(TcpBbr, ProbesTheRoundTripEveryTenSeconds) {
  BbrPath path;
  path.run_until(kStart + 10s);
  EXPECT_GT(path.window_min, 4 * kSmss);
  path.run_until(kStart + 14s);
  EXPECT_EQ(path.window_min, 4 * kSmss);
  path.run_until(kStart + 16s);
  EXPECT_NEAR(path.window.cwnd, 200'000, 12'000);  // and goes on as before
}

// Section 4.2.3.4: packets are conserved for a round, then the window comes back.
TEST(TcpBbr, LossDoesNotHalveTheWindow) {
  BbrPath path;
  path.run_until(kStart + 4s);
  const std::uint32_t cwnd = path.window.cwnd;
  const std::uint32_t ssthresh =
      path.control->ssthresh_after(CongestionEvent::loss, path.window, 100'000, path.now);
  EXPECT_EQ(ssthresh, path.window.ssthresh);
  path.control->on_reduced(CongestionEvent::loss, path.window);
  EXPECT_LE(path.window.cwnd, 100'000U);
  path.run_until(path.now + 50ms);
  path.control->on_recovered(path.window, path.now);
  EXPECT_GE(path.window.cwnd, cwnd);
}

}  // namespace
}  // namespace strata::tcp::testing
