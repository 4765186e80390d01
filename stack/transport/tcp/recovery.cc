// SPDX-License-Identifier: MIT
#include "stack/transport/tcp/recovery.h"

#include <algorithm>

namespace strata::tcp {

void Recovery::on_duplicate_ack(CongestionControl& control, CongestionWindow& window,
                                const SendSequence& snd, RetransmitQueue& queue, Instant now) {
  ++duplicate_acks_;
  if (phase_ == Phase::fast_recovery) {
    // RFC 5681 3.2 step 4: each further duplicate says that a segment has left the network.
    if (!control.traits.owns_window) window.enlarge(window.smss);
    return;
  }
  // RFC 6582 3.2 step 2: duplicates that do not cover more than `recover` may come from our own
  // unnecessary retransmissions.
  if (duplicate_acks_ != kDuplicateAcksForRetransmit || snd.una <= recover_) return;
  const std::uint64_t flight = in_flight(snd, queue);
  window.ssthresh = control.ssthresh_after(CongestionEvent::loss, window,
                                           flight - std::min(flight, limited_octets_), now);
  if (control.traits.fast_recovery == FastRecovery::none) {
    collapse(RetransmitCause::fast_retransmit, control, window, snd, queue);
    control.on_reduced(CongestionEvent::loss, window);
    return;
  }
  if (!control.traits.owns_window) {
    window.cwnd = window.ssthresh;
    window.enlarge(std::uint64_t{kDuplicateAcksForRetransmit} * window.smss);
  }
  control.on_reduced(CongestionEvent::loss, window);
  recover_ = snd.nxt;
  phase_ = Phase::fast_recovery;
  had_partial_ack_ = false;
  cause_ = RetransmitCause::fast_retransmit;
  queue.mark_first_lost();
}

Recovery::TimerRestart Recovery::on_new_ack(CongestionControl& control, CongestionWindow& window,
                                            const SendSequence& snd, RetransmitQueue& queue,
                                            const AckSample& sample) {
  duplicate_acks_ = 0;
  limited_octets_ = 0;
  if (phase_ == Phase::fast_recovery) {
    if (control.traits.owns_window) control.on_ack(window, sample);
    if (snd.una < recover_ && control.traits.fast_recovery == FastRecovery::until_recover) {
      // RFC 6582 3.2 step 3: only the first partial ACK restarts the timer.
      const bool is_first = !had_partial_ack_;
      on_partial_ack(control, window, queue, sample.newly_acked);
      return is_first ? TimerRestart::yes : TimerRestart::no;
    }
    if (!control.traits.owns_window) {
      // Full acknowledgement, option (1): no burst when little is in flight.
      const std::uint64_t flight = std::max<std::uint64_t>(snd.nxt - snd.una, window.smss);
      window.cwnd = static_cast<std::uint32_t>(
          std::min<std::uint64_t>(window.ssthresh, flight + window.smss));
    }
    phase_ = Phase::open;
    control.on_recovered(window, sample.now);
    return TimerRestart::yes;
  }
  if (phase_ == Phase::loss && snd.una >= recover_) {
    phase_ = Phase::open;
    control.on_recovered(window, sample.now);
  }
  control.on_ack(window, sample);
  return TimerRestart::yes;
}

void Recovery::on_partial_ack(const CongestionControl& control, CongestionWindow& window,
                              RetransmitQueue& queue, std::uint64_t newly_acked) {
  had_partial_ack_ = true;
  if (!control.traits.owns_window) {
    // RFC 6582 3.2 step 3: deflate by what was acknowledged, add back one SMSS if it was that much.
    window.cwnd -= static_cast<std::uint32_t>(std::min<std::uint64_t>(window.cwnd, newly_acked));
    if (newly_acked >= window.smss) window.cwnd += window.smss;
    window.cwnd = std::max(window.cwnd, window.smss);
  }
  cause_ = RetransmitCause::partial_ack;
  queue.mark_first_lost();
}

void Recovery::on_timeout(CongestionControl& control, CongestionWindow& window,
                          const SendSequence& snd, RetransmitQueue& queue, bool is_first,
                          Instant now) {
  // RFC 5681 3.1: ssthresh is held while the same segment times out again.
  if (is_first) {
    window.ssthresh =
        control.ssthresh_after(CongestionEvent::timeout, window, in_flight(snd, queue), now);
  }
  collapse(RetransmitCause::timeout, control, window, snd, queue);
  control.on_reduced(CongestionEvent::timeout, window);
}

// All that is outstanding is sent again, from the loss window of RFC 5681 3.1.
void Recovery::collapse(RetransmitCause cause, CongestionControl& control, CongestionWindow& window,
                        const SendSequence& snd, RetransmitQueue& queue) {
  if (!control.traits.owns_window) window.cwnd = window.smss;
  // RFC 6582 3.2 step 4.
  recover_ = snd.nxt;
  phase_ = Phase::loss;
  duplicate_acks_ = 0;
  limited_octets_ = 0;
  cause_ = cause;
  queue.mark_all_lost();
}

void Recovery::on_discarded(RetransmitCause cause, CongestionWindow& window,
                            const SendSequence& snd, RetransmitQueue& queue) {
  if (phase_ == Phase::fast_recovery) window.cwnd = window.ssthresh;
  recover_ = snd.nxt;  // what is sent again may be answered by duplicate ACKs
  phase_ = Phase::loss;
  duplicate_acks_ = 0;
  limited_octets_ = 0;
  cause_ = cause;
  queue.mark_all_lost();
}

std::uint64_t Recovery::allowance(const SendSequence& snd, const CongestionWindow& window) const {
  // RFC 3042 2: on the first two duplicate ACKs, up to cwnd + 2*SMSS in flight.
  if (phase_ != Phase::open || snd.una <= recover_) return 0;
  return std::uint64_t{std::min(duplicate_acks_, kDuplicateAcksForRetransmit - 1)} * window.smss;
}

std::string_view Recovery::phase_name(const CongestionWindow& window) const {
  switch (phase_) {
    case Phase::fast_recovery:
      return "recovery";
    case Phase::loss:
      return "loss";
    case Phase::open:
      break;
  }
  return window.is_slow_start() ? "slow start" : "avoidance";
}

}  // namespace strata::tcp
