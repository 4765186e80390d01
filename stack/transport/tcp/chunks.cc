// SPDX-License-Identifier: MIT
#include "stack/transport/tcp/chunks.h"

#include <algorithm>
#include <bit>
#include <utility>

#include "stack/base/assert.h"

namespace strata::tcp {
namespace {

constexpr std::size_t kSlotsMin = 4;
// A ring that grew beyond this gives its slots back when it empties.
constexpr std::size_t kSlotsKept = 16;

}  // namespace

std::unique_ptr<Chunk> ChunkPool::acquire() {
  ++in_use_;
  if (spare_.empty()) return std::make_unique_for_overwrite<Chunk>();
  std::unique_ptr<Chunk> chunk = std::move(spare_.back());
  spare_.pop_back();
  return chunk;
}

void ChunkPool::release(std::unique_ptr<Chunk> chunk) {
  --in_use_;
  spare_.push_back(std::move(chunk));
  // The limit falls by less than one for each chunk that comes back, so it holds after two.
  for (int i = 0; i < 2 && spare_.size() > kSpareMin + in_use_ / 2; ++i) spare_.pop_back();
}

std::uint8_t* ChunkRing::writable(std::uint64_t offset) {
  const std::uint64_t number = offset / kChunkBytes;
  STRATA_ASSERT(number >= first_);
  if (number - first_ >= slots_.size()) grow(number);
  std::unique_ptr<Chunk>& slot = slots_[number & (slots_.size() - 1)];
  if (slot == nullptr) {
    slot = pool_ != nullptr ? pool_->acquire() : std::make_unique_for_overwrite<Chunk>();
    end_ = std::max(end_, number + 1);
  }
  return slot->bytes.data() + offset % kChunkBytes;
}

void ChunkRing::grow(std::uint64_t chunk_number) {
  const std::size_t wanted =
      std::max(kSlotsMin, std::bit_ceil(static_cast<std::size_t>(chunk_number - first_ + 1)));
  std::vector<std::unique_ptr<Chunk>> larger(wanted);
  for (std::uint64_t number = first_; number < end_; ++number) {
    larger[number & (wanted - 1)] = std::move(slots_[number & (slots_.size() - 1)]);
  }
  slots_ = std::move(larger);
}

void ChunkRing::free_slot(std::uint64_t chunk_number) {
  std::unique_ptr<Chunk>& slot = slots_[chunk_number & (slots_.size() - 1)];
  if (slot == nullptr) return;
  if (pool_ != nullptr) {
    pool_->release(std::move(slot));
  } else {
    slot.reset();
  }
}

void ChunkRing::release_before(std::uint64_t offset) {
  const std::uint64_t number = offset / kChunkBytes;
  for (; first_ < number && first_ < end_; ++first_) free_slot(first_);
  first_ = std::max(first_, number);
  end_ = std::max(end_, first_);
}

void ChunkRing::clear(std::uint64_t offset) {
  for (; first_ < end_; ++first_) free_slot(first_);
  first_ = offset / kChunkBytes;
  end_ = first_;
  if (slots_.size() > kSlotsKept) std::vector<std::unique_ptr<Chunk>>().swap(slots_);
}

std::size_t ChunkRing::footprint_bytes() const {
  const auto held =
      std::count_if(slots_.begin(), slots_.end(), [](const auto& slot) { return slot != nullptr; });
  return static_cast<std::size_t>(held) * sizeof(Chunk) + slots_.capacity() * sizeof(slots_[0]);
}

}  // namespace strata::tcp
