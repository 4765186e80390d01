// SPDX-License-Identifier: MIT
#include "stack/transport/tcp/retransmit_queue.h"

#include <algorithm>
#include <utility>

namespace strata::tcp {
namespace {

constexpr std::size_t kRecordsMin = 8;
// A ring that grew beyond this is given back when it empties.
constexpr std::size_t kRecordsKept = 16;

}  // namespace

void RetransmitQueue::push(const SegmentRecord& record) {
  STRATA_ASSERT(empty() || at(tail_ - 1).end() == record.begin);
  if (size() == ring_.size()) grow();
  at(tail_++) = record;
}

void RetransmitQueue::grow() {
  std::vector<SegmentRecord> larger(std::max(kRecordsMin, 2 * ring_.size()));
  for (std::uint64_t number = head_; number < tail_; ++number) {
    larger[number & (larger.size() - 1)] = at(number);
  }
  ring_ = std::move(larger);
}

Acknowledged RetransmitQueue::acknowledge(std::uint64_t una) {
  Acknowledged result;
  while (!empty() && at(head_).end() <= una) {
    const SegmentRecord& record = at(head_);
    result.any_record = true;
    result.retransmitted |= record.is_retransmitted();
    result.last_begin = record.begin;
    result.last_sent = record.last_sent;
    if (record.last_sent >= result.newest_sent) {
      result.newest_sent = record.last_sent;
      result.newest_end = record.end();
    }
    ++head_;
  }
  if (!empty() && at(head_).begin < una) {
    SegmentRecord& record = at(head_);
    record.length -= static_cast<std::uint32_t>(una - record.begin);
    record.begin = una;
    record.syn = false;
  }
  lost_begin_ = std::max(lost_begin_, head_);
  lost_end_ = std::max(lost_end_, head_);
  if (empty() && ring_.size() > kRecordsKept) std::vector<SegmentRecord>().swap(ring_);
  return result;
}

void RetransmitQueue::clear() {
  head_ = lost_begin_ = lost_end_ = tail_;
  std::vector<SegmentRecord>().swap(ring_);
}

void RetransmitQueue::split(std::uint32_t text_max) {
  RetransmitQueue divided;
  for (std::uint64_t number = head_; number < tail_; ++number) {
    SegmentRecord rest = at(number);
    while (rest.length - (rest.fin ? 1U : 0U) > text_max) {
      SegmentRecord piece = rest;
      piece.length = text_max;
      piece.fin = false;
      divided.push(piece);
      rest.begin += text_max;
      rest.length -= text_max;
      rest.syn = false;
    }
    divided.push(rest);
  }
  *this = std::move(divided);
}

void RetransmitQueue::mark_all_lost() {
  lost_begin_ = head_;
  lost_end_ = tail_;
}

void RetransmitQueue::mark_first_lost() {
  lost_begin_ = head_;
  lost_end_ = std::max(lost_end_, std::min(head_ + 1, tail_));
}

}  // namespace strata::tcp
