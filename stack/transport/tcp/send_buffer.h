// SPDX-License-Identifier: MIT
// What the user has sent and the peer has not acknowledged, addressed by stream offset. Limits are
// real: append() takes no more than fits. Text is copied, or referred to where it was promised to
// stay; the two may alternate:
//
//      begin_                                                       end_
//     -----|==== copied ====|-------- lent_[0] --------|= copied =|---
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "stack/base/bytes.h"
#include "stack/base/checksum.h"
#include "stack/base/ring.h"
#include "stack/transport/tcp/chunks.h"

namespace strata::tcp {

// What becomes of octets that a user sends.
enum class Keep : std::uint8_t {
  copy,
  reference,  // they stay where and as they are (StaticBytes)
};

class SendBuffer {
 public:
  SendBuffer(std::size_t limit_bytes, ChunkPool* pool) : limit_(limit_bytes), ring_(pool) {}

  // Takes as many octets of `data` as there is room for and returns their number.
  std::size_t append(Bytes data, Keep keep = Keep::copy);
  // Copies [offset, offset + length) to `target` and adds it to `sum`, in one pass. Requires the
  // range to lie within [begin(), end()).
  void copy(std::uint64_t offset, std::size_t length, std::uint8_t* target,
            InternetChecksum& sum) const;
  // The octets below `offset` were acknowledged.
  void release(std::uint64_t offset);
  void clear();

  std::uint64_t begin() const { return begin_; }
  std::uint64_t end() const { return end_; }
  std::size_t size() const { return static_cast<std::size_t>(end_ - begin_); }
  std::size_t room() const { return limit_ - std::min(limit_, size()); }
  std::size_t limit() const { return limit_; }
  // What is held beyond a smaller limit stays until it is acknowledged.
  void set_limit(std::size_t limit_bytes) { limit_ = limit_bytes; }
  std::size_t footprint_bytes() const {
    return ring_.footprint_bytes() + lent_.capacity() * sizeof(Run);
  }

 private:
  struct Run {
    std::uint64_t begin = 0;
    Bytes text;
    std::uint64_t end() const { return begin + text.size(); }
  };

  void append_copy(Bytes data);
  void append_reference(Bytes data);
  // What lies in one piece from `offset` on.
  Bytes run_at(std::uint64_t offset) const;
  std::size_t first_lent_above(std::uint64_t offset) const;

  std::size_t limit_;
  std::uint64_t begin_ = 0;
  std::uint64_t end_ = 0;
  ChunkRing ring_;
  Ring<Run> lent_;  // by offset; what lies between them is in ring_
};

}  // namespace strata::tcp
