// SPDX-License-Identifier: MIT
// Was the recovery that is going on, or has just ended, necessary? The Eifel algorithm asks the
// timestamp of the first ACK (RFC 3522); without timestamps D-SACK tells when everything that was
// sent again turns out to have arrived twice (RFC 3708). F-RTO has its own file. Here is also what
// to go back to.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "stack/transport/tcp/ack_event.h"
#include "stack/transport/tcp/congestion.h"

namespace strata::tcp {

class SpuriousRecovery {
 public:
  // Recovery begins, cwnd and ssthresh are still what they were. `flight` octets are outstanding in
  // [una, nxt).
  void begin(const CongestionWindow& window, std::uint64_t flight, std::uint64_t una,
             std::uint64_t nxt, bool is_timeout) {
    *this = SpuriousRecovery{};
    is_active_ = true;
    is_timeout_ = is_timeout;
    cwnd_ = window.cwnd;
    ssthresh_ = window.ssthresh;
    pipe_ = std::max<std::uint64_t>(flight, window.ssthresh);
    una_ = una;
    nxt_ = nxt;
  }
  void stop() { is_active_ = false; }
  bool is_active() const { return is_active_; }
  bool is_timeout() const { return is_timeout_; }

  void on_retransmitted(Instant now) {
    if (!is_active_) return;
    if (!first_sent_) first_sent_ = Timestamps::clock(now);
    ++copies_;
    was_retransmitted_ = true;
  }

  // True: nothing of what was sent again had been lost. `decides_by_echo`: the echo of a time stamp
  // tells that though nothing is outstanding any more.
  bool on_ack(const AckEvent& ack, bool decides_by_echo);

  // What was in force before (RFC 4015 3.2: pipe_prev).
  std::uint32_t cwnd() const { return cwnd_; }
  std::uint32_t ssthresh() const { return ssthresh_; }
  std::uint64_t pipe() const { return pipe_; }

 private:
  bool is_active_ = false;
  bool is_timeout_ = false;
  bool has_seen_first_ack_ = false;
  bool was_retransmitted_ = false;
  bool has_seen_d_sack_ = false;
  std::optional<TimestampValue> first_sent_;  // RetransmitTS
  std::uint32_t copies_ = 0;                  // sent again and not reported to have come twice
  std::uint32_t cwnd_ = 0;
  std::uint32_t ssthresh_ = 0;
  std::uint64_t pipe_ = 0;
  std::uint64_t una_ = 0;
  std::uint64_t nxt_ = 0;
};

inline bool SpuriousRecovery::on_ack(const AckEvent& ack, bool decides_by_echo) {
  if (!is_active_ || !was_retransmitted_) return false;
  if (ack.duplicate) {
    has_seen_d_sack_ = true;
    if (ack.duplicate->begin >= una_ && ack.duplicate->end <= nxt_ && copies_ > 0 &&
        --copies_ == 0) {
      return true;
    }
  }
  if (ack.newly_acked == 0 || has_seen_first_ack_) return false;
  // RFC 3522 3.2 steps 4 to 6, for the first acceptable ACK only.
  has_seen_first_ack_ = true;
  return ack.echo && ack.echo->before(*first_sent_) && !ack.duplicate &&
         (has_seen_d_sack_ || decides_by_echo);
}

}  // namespace strata::tcp
