// SPDX-License-Identifier: MIT
// Proportional Rate Reduction (RFC 6937): how much may be sent for each ACK of fast recovery, so
// that the window has come down to ssthresh when recovery ends, neither in a gap nor in a burst.
#pragma once

#include <algorithm>
#include <cstdint>

namespace strata::tcp {

// What bounds the catching up when losses have brought the pipe below ssthresh.
enum class ReductionBound : std::uint8_t {
  none,          // no PRR: cwnd is ssthresh from the start (RFC 6675)
  conservative,  // PRR-CRB: as much as was delivered
  slow_start,    // PRR-SSRB: one segment per ACK more
  safe,          // that where a repair has got through without a further loss, else the former
};

class Prr {
 public:
  // Recovery begins: `ssthresh` is the window to end with, `flight` what is still to be delivered
  // of what was sent before, what this ACK has delivered included (RecoverFS).
  void begin(std::uint64_t ssthresh, std::uint64_t flight) {
    *this = {};
    ssthresh_ = ssthresh;
    flight_ = std::max<std::uint64_t>(flight, 1);
  }
  void on_sent(std::uint64_t octets) { sent_ += octets; }

  // RFC 6937 3: the octets that may be sent (sndcnt) after an ACK that delivered `delivered`, with
  // `pipe` octets in the network. Whole segments: the RFC counts in segments and rounds up.
  // `is_safe`: the ACK moves SND.UNA and tells of no further loss (SafeACK of RFC 9937).
  std::uint64_t on_ack(std::uint64_t delivered, std::uint64_t pipe, std::uint32_t smss,
                       ReductionBound bound, bool is_safe) {
    delivered_ += delivered;
    if (pipe > ssthresh_) {
      const std::uint64_t unit = flight_ * smss;
      const std::uint64_t target = (delivered_ * ssthresh_ + unit - 1) / unit * smss;
      return target - std::min(target, sent_);
    }
    const std::uint64_t balance = delivered_ - std::min(delivered_, sent_);
    std::uint64_t limit = std::max(balance, delivered) + smss;
    if (bound == ReductionBound::conservative) limit = balance;
    // A repair that starts recovery always goes out.
    if (bound == ReductionBound::safe && !is_safe) limit = std::max(balance, delivered);
    return std::min(ssthresh_ - pipe, limit);
  }

 private:
  std::uint64_t ssthresh_ = 0;
  std::uint64_t flight_ = 1;     // RecoverFS
  std::uint64_t delivered_ = 0;  // prr_delivered
  std::uint64_t sent_ = 0;       // prr_out
};

}  // namespace strata::tcp
