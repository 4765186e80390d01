// SPDX-License-Identifier: MIT
// How large a window to announce. RFC 9293 3.8.6.2.2 asks for worthwhile steps; what known systems
// do instead is here beside it, because others read it on the wire (profile.h).
#pragma once

#include <algorithm>
#include <cstdint>

#include "stack/transport/tcp/persona.h"

namespace strata::tcp {

// What the window depends on, octets.
struct WindowSituation {
  std::uint64_t room = 0;          // free in the receive buffer
  std::uint64_t limit = 0;         // of the receive buffer
  std::uint64_t promised = 0;      // from RCV.NXT to the right edge announced before
  std::uint64_t announced = 0;     // the window of the last ACK
  std::uint64_t earned = 0;        // WindowOpening
  bool repeats = false;            // the same ACK number as before, above a gap: a duplicate ACK
  std::uint64_t unit = 1;          // of the window field
  std::uint32_t segment = 0;       // we may send
  std::uint32_t peer_segment = 0;  // largest seen from the peer; 0: none yet
};

// Never less than what has been promised, unless the rule is `shrinking`.
std::uint64_t window_to_announce(WindowRule rule, const WindowSituation& situation);

// Linux opens the window step by step: what it announces at first is what one SYN can say, and text
// that fills its buffers well earns two segments more each time (rcv_ssthresh).
class WindowOpening {
 public:
  void begin(std::uint64_t window) { earned_ = window; }
  // `octets` of text arrived in order while `room` is free; `segment` is the MSS we announced.
  void on_text(std::uint64_t octets, std::uint64_t room, std::uint32_t segment) {
    constexpr std::uint64_t kWorthwhile = 128;  // smaller ones waste the memory they come in
    if (octets < kWorthwhile || room <= earned_) return;
    earned_ += std::min(room - earned_, std::max<std::uint64_t>(2 * octets, 2ULL * segment));
  }
  std::uint64_t earned() const { return earned_; }

 private:
  std::uint64_t earned_ = 0;
};

}  // namespace strata::tcp
