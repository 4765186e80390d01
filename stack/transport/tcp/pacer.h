// SPDX-License-Identifier: MIT
// Spaces segments out in time: each one keeps the next waiting for as long as it takes to send it
// at the pacing rate.
#pragma once

#include <algorithm>
#include <cstdint>

#include "stack/base/time.h"

namespace strata::tcp {

class Pacer {
 public:
  // When the next segment may leave.
  Instant next() const { return next_; }
  // Nothing leaves before `until`.
  void hold(Instant until) { next_ = std::max(next_, until); }
  // `octets` leave at `rate` octets per second; 0: no limit.
  void on_sent(std::uint64_t octets, std::uint64_t rate, Instant now) {
    if (rate > 0) next_ = after(std::max(next_, now), time_of(octets, rate));
  }

  // --- by bursts ---
  // May a segment leave? So many octets then leave with it, without a wait between them.
  bool admit(std::uint64_t burst_octets, Instant now) {
    if (burst_left_ > 0 && burst_at_ == now) return true;
    if (next_ > now) return false;
    idle_ = now - next_;
    burst_left_ = burst_octets;
    burst_at_ = now;
    return true;
  }
  // As on_sent(): the next burst waits for as long as this one takes at `rate`.
  void on_even_burst_sent(std::uint64_t octets, std::uint64_t rate, Instant now) {
    burst_left_ -= std::min(burst_left_, octets);
    on_sent(octets, rate, now);
  }
  // As Linux does it: what was not used while nothing was sent shortens the wait, by half at most.
  void on_burst_sent(std::uint64_t octets, std::uint64_t rate, Instant now) {
    burst_left_ -= std::min(burst_left_, octets);
    if (rate == 0) {
      idle_ = {};
      return hold(now);
    }
    const Duration time = time_of(octets, rate);
    const Duration spared = std::min(time / 2, idle_);
    idle_ -= spared;
    next_ = after(std::max(next_, now), time - spared);
  }

 private:
  static Duration time_of(std::uint64_t octets, std::uint64_t rate) {
    return Duration{static_cast<std::int64_t>(octets * kNanosecondsPerSecond / rate)};
  }

  Instant next_{};
  Instant burst_at_{};
  std::uint64_t burst_left_ = 0;
  Duration idle_{};
};

// What Linux paces at when asked to pace an algorithm that gives no rate of its own: twice the
// window per round trip in slow start, 1.2 times in congestion avoidance.
constexpr std::uint64_t window_pacing_rate(std::uint32_t cwnd, bool is_slow_start, Duration srtt) {
  if (srtt <= Duration{}) return 0;
  const std::uint64_t per_second =
      std::uint64_t{cwnd} * 1'000'000'000 / static_cast<std::uint64_t>(srtt.count());
  return is_slow_start ? 2 * per_second : per_second + per_second / 5;
}

}  // namespace strata::tcp
