// SPDX-License-Identifier: MIT
// Recovery with SACK: the scoreboard's verdict (RFC 6675 or RACK, RFC 8985), proportional rate
// reduction (RFC 6937), the last resorts of NextSeg(), tail loss probes, and the undoing of
// reductions that were unnecessary.
#include <algorithm>

#include "stack/transport/tcp/recovery.h"

namespace strata::tcp {

Rack::Situation Recovery::situation(Instant now) const {
  return {.now = now, .srtt = half_.rtt.srtt(), .is_recovering = phase_ != Phase::open};
}

std::uint64_t Recovery::detect_by_rack(Instant now) {
  const Rack::Verdict verdict = rack_.detect(half_.queue, situation(now));
  reordering_wait_ = verdict.wait;
  lost_retransmission_ = verdict.lost_retransmission;
  return verdict.newly_lost;
}

// Fall and Floyd 1996, "SACK TCP": a duplicate ACK says that one segment has left the network, a
// partial ACK that two have, the retransmission and the lost one that has been counted on. What
// lies below a sacked segment is missing.
void Recovery::count_down_pipe(const AckEvent& ack) {
  const std::uint64_t segments = ack.newly_acked > 0 ? 2 : ack.newly_sacked > 0 ? 1 : 0;
  counted_pipe_ -= std::min<std::uint64_t>(counted_pipe_, segments * half_.window.smss);
  half_.queue.mark_lost_below_sacked(1, 0);
}

// --- what was unnecessary ---

void Recovery::detect_spurious(const AckEvent& ack) {
  const std::uint64_t una = half_.snd.una;
  const ForwardRto::Verdict verdict =
      forward_rto_.on_ack(ack, una, half_.queue.sacked_end_sequence(), sack_);
  if (verdict == ForwardRto::Verdict::spurious) {
    return undo(true, false, ack.newly_acked, ack.arrival);
  }
  if (verdict == ForwardRto::Verdict::conventional && !owns_window()) {
    // RFC 5682 2.1 step 3a.
    half_.window.cwnd = std::min(half_.window.cwnd, 3 * half_.window.smss);
  }
  // RFC 4015 3.4: not when the ACK signals congestion by itself.
  // FreeBSD takes back what follows a time-out only.
  const bool may_undo = half_.config.undo && (spurious_.is_timeout() || !goes_by_holes());
  // RFC 3522 3.2 step 5.
  const bool decides_by_echo = una < half_.snd.nxt || half_.config.persona.trusts_echo;
  if (may_undo && !ack.ece && spurious_.on_ack(ack, decides_by_echo)) {
    const bool is_timeout = spurious_.is_timeout();
    undo(is_timeout, is_timeout && holds_loss(), ack.newly_acked, ack.arrival);
  }
}

// RFC 4015 3.1: sending goes on as if nothing had happened, without a burst.
void Recovery::undo(bool is_timeout, bool stays_in_loss, std::uint64_t newly_acked, Instant now) {
  const bool was_recovering = phase_ != Phase::open;
  CongestionWindow& window = half_.window;
  if (!is_timeout) rack_.on_reordering();
  if (was_recovering) {
    half_.queue.forgive();
    owes_first_ = false;
  }
  if (was_recovering && !stays_in_loss) {
    leave(now);
    recover_ = half_.snd.una;  // RFC 5682 2.1 step 3b: fast retransmit is open again
  }
  if (!owns_window()) {
    // Who reduces the window, in use or not, gives all of it back.
    if (is_timeout && was_recovering && !half_.config.persona.reduces_unused_window) {
      // Step 9; ssthresh is pipe_prev.
      const std::uint64_t burst = std::min<std::uint64_t>(
          newly_acked, initial_window(window.smss, half_.config.initial_window_segments));
      window.cwnd = 0;
      window.enlarge(std::max<std::uint64_t>(in_flight() + burst, window.smss));
      window.ssthresh = static_cast<std::uint32_t>(
          std::min<std::uint64_t>(spurious_.pipe(), CongestionWindow::kUnlimited));
    } else {
      window.cwnd = std::max(window.cwnd, spurious_.cwnd());
      window.ssthresh = std::max(window.ssthresh, spurious_.ssthresh());
    }
  }
  half_.control->on_undo(window, now);
  spurious_.stop();
  forward_rto_.stop();
  forget_duplicates();
  undone_ = is_timeout ? "spurious time-out undone" : "spurious retransmission undone";
}

// --- the window ---

Recovery::TimerRestart Recovery::respond_with_sack(const AckEvent& ack, const AckSample& sample) {
  CongestionControl& control = *half_.control;
  const std::uint64_t una = half_.snd.una;
  if (sample.newly_acked > 0) forget_duplicates();
  // RFC 6675 2: a duplicate ACK is one that brings new SACK information.
  if (ack.newly_sacked > 0) ++duplicate_acks_;
  if (probe_.on_ack(ack, una)) react_to_repaired_loss(sample.now);
  // The ACK that ends fast recovery leaves the window at ssthresh.
  const bool grows = owns_window() || (sample.newly_acked > 0 && phase_ != Phase::fast_recovery);
  if (phase_ != Phase::open && una >= recover_) {
    // RFC 6675 5 (A), RFC 6937 3: ssthresh is where the window was to end up.
    if (phase_ == Phase::fast_recovery && !owns_window()) {
      half_.window.cwnd = half_.window.ssthresh;
    }
    leave(sample.now);
  }
  if (phase_ == Phase::open && has_found_loss()) {
    enter_sack_recovery(sample);
  } else if (reducing_until_) {
    if (sample.newly_delivered > 0) apply_prr(sample);
  } else if (grows) {
    control.on_ack(half_.window, sample);
  } else if (grows_by_sacks(ack)) {
    AckSample delivered = sample;
    delivered.newly_acked = ack.newly_delivered;
    control.on_ack(half_.window, delivered);
  }
  if (phase_ == Phase::fast_recovery) reduce_by_prr(sample);
  return sample.newly_acked > 0 ? TimerRestart::yes : TimerRestart::no;
}

// Linux, tcp_may_raise_cwnd(): where segments overtake each other by more than three, what SACK
// tells is news enough.
bool Recovery::grows_by_sacks(const AckEvent& ack) const {
  return half_.config.persona.growth_by_delivery && phase_ == Phase::open && ack.newly_sacked > 0 &&
         reordering_extent() > std::uint64_t{kDuplicateThreshold} * half_.window.smss;
}

// RFC 6675 5 (1) and (2); RFC 8985 6.2: whatever RACK marks is lost.
bool Recovery::has_found_loss() const {
  if (!half_.config.fast_retransmit || half_.queue.empty()) return false;
  if (half_.queue.has_lost()) return true;
  return !uses_rack() && duplicate_acks_ >= kDuplicateThreshold;
}

// RFC 6675 5 (4).
void Recovery::enter_sack_recovery(const AckSample& sample) {
  CongestionWindow& window = half_.window;
  const std::uint64_t outstanding = half_.snd.nxt - half_.snd.una;
  if (half_.control->traits.fast_recovery == FastRecovery::none) {
    const std::uint64_t flight = outstanding - std::min(outstanding, limited_octets_);
    spurious_.begin(window, flight, half_.snd.una, half_.snd.nxt, false);
    window.ssthresh =
        half_.control->ssthresh_after(CongestionEvent::loss, window, flight, sample.now);
    collapse(RetransmitCause::fast_retransmit);
    half_.control->on_reduced(CongestionEvent::loss, window);
    return;
  }
  const bool was_reducing = is_reducing();
  enter_fast_recovery(outstanding - std::min(outstanding, limited_octets_), sample.now);
  if (!uses_rack()) {
    counted_pipe_ = in_flight();
    half_.queue.mark_first_lost(RetransmitCause::fast_retransmit);
    if (counts_pipe()) half_.queue.mark_lost_below_sacked(1, 0);
    rescue_ = half_.queue.front().end();  // (4.3)
  }
  // RecoverFS: what is still to be delivered of what had been sent, this ACK's share included.
  if (!was_reducing) {
    prr_.begin(window.ssthresh, outstanding - half_.queue.sacked_octets() + sample.newly_delivered);
  }
  if (!owns_window()) window.cwnd = window.ssthresh;
  half_.control->on_reduced(CongestionEvent::loss, window);
}

// RFC 6937 3: the window is what is in the network and what this ACK allows to follow.
void Recovery::reduce_by_prr(const AckSample& sample) {
  CongestionWindow& window = half_.window;
  if (owns_window()) return;
  if (half_.config.prr == ReductionBound::none || counts_pipe()) {
    // RFC 8985 9.3: without PRR the loss of a retransmission is a further sign of congestion, at
    // most one per round trip.
    if (!lost_retransmission_ || half_.snd.una < reduced_again_) return;
    reduced_again_ = half_.snd.nxt;
    window.ssthresh =
        half_.control->ssthresh_after(CongestionEvent::loss, window, in_flight(), sample.now);
    window.cwnd = window.ssthresh;
    half_.control->on_reduced(CongestionEvent::loss, window);
    return;
  }
  apply_prr(sample);
}

// What may follow this ACK.
void Recovery::apply_prr(const AckSample& sample) {
  CongestionWindow& window = half_.window;
  const std::uint64_t pipe = occupied();
  const bool is_safe = sample.newly_acked > 0 && sample.newly_lost == 0;
  const std::uint64_t more =
      prr_.on_ack(sample.newly_delivered, pipe, window.smss, half_.config.prr, is_safe);
  window.cwnd = 0;
  window.enlarge(std::max<std::uint64_t>(pipe + more, window.smss));
}

// RFC 8985 7.4.2: the probe itself repaired the loss; the response is that of a fast recovery that
// is over at once.
void Recovery::react_to_repaired_loss(Instant now) {
  if (phase_ != Phase::open) return;
  CongestionWindow& window = half_.window;
  window.ssthresh = half_.control->ssthresh_after(CongestionEvent::loss, window,
                                                  half_.snd.nxt - half_.snd.una, now);
  if (!owns_window()) window.cwnd = std::min(window.cwnd, window.ssthresh);
  half_.control->on_reduced(CongestionEvent::loss, window);
  half_.control->on_recovered(window, now);
}

void Recovery::on_reordering_timeout(Instant now) {
  const std::uint64_t newly_lost = detect_by_rack(now);
  if (newly_lost == 0) return;
  const AckSample sample{
      .now = now, .newly_lost = newly_lost, .una = half_.snd.una, .nxt = half_.snd.nxt};
  if (phase_ == Phase::open) enter_sack_recovery(sample);
  if (phase_ == Phase::fast_recovery) reduce_by_prr(sample);
}

// --- what else may be sent ---

SegmentRecord* Recovery::last_resort(bool& is_rescue) {
  is_rescue = false;
  if (!sack_ || uses_rack() || counts_pipe() || goes_by_holes() || phase_ != Phase::fast_recovery) {
    return nullptr;
  }
  SegmentRecord* record = half_.queue.next_below_sacked();
  if (record == nullptr && half_.snd.una > rescue_) {
    record = half_.queue.last_unsacked();
    is_rescue = true;
  }
  // RFC 6675 5 (C).
  if (record == nullptr || in_flight() + half_.window.smss > half_.window.cwnd) return nullptr;
  return record;
}

// RFC 8985 7.3 is about probes of the tail; what one in recovery repairs has been answered already.
void Recovery::on_probe_sent(bool is_retransmission) {
  if (phase_ == Phase::open) probe_.on_sent(half_.snd.nxt, is_retransmission);
}

bool Recovery::wants_probe_timer() const {
  if (!sack_ || !half_.config.tail_loss_probe || half_.queue.empty() || half_.snd.wnd == 0) {
    return false;
  }
  return probes_in_recovery() || (phase_ == Phase::open && half_.queue.sacked_count() == 0);
}

}  // namespace strata::tcp
