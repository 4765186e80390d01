// SPDX-License-Identifier: MIT
// Keep-alives (RFC 9293 3.8.4): is the peer of a connection on which nothing happens still there?
// This decides when to ask and when to give up; the connection owns the timer and sends the probe.
#pragma once

#include <algorithm>
#include <cstdint>

#include "stack/base/time.h"

namespace strata::tcp {

// Off unless asked for (MUST-24, MUST-25).
struct KeepaliveSettings {
  bool enabled = false;
  Duration idle{2h};        // silence before the first probe (MUST-27, MUST-28)
  Duration interval{75s};   // between probes
  std::uint8_t probes = 9;  // in a row without any answer before the peer is taken for dead
  friend bool operator==(const KeepaliveSettings&, const KeepaliveSettings&) = default;
};

class Keepalive {
 public:
  enum class Verdict : std::uint8_t {
    wait,   // not yet, or something is in flight that will tell
    probe,  // ask the peer
    dead,   // it has not answered
  };

  explicit Keepalive(const KeepaliveSettings& settings) : settings_(settings) {}

  void set(const KeepaliveSettings& settings) { settings_ = settings; }
  const KeepaliveSettings& settings() const { return settings_; }
  // Any segment of the peer is a sign of life.
  void on_segment(Instant now) {
    last_heard_ = now;
    unanswered_ = 0;
  }
  // When the timer should fire next, given that it does nothing before.
  Instant next(Instant now) const {
    if (unanswered_ > 0) return after(now, settings_.interval);
    return after(std::max(last_heard_, last_busy_), settings_.idle);
  }
  // The timer has fired. `is_busy`: there is new or unacknowledged data to be sent (MUST-26).
  // `user_timeout`, unless zero, takes the place of the number of probes (RFC 5482).
  Verdict on_timer(bool is_busy, Duration user_timeout, Instant now) {
    if (is_busy) {
      last_busy_ = now;
      unanswered_ = 0;
      return Verdict::wait;
    }
    if (now < next(now) && unanswered_ == 0) return Verdict::wait;
    const bool given_up = user_timeout > Duration{}
                              ? unanswered_ > 0 && now - last_heard_ >= user_timeout
                              // MUST-29: one probe without an answer proves nothing.
                              : unanswered_ >= settings_.probes;
    if (given_up) return Verdict::dead;
    if (unanswered_ < 0xff) ++unanswered_;
    return Verdict::probe;
  }
  std::uint8_t unanswered() const { return unanswered_; }

 private:
  KeepaliveSettings settings_;
  Instant last_heard_{};
  Instant last_busy_{};
  std::uint8_t unanswered_ = 0;
};

}  // namespace strata::tcp
