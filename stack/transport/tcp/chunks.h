// SPDX-License-Identifier: MIT
// Memory for stream buffers: fixed-size chunks addressed by stream offset. A ChunkRing holds only
// the chunks that have content; a ChunkPool recycles them among the connections of a node.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

namespace strata::tcp {

inline constexpr std::size_t kChunkBytes = 8192;

struct Chunk {
  std::array<std::uint8_t, kChunkBytes> bytes;
};

// Keeps half as many spare chunks as are in use, and a few more: a writer that is woken when a
// quarter of its buffer is free takes as many at once as acknowledgements have given back.
class ChunkPool {
 public:
  std::unique_ptr<Chunk> acquire();
  void release(std::unique_ptr<Chunk> chunk);
  std::size_t spare() const { return spare_.size(); }

 private:
  static constexpr std::size_t kSpareMin = 64;
  std::size_t in_use_ = 0;
  std::vector<std::unique_ptr<Chunk>> spare_;
};

class ChunkRing {
 public:
  // `pool` may be null: chunks then come from the general allocator.
  explicit ChunkRing(ChunkPool* pool) : pool_(pool) {}
  ~ChunkRing() { clear(); }
  ChunkRing(const ChunkRing&) = delete;
  ChunkRing& operator=(const ChunkRing&) = delete;

  // The octet at `offset`, its chunk allocated if need be; the rest of the chunk follows it.
  // Requires offset not below what was released.
  std::uint8_t* writable(std::uint64_t offset);
  // The octet at `offset`, which lies in a chunk that has been written to.
  const std::uint8_t* at(std::uint64_t offset) const {
    return slots_[(offset / kChunkBytes) & (slots_.size() - 1)]->bytes.data() +
           offset % kChunkBytes;
  }
  // How many octets from `offset` on lie in the same chunk.
  static std::size_t contiguous(std::uint64_t offset) { return kChunkBytes - offset % kChunkBytes; }
  // Gives back the chunks that lie wholly below `offset`.
  void release_before(std::uint64_t offset);
  // Gives back every chunk; `offset` is where the next content will be.
  void clear(std::uint64_t offset = 0);
  std::size_t footprint_bytes() const;

 private:
  void grow(std::uint64_t chunk_number);
  void free_slot(std::uint64_t chunk_number);

  ChunkPool* pool_;
  std::vector<std::unique_ptr<Chunk>> slots_;  // a power of two, indexed by number modulo size
  std::uint64_t first_ = 0;                    // number of the lowest chunk that may be held
  std::uint64_t end_ = 0;                      // one beyond the highest chunk held
};

}  // namespace strata::tcp
