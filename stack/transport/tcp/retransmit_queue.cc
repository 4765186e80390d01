// SPDX-License-Identifier: MIT
#include "stack/transport/tcp/retransmit_queue.h"

#include <algorithm>

namespace strata::tcp {
namespace {

constexpr std::size_t kRecordsMin = 8;
// A ring that grew beyond this is given back when it empties.
constexpr std::size_t kRecordsKept = 16;

}  // namespace

void RetransmitQueue::push(const SegmentRecord& record) {
  STRATA_ASSERT(empty() || at(tail_ - 1).end() == record.begin);
  if (size() == ring_.size()) grow();
  at(tail_) = record;
  link_last(tail_++);
}

void RetransmitQueue::grow() {
  std::vector<SegmentRecord> larger(std::max(kRecordsMin, 2 * ring_.size()));
  for (std::uint64_t number = head_; number < tail_; ++number) {
    larger[number & (larger.size() - 1)] = at(number);
  }
  ring_ = std::move(larger);
}

void RetransmitQueue::release_memory() {
  if (ring_.size() > kRecordsKept) std::vector<SegmentRecord>().swap(ring_);
}

void RetransmitQueue::clear() {
  while (!empty()) pop_front();
  std::vector<SegmentRecord>().swap(ring_);
}

// --- counting ---

// Puts a record's share into the sums, or takes it out.
void RetransmitQueue::count(const SegmentRecord& record, bool add) {
  const auto change = [add](auto& sum, auto amount) { add ? sum += amount : sum -= amount; };
  if (record.sacked) {
    change(sacked_octets_, std::uint64_t{record.length});
    change(sacked_count_, std::size_t{1});
  } else if (record.is_to_be_sent()) {
    change(to_send_octets_, std::uint64_t{record.length});
  } else if (record.resent && !record.lost) {
    change(doubled_octets_, std::uint64_t{record.length});
  }
}

// The record `number`, the first at or beyond the edge, is no longer above it.
void RetransmitQueue::leave_edge(std::uint64_t number) {
  if (!at(number).sacked) return;
  octets_above_edge_ -= at(number).length;
  if (number + 1 == tail_ || !at(number + 1).sacked) --runs_above_edge_;
}

void RetransmitQueue::pop_front() {
  SegmentRecord& record = at(head_);
  if (lost_edge_ <= head_) {
    leave_edge(head_);
    lost_edge_ = head_ + 1;
  }
  count(record, false);
  if (!record.sacked) unlink(record);
  ++head_;
  to_send_hint_ = std::max(to_send_hint_, head_);
  sacked_end_ = std::max(sacked_end_, head_);
  high_rxt_ = std::max(high_rxt_, head_);
}

void RetransmitQueue::shrink_front(std::uint64_t una) {
  SegmentRecord& record = at(head_);
  const auto gone = static_cast<std::uint32_t>(una - record.begin);
  if (record.sacked && lost_edge_ <= head_) octets_above_edge_ -= gone;
  count(record, false);
  record.length -= gone;
  record.begin = una;
  record.syn = false;
  count(record, true);
}

void RetransmitQueue::split(std::uint32_t text_max) {
  RetransmitQueue divided;
  for (std::uint64_t number = head_; number < tail_; ++number) {
    SegmentRecord rest = at(number);
    while (rest.length - (rest.fin ? 1U : 0U) > text_max) {
      SegmentRecord piece = rest;
      piece.length = text_max;
      piece.fin = false;
      piece.pushed = false;
      divided.push(piece);
      rest.begin += text_max;
      rest.length -= text_max;
      rest.syn = false;
    }
    divided.push(rest);
  }
  divided.losses_ = losses_;
  *this = std::move(divided);
  recount();
}

void RetransmitQueue::repack(std::uint32_t text_max) {
  RetransmitQueue packed;
  for (std::uint64_t number = head_; number < tail_; ++number) {
    SegmentRecord rest = at(number);
    STRATA_ASSERT(!rest.sacked && !rest.syn);
    if (!packed.empty()) {
      SegmentRecord& open = packed.back();
      const std::uint32_t text = rest.length - (rest.fin ? 1U : 0U);
      const std::uint32_t moved = std::min(text, text_max - std::min(text_max, open.length));
      open.length += moved;
      rest.begin += moved;
      rest.length -= moved;
      if (moved == text) {
        open.length += rest.length;
        open.fin = rest.fin;
        open.pushed = rest.pushed;
        continue;
      }
      open.pushed = open.pushed && moved == 0;
    }
    packed.push(rest);
  }
  packed.losses_ = losses_;
  *this = std::move(packed);
  split(text_max);
}

// Everything that follows from the flags of the records, anew.
void RetransmitQueue::recount() {
  to_send_octets_ = sacked_octets_ = doubled_octets_ = 0;
  sacked_count_ = 0;
  lost_edge_ = to_send_hint_ = high_rxt_ = sacked_end_ = head_;
  runs_above_edge_ = 0;
  octets_above_edge_ = 0;
  for (std::uint64_t number = head_; number < tail_; ++number) {
    SegmentRecord& record = at(number);
    count(record, true);
    if (record.is_to_be_sent()) unlink(record);
    if (!record.sacked) continue;
    unlink(record);
    record.next_unsacked = static_cast<std::uint32_t>(number + 1);
    octets_above_edge_ += record.length;
    if (sacked_end_ != number || number == head_) ++runs_above_edge_;
    sacked_end_ = number + 1;
  }
}

// --- selective acknowledgements ---

std::uint64_t RetransmitQueue::number_of(const SegmentRecord& record) const {
  const auto index = static_cast<std::uint64_t>(&record - ring_.data());
  return head_ + ((index - head_) & (ring_.size() - 1));
}

std::uint64_t RetransmitQueue::first_at_or_above(std::uint64_t sequence) const {
  std::uint64_t low = head_;
  std::uint64_t high = tail_;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (at(middle).begin < sequence) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

// The first record at or beyond `number` that is not sacked; tail_ when there is none. The links
// followed are made to lead to the end at once.
std::uint64_t RetransmitQueue::skip_sacked(std::uint64_t number) {
  std::uint64_t end = number;
  while (end < tail_ && at(end).sacked) end = widen(at(end).next_unsacked);
  while (number < end) {
    SegmentRecord& record = at(number);
    number = widen(std::exchange(record.next_unsacked, static_cast<std::uint32_t>(end)));
  }
  return end;
}

void RetransmitQueue::mark_sacked(std::uint64_t number) {
  SegmentRecord& record = at(number);
  count(record, false);
  unlink(record);
  record.sacked = true;
  record.lost = record.resent = false;
  record.next_unsacked = static_cast<std::uint32_t>(number + 1);
  count(record, true);
  sacked_end_ = std::max(sacked_end_, number + 1);
  if (number < lost_edge_) return;
  octets_above_edge_ += record.length;
  const bool joins_left = number > std::max(lost_edge_, head_) && at(number - 1).sacked;
  const bool joins_right = number + 1 < tail_ && at(number + 1).sacked;
  runs_above_edge_ += 1;
  runs_above_edge_ -= (joins_left ? 1U : 0U) + (joins_right ? 1U : 0U);
}

void RetransmitQueue::forget_sacks() {
  for (std::uint64_t number = head_; number < tail_; ++number) {
    SegmentRecord& record = at(number);
    if (!record.sacked) continue;
    record.sacked = false;
    link_last(number);
  }
  recount();
}

// --- taking for lost ---

void RetransmitQueue::mark_lost(SegmentRecord& record, RetransmitCause cause) {
  if (record.sacked) return;
  if (losses_ != nullptr && !record.is_to_be_sent()) {
    losses_->push_back({record.begin, record.end(), record.last_sent});
  }
  count(record, false);
  unlink(record);
  record.lost = true;
  record.resent = false;
  record.cause = cause;
  count(record, true);
  to_send_hint_ = std::min(to_send_hint_, number_of(record));
}

void RetransmitQueue::mark_lost_between(std::uint64_t begin, std::uint64_t end,
                                        RetransmitCause cause) {
  for (std::uint64_t number = first_at_or_above(begin); number < tail_ && at(number).end() <= end;
       ++number) {
    mark_lost(at(number), cause);
  }
}

void RetransmitQueue::mark_all_lost(RetransmitCause cause) {
  for (std::uint64_t number = head_; number < tail_; ++number) mark_lost(at(number), cause);
  recount();
}

void RetransmitQueue::mark_first_lost(RetransmitCause cause) {
  if (!empty()) mark_lost(at(head_), cause);
}

void RetransmitQueue::mark_lost_below_sacked(std::uint32_t runs, std::uint64_t octets) {
  while (lost_edge_ < tail_ &&
         (at(lost_edge_).sacked || runs_above_edge_ >= runs || octets_above_edge_ > octets)) {
    SegmentRecord& record = at(lost_edge_);
    leave_edge(lost_edge_);
    if (record.resent) {
      count(record, false);
      record.lost = true;
      count(record, true);
    } else if (!record.sacked && !record.lost) {
      mark_lost(record, RetransmitCause::sack);
    }
    ++lost_edge_;
  }
}

void RetransmitQueue::forgive() {
  for (std::uint64_t number = head_; number < tail_; ++number) {
    SegmentRecord& record = at(number);
    if (record.is_to_be_sent()) link_last(number);
    record.lost = record.resent = false;
  }
  recount();
}

// --- sending again ---

SegmentRecord* RetransmitQueue::next_lost() {
  if (to_send_octets_ == 0) return nullptr;
  to_send_hint_ = skip_sacked(to_send_hint_);
  while (!at(to_send_hint_).is_to_be_sent()) to_send_hint_ = skip_sacked(to_send_hint_ + 1);
  return &at(to_send_hint_);
}

SegmentRecord* RetransmitQueue::next_below_sacked() {
  const std::uint64_t number = skip_sacked(high_rxt_);
  return number < sacked_end_ ? &at(number) : nullptr;
}

SegmentRecord* RetransmitQueue::last_unsacked() {
  std::uint64_t number = tail_;
  while (number > head_ && at(number - 1).sacked) --number;
  return number > head_ ? &at(number - 1) : nullptr;
}

void RetransmitQueue::on_resent(SegmentRecord& record, Instant now, Repeat repeat) {
  count(record, false);
  unlink(record);
  record.resent = record.resent || record.lost || repeat != Repeat::uncounted;
  ++record.transmissions;
  record.last_sent = now;
  count(record, true);
  const std::uint64_t number = number_of(record);
  link_last(number);
  if (repeat == Repeat::in_turn) high_rxt_ = std::max(high_rxt_, number + 1);
}

// --- for people ---

std::size_t RetransmitQueue::lost_count() const {
  std::size_t count = 0;
  for (std::uint64_t i = head_; i < tail_; ++i) count += at(i).lost && !at(i).sacked ? 1U : 0U;
  return count;
}

std::size_t RetransmitQueue::resent_count() const {
  std::size_t count = 0;
  for (std::uint64_t i = head_; i < tail_; ++i) count += at(i).resent && !at(i).sacked ? 1U : 0U;
  return count;
}

// --- the order of transmission ---

void RetransmitQueue::link_last(std::uint64_t number) {
  SegmentRecord& record = at(number);
  record.sent_before = newest_;
  record.sent_after = SegmentRecord::kNone;
  const auto short_number = static_cast<std::uint32_t>(number);
  (newest_ == SegmentRecord::kNone ? oldest_ : record_or_null(newest_)->sent_after) = short_number;
  newest_ = short_number;
}

// No effect on a record that is not in the list.
void RetransmitQueue::unlink(SegmentRecord& record) {
  SegmentRecord* before = record_or_null(record.sent_before);
  SegmentRecord* after = record_or_null(record.sent_after);
  if (before == nullptr && record_or_null(oldest_) != &record) return;
  (before == nullptr ? oldest_ : before->sent_after) = record.sent_after;
  (after == nullptr ? newest_ : after->sent_before) = record.sent_before;
  record.sent_before = record.sent_after = SegmentRecord::kNone;
}

}  // namespace strata::tcp
