// SPDX-License-Identifier: MIT
// HyStart++ (RFC 9406): leaves the first slow start when round-trip times rise, before the queue
// overflows. Between slow start and congestion avoidance lies Conservative Slow Start (CSS), which
// finds out whether the rise was real.
#pragma once

#include <cstdint>

#include "stack/transport/tcp/congestion.h"

namespace strata::tcp {

class HyStart {
 public:
  // Grows cwnd for an ACK of the first slow start; sets ssthresh to end it. Only for a window in
  // slow start that is in use.
  void on_ack(CongestionWindow& window, const AckSample& sample);
  // In Conservative Slow Start.
  bool is_conservative() const { return css_rounds_ > 0; }

 private:
  static constexpr Duration kNoRtt = Duration::max();

  void end_round(const AckSample& sample);

  std::uint64_t window_end_ = 0;  // of this round, absolute
  std::uint32_t samples_ = 0;     // in this round
  std::uint32_t css_rounds_ = 0;  // begun, the partial first one included; 0: in slow start
  Duration last_round_min_ = kNoRtt;
  Duration round_min_ = kNoRtt;
  Duration css_baseline_ = kNoRtt;
};

// HyStart as it was before it became RFC 9406 (Ha and Rhee, 2008), and as Linux still has it: slow
// start ends at once when round trips have become longer, or when the ACKs of one round arrive one
// close behind the other for half of the shortest round trip.
class ClassicHyStart {
 public:
  // For each ACK of the first slow start, before cwnd grows; sets ssthresh to end it.
  void on_ack(CongestionWindow& window, const AckSample& sample);
  // The shortest round trip seen; the longest Duration while there was none.
  Duration delay_min() const { return delay_min_; }

 private:
  static constexpr Duration kNoRtt = Duration::max();

  bool is_train_long(const AckSample& sample);
  bool is_delayed(Duration rtt);

  std::uint64_t round_end_ = 0;  // absolute
  Instant round_start_{};
  Instant last_ack_{};  // of the train
  std::uint32_t samples_ = 0;
  Duration round_min_ = kNoRtt;
  Duration delay_min_ = kNoRtt;
};

}  // namespace strata::tcp
