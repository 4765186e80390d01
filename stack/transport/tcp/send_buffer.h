// SPDX-License-Identifier: MIT
// What the user has sent and the peer has not acknowledged, addressed by stream offset. Limits are
// real: append() takes no more than fits.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "stack/base/bytes.h"
#include "stack/base/checksum.h"
#include "stack/transport/tcp/chunks.h"

namespace strata::tcp {

class SendBuffer {
 public:
  SendBuffer(std::size_t limit_bytes, ChunkPool* pool) : limit_(limit_bytes), ring_(pool) {}

  // Takes as many octets of `data` as there is room for and returns their number.
  std::size_t append(Bytes data);
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
  std::size_t footprint_bytes() const { return ring_.footprint_bytes(); }

 private:
  std::size_t limit_;
  std::uint64_t begin_ = 0;
  std::uint64_t end_ = 0;
  ChunkRing ring_;
};

}  // namespace strata::tcp
