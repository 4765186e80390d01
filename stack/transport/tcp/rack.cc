// SPDX-License-Identifier: MIT
#include "stack/transport/tcp/rack.h"

#include <algorithm>

namespace strata::tcp {
namespace {

constexpr std::uint8_t kRecoveriesToKeep = 16;
constexpr std::size_t kDuplicateThreshold = 3;

}  // namespace

bool Rack::on_delivered(const SegmentRecord& record, const AckEvent& ack, bool by_sequence) {
  // Step 3.
  const bool is_late = record.end() < forward_ack_ && !record.is_retransmitted();
  forward_ack_ = std::max(forward_ack_, record.end());
  if (is_late) {
    reordering_seen_ = true;
    reordering_extent_ = std::max(reordering_extent_, forward_ack_ - record.begin);
  }
  measure(record, ack, by_sequence);
  return is_late;
}

void Rack::measure(const SegmentRecord& record, const AckEvent& ack, bool by_sequence) {
  // Step 2: not by what may be the ACK of an earlier transmission.
  const Duration rtt = ack.arrival - record.last_sent;
  if (record.is_retransmitted()) {
    if (ack.echo && ack.echo->before(Timestamps::clock(record.last_sent))) return;
    // A small segment is faster than the full ones that were measured, by its serialisation.
    if (rtt < minimum_.value() - minimum_.value() / 4) return;
  }
  minimum_.sample(rtt, ack.arrival);
  if (has_segment_ && !is_later(record.last_sent, record.end(), sent_, end_)) {
    // "In ascending order of Segment.xmit_ts": the latest gives RACK.rtt.
    if (by_sequence) rtt_ = rtt;
    return;
  }
  rtt_ = rtt;
  has_segment_ = true;
  sent_ = record.last_sent;
  end_ = record.end();
}

void Rack::on_ack(const AckEvent& ack, std::uint64_t una, std::uint64_t nxt) {
  if (d_sack_round_ && una >= *d_sack_round_) d_sack_round_.reset();
  if (d_sack_round_ || !ack.duplicate) return;
  d_sack_round_ = nxt;
  ++window_multiple_;
  recoveries_to_keep_ = kRecoveriesToKeep;
}

void Rack::on_recovered() {
  if (recoveries_to_keep_ > 0) --recoveries_to_keep_;
  if (recoveries_to_keep_ == 0) window_multiple_ = 1;
}

Duration Rack::reordering_window(const RetransmitQueue& queue, const Situation& situation) const {
  if (!reordering_seen_ &&
      (situation.is_recovering || queue.sacked_count() >= kDuplicateThreshold)) {
    return Duration{};
  }
  const Duration window = window_multiple_ * minimum_.value() / 4;
  return situation.srtt > Duration{} ? std::min(window, situation.srtt) : window;
}

Rack::Verdict Rack::detect(RetransmitQueue& queue, const Situation& situation) const {
  Verdict verdict;
  if (!has_segment_) return verdict;
  const Duration patience = rtt_ + reordering_window(queue, situation);
  const bool is_missed = queue.sacked_count() >= kDuplicateThreshold;
  SegmentRecord* record = queue.oldest_sent();
  while (record != nullptr && is_later(sent_, end_, record->last_sent, record->end())) {
    SegmentRecord* const next = queue.sent_after(*record);
    // On a path without delay a repair would be missed at the instant it is sent, and sent again
    // without end: it gets one tick of the clock. So does what is behind too few to be missed.
    const Duration least{is_missed && !record->is_retransmitted() ? 0 : 1};
    const Duration remaining = record->last_sent + std::max(patience, least) - situation.now;
    if (remaining <= Duration{}) {
      verdict.newly_lost += record->length;
      verdict.lost_retransmission |= record->is_retransmitted();
      queue.mark_lost(*record, RetransmitCause::rack);
    } else {
      verdict.wait = std::max(verdict.wait, remaining);
    }
    record = next;
  }
  return verdict;
}

void Rack::mark_on_timeout(RetransmitQueue& queue, const Situation& situation) const {
  const Duration patience = rtt_ + reordering_window(queue, situation);
  queue.mark_first_lost(RetransmitCause::timeout);
  for (SegmentRecord* record = queue.oldest_sent(); record != nullptr;) {
    SegmentRecord* const next = queue.sent_after(*record);
    if (record->last_sent + patience <= situation.now) {
      queue.mark_lost(*record, RetransmitCause::timeout);
    }
    record = next;
  }
}

}  // namespace strata::tcp
