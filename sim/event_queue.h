// SPDX-License-Identifier: MIT
// EventQueue: what happens next. A binary heap of small plain entries in the total order (instant,
// sequence), where the sequence is the order of insertion: two events of one instant happen in the
// order in which they were scheduled, on every machine.
//
// An entry that comes before all others stays outside the heap: what is to happen at once (a woken
// process) or next (the following frame of the only busy link) goes in and out without moving
// anything.
//
// Nothing is ever removed but the top. Whoever schedules keeps the sequence of the entry he still
// means and ignores the others when they come up.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "stack/base/assert.h"
#include "stack/base/time.h"

namespace strata::sim {

// What an entry is for; `tag` says which one.
enum class EventTarget : std::uint32_t {
  node_wake,         // tag: node
  frame_arrival,     // tag: link direction; its earliest frame in flight
  transmitter_free,  // tag: link direction; frames are waiting
  link_change,       // tag: twice the link, plus one for up
  mtu_change,        // tag: which one of those that were ordered
};

struct QueuedEvent {
  Instant time;
  std::uint64_t sequence = 0;
  EventTarget target{};
  std::uint32_t tag = 0;

  bool before(const QueuedEvent& other) const {
    return time != other.time ? time < other.time : sequence < other.sequence;
  }
};
static_assert(sizeof(QueuedEvent) == 24);

class EventQueue {
 public:
  bool empty() const { return !has_first_ && heap_.empty(); }
  std::size_t size() const { return heap_.size() + (has_first_ ? 1 : 0); }
  // Requires !empty().
  const QueuedEvent& top() const { return has_first_ ? first_ : heap_.front(); }

  // A place in the order of insertion, for an entry that is pushed later: frames on a wire take
  // theirs when they are launched, though only the first of them is in the heap.
  std::uint64_t reserve_sequence() { return ++last_sequence_; }
  // Returns the sequence given to the entry.
  std::uint64_t push(Instant time, EventTarget target, std::uint32_t tag) {
    const std::uint64_t sequence = reserve_sequence();
    push_reserved(time, sequence, target, tag);
    return sequence;
  }
  void push_reserved(Instant time, std::uint64_t sequence, EventTarget target, std::uint32_t tag) {
    const QueuedEvent entry{time, sequence, target, tag};
    if (!empty() && !entry.before(top())) {
      push_on_heap(entry);
      return;
    }
    if (has_first_) push_on_heap(first_);
    first_ = entry;
    has_first_ = true;
  }
  // Removes and returns the top. Requires !empty().
  QueuedEvent pop() {
    STRATA_ASSERT(!empty());
    if (has_first_) {
      has_first_ = false;
      return first_;
    }
    const QueuedEvent top = heap_.front();
    const QueuedEvent last = heap_.back();
    heap_.pop_back();
    if (!heap_.empty()) sift_from_top(last);
    return top;
  }

 private:
  void push_on_heap(const QueuedEvent& entry) {
    heap_.push_back(entry);
    sift_up(heap_.size() - 1, entry);
  }
  void sift_up(std::size_t hole, const QueuedEvent& entry) {
    while (hole > 0) {
      const std::size_t parent = (hole - 1) / 2;
      if (!entry.before(heap_[parent])) break;
      heap_[hole] = heap_[parent];
      hole = parent;
    }
    heap_[hole] = entry;
  }
  // Moves the hole at the top down to a leaf and `entry` up from there: the last entry of a heap
  // nearly always belongs near the bottom, so this saves half the comparisons.
  void sift_from_top(const QueuedEvent& entry) {
    const std::size_t size = heap_.size();
    std::size_t hole = 0;
    for (std::size_t child = 1; child < size; child = 2 * hole + 1) {
      if (child + 1 < size && heap_[child + 1].before(heap_[child])) ++child;
      heap_[hole] = heap_[child];
      hole = child;
    }
    sift_up(hole, entry);
  }

  QueuedEvent first_;  // before everything in the heap
  bool has_first_ = false;
  std::vector<QueuedEvent> heap_;
  std::uint64_t last_sequence_ = 0;
};

}  // namespace strata::sim
