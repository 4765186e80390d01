// SPDX-License-Identifier: MIT
// Tail loss probes (RFC 8985 7): when the ACKs of a flight's end are overdue, one more segment is
// sent to provoke one, long before the retransmission time-out. When to arm the timer and what to
// send is the output side's matter; here is what a probe has to remember.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>

#include "stack/transport/tcp/ack_event.h"

namespace strata::tcp {

class TailLossProbe {
 public:
  // TLP.max_ack_delay: what a receiver may hold back the ACK of a single segment.
  static constexpr Duration kAckDelayMax{200ms};

  // On a short path full segments take much longer than the SYN that gave the first round trip.
  static constexpr Duration kTimeoutMin{10ms};

  // RFC 8985 7.2.
  static Duration timeout(Duration srtt, bool is_single_segment) {
    if (srtt == Duration{}) return Duration{1s};
    return std::max(2 * srtt, kTimeoutMin) + (is_single_segment ? kAckDelayMax : Duration{});
  }

  void on_rtt_sample() { has_sample_since_ = true; }
  // RFC 8985 7.3: no other probe is out, and the round trip has been measured since the last.
  bool may_probe(bool needs_round_trip) const {
    return !end_ && (has_sample_since_ || !needs_round_trip);
  }
  // A probe left; SND.NXT is `nxt` now. `is_retransmission`: it repeated the last segment.
  void on_sent(std::uint64_t nxt, bool is_retransmission) {
    end_ = nxt;
    is_retransmission_ = is_retransmission;
    has_sample_since_ = false;
  }
  // RFC 8985 7.1: recovery begins, it is about more than the probe.
  void reset() { end_.reset(); }

  // RFC 8985 7.4.2. True: the probe has repaired a loss that nothing else would have shown, to
  // which congestion control has to react.
  bool on_ack(const AckEvent& ack, std::uint64_t una) {
    if (!end_ || una < *end_) return false;
    const bool covers_probe = ack.duplicate && ack.duplicate->end == *end_;
    if (!is_retransmission_ || covers_probe) {
      end_.reset();
    } else if (una > *end_) {
      end_.reset();
      return true;
    } else if (ack.is_duplicate && !ack.has_sack) {
      end_.reset();  // both copies arrived
    }
    return false;
  }

 private:
  std::optional<std::uint64_t> end_;  // TLP.end_seq
  bool is_retransmission_ = false;    // TLP.is_retrans
  bool has_sample_since_ = false;
};

}  // namespace strata::tcp
