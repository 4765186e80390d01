// SPDX-License-Identifier: MIT
// Ring: a first-in first-out queue in one growing array of power-of-two size. Unlike std::deque it
// owns no memory while it has never held anything, so an idle endpoint costs nothing.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "stack/base/assert.h"

namespace strata::transport {

template <typename T>
class Ring {
 public:
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }

  void push_back(T value) {
    if (size_ == slots_.size()) grow();
    slots_[(first_ + size_) & (slots_.size() - 1)] = std::move(value);
    ++size_;
  }
  T& front() {
    STRATA_ASSERT(size_ > 0);
    return slots_[first_];
  }
  const T& front() const {
    STRATA_ASSERT(size_ > 0);
    return slots_[first_];
  }
  T pop_front() {
    STRATA_ASSERT(size_ > 0);
    T value = std::exchange(slots_[first_], T{});
    first_ = (first_ + 1) & (slots_.size() - 1);
    --size_;
    return value;
  }

 private:
  void grow() {
    std::vector<T> larger(slots_.empty() ? 4 : 2 * slots_.size());
    for (std::size_t i = 0; i < size_; ++i) {
      larger[i] = std::move(slots_[(first_ + i) & (slots_.size() - 1)]);
    }
    slots_ = std::move(larger);
    first_ = 0;
  }

  std::vector<T> slots_;
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace strata::transport
