// SPDX-License-Identifier: MIT
// Ring: a first-in first-out queue in one array of power-of-two size that grows by doubling and is
// never given back, so that a steady flow of elements allocates nothing. Unlike std::deque it owns
// no memory while it has never held anything. Elements are default-constructible and movable.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "stack/base/assert.h"

namespace strata {

template <typename T>
class Ring {
 public:
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  // Position 0 is the front. Requires position < size().
  T& operator[](std::size_t position) {
    STRATA_ASSERT(position < size_);
    return slots_[index(position)];
  }
  const T& operator[](std::size_t position) const {
    STRATA_ASSERT(position < size_);
    return slots_[index(position)];
  }
  // Elements that there is memory for.
  std::size_t capacity() const { return slots_.capacity(); }
  // Requires an element, as do back() and pop_front().
  T& front() { return (*this)[0]; }
  const T& front() const {
    STRATA_ASSERT(size_ > 0);
    return slots_[first_];
  }
  T& back() { return (*this)[size_ - 1]; }

  void push_back(T element) {
    if (size_ == slots_.size()) grow();
    slots_[index(size_++)] = std::move(element);
  }
  // Inserts in front of the element at `position`; moves those behind it.
  void insert(std::size_t position, T element) {
    push_back(std::move(element));
    for (std::size_t i = size_ - 1; i > position; --i) std::swap((*this)[i], (*this)[i - 1]);
  }
  void clear() {
    while (!empty()) pop_front();
  }
  T pop_front() {
    T element = std::exchange(front(), T{});
    first_ = index(1);
    --size_;
    return element;
  }

 private:
  std::uint32_t index(std::size_t position) const {
    // The number of slots is a power of two.
    return static_cast<std::uint32_t>((first_ + position) & (slots_.size() - 1));
  }
  void grow() {
    std::vector<T> larger(slots_.empty() ? 4 : slots_.size() * 2);
    for (std::size_t i = 0; i < size_; ++i) larger[i] = std::move((*this)[i]);
    slots_ = std::move(larger);
    first_ = 0;
  }

  std::vector<T> slots_;
  std::uint32_t first_ = 0;
  std::uint32_t size_ = 0;
};

}  // namespace strata
