// SPDX-License-Identifier: MIT
// The timers of one connection: an array indexed by an enum, and the one instant the owner has to
// be woken at. That instant is maintained lazily: moving a timer back (each ACK restarts the
// retransmission timer) costs a store and leaves the owner's wake-up alone, which then comes too
// early once and is renewed by settle().
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

#include "stack/base/time.h"

namespace strata::tcp {

enum class Timer : std::uint8_t {
  reordering,      // RACK looks again for losses, RFC 8985 6
  loss_probe,      // RFC 8985 7; before the time-out, which it puts off
  retransmission,  // RFC 6298
  persist,         // RFC 9293 3.8.6.1, and the override of 3.8.6.2.1
  delayed_ack,     // RFC 9293 3.8.6.3
  time_wait,       // 2 MSL
  fin_wait_2,      // the peer never closes after our user has gone
  pacing,          // the next segment may leave
  keepalive,       // RFC 9293 3.8.4
};
inline constexpr std::size_t kTimers = static_cast<std::size_t>(Timer::keepalive) + 1;

// "reordering", "loss-probe", "retransmission", "persist", "delayed-ack", "time-wait",
// "fin-wait-2", "pacing", "keepalive".
std::string_view to_text(Timer timer);

class TimerTable {
 public:
  TimerTable() { deadlines_.fill(kNever); }

  void set(Timer timer, Instant deadline);
  void cancel(Timer timer);
  void cancel_all();
  bool is_armed(Timer timer) const { return deadline(timer) != kNever; }
  bool is_any_armed() const { return armed_ != 0; }
  Instant deadline(Timer timer) const { return deadlines_[static_cast<std::size_t>(timer)]; }

  // Not later than the earliest deadline; kNever when nothing is armed.
  Instant wake_up() const { return wake_up_; }
  // Takes out a timer whose deadline is not later than `now`, in the order of the enum.
  std::optional<Timer> pop_due(Instant now);
  // Makes wake_up() exact.
  void settle();

 private:
  std::array<Instant, kTimers> deadlines_;
  Instant wake_up_ = kNever;
  std::uint16_t armed_ = 0;  // one bit per timer
};

}  // namespace strata::tcp
