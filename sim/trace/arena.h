// SPDX-License-Identifier: MIT
// Arena: octets that never move until the arena dies. Grows in blocks; nothing is given back
// singly.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

namespace strata::trace {

class Arena {
 public:
  Arena() = default;
  Arena(Arena&& other) noexcept { *this = std::move(other); }
  Arena& operator=(Arena&& other) noexcept {
    blocks_ = std::exchange(other.blocks_, {});
    next_ = std::exchange(other.next_, nullptr);
    left_ = std::exchange(other.left_, 0);
    footprint_ = std::exchange(other.footprint_, 0);
    return *this;
  }

  // `size` uninitialised octets, valid as long as the arena (moving the arena does not move them).
  std::uint8_t* allocate(std::size_t size) {
    if (size > left_) {
      const std::size_t block = std::max(size, kBlockBytes);
      blocks_.push_back(std::make_unique_for_overwrite<std::uint8_t[]>(block));
      next_ = blocks_.back().get();
      left_ = block;
      footprint_ += block;
    }
    std::uint8_t* result = next_;
    next_ += size;
    left_ -= size;
    return result;
  }
  std::size_t footprint_bytes() const { return footprint_; }

 private:
  static constexpr std::size_t kBlockBytes = 1U << 20;

  std::vector<std::unique_ptr<std::uint8_t[]>> blocks_;
  std::uint8_t* next_ = nullptr;
  std::size_t left_ = 0;
  std::size_t footprint_ = 0;
};

}  // namespace strata::trace
