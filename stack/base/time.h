// SPDX-License-Identifier: MIT
// Virtual time. One clock whose epoch is the start of the run; nanoseconds throughout. The stack
// never asks what time it is: every call that needs to know is told (`now`).
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace strata {

using Duration = std::chrono::nanoseconds;

// Tag clock: there is deliberately no now(). Instants come from the driver (simulator, device
// loop).
struct RunClock {
  using duration = Duration;
  using rep = Duration::rep;
  using period = Duration::period;
  using time_point = std::chrono::time_point<RunClock>;
  static constexpr bool is_steady = true;
};

using Instant = RunClock::time_point;

// "No deadline". Compares later than every real instant.
inline constexpr Instant kNever = Instant::max();
inline constexpr Instant kStart{};

inline constexpr std::int64_t kNanosecondsPerSecond = 1'000'000'000;

using std::chrono_literals::operator""h;
using std::chrono_literals::operator""min;
using std::chrono_literals::operator""s;
using std::chrono_literals::operator""ms;
using std::chrono_literals::operator""us;
using std::chrono_literals::operator""ns;

// The instant `delay` after `from`, or kNever where that does not fit.
constexpr Instant after(Instant from, Duration delay) {
  return delay > kNever - from ? kNever : from + delay;
}

// "47.666 ms", "1.5 s", "250 ns": the shortest unit that keeps the number readable; at most
// `decimals` fractional digits, trailing zeros removed.
std::string to_text(Duration duration, int decimals = 3);
// The same for an instant, as the duration since the start of the run.
std::string to_text(Instant instant, int decimals = 3);

}  // namespace strata
