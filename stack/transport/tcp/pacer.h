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
    constexpr std::uint64_t kNanoseconds = 1'000'000'000;
    if (rate == 0) return;
    next_ = after(std::max(next_, now),
                  Duration{static_cast<std::int64_t>(octets * kNanoseconds / rate)});
  }

 private:
  Instant next_{};
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
