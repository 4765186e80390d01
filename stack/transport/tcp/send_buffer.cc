// SPDX-License-Identifier: MIT
#include "stack/transport/tcp/send_buffer.h"

#include <algorithm>
#include <cstring>

#include "stack/base/assert.h"

namespace strata::tcp {

std::size_t SendBuffer::append(Bytes data) {
  const std::size_t accepted = std::min(data.size(), room());
  for (std::size_t done = 0; done < accepted;) {
    const std::size_t run = std::min(accepted - done, ChunkRing::contiguous(end_));
    // Not memcpy: g++ 12 makes "rep movs" of one whose length it has a bound for, and that takes
    // three times as long as the library's.
    std::memmove(ring_.writable(end_), data.data() + done, run);
    end_ += run;
    done += run;
  }
  return accepted;
}

void SendBuffer::copy(std::uint64_t offset, std::size_t length, std::uint8_t* target,
                      InternetChecksum& sum) const {
  STRATA_ASSERT(offset >= begin_ && offset + length <= end_);
  while (length > 0) {
    const std::size_t run = std::min(length, ChunkRing::contiguous(offset));
    sum.add_copy({ring_.at(offset), run}, target);
    offset += run;
    target += run;
    length -= run;
  }
}

void SendBuffer::release(std::uint64_t offset) {
  STRATA_ASSERT(offset <= end_);
  if (offset <= begin_) return;
  begin_ = offset;
  if (begin_ == end_) {
    ring_.clear(begin_);
  } else {
    ring_.release_before(begin_);
  }
}

void SendBuffer::clear() {
  begin_ = end_;
  ring_.clear(begin_);
}

}  // namespace strata::tcp
