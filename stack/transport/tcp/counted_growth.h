// SPDX-License-Identifier: MIT
// Congestion avoidance in whole segments, as Linux has it (tcp_cong_avoid_ai()).
#pragma once

#include <cstdint>

#include "stack/transport/tcp/congestion.h"

namespace strata::tcp {

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
