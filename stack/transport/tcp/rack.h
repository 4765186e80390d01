// SPDX-License-Identifier: MIT
// RACK (RFC 8985 6): a segment is lost when one that was sent later has been delivered and the
// reordering window has passed. It works in time, with the instants of transmission that the
// retransmission queue keeps, and so finds lost retransmissions and lost tails too.
#pragma once

#include <cstdint>
#include <optional>

#include "stack/transport/tcp/ack_event.h"
#include "stack/transport/tcp/retransmit_queue.h"
#include "stack/transport/tcp/rtt.h"

namespace strata::tcp {

class Rack {
 public:
  // What of the connection bears upon the reordering window (RFC 8985 6.2 step 4).
  struct Situation {
    Instant now{};
    Duration srtt{};
    bool is_recovering = false;  // fast recovery or the repair after a time-out
  };
  struct Verdict {
    std::uint64_t newly_lost = 0;      // octets
    bool lost_retransmission = false;  // one of them had been sent again before
    Duration wait{};                   // zero, or: look again after this time
  };

  // Steps 1 to 3: `record` was acknowledged, selectively or not, by `ack`.
  // `by_sequence`: RACK.rtt is that of the last one delivered, not of the last one sent. True: it
  // was sent once and came late.
  bool on_delivered(const SegmentRecord& record, const AckEvent& ack, bool by_sequence = false);
  // Step 4: a round with a D-SACK widens the reordering window.
  void on_ack(const AckEvent& ack, std::uint64_t una, std::uint64_t nxt);
  // ... and 16 recoveries without one make it narrow again.
  void on_recovered();
  // Step 5: marks what is lost on `queue`.
  Verdict detect(RetransmitQueue& queue, const Situation& situation) const;
  // RFC 8985 6.3: the time-out takes the first segment for lost, and of the others those that are
  // older than a round trip and the reordering window.
  void mark_on_timeout(RetransmitQueue& queue, const Situation& situation) const;

  Duration reordering_window(const RetransmitQueue& queue, const Situation& situation) const;
  // Something else has shown that segments overtake each other.
  void on_reordering() { reordering_seen_ = true; }
  // How far, in octets, the earliest latecomer lay below what had been delivered before.
  std::uint64_t reordering_extent() const { return reordering_extent_; }

 private:
  // Was (sent, end) sent after (other_sent, other_end)?
  static bool is_later(Instant sent, std::uint64_t end, Instant other_sent,
                       std::uint64_t other_end) {
    return sent > other_sent || (sent == other_sent && end > other_end);
  }

  void measure(const SegmentRecord& record, const AckEvent& ack, bool by_sequence);

  bool has_segment_ = false;       // something has been delivered
  Instant sent_{};                 // RACK.xmit_ts
  std::uint64_t end_ = 0;          // RACK.end_seq
  Duration rtt_{};                 // RACK.rtt
  std::uint64_t forward_ack_ = 0;  // RACK.fack
  MinimumRtt minimum_;             // RACK.min_RTT
  bool reordering_seen_ = false;
  std::uint64_t reordering_extent_ = 0;
  std::optional<std::uint64_t> d_sack_round_;  // ends when SND.UNA gets there
  std::int64_t window_multiple_ = 1;           // RACK.reo_wnd_mult
  std::uint8_t recoveries_to_keep_ = 16;       // RACK.reo_wnd_persist
};

}  // namespace strata::tcp
