// SPDX-License-Identifier: MIT
#include "stack/transport/tcp/receive_buffer.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <utility>

#include "stack/base/assert.h"

namespace strata::tcp {

void ReceiveBuffer::store(std::uint64_t offset, Bytes text) {
  while (!text.empty()) {
    const std::size_t run = std::min(text.size(), ChunkRing::contiguous(offset));
    // Not memcpy: see SendBuffer::append().
    std::memmove(ring_.writable(offset), text.data(), run);
    offset += run;
    text = text.subspan(run);
  }
}

// What the packet brought moves to its final place.
void ReceiveBuffer::unload() {
  store(read_, std::exchange(carried_, {}));
  carrier_ = {};
}

ReceiveBuffer::Outcome ReceiveBuffer::write(std::uint64_t offset, Bytes text, Packet* carrier) {
  STRATA_ASSERT(offset >= next_);
  if (text.empty()) return Outcome::duplicate;
  const std::uint64_t end = offset + text.size();
  if (carrier != nullptr && offset == read_ && ranges_.empty()) {
    carrier_ = std::move(*carrier);
    carried_ = text;
    next_ = end;
    return Outcome::in_order;
  }
  if (is_carried()) unload();
  if (offset > next_) {
    const Outcome outcome = insert_range(offset, end);
    if (outcome == Outcome::out_of_order) store(offset, text);
    return outcome;
  }
  store(offset, text);
  next_ = end;
  if (ranges_.empty()) return Outcome::in_order;
  auto keep = ranges_.begin();
  for (; keep != ranges_.end() && keep->begin <= next_; ++keep) {
    next_ = std::max(next_, keep->end);
    held_ -= keep->end - keep->begin;
  }
  ranges_.erase(ranges_.begin(), keep);
  return Outcome::filled_gap;
}

ReceiveBuffer::Outcome ReceiveBuffer::insert_range(std::uint64_t begin, std::uint64_t end) {
  // The first range that touches or follows the new one; text usually arrives behind the last.
  auto first = ranges_.end();
  if (!ranges_.empty() && begin <= ranges_.back().end) {
    first = std::lower_bound(
        ranges_.begin(), ranges_.end(), begin,
        [](const OffsetRange& range, std::uint64_t offset) { return range.end < offset; });
  }
  if (first != ranges_.end() && first->begin <= begin && end <= first->end) {
    return Outcome::duplicate;
  }
  auto last = first;  // one beyond the ranges that merge with the new one
  OffsetRange merged{.begin = begin, .end = end};
  for (; last != ranges_.end() && last->begin <= end; ++last) {
    merged.begin = std::min(merged.begin, last->begin);
    merged.end = std::max(merged.end, last->end);
    held_ -= last->end - last->begin;
  }
  if (first == last) {
    if (ranges_.size() == kRangesMax) return Outcome::refused;
    ranges_.insert(first, merged);
  } else {
    *first = merged;
    ranges_.erase(std::next(first), last);
  }
  held_ += merged.end - merged.begin;
  return Outcome::out_of_order;
}

std::optional<OffsetRange> ReceiveBuffer::held_within(std::uint64_t offset,
                                                      std::size_t octets) const {
  if (ranges_.empty() || offset >= ranges_.back().end) return std::nullopt;
  const auto first = std::upper_bound(
      ranges_.begin(), ranges_.end(), offset,
      [](std::uint64_t value, const OffsetRange& range) { return value < range.end; });
  const OffsetRange run{.begin = std::max(first->begin, offset),
                        .end = std::min(first->end, offset + octets)};
  if (run.begin >= run.end) return std::nullopt;
  return run;
}

std::size_t ReceiveBuffer::read(MutableBytes into, bool peek) {
  const std::size_t count = std::min(into.size(), readable());
  copy_readable(into.first(count));
  if (!peek && count > 0) consume(count);
  return count;
}

void ReceiveBuffer::copy_readable(MutableBytes into) const {
  if (is_carried() && !into.empty()) {
    std::memmove(into.data(), carried_.data(), into.size());
    return;
  }
  for (std::uint64_t offset = read_; !into.empty();) {
    const std::size_t run = std::min(into.size(), ChunkRing::contiguous(offset));
    std::memmove(into.data(), ring_.at(offset), run);
    offset += run;
    into = into.subspan(run);
  }
}

// The user has the next `count` octets: what held them is given back.
void ReceiveBuffer::consume(std::size_t count) {
  read_ += count;
  if (is_carried()) carried_ = carried_.subspan(count);
  if (read_ == next_ && ranges_.empty()) {
    carrier_ = {};
    ring_.clear(read_);
  } else {
    ring_.release_before(read_);
  }
}

void ReceiveBuffer::skip_octet() {
  STRATA_ASSERT(read_ < next_);
  consume(1);
}

void ReceiveBuffer::discard_readable() { consume(readable()); }

void ReceiveBuffer::truncate(std::uint64_t offset) {
  STRATA_ASSERT(offset >= next_);
  while (!ranges_.empty() && ranges_.back().end > offset) {
    OffsetRange& range = ranges_.back();
    held_ -= range.end - std::max(range.begin, offset);
    range.end = std::max(range.begin, offset);
    if (range.begin == range.end) ranges_.pop_back();
  }
}

void ReceiveBuffer::clear() {
  ranges_.clear();
  held_ = 0;
  discard_readable();
}

}  // namespace strata::tcp
