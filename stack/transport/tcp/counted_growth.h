// SPDX-License-Identifier: MIT
// Growth as Linux has it: slow start to ssthresh and no further (tcp_slow_start()), congestion
// avoidance in whole segments (tcp_cong_avoid_ai()).
#pragma once

#include <algorithm>
#include <cstdint>

#include "stack/transport/tcp/congestion.h"

namespace strata::tcp {

// Grows by what slow start takes of the octets acknowledged, and gives what it leaves to congestion
// avoidance.
inline std::uint64_t grow_to_threshold(CongestionWindow& window, std::uint64_t octets) {
  if (!window.is_slow_start()) return octets;
  const std::uint64_t taken = std::min<std::uint64_t>(octets, window.ssthresh - window.cwnd);
  window.enlarge(taken);
  return octets - taken;
}

// Enlarges the window by a segment for every `price` octets acknowledged. `credit` keeps what is
// left of them; what was gathered while more were needed makes one segment.
inline void grow_counted(CongestionWindow& window, std::uint64_t& credit, std::uint64_t octets,
                         std::uint64_t price) {
  if (credit >= price) {
    credit = 0;
    window.enlarge(window.smss);
  }
  credit += octets;
  window.enlarge(credit / price * window.smss);
  credit %= price;
}

}  // namespace strata::tcp
