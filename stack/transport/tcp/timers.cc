// SPDX-License-Identifier: MIT
#include "stack/transport/tcp/timers.h"

#include <algorithm>

namespace strata::tcp {
namespace {

constexpr std::uint16_t bit(Timer timer) {
  return static_cast<std::uint16_t>(1U << static_cast<unsigned>(timer));
}

}  // namespace

std::string_view to_text(Timer timer) {
  switch (timer) {
    case Timer::reordering:
      return "reordering";
    case Timer::loss_probe:
      return "loss-probe";
    case Timer::retransmission:
      return "retransmission";
    case Timer::persist:
      return "persist";
    case Timer::delayed_ack:
      return "delayed-ack";
    case Timer::time_wait:
      return "time-wait";
    case Timer::fin_wait_2:
      return "fin-wait-2";
    case Timer::pacing:
      return "pacing";
    case Timer::keepalive:
      return "keepalive";
  }
  return "?";
}

void TimerTable::set(Timer timer, Instant deadline) {
  deadlines_[static_cast<std::size_t>(timer)] = deadline;
  armed_ |= bit(timer);
  wake_up_ = std::min(wake_up_, deadline);
}

void TimerTable::cancel(Timer timer) {
  deadlines_[static_cast<std::size_t>(timer)] = kNever;
  armed_ &= static_cast<std::uint16_t>(~bit(timer));
  if (armed_ == 0) wake_up_ = kNever;
}

void TimerTable::cancel_all() {
  deadlines_.fill(kNever);
  armed_ = 0;
  wake_up_ = kNever;
}

std::optional<Timer> TimerTable::pop_due(Instant now) {
  for (std::size_t i = 0; i < kTimers; ++i) {
    if (deadlines_[i] > now) continue;
    const auto timer = static_cast<Timer>(i);
    cancel(timer);
    return timer;
  }
  return std::nullopt;
}

void TimerTable::settle() { wake_up_ = *std::min_element(deadlines_.begin(), deadlines_.end()); }

}  // namespace strata::tcp
