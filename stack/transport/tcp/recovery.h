// SPDX-License-Identifier: MIT
// Loss detection by duplicate acknowledgements and time-out, and what follows for the congestion
// window: fast retransmit and fast recovery (RFC 5681 3.2, RFC 6582), limited transmit (RFC 3042),
// the loss window after a time-out (RFC 5681 3.1). It marks segments on the retransmission queue as
// lost; the output side sends what is marked.
#pragma once

#include <cstdint>
#include <string_view>

#include "stack/base/events.h"
#include "stack/transport/tcp/congestion.h"
#include "stack/transport/tcp/retransmit_queue.h"
#include "stack/transport/tcp/tcb.h"

namespace strata::tcp {

class Recovery {
 public:
  static constexpr std::uint32_t kDuplicateAcksForRetransmit = 3;  // RFC 5681 3.2

  enum class Phase : std::uint8_t {
    open,           // slow start or congestion avoidance
    fast_recovery,  // after the third duplicate ACK
    loss,           // after a time-out, until what was outstanding then has been acknowledged
  };

  // What the arrival of new data acknowledged asks of the retransmission timer.
  enum class TimerRestart : std::uint8_t { yes, no };

  void on_duplicate_ack(CongestionControl& control, CongestionWindow& window,
                        const SendSequence& snd, RetransmitQueue& queue, Instant now);
  // `newly_acked` octets left the queue; `snd.una` is already advanced.
  TimerRestart on_new_ack(CongestionControl& control, CongestionWindow& window,
                          const SendSequence& snd, RetransmitQueue& queue, const AckSample& sample);
  // RFC 6298 5.4 to 5.6. `is_first`: this segment has not timed out before.
  void on_timeout(CongestionControl& control, CongestionWindow& window, const SendSequence& snd,
                  RetransmitQueue& queue, bool is_first, Instant now);
  // The SYN has to go out again (as SYN,ACK too); a lost SYN says nothing about the window.
  void on_syn_repeated(RetransmitQueue& queue, RetransmitCause cause) {
    cause_ = cause;
    queue.mark_first_lost();
  }
  // All that is outstanding has to be sent again for a reason that is not congestion: the peer's
  // window shut over it, or it was too large for the path.
  void on_discarded(RetransmitCause cause, CongestionWindow& window, const SendSequence& snd,
                    RetransmitQueue& queue);
  // New data were sent; during the first two duplicate ACKs that is limited transmit.
  void on_new_data_sent(std::uint32_t octets) {
    if (duplicate_acks_ > 0 && phase_ == Phase::open) limited_octets_ += octets;
  }

  // Octets in the network: sent, not acknowledged and not taken for lost.
  std::uint64_t in_flight(const SendSequence& snd, const RetransmitQueue& queue) const {
    return snd.nxt - snd.una - queue.lost_octets();
  }
  // What limited transmit allows beyond cwnd.
  std::uint64_t allowance(const SendSequence& snd, const CongestionWindow& window) const;
  Phase phase() const { return phase_; }
  std::uint32_t duplicate_acks() const { return duplicate_acks_; }
  RetransmitCause cause() const { return cause_; }  // of the segments now marked lost
  std::uint64_t recover() const { return recover_; }
  // "slow start", "avoidance", "recovery", "loss".
  std::string_view phase_name(const CongestionWindow& window) const;

 private:
  void on_partial_ack(const CongestionControl& control, CongestionWindow& window,
                      RetransmitQueue& queue, std::uint64_t newly_acked);
  void collapse(RetransmitCause cause, CongestionControl& control, CongestionWindow& window,
                const SendSequence& snd, RetransmitQueue& queue);

  Phase phase_ = Phase::open;
  RetransmitCause cause_ = RetransmitCause::none;
  bool had_partial_ack_ = false;
  std::uint32_t duplicate_acks_ = 0;
  // RFC 6582 `recover` plus one: what had been sent when recovery last began.
  std::uint64_t recover_ = 0;
  std::uint64_t limited_octets_ = 0;  // sent by limited transmit; not part of FlightSize (RFC 3042)
};

}  // namespace strata::tcp
