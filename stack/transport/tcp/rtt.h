// SPDX-License-Identifier: MIT
// Round-trip time estimation and the retransmission time-out (RFC 6298). Which segments may be
// timed (Karn's algorithm, section 3) is the caller's matter: it knows what was sent twice.
#pragma once

#include <algorithm>
#include <cstdint>

#include "stack/base/time.h"
#include "stack/transport/tcp/config.h"

namespace strata::tcp {

class RttEstimator {
 public:
  explicit RttEstimator(const Config& config)
      : rto_(config.rto_initial),
        rto_min_(config.rto_min),
        rto_max_(config.rto_max),
        slop_(config.persona.rto_slop),
        min_on_variance_(config.persona.rto_min_on_variance) {}

  // RFC 6298 2.2 and 2.3. Also ends the backing off (section 5, the note after 5.7).
  // `per_round_trip`: so many samples are expected in one; each counts for as much less (RFC 7323
  // 4.2 and appendix G).
  void sample(Duration rtt, std::uint32_t per_round_trip = 1);
  // As Linux does it, from every ACK: the mean deviation grows at once and shrinks by what a whole
  // round trip needed, and a round trip that is shorter than the mean tells less of it
  // (tcp_rtt_estimator()). `newest` is the round trip of the last segment that was acknowledged,
  // and the sequence numbers are SND.UNA and SND.NXT.
  void sample_each(Duration rtt, Duration newest, std::uint64_t una, std::uint64_t nxt);
  // RFC 6298 5.5: doubles the time-out.
  void back_off();
  // It has expired, and the next one is no longer.
  void repeat() { is_first_ = false; }
  // RFC 6069 4: takes the last doubling back. False: there was none.
  bool revert_back_off();
  std::uint8_t doublings() const { return doublings_; }
  // RFC 6298 5.7: the SYN was lost and never timed; data start with no less than 3 s.
  void restart_after_syn_loss();

  bool has_sample() const { return srtt_ != Duration{}; }
  Duration srtt() const { return srtt_; }
  Duration rttvar() const { return rttvar_; }
  // The smallest sample so far; zero before the first.
  Duration min_rtt() const { return min_; }
  // The time-out to arm now, backing off included.
  Duration rto() const;
  // The time-out as computed from the samples alone.
  Duration base_rto() const { return rto_; }

 private:
  Duration srtt_{};
  Duration rttvar_{};
  Duration min_{};
  Duration rto_;
  Duration rto_min_;
  Duration rto_max_;
  Duration slop_;
  bool min_on_variance_;
  std::uint8_t doublings_ = 0;
  bool is_first_ = true;  // repeat() has not been called
  // Of sample_each(): four deviations; what the time-out has for them; the most in this round trip,
  // which ends behind `round_end_`.
  Duration deviations_{};
  Duration patience_{};
  Duration most_{};
  std::uint64_t round_end_ = 0;
};

// The smallest of the round trips measured lately: a path that became longer shows within two
// windows.
class MinimumRtt {
 public:
  static constexpr Duration kWindow = std::chrono::minutes{5};

  void sample(Duration rtt, Instant now) {
    if (value_ == Duration{} || now - since_ > kWindow) {
      value_ = value_ == Duration{} ? rtt : std::min(next_, rtt);
      next_ = rtt;
      since_ = now;
    }
    value_ = std::min(value_, rtt);
    next_ = std::min(next_, rtt);
  }
  // Zero before the first sample.
  Duration value() const { return value_; }

 private:
  Duration value_{};
  Duration next_{};  // of the window that is running
  Instant since_{};
};

}  // namespace strata::tcp
