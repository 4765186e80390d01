// SPDX-License-Identifier: MIT
// What fits the path, as one connection sees it: told by ICMP (RFC 1191, RFC 5927), or found out
// where ICMP does not come through - a black hole, into which large segments vanish (RFC 2923,
// RFC 4821 7.7). Sizes are octets of text.
#pragma once

#include <algorithm>
#include <cstdint>

#include "stack/transport/tcp/tcb.h"

namespace strata::tcp {

enum class PathMtuProbing : std::uint8_t { off, black_hole };

class PathMtu {
 public:
  // Below this a black hole is no explanation any more.
  static constexpr std::uint32_t kBlackHoleFloor = 256;
  // RFC 4821 7.2: 1024 octets pass nearly everywhere.
  static constexpr std::uint32_t kBase = 1024;

  // The handshake is over: both ends take segments of `smss`.
  void on_agreed(std::uint32_t smss) { agreed_ = limit_ = smss; }
  // A router said that only `mss` fits. True: that is less than before.
  bool on_reported(std::uint32_t mss) {
    if (mss >= limit_) return false;
    limit_ = mss;
    return true;
  }
  // Segments of `limit()` have been repeated in vain. True: a smaller size is worth a try.
  bool on_silence() {
    const std::uint32_t smaller = limit_ > kBase ? kBase : std::max(limit_ / 2, kBlackHoleFloor);
    if (smaller >= limit_) return false;
    limit_ = smaller;
    is_black_hole_ = true;
    return true;
  }
  // What routers said is too old to be believed (RFC 1191 6.3); `mss` may be tried again. True:
  // that is more than before.
  bool on_expired(std::uint32_t mss) {
    const std::uint32_t wider = std::min(mss, agreed_);
    if (is_black_hole_ || wider <= limit_) return false;
    limit_ = wider;
    return true;
  }
  bool is_narrowed() const { return limit_ < agreed_; }
  bool is_black_hole() const { return is_black_hole_; }
  std::uint32_t limit() const { return limit_; }

 private:
  std::uint32_t agreed_ = 0;
  std::uint32_t limit_ = 0;
  bool is_black_hole_ = false;
};

}  // namespace strata::tcp
