// SPDX-License-Identifier: MIT
// A sender of full segments under a congestion control that owns its window, and a path made by
// hand: a bottleneck that delivers one segment per `per_segment`, a queue, propagation. A segment
// that finds the queue full is dropped, and taken for lost when three sent later have arrived.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <memory>
#include <utility>
#include <vector>

#include "stack/transport/tcp/delivery_rate.h"
#include "stack/transport/tcp/pacer.h"

namespace strata::tcp::testing {

class BottleneckPath {
 public:
  static constexpr std::uint32_t kSmss = 1000;
  static constexpr Duration kPropagation = 100ms;

  explicit BottleneckPath(std::unique_ptr<CongestionControl> algorithm)
      : control(std::move(algorithm)) {
    control->on_start(window, now, kPropagation);
  }

  void run_until(Instant end) {
    while (now < end) {
      send();
      Instant next = pacer.next() > now ? pacer.next() : kNever;
      if (is_app_limited()) next = app_next;
      const auto first = first_to_arrive();
      if (first != flight.end()) next = std::min(next, first->acknowledged);
      now = std::min(next, end);
      for (auto it = first_to_arrive(); it != flight.end() && it->acknowledged <= now;
           it = first_to_arrive()) {
        acknowledge(it);
      }
    }
  }
  void run_for(Duration time) { run_until(now + time); }

  std::uint64_t queued() const {
    return link_free > now ? static_cast<std::uint64_t>((link_free - now) / per_segment) : 0;
  }
  std::uint64_t in_flight() const { return flight.size() * kSmss; }

  std::unique_ptr<CongestionControl> control;
  CongestionWindow window{.smss = kSmss, .cwnd = 10 * kSmss};
  Instant now = kStart + 1s;
  Duration per_segment = 1ms;  // 1 MB/s: 100 segments fill the path
  std::uint64_t queue_limit = ~0ULL;
  Duration app_interval{};  // the user gives a segment each; zero: always enough
  bool drops_every_tenth = false;

  std::uint64_t sent = 0;       // segments
  std::uint64_t dropped = 0;    // segments
  std::uint64_t delivered = 0;  // octets
  std::uint32_t window_min = ~0U;
  std::uint64_t queue_max = 0;
  std::uint64_t flight_max = 0;
  Instant rate_up_at{};  // when the pacing rate was last above what the link takes

 private:
  struct Segment {
    std::uint64_t end;
    Instant sent;
    Instant acknowledged;
    bool is_dropped;
    int behind = 0;  // segments sent later that have arrived
  };

  bool is_app_limited() const { return app_interval > Duration{} && app_next > now; }

  std::deque<Segment>::iterator first_to_arrive() {
    return std::ranges::find_if(flight, [](const Segment& s) { return !s.is_dropped; });
  }

  void send() {
    while (in_flight() < window.cwnd && pacer.next() <= now && !is_app_limited()) {
      const std::uint64_t end = again.empty() ? (nxt += kSmss) : again.front();
      if (!again.empty()) again.pop_front();
      const bool is_lost = queued() >= queue_limit || (drops_every_tenth && ++since_drop % 10 == 0);
      if (!is_lost) link_free = std::max(link_free, now) + per_segment;
      dropped += is_lost ? 1 : 0;
      ++sent;
      flight.push_back({end, now, link_free + kPropagation, is_lost});
      sampler.on_sent(end, kSmss, in_flight(), now);
      pacer.on_sent(kSmss, control->pacing_rate(window), now);
      if (control->is_holding_back()) sampler.on_app_limited(in_flight());
      if (app_interval > Duration{}) {
        app_next = now + app_interval;
        sampler.on_app_limited(in_flight());
      }
      queue_max = std::max(queue_max, queued());
      flight_max = std::max(flight_max, in_flight());
    }
  }

  void acknowledge(std::deque<Segment>::iterator arrived) {
    const Segment segment = *arrived;
    const std::uint64_t before = in_flight();
    for (auto it = flight.begin(); it != arrived; ++it) ++it->behind;
    flight.erase(arrived);
    const std::uint64_t newly_lost = detect_losses();
    delivered += kSmss;
    AckSample sample{.now = now,
                     .newly_acked = kSmss,
                     .newly_delivered = kSmss,
                     .newly_lost = newly_lost,
                     .flight_before = before,
                     .flight = in_flight(),
                     .una = segment.end,
                     .nxt = nxt,
                     .rtt = now - segment.sent,
                     .srtt = now - segment.sent,
                     .is_cwnd_limited = true,
                     .is_recovering = is_recovering};
    sample.rate = sampler.on_delivered(kSmss, segment.end, segment.sent, sample.flight, now);
    sampler.forget_before(flight.empty() ? now : flight.front().sent);
    if (is_recovering && segment.sent > recovery_at) {
      is_recovering = false;
      control->on_recovered(window, now);
    }
    control->on_ack(window, sample);
    window_min = std::min(window_min, window.cwnd);
    if (control->pacing_rate(window) * static_cast<std::uint64_t>(per_segment.count()) >
        1'100'000'000ULL * kSmss) {
      rate_up_at = now;
    }
  }

  std::uint64_t detect_losses() {
    std::uint64_t octets = 0;
    while (!flight.empty() && flight.front().is_dropped && flight.front().behind >= 3) {
      const Segment lost = flight.front();
      flight.pop_front();
      again.push_back(lost.end);
      octets += kSmss;
      control->on_lost(window, sampler.on_lost({lost.end - kSmss, lost.end, lost.sent}, true, now));
      if (is_recovering) continue;
      is_recovering = true;
      recovery_at = now;
      window.ssthresh =
          control->ssthresh_after(CongestionEvent::loss, window, in_flight() + kSmss, now);
      control->on_reduced(CongestionEvent::loss, window);
    }
    return octets;
  }

  DeliveryRateSampler sampler;
  Pacer pacer;
  std::deque<Segment> flight;       // in order of departure
  std::deque<std::uint64_t> again;  // ends of segments to be sent again
  std::uint64_t nxt = 1;
  std::uint64_t since_drop = 0;
  Instant link_free{};
  Instant app_next{};
  Instant recovery_at{};
  bool is_recovering = false;
};

}  // namespace strata::tcp::testing
