// SPDX-License-Identifier: MIT
#include "stack/transport/tcp/send_buffer.h"

#include <algorithm>
#include <cstring>

#include "stack/base/assert.h"

namespace strata::tcp {
namespace {

// A shorter run is copied: to remember it costs as much, and no user can make the list long.
constexpr std::size_t kLentLeast = 1024;

}  // namespace

std::size_t SendBuffer::append(Bytes data, Keep keep) {
  const Bytes accepted = data.first(std::min(data.size(), room()));
  if (keep == Keep::reference && accepted.size() >= kLentLeast) {
    append_reference(accepted);
  } else {
    append_copy(accepted);
  }
  return accepted.size();
}

void SendBuffer::append_copy(Bytes data) {
  while (!data.empty()) {
    const std::size_t run = std::min(data.size(), ChunkRing::contiguous(end_));
    // Not memcpy: g++ 12 makes "rep movs" of one whose length it has a bound for, and that takes
    // three times as long as the library's.
    std::memmove(ring_.writable(end_), data.data(), run);
    end_ += run;
    data = data.subspan(run);
  }
}

void SendBuffer::append_reference(Bytes data) {
  Run* last = lent_.empty() ? nullptr : &lent_.back();
  if (last != nullptr && last->end() == end_ &&
      last->text.data() + last->text.size() == data.data()) {
    last->text = {last->text.data(), last->text.size() + data.size()};
  } else {
    lent_.push_back({.begin = end_, .text = data});
  }
  end_ += data.size();
}

// The position in lent_ of the first run that ends above `offset`; as many as there are if none
// does.
std::size_t SendBuffer::first_lent_above(std::uint64_t offset) const {
  std::size_t low = 0;
  std::size_t high = lent_.size();
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (lent_[middle].end() > offset) {
      high = middle;
    } else {
      low = middle + 1;
    }
  }
  return low;
}

Bytes SendBuffer::run_at(std::uint64_t offset) const {
  std::uint64_t copied_end = end_;
  if (const std::size_t i = first_lent_above(offset); i < lent_.size()) {
    const Run& lent = lent_[i];
    if (lent.begin <= offset) return lent.text.subspan(offset - lent.begin);
    copied_end = lent.begin;
  }
  return {ring_.at(offset),
          std::min<std::size_t>(ChunkRing::contiguous(offset), copied_end - offset)};
}

void SendBuffer::copy(std::uint64_t offset, std::size_t length, std::uint8_t* target,
                      InternetChecksum& sum) const {
  STRATA_ASSERT(offset >= begin_ && offset + length <= end_);
  while (length > 0) {
    const Bytes found = run_at(offset);
    const Bytes run = found.first(std::min(length, found.size()));
    sum.add_copy(run, target);
    offset += run.size();
    target += run.size();
    length -= run.size();
  }
}

void SendBuffer::release(std::uint64_t offset) {
  STRATA_ASSERT(offset <= end_);
  if (offset <= begin_) return;
  begin_ = offset;
  while (!lent_.empty() && lent_.front().end() <= offset) lent_.pop_front();
  if (begin_ == end_) {
    ring_.clear(begin_);
  } else {
    ring_.release_before(begin_);
  }
}

void SendBuffer::clear() { release(end_); }

}  // namespace strata::tcp
