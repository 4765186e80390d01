// SPDX-License-Identifier: MIT
// BBR on a path made by hand: a bottleneck that delivers one segment per millisecond, 100 ms of
// propagation, a queue without end and no loss. The model must find both figures.
#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

#include "stack/transport/tcp/delivery_rate.h"
#include "stack/transport/tcp/pacer.h"

namespace strata::tcp::testing {
namespace {

constexpr std::uint32_t kSmss = 1000;
constexpr Duration kPropagation = 100ms;
constexpr Duration kPerSegment = 1ms;  // 1 MB/s: 100 segments fill the path

class Path {
 public:
  Path() { control->on_start(window, now, kPropagation); }

  void run_until(Instant end) {
    while (now < end) {
      send();
      Instant next = pacer.next() > now ? pacer.next() : kNever;
      if (!flight.empty()) next = std::min(next, flight.front().acknowledged);
      now = std::min(next, end);
      while (!flight.empty() && flight.front().acknowledged <= now) acknowledge();
    }
  }
  std::uint64_t queued() const {
    return link_free > now ? static_cast<std::uint64_t>((link_free - now) / kPerSegment) : 0;
  }

  std::unique_ptr<CongestionControl> control = make_bbr();
  CongestionWindow window{.smss = kSmss, .cwnd = 10 * kSmss};
  Instant now = kStart + 1s;
  std::uint64_t delivered = 0;
  std::uint32_t window_min = ~0U;
  std::uint64_t queue_max = 0;

 private:
  struct Segment {
    std::uint64_t end;
    Instant sent;
    Instant acknowledged;
  };

  void send() {
    while (flight.size() * kSmss < window.cwnd && pacer.next() <= now) {
      nxt += kSmss;
      link_free = std::max(link_free, now) + kPerSegment;
      sampler.on_sent(nxt, flight.empty(), now);
      flight.push_back({nxt, now, link_free + kPropagation});
      pacer.on_sent(kSmss, control->pacing_rate(window), now);
      queue_max = std::max(queue_max, queued());
    }
  }
  void acknowledge() {
    const Segment segment = flight.front();
    const std::uint64_t before = flight.size() * kSmss;
    flight.pop_front();
    delivered += kSmss;
    AckSample sample{.now = now,
                     .newly_acked = kSmss,
                     .newly_delivered = kSmss,
                     .flight_before = before,
                     .flight = before - kSmss,
                     .una = segment.end,
                     .nxt = nxt,
                     .rtt = now - segment.sent,
                     .srtt = now - segment.sent,
                     .is_cwnd_limited = true};
    sample.rate = sampler.on_delivered(kSmss, segment.end, segment.sent, sample.flight, now);
    control->on_ack(window, sample);
    window_min = std::min(window_min, window.cwnd);
  }

  DeliveryRateSampler sampler;
  Pacer pacer;
  std::deque<Segment> flight;
  std::uint64_t nxt = 1;
  Instant link_free{};
};

TEST(TcpBbr, FindsBandwidthAndRoundTripWithoutALoss) {
  Path path;
  path.run_until(kStart + 4s);
  // Gains of the cycle: 3/4 to 5/4 of 1 MB/s, one percent less.
  EXPECT_GE(path.control->pacing_rate(path.window), 700'000U);
  EXPECT_LE(path.control->pacing_rate(path.window), 1'260'000U);
  // Twice what the path holds.
  EXPECT_NEAR(path.window.cwnd, 200'000, 12'000);
}

TEST(TcpBbr, KeepsTheLinkBusyAndTheQueueShort) {
  Path path;
  path.run_until(kStart + 3s);
  const std::uint64_t before = path.delivered;
  path.queue_max = 0;
  path.run_until(kStart + 8s);
  EXPECT_GE(path.delivered - before, 4'900'000U);  // of 5 MB
  EXPECT_LE(path.queue_max, 40U);                  // a quarter of the path, while it probes
}

// Section 4.3.5: a round trip not confirmed for ten seconds is measured with four segments.
TEST(TcpBbr, ProbesTheRoundTripEveryTenSeconds) {
  Path path;
  path.run_until(kStart + 10s);
  EXPECT_GT(path.window_min, 4 * kSmss);
  path.run_until(kStart + 14s);
  EXPECT_EQ(path.window_min, 4 * kSmss);
  path.run_until(kStart + 16s);
  EXPECT_NEAR(path.window.cwnd, 200'000, 12'000);  // and goes on as before
}

// Section 4.2.3.4: packets are conserved for a round, then the window comes back.
TEST(TcpBbr, LossDoesNotHalveTheWindow) {
  Path path;
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
