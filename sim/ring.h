// SPDX-License-Identifier: MIT
// Ring: a queue in one block of memory that grows by doubling and is never given back, so that a
// steady flow of elements allocates nothing. Elements are default-constructible and movable.
#pragma once

#include <cstddef>
#include <utility>
#include <vector>

namespace strata::sim {

template <typename T>
class Ring {
 public:
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  // Position 0 is the front. Requires position < size().
  T& operator[](std::size_t position) { return slots_[index(position)]; }
  T& front() { return slots_[first_]; }
  const T& front() const { return slots_[first_]; }
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
  T pop_front() {
    T element = std::exchange(slots_[first_], T{});
    first_ = index(1);
    --size_;
    return element;
  }

 private:
  std::size_t index(std::size_t position) const {
    return (first_ + position) & (slots_.size() - 1);  // the number of slots is a power of two
  }
  void grow() {
    std::vector<T> larger(slots_.empty() ? 8 : slots_.size() * 2);
    for (std::size_t i = 0; i < size_; ++i) larger[i] = std::move((*this)[i]);
    slots_ = std::move(larger);
    first_ = 0;
  }

  std::vector<T> slots_;
  std::size_t first_ = 0;
  std::size_t size_ = 0;
};

}  // namespace strata::sim
