// SPDX-License-Identifier: MIT
#include "stack/transport/tcp/sack_report.h"

#include <algorithm>

namespace strata::tcp {
namespace {

const OffsetRange* range_with(std::span<const OffsetRange> held, std::uint64_t offset) {
  const auto above = std::upper_bound(
      held.begin(), held.end(), offset,
      [](std::uint64_t value, const OffsetRange& range) { return value < range.end; });
  return above != held.end() && above->begin <= offset ? &*above : nullptr;
}

}  // namespace

void SackReport::on_kept(std::uint64_t begin) {
  const auto used = recent_.begin() + recent_count_;
  auto place = std::find(recent_.begin(), used, begin);
  if (place == used) {
    if (recent_count_ < recent_.size()) {
      ++recent_count_;
    } else {
      --place;  // the oldest goes
    }
  }
  std::move_backward(recent_.begin(), place, place + 1);
  recent_.front() = begin;
}

std::size_t SackReport::fill(std::span<const OffsetRange> held, std::size_t count, Blocks& into) {
  std::size_t blocks = 0;
  const auto add = [&](const OffsetRange& range, std::size_t compared_from) {
    const auto listed = std::span{into}.subspan(compared_from, blocks - compared_from);
    if (blocks < count && std::find(listed.begin(), listed.end(), range) == listed.end()) {
      into[blocks++] = range;
      return true;
    }
    return false;
  };
  // RFC 2883 4: the duplicate first; a block of the queue that contains it, or is it, follows.
  if (duplicate_) add(*duplicate_, 0);
  const std::size_t queue_begin = blocks;
  // RFC 2018 4: the block with the latest segment first, then those reported most recently. An
  // older segment of a block that is listed already is forgotten.
  std::uint8_t kept = 0;
  for (std::uint8_t i = 0; i < recent_count_; ++i) {
    const OffsetRange* range = range_with(held, recent_[i]);
    if (range == nullptr) continue;
    if (add(*range, queue_begin) || blocks == count) recent_[kept++] = recent_[i];
  }
  recent_count_ = kept;
  // "As many distinct SACK blocks as possible": fill up with others.
  for (std::size_t i = 0; i < held.size() && blocks < count; ++i) add(held[i], queue_begin);
  return blocks;
}

}  // namespace strata::tcp
