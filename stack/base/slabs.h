// SPDX-License-Identifier: MIT
// Slabs: memory for many buffers of few sizes that are used again and again. It is had from the
// system in ever larger pieces, the larger ones in large pages where there are such: what waits in
// long queues lies on more small pages than the processor has addresses of at hand. All of it goes
// back at the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "stack/base/system_memory.h"

namespace strata {

class Slabs {
 public:
  static constexpr std::size_t kAlignment = 64;

  Slabs() = default;
  Slabs(const Slabs&) = delete;
  Slabs& operator=(const Slabs&) = delete;

  // Uninitialised memory, `bytes` a multiple of kAlignment, until the slabs end.
  void* take(std::size_t bytes) {
    if (bytes > left_) [[unlikely]]
      grow(bytes);
    left_ -= bytes;
    return std::exchange(next_, next_ + bytes);
  }
  // Had from the system.
  std::size_t footprint_bytes() const { return footprint_; }

 private:
  void grow(std::size_t bytes);

  std::uint8_t* next_ = nullptr;
  std::size_t left_ = 0;
  std::vector<SystemMemory> slabs_;
  std::size_t footprint_ = 0;
};

}  // namespace strata
