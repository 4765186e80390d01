// SPDX-License-Identifier: MIT
// The state machine, and recovery without SACK: fast retransmit and fast recovery (RFC 5681 3.2,
// RFC 6582), limited transmit (RFC 3042), the loss window after a time-out (RFC 5681 3.1).
#include "stack/transport/tcp/recovery.h"

#include <algorithm>

namespace strata::tcp {

std::uint64_t Recovery::detect(const AckEvent& ack) {
  undone_ = {};
  detect_spurious(ack);
  if (!sack_ || !half_.config.fast_retransmit || !undone_.empty()) return 0;
  if (counts_pipe()) {
    if (phase_ == Phase::fast_recovery) count_down_pipe(ack);
    return 0;
  }
  if (goes_by_holes()) return 0;
  if (uses_rack()) {
    rack_.on_ack(ack, half_.snd.una, half_.snd.nxt);
    return detect_by_rack(ack.arrival);
  }
  // RFC 6675 4, IsLost(): what has been sent again counts on.
  const std::uint64_t before = half_.queue.lost_octets();
  half_.queue.mark_lost_below_sacked(kDuplicateThreshold,
                                     (kDuplicateThreshold - 1) * std::uint64_t{half_.window.smss});
  return half_.queue.lost_octets() - before;
}

Recovery::TimerRestart Recovery::respond(const AckEvent& ack, const AckSample& sample) {
  if (!undone_.empty()) {
    // RFC 4015 3.4: not changed further for this ACK. Linux grows it as any other does.
    const bool grows = half_.config.persona.growth_by_delivery && !owns_window();
    if (grows && sample.newly_acked > 0) half_.control->on_ack(half_.window, sample);
    return TimerRestart::yes;
  }
  if (goes_by_holes()) return respond_by_holes(ack, sample);
  if (reducing_until_ && half_.snd.una > *reducing_until_) end_reduction();
  if (sack_) return respond_with_sack(ack, sample);
  if (sample.newly_acked > 0) return on_new_ack(ack, sample);
  if (ack.is_duplicate) on_duplicate_ack(ack);
  return TimerRestart::no;
}

void Recovery::on_duplicate_ack(const AckEvent& ack) {
  ++duplicate_acks_;
  CongestionWindow& window = half_.window;
  if (phase_ == Phase::fast_recovery) {
    if (reduces_by_duplicates()) return note_duplicate();
    // RFC 5681 3.2 step 4: each further duplicate says that a segment has left the network.
    if (!owns_window()) window.enlarge(window.smss);
    return;
  }
  // RFC 6582 3.2 step 2: duplicates that do not cover more than `recover` may come from our own
  // unnecessary retransmissions.
  if (!half_.config.fast_retransmit || duplicate_acks_ != kDuplicateThreshold ||
      half_.snd.una <= recover_) {
    return;
  }
  const std::uint64_t flight = in_flight();
  const std::uint64_t counted = flight - std::min(flight, limited_octets_);
  if (half_.control->traits.fast_recovery == FastRecovery::none) {
    spurious_.begin(window, counted, half_.snd.una, half_.snd.nxt, false);
    window.ssthresh =
        half_.control->ssthresh_after(CongestionEvent::loss, window, counted, ack.arrival);
    collapse(RetransmitCause::fast_retransmit);
    half_.control->on_reduced(CongestionEvent::loss, window);
    return;
  }
  const bool was_reducing = is_reducing();
  const std::uint32_t cwnd = window.cwnd;
  enter_fast_recovery(counted, ack.arrival);
  half_.queue.mark_first_lost(RetransmitCause::fast_retransmit);
  if (reduces_by_duplicates()) {
    if (!was_reducing) prr_.begin(window.ssthresh, cwnd);
    duplicate_octets_ = std::uint64_t{kDuplicateThreshold - 1} * window.smss;
    note_duplicate();
  } else if (!owns_window()) {
    window.cwnd = window.ssthresh;
    window.enlarge(std::uint64_t{kDuplicateThreshold} * window.smss);
  }
  half_.control->on_reduced(CongestionEvent::loss, window);
}

// --- PRR without SACK (RFC 6937 2), as Linux does it ---

bool Recovery::reduces_by_duplicates() const {
  return !sack_ && half_.config.persona.prr_by_duplicates &&
         half_.config.prr != ReductionBound::none && !owns_window();
}

// Without SACK a time-out is over with the first octet beyond what had been sent, too: until then
// duplicate ACKs may come from what was sent twice (Linux, tcp_try_undo_recovery()).
bool Recovery::holds_loss() const { return !sack_ && half_.config.persona.prr_by_duplicates; }

// RFC 6937 2: a duplicate ACK says that one segment has been delivered, which cannot be the lost
// one.
void Recovery::note_duplicate() {
  const std::uint64_t outstanding = half_.snd.nxt - half_.snd.una;
  const std::uint64_t missing =
      std::max<std::uint64_t>(half_.queue.lost_octets(), half_.window.smss);
  duplicate_octets_ =
      std::min(duplicate_octets_ + half_.window.smss, outstanding - std::min(outstanding, missing));
  apply_prr({.newly_delivered = half_.window.smss});
}

// ... and a new ACK that its octets have, but for what duplicate ACKs have told before. Below
// `recover` it tells of the next loss; at it, duplicate ACKs may still come from what was sent
// twice, so that recovery ends with the first octet beyond (RFC 6582 3.2, step 3).
void Recovery::reduce_by_new_ack(std::uint64_t newly_acked, Instant now) {
  const std::uint64_t smss = half_.window.smss;
  const std::uint64_t delivered =
      std::max(newly_acked - std::min(newly_acked, duplicate_octets_), smss);
  const std::uint64_t told_before = newly_acked - std::min(newly_acked, smss);
  duplicate_octets_ -= std::min(duplicate_octets_, told_before);
  if (half_.snd.una > recover_) {
    half_.window.cwnd = half_.window.ssthresh;
    return leave(now);
  }
  const bool is_partial = half_.snd.una < recover_;
  if (is_partial) half_.queue.mark_first_lost(RetransmitCause::partial_ack);
  apply_prr({.newly_acked = newly_acked,
             .newly_delivered = delivered,
             .newly_lost = is_partial ? smss : 0});
}

void Recovery::enter_fast_recovery(std::uint64_t flight, Instant now) {
  if (reducing_until_) {
    // A mark has had the window reduced already, for the same window of data.
    reducing_until_.reset();
  } else {
    spurious_.begin(half_.window, flight, half_.snd.una, half_.snd.nxt, false);
    half_.window.ssthresh =
        half_.control->ssthresh_after(CongestionEvent::loss, half_.window, reducible(flight), now);
  }
  recover_ = half_.snd.nxt;
  phase_ = Phase::fast_recovery;
  had_partial_ack_ = false;
  owes_first_ = true;
  duplicate_octets_ = 0;
  reduced_again_ = 0;
  probe_.reset();
  half_.queue.begin_recovery();
}

Recovery::TimerRestart Recovery::on_new_ack(const AckEvent& ack, const AckSample& sample) {
  forget_duplicates();
  CongestionControl& control = *half_.control;
  CongestionWindow& window = half_.window;
  if (phase_ == Phase::fast_recovery) {
    if (reduces_by_duplicates()) {
      reduce_by_new_ack(ack.newly_acked, sample.now);
      return TimerRestart::yes;
    }
    if (owns_window()) control.on_ack(window, sample);
    if (half_.snd.una < recover_ && control.traits.fast_recovery == FastRecovery::until_recover) {
      // RFC 6582 3.2 step 3: only the first partial ACK restarts the timer.
      const bool restarts = !had_partial_ack_ || half_.config.slow_but_steady;
      on_partial_ack(sample.newly_acked);
      return restarts ? TimerRestart::yes : TimerRestart::no;
    }
    if (!owns_window()) {
      // Full acknowledgement, option (1): no burst when little is in flight.
      const std::uint64_t flight =
          std::max<std::uint64_t>(half_.snd.nxt - half_.snd.una, window.smss);
      window.cwnd = static_cast<std::uint32_t>(
          std::min<std::uint64_t>(window.ssthresh, flight + window.smss));
    }
    leave(sample.now);
    return TimerRestart::yes;
  }
  const std::uint64_t over = recover_ + (holds_loss() ? 1 : 0);
  if (phase_ == Phase::loss && half_.snd.una >= over) leave(sample.now);
  if (reducing_until_) {
    apply_prr(sample);
  } else {
    control.on_ack(window, sample);
  }
  return TimerRestart::yes;
}

void Recovery::on_partial_ack(std::uint64_t newly_acked) {
  had_partial_ack_ = true;
  if (!owns_window()) {
    // RFC 6582 3.2 step 3: deflate by what was acknowledged, add back one SMSS if it was that much.
    CongestionWindow& window = half_.window;
    window.cwnd -= static_cast<std::uint32_t>(std::min<std::uint64_t>(window.cwnd, newly_acked));
    if (newly_acked >= window.smss) window.cwnd += window.smss;
    window.cwnd = std::max(window.cwnd, window.smss);
  }
  half_.queue.mark_first_lost(RetransmitCause::partial_ack);
}

void Recovery::leave(Instant now) {
  phase_ = Phase::open;
  half_.window.repairs_timeout = false;
  owes_first_ = false;
  forward_rto_.stop();
  rack_.on_recovered();
  half_.control->on_recovered(half_.window, now);
}

// What a loss reduces.
std::uint64_t Recovery::reducible(std::uint64_t flight) const {
  return half_.config.persona.reduces_unused_window ? half_.window.cwnd : flight;
}

void Recovery::forget_duplicates() {
  duplicate_acks_ = 0;
  limited_octets_ = 0;
}

void Recovery::on_timeout(bool is_first, Instant now) {
  const bool was_recovering = phase_ != Phase::open;
  CongestionWindow& window = half_.window;
  window.repairs_timeout = true;
  // RFC 5681 3.1: ssthresh is held while the same segment times out again.
  if (is_first) {
    const std::uint64_t flight = in_flight();
    spurious_.begin(window, flight, half_.snd.una, half_.snd.nxt, true);
    window.ssthresh =
        half_.control->ssthresh_after(CongestionEvent::timeout, window, reducible(flight), now);
  }
  // RFC 2018 8: a receiver whose acknowledged left edge it has itself sacked has thrown it away.
  // Else what is sacked is kept (RFC 6675 5.1): the front is sent again in any case.
  // RFC 2018 5 had all of them forgotten.
  if (half_.queue.front().sacked || counts_pipe() || goes_by_holes()) half_.queue.forget_sacks();
  if (half_.config.persona.cuts_anew && half_.queue.sacked_count() == 0) {
    half_.queue.repack(window.smss);
  }
  if (uses_rack()) {
    rack_.mark_on_timeout(half_.queue, situation(now));
    collapse(RetransmitCause::none);
  } else {
    collapse(RetransmitCause::timeout);
  }
  half_.control->on_reduced(CongestionEvent::timeout, window);
  // RFC 5682 2.1 step 1; an algorithm whose window does not collapse sends more than one segment.
  const bool may_start = !was_recovering || (!is_first && forward_rto_.is_active());
  if (half_.config.f_rto && may_start && window.cwnd <= 2 * window.smss) {
    forward_rto_.start(half_.queue.front().end(), half_.snd.nxt);
  } else {
    forward_rto_.stop();
  }
}

void Recovery::begin_reduction(std::uint32_t cwnd, std::uint64_t delivered) {
  reducing_until_ = half_.snd.nxt;
  prr_.begin(half_.window.ssthresh, cwnd);
  if (delivered > 0) apply_prr({.newly_acked = delivered, .newly_delivered = delivered});
}

void Recovery::end_reduction() {
  if (!reducing_until_) return;
  reducing_until_.reset();
  half_.window.cwnd = half_.window.ssthresh;
}

// All that is outstanding is sent again, from the loss window of RFC 5681 3.1. Without a cause it
// has been marked already.
void Recovery::collapse(RetransmitCause cause) {
  reducing_until_.reset();
  if (!owns_window()) half_.window.cwnd = half_.window.smss;
  // RFC 6582 3.2 step 4.
  recover_ = half_.snd.nxt;
  phase_ = Phase::loss;
  owes_first_ = true;
  forget_duplicates();
  probe_.reset();
  reordering_wait_ = {};
  if (cause != RetransmitCause::none) half_.queue.mark_all_lost(cause);
}

void Recovery::on_discarded(RetransmitCause cause) {
  repair_unreduced();
  half_.queue.forget_sacks();
  half_.queue.mark_all_lost(cause);
}

void Recovery::on_path_probe_lost(std::uint64_t begin, std::uint64_t end) {
  repair_unreduced();
  owes_first_ = true;
  half_.queue.mark_lost_between(begin, end, RetransmitCause::path_mtu);
}

// What is marked lost next is sent again for a reason that is not congestion.
void Recovery::repair_unreduced() {
  end_reduction();
  if (phase_ == Phase::fast_recovery && !owns_window()) half_.window.cwnd = half_.window.ssthresh;
  recover_ = half_.snd.nxt;  // what is sent again may be answered by duplicate ACKs
  phase_ = Phase::loss;
  owes_first_ = false;
  forget_duplicates();
  forward_rto_.stop();
  spurious_.stop();
  probe_.reset();
  reordering_wait_ = {};
}

void Recovery::on_new_data_sent(std::uint32_t octets) {
  if (duplicate_acks_ > 0 && phase_ == Phase::open) limited_octets_ += octets;
  if (phase_ == Phase::fast_recovery || reducing_until_) prr_.on_sent(octets);
  counted_pipe_ += octets;
  forward_rto_.on_new_data_sent();
}

void Recovery::on_retransmitted(std::uint32_t octets, Instant now) {
  // What begins recovery takes the place of what was lost, which still counts.
  if (!owes_first_) counted_pipe_ += octets;
  owes_first_ = false;
  if (phase_ == Phase::fast_recovery) prr_.on_sent(octets);
  if (phase_ != Phase::open) spurious_.on_retransmitted(now);
}

bool Recovery::may_send_new(std::uint64_t length) const {
  if (phase_ == Phase::fast_recovery && goes_by_holes()) return may_send_beside_holes(length);
  // What the sacked segments and limited transmit allow beyond cwnd.
  std::uint64_t flight = occupied();
  std::uint64_t allowance = 0;
  if (phase_ == Phase::open && (half_.snd.una > recover_ || goes_by_holes())) {
    // FreeBSD's window holds what is sacked, too.
    if (!half_.config.limited_transmit || goes_by_holes()) flight += half_.queue.sacked_octets();
    if (half_.config.limited_transmit && (!sack_ || goes_by_holes())) {
      // RFC 3042 2: on the first two duplicate ACKs, up to cwnd + 2*SMSS in flight.
      allowance =
          std::uint64_t{std::min(duplicate_acks_, kDuplicateThreshold - 1)} * half_.window.smss;
    }
  }
  return flight == 0 || flight + length <= half_.window.cwnd + allowance;
}

bool Recovery::may_retransmit(std::uint64_t length) const {
  if (phase_ == Phase::fast_recovery && goes_by_holes()) return may_fill_hole(length);
  // Fast retransmit is not held back by cwnd (RFC 5681 3.2 step 3, RFC 6582 step 3, RFC 6675 5
  // (4.3)).
  const bool is_unbounded = phase_ == Phase::fast_recovery && !sack_ && !reduces_by_duplicates();
  if (owes_first_ || is_unbounded) return true;
  const std::uint64_t flight = occupied();
  return flight == 0 || flight + length <= half_.window.cwnd;
}

std::string_view Recovery::phase_name() const {
  switch (phase_) {
    case Phase::fast_recovery:
      return "recovery";
    case Phase::loss:
      return "loss";
    case Phase::open:
      break;
  }
  return half_.window.is_slow_start() ? "slow start" : "avoidance";
}

}  // namespace strata::tcp
