// SPDX-License-Identifier: MIT
// Loss recovery: which segments are taken for lost, and what follows for the congestion window. It
// marks segments on the retransmission queue; the output side sends what is marked.
//
// Three ways to detect losses share this state machine: duplicate ACKs and partial ACKs (RFC 5681,
// RFC 6582; recovery.cc), the SACK scoreboard (RFC 6675) and RACK (RFC 8985, rack.h), the latter
// two in sack_recovery.cc. The time-out (RFC 6298) stands behind them. Beside them: PRR (prr.h),
// F-RTO (forward_rto.h), tail loss probes (tail_loss_probe.h), the undoing of what turns out to
// have been unnecessary (spurious.h).
//
//              third duplicate ACK, or a segment marked lost
//      open --------------------------------------------------> fast recovery
//       ^ ^  <-- everything outstanding then is acknowledged --   |
//       |  \                                                      | time-out
//       |   '--------------------- loss <-------------------------'
#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "stack/base/events.h"
#include "stack/transport/tcp/ack_event.h"
#include "stack/transport/tcp/config.h"
#include "stack/transport/tcp/congestion.h"
#include "stack/transport/tcp/forward_rto.h"
#include "stack/transport/tcp/prr.h"
#include "stack/transport/tcp/rack.h"
#include "stack/transport/tcp/retransmit_queue.h"
#include "stack/transport/tcp/rtt.h"
#include "stack/transport/tcp/spurious.h"
#include "stack/transport/tcp/tail_loss_probe.h"
#include "stack/transport/tcp/tcb.h"

namespace strata::tcp {

// The parts of a connection's sending half that recovery reads and changes. They must outlive it.
struct SendingHalf {
  const Config& config;
  const std::unique_ptr<CongestionControl>& control;
  const SendSequence& snd;
  const RttEstimator& rtt;
  CongestionWindow& window;
  RetransmitQueue& queue;
};

class Recovery {
 public:
  static constexpr std::uint32_t kDuplicateThreshold = 3;  // RFC 5681 3.2, RFC 6675 2

  enum class Phase : std::uint8_t {
    open,           // slow start or congestion avoidance
    fast_recovery,  // after duplicate ACKs, SACK or RACK told of a loss
    loss,           // after a time-out, until what was outstanding then has been
                    // acknowledged
  };

  // What an ACK asks of the retransmission timer: to start anew if it acknowledged something new,
  // not to, or to in any case.
  enum class TimerRestart : std::uint8_t { yes, no, always };

  explicit Recovery(const SendingHalf& half) : half_(half) {}

  // Both ends permit SACK: losses are detected by it.
  void use_sack() { sack_ = true; }
  bool uses_sack() const { return sack_; }
  bool uses_rack() const {
    return sack_ && half_.config.rack && half_.config.fast_retransmit && !counts_pipe();
  }

  // An ACK has been applied to the queue and `snd.una`. In this order: a record it delivered ...
  void on_delivered(const SegmentRecord& record, AckEvent& ack) {
    ++delivered_segments_;
    if (sack_ && rack_.on_delivered(record, ack, half_.config.persona.rack_by_sequence)) {
      ack.tells_reordering = true;
    }
  }
  // A SYN and its text, records of their own, were one segment.
  void on_syn_and_text_delivered() { --delivered_segments_; }
  // ... whether it shows that recovery was unnecessary, and what it shows to be lost (octets) ...
  std::uint64_t detect(const AckEvent& ack);
  // ... and what follows for the window.
  TimerRestart respond(const AckEvent& ack, const AckSample& sample);

  // RFC 3168 6.1.2, as Linux answers a mark: the window has a new ssthresh, and comes down to it by
  // PRR until something behind what is outstanding now has been acknowledged. `cwnd` is what it
  // was; the ACK delivered `delivered`.
  void begin_reduction(std::uint32_t cwnd, std::uint64_t delivered);
  bool is_reducing() const { return reducing_until_.has_value(); }
  // RFC 6298 5.4 to 5.6. `is_first`: this segment has not timed out before.
  void on_timeout(bool is_first, Instant now);
  // The reordering timer of RACK expired.
  void on_reordering_timeout(Instant now);
  // The SYN has to go out again (as SYN,ACK too); a lost SYN says nothing about the window.
  void on_syn_repeated(RetransmitCause cause) { half_.queue.mark_first_lost(cause); }
  // All that is outstanding has to be sent again for a reason that is not congestion: the peer's
  // window shut over it, or it was too large for the path.
  void on_discarded(RetransmitCause cause);
  // Of what is outstanding only [begin, end) was lost, for its size: sent again without a
  // reduction.
  void on_path_probe_lost(std::uint64_t begin, std::uint64_t end);
  // The last ACK is to be answered with one, once.
  bool take_owed_ack() { return std::exchange(owes_ack_, false); }
  // New data were sent; between the first duplicate ACK and the third that is limited transmit.
  void on_new_data_sent(std::uint32_t octets);
  void on_retransmitted(std::uint32_t octets, Instant now);
  void on_probe_sent(bool is_retransmission);
  void on_rtt_sample() { probe_.on_rtt_sample(); }

  // Octets in the network: sent, not acknowledged, not sacked and not taken for lost.
  std::uint64_t in_flight() const { return half_.queue.pipe(half_.snd.una, half_.snd.nxt); }
  // May `length` octets more be in flight, by the congestion window?
  bool may_send_new(std::uint64_t length) const;
  bool may_retransmit(std::uint64_t length) const;
  // What is taken for lost has to wait, and new data need not (hole_recovery.cc).
  bool leaves_lost() const;
  // F-RTO tells by new data, so they go out before retransmissions.
  bool prefers_new_data() const { return forward_rto_.prefers_new_data(); }
  void on_no_new_data() { forward_rto_.on_no_new_data(); }
  // RFC 6675 4, NextSeg() (3) and (4): what may be sent again although it is not known to be lost.
  // Nullptr: nothing. `is_rescue`: by rule (4).
  SegmentRecord* last_resort(bool& is_rescue);
  void on_rescued() { rescue_ = recover_; }

  // RFC 8985 7.2, 7.3.
  bool wants_probe_timer() const;
  // A retransmission left: is it to be probed for?
  bool wants_probe_of_retransmission() const {
    return probes_in_recovery() && phase_ != Phase::open && may_probe();
  }
  // Are repairs and shut windows probed too?
  bool probes_in_recovery() const {
    return half_.config.probe_in_recovery.value_or(half_.control->traits.probes_in_recovery);
  }
  // In recovery one probe may follow another, at growing intervals (RFC 9002 6.2.1).
  bool may_probe() const {
    const bool is_repairing = phase_ != Phase::open && probes_in_recovery();
    const bool needs_round_trip = half_.config.persona.probe.needs_round_trip;
    return wants_probe_timer() && (is_repairing || probe_.may_probe(needs_round_trip));
  }
  // When RACK looks again for losses, after the last ACK; zero: no need.
  Duration reordering_wait() const { return reordering_wait_; }
  std::uint64_t reordering_extent() const { return rack_.reordering_extent(); }

  Phase phase() const { return phase_; }
  std::uint32_t duplicate_acks() const { return duplicate_acks_; }
  std::uint64_t recover() const { return recover_; }
  std::uint64_t delivered_segments() const { return delivered_segments_; }
  // "slow start", "avoidance", "recovery", "loss".
  std::string_view phase_name() const;
  // The last ACK showed that recovery had been unnecessary: "spurious time-out undone", "spurious
  // retransmission undone"; else empty.
  std::string_view undone() const { return undone_; }

 private:
  // recovery.cc
  void on_duplicate_ack(const AckEvent& ack);
  TimerRestart on_new_ack(const AckEvent& ack, const AckSample& sample);
  void on_partial_ack(std::uint64_t newly_acked);
  std::uint64_t reducible(std::uint64_t flight) const;
  void end_reduction();
  void enter_fast_recovery(std::uint64_t flight, Instant now);
  void collapse(RetransmitCause cause);
  void leave(Instant now);
  void forget_duplicates();
  void repair_unreduced();
  bool reduces_by_duplicates() const;
  bool holds_loss() const;
  void note_duplicate();
  void reduce_by_new_ack(std::uint64_t newly_acked, Instant now);
  // sack_recovery.cc
  void detect_spurious(const AckEvent& ack);
  void undo(bool is_timeout, bool stays_in_loss, std::uint64_t newly_acked, Instant now);
  std::uint64_t detect_by_rack(Instant now);
  void count_down_pipe(const AckEvent& ack);
  TimerRestart respond_with_sack(const AckEvent& ack, const AckSample& sample);
  bool has_found_loss() const;
  bool grows_by_sacks(const AckEvent& ack) const;
  void enter_sack_recovery(const AckSample& sample);
  void reduce_by_prr(const AckSample& sample);
  void apply_prr(const AckSample& sample);
  void react_to_repaired_loss(Instant now);
  // hole_recovery.cc
  bool goes_by_holes() const;
  std::uint64_t resent_octets() const;
  std::uint64_t hole_pipe() const;
  bool may_fill_hole(std::uint64_t length) const;
  bool may_send_beside_holes(std::uint64_t length) const;
  TimerRestart respond_by_holes(const AckEvent& ack, const AckSample& sample);
  bool has_found_holes() const;
  void grow_beside_holes();
  void on_partial_ack_of_holes(std::uint64_t newly_acked);
  void leave_holes(Instant now);
  bool counts_pipe() const { return sack_ && half_.config.counted_pipe; }
  // What the congestion window is compared with.
  std::uint64_t occupied() const {
    if (phase_ != Phase::fast_recovery) return in_flight();
    if (counts_pipe()) return counted_pipe_;
    const std::uint64_t flight = in_flight();
    return flight - std::min(flight, duplicate_octets_);
  }
  bool owns_window() const { return half_.control->traits.owns_window; }
  Rack::Situation situation(Instant now) const;

  SendingHalf half_;
  Phase phase_ = Phase::open;
  bool sack_ = false;
  bool had_partial_ack_ = false;
  bool owes_first_ = false;           // entering recovery sends one segment again
                                      // whatever the window says
  bool lost_retransmission_ = false;  // RACK has just found one
  bool owes_ack_ = false;             // a partial ACK is answered (FreeBSD)
  std::uint32_t duplicate_acks_ = 0;
  // RFC 6582 `recover`, RFC 6675 RecoveryPoint, plus one: what had been sent when recovery began.
  std::uint64_t recover_ = 0;
  std::uint64_t rescue_ = 0;        // RFC 6675 RescueRxt
  std::uint64_t counted_pipe_ = 0;  // octets; in fast recovery, when it is counted
  // What duplicate ACKs say has arrived above SND.UNA; only if PRR goes by them.
  std::uint64_t duplicate_octets_ = 0;
  std::uint64_t reduced_again_ = 0;  // no further reduction before SND.UNA gets there
  // The window is coming down for a mark, until SND.UNA is beyond.
  std::optional<std::uint64_t> reducing_until_;
  std::uint64_t limited_octets_ = 0;  // sent by limited transmit; not part of FlightSize (RFC 3042)
  std::uint64_t delivered_segments_ = 0;
  Duration reordering_wait_{};
  std::string_view undone_;
  Rack rack_;
  Prr prr_;
  TailLossProbe probe_;
  ForwardRto forward_rto_;
  SpuriousRecovery spurious_;
};

}  // namespace strata::tcp
