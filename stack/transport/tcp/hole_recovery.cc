// SPDX-License-Identifier: MIT
// Recovery by holes: how FreeBSD recovers with SACK where it has no proportional rate reduction.
// RFC 3517 and RFC 6675 compare the window with the pipe; here it says how much may leave beside
// what has been sent again and not arrived, and what is new since recovery began. It starts at one
// segment, grows by one with each duplicate ACK once the pipe is below ssthresh, and each partial
// ACK sets it anew.
#include <algorithm>

#include "stack/transport/tcp/recovery.h"

namespace strata::tcp {

bool Recovery::goes_by_holes() const {
  return sack_ && half_.config.persona.holes != HoleRecovery::off &&
         half_.config.prr == ReductionBound::none && !counts_pipe() && !uses_rack();
}

// What is above the highest octet that the peer has told of counts as in flight, and so do holes
// that have been repaired.
std::uint64_t Recovery::resent_octets() const {
  const std::uint64_t top = std::max(half_.queue.sacked_end_sequence(), half_.snd.una);
  const std::uint64_t above = half_.snd.nxt - top;
  return in_flight() - std::min(in_flight(), above);
}

// A hole that is not yet repaired is in the network for RFC 6675, and is not for RFC 3517's authors
// of this code, who take what was sent above the highest block.
std::uint64_t Recovery::hole_pipe() const {
  if (half_.config.persona.holes == HoleRecovery::by_top) return in_flight();
  return half_.snd.nxt - half_.snd.una - half_.queue.sacked_octets() + resent_octets();
}

// What is lost of what recovery itself has sent waits for its end.
bool Recovery::leaves_lost() const {
  if (phase_ != Phase::fast_recovery || !goes_by_holes()) return false;
  const SegmentRecord* lost = half_.queue.next_lost();
  return lost != nullptr && lost->end() > recover_;
}

bool Recovery::may_fill_hole(std::uint64_t length) const {
  if (leaves_lost()) return false;
  return owes_first_ || resent_octets() + length <= half_.window.cwnd;
}

bool Recovery::may_send_beside_holes(std::uint64_t length) const {
  const std::uint64_t resent = resent_octets();
  const std::uint64_t fresh = half_.snd.nxt - std::min(half_.snd.nxt, recover_);
  // Before anything has been sent again the window holds whatever is outstanding.
  const std::uint64_t taken = resent > 0 ? resent + fresh : half_.snd.nxt - half_.snd.una;
  return taken + length <= half_.window.cwnd;
}

Recovery::TimerRestart Recovery::respond_by_holes(const AckEvent& ack, const AckSample& sample) {
  const bool is_new = sample.newly_acked > 0;
  if (is_new) forget_duplicates();
  if (ack.newly_sacked > 0 || (!is_new && ack.is_duplicate)) ++duplicate_acks_;
  if (phase_ == Phase::fast_recovery) {
    half_.queue.mark_lost_below_sacked(1, 0);
    if (!is_new) {
      grow_beside_holes();
    } else if (half_.snd.una < recover_) {
      on_partial_ack_of_holes(sample.newly_acked);
    } else {
      leave_holes(sample.now);
    }
    return is_new ? TimerRestart::yes : TimerRestart::no;
  }
  if (phase_ == Phase::loss && half_.snd.una >= recover_) leave(sample.now);
  if (phase_ == Phase::open && has_found_holes()) {
    enter_sack_recovery(sample);
    half_.queue.mark_lost_below_sacked(1, 0);
    CongestionWindow& window = half_.window;
    window.ssthresh = std::max<std::uint32_t>(window.ssthresh / window.smss, 2) * window.smss;
    window.cwnd = window.smss;
    if (is_new) {
      // The first repair, which is still to leave, counts beside what this ACK allows.
      on_partial_ack_of_holes(sample.newly_acked);
      window.cwnd = std::min(window.cwnd + window.smss, window.ssthresh);
    }
    return TimerRestart::always;  // it runs from the first repair on
  } else if (is_new) {
    half_.control->on_ack(half_.window, sample);
  }
  return is_new ? TimerRestart::yes : TimerRestart::no;
}

bool Recovery::has_found_holes() const {
  if (!half_.config.fast_retransmit || half_.queue.empty()) return false;
  if (duplicate_acks_ >= kDuplicateThreshold) return true;
  return half_.config.persona.holes == HoleRecovery::by_pipe &&
         half_.queue.sacked_octets() > (kDuplicateThreshold - 1) * std::uint64_t{half_.window.smss};
}

void Recovery::grow_beside_holes() {
  CongestionWindow& window = half_.window;
  if (hole_pipe() >= window.ssthresh) return;
  window.cwnd = std::min(window.cwnd + window.smss, window.ssthresh);
}

// One or two segments more, by what was acknowledged, and an ACK in any case.
void Recovery::on_partial_ack_of_holes(std::uint64_t newly_acked) {
  CongestionWindow& window = half_.window;
  const std::uint64_t segments = newly_acked >= 2 * std::uint64_t{window.smss} ? 2 : 1;
  const std::uint64_t fresh = half_.snd.nxt - std::min(half_.snd.nxt, recover_);
  window.cwnd = 0;
  window.enlarge(
      std::min<std::uint64_t>(resent_octets() + fresh + segments * window.smss, window.ssthresh));
  owes_ack_ = true;
  // RFC 6675 4 (4): nothing is sacked and nothing new is left, so the tail may be lost.
  const bool is_quiet = half_.queue.sacked_octets() == 0 && recover_ == half_.snd.nxt;
  if (half_.config.persona.holes != HoleRecovery::by_pipe || !is_quiet) return;
  half_.queue.mark_lost(*half_.queue.last_unsacked(), RetransmitCause::rescue);
  window.cwnd = window.smss;
}

// RFC 6582 3.2 step 3, option (1): no burst when little is in flight.
void Recovery::leave_holes(Instant now) {
  CongestionWindow& window = half_.window;
  const bool is_by_pipe = half_.config.persona.holes == HoleRecovery::by_pipe;
  const std::uint64_t flight = is_by_pipe ? hole_pipe() : half_.snd.nxt - half_.snd.una;
  window.cwnd = window.ssthresh;
  if (flight < window.ssthresh) {
    window.cwnd = 0;
    window.enlarge(std::max<std::uint64_t>(flight, window.smss) + window.smss);
  }
  half_.queue.forgive();
  leave(now);
}

}  // namespace strata::tcp
