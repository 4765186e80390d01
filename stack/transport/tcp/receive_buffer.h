// SPDX-License-Identifier: MIT
// What the peer has sent and the user has not read, addressed by stream offset. Text is written
// once, at its final place; what lies above a gap is remembered as a short list of ranges. Where
// there is nothing else, the text stays in the packet that brought it: a reader that comes before
// the next segment takes it from there.
//
//        read_        next_                 ranges_[0]     ranges_[1]
//     -----|-----------|.....gap..........[===========)....[====)-----
//          | readable  |
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "stack/base/bytes.h"
#include "stack/base/packet.h"
#include "stack/transport/tcp/chunks.h"

namespace strata::tcp {

// A run of octets above a gap: [begin, end).
struct OffsetRange {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  friend bool operator==(const OffsetRange&, const OffsetRange&) = default;
};

class ReceiveBuffer {
 public:
  // No more gaps than this are remembered: a segment that would make another is refused, so a peer
  // cannot make the list long.
  static constexpr std::size_t kRangesMax = 256;

  enum class Outcome : std::uint8_t {
    in_order,      // next() advanced, no gap was or is there
    filled_gap,    // next() advanced while text lay above it
    out_of_order,  // kept above a gap
    duplicate,     // nothing new
    refused,       // too many gaps
  };

  ReceiveBuffer(std::size_t limit_bytes, ChunkPool* pool) : limit_(limit_bytes), ring_(pool) {}

  // Stores `text` at `offset`. Requires offset >= next() and the end to be within the window that
  // was promised (the caller trims). Of the packet that `text` lies in, the carrier, it may take
  // possession.
  Outcome write(std::uint64_t offset, Bytes text, Packet* carrier = nullptr);
  // Copies readable octets and returns their number; without `peek` they are consumed.
  std::size_t read(MutableBytes into, bool peek);
  // The octet at `offset`. Requires the user not to have it yet and next() to be beyond it.
  std::uint8_t at(std::uint64_t offset) const {
    return is_carried() ? carried_[offset - read_] : *ring_.at(offset);
  }
  // Takes one octet as if it had been read. Requires readable() > 0.
  void skip_octet();
  // Throws away what is readable.
  void discard_readable();
  // Forgets whatever is held at or above `offset` (the stream ends there). Requires offset >=
  // next().
  void truncate(std::uint64_t offset);
  void clear();

  std::uint64_t read_offset() const { return read_; }
  std::uint64_t next() const { return next_; }
  std::size_t readable() const { return static_cast<std::size_t>(next_ - read_); }
  std::size_t limit() const { return limit_; }
  // Makes room for at least `bytes`; what was promised stays.
  void grow_to(std::size_t bytes) { limit_ = std::max(limit_, bytes); }
  // From now on at most `bytes` are held; but all below stream offset `promised`, which the peer
  // may send already.
  void resize(std::size_t bytes, std::uint64_t promised) {
    limit_ = std::max(bytes, static_cast<std::size_t>(promised - std::min(promised, read_)));
  }
  // Room for text from next() on; out-of-order text lies within it.
  std::size_t room() const { return limit_ > readable() ? limit_ - readable() : 0; }
  // Sum of the ranges above gaps.
  std::uint64_t out_of_order_bytes() const { return held_; }
  const std::vector<OffsetRange>& ranges() const { return ranges_; }
  // The first run of [offset, offset + octets) that is held above a gap already, if any.
  std::optional<OffsetRange> held_within(std::uint64_t offset, std::size_t octets) const;
  std::size_t footprint_bytes() const {
    return ring_.footprint_bytes() + ranges_.capacity() * sizeof(OffsetRange) + carried_.size();
  }

 private:
  bool is_carried() const { return carrier_.has_value(); }
  void unload();
  void store(std::uint64_t offset, Bytes text);
  Outcome insert_range(std::uint64_t begin, std::uint64_t end);
  void copy_readable(MutableBytes into) const;
  void consume(std::size_t count);

  std::size_t limit_;
  std::uint64_t read_ = 0;  // the user has everything below
  std::uint64_t next_ = 0;
  std::uint64_t held_ = 0;
  std::vector<OffsetRange> ranges_;  // sorted, apart from each other and from next_
  ChunkRing ring_;
  Packet carrier_;  // while it has one, ring_ and ranges_ are empty
  Bytes carried_;   // all that is readable, in carrier_
};

}  // namespace strata::tcp
