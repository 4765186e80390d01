// SPDX-License-Identifier: MIT
// Rate limit of the ACKs that answer segments which prove nothing about their sender (RFC 5961 7,
// RFC 9293 3.10.7.4): without it, two confused ends or one attacker could keep them flying. One
// limiter belongs to one connection, so it cannot be used to probe another (CVE-2016-5696).
#pragma once

#include <cstdint>

#include "stack/base/time.h"

namespace strata::tcp {

class ChallengeLimiter {
 public:
  // RFC 5961 7: "for example, no more than 10 ACKs in a 5 second window".
  static constexpr std::uint8_t kAcksMax = 10;
  static constexpr Duration kWindow = 5s;

  // May another be sent? Counts it if so.
  bool allow(Instant now) {
    if (sent_ == 0 || now - window_start_ >= kWindow) {
      window_start_ = now;
      sent_ = 0;
    }
    if (sent_ == kAcksMax) return false;
    ++sent_;
    return true;
  }

 private:
  Instant window_start_{};
  std::uint8_t sent_ = 0;
};

}  // namespace strata::tcp
