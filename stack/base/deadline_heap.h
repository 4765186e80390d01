// SPDX-License-Identifier: MIT
// DeadlineHeap: the earliest deadline among many owners (connections, cache entries, tasks), each
// with at most one. Binary min-heap with positions stored in the owners, so moving or cancelling is
// O(log n) without search, and the earliest is O(1).
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "stack/base/assert.h"
#include "stack/base/time.h"

namespace strata {

// Embed one per owner. Destroying the owner requires remove() first.
struct DeadlineSlot {
  Instant deadline = kNever;
  std::size_t position = kNotQueued;
  static constexpr std::size_t kNotQueued = static_cast<std::size_t>(-1);
};

// `Owner` has a public member `DeadlineSlot deadline_slot`. Ties break by order of insertion into
// the heap's ordering counter, so the order is deterministic.
template <typename Owner>
class DeadlineHeap {
 public:
  // Sets, moves or (with kNever) removes the owner's deadline.
  void set(Owner& owner, Instant deadline) {
    DeadlineSlot& slot = owner.deadline_slot;
    if (deadline == slot.deadline && (slot.position != DeadlineSlot::kNotQueued)) return;
    if (deadline == kNever) {
      remove(owner);
      return;
    }
    slot.deadline = deadline;
    if (slot.position == DeadlineSlot::kNotQueued) {
      slot.position = entries_.size();
      entries_.push_back({deadline, ++order_, &owner});
    } else {
      entries_[slot.position].deadline = deadline;
      entries_[slot.position].order = ++order_;
    }
    sift_up(slot.position);
    sift_down(slot.position);
  }

  void remove(Owner& owner) {
    DeadlineSlot& slot = owner.deadline_slot;
    slot.deadline = kNever;
    if (slot.position == DeadlineSlot::kNotQueued) return;
    const std::size_t hole = slot.position;
    slot.position = DeadlineSlot::kNotQueued;
    const Entry last = entries_.back();
    entries_.pop_back();
    if (hole == entries_.size()) return;
    place(hole, last);
    sift_up(hole);
    sift_down(last.owner->deadline_slot.position);
  }

  Instant earliest() const { return entries_.empty() ? kNever : entries_.front().deadline; }
  bool empty() const { return entries_.empty(); }
  std::size_t size() const { return entries_.size(); }

  // Takes out and returns an owner whose deadline is not later than `now`, earliest first; nullptr
  // when there is none.
  Owner* pop_due(Instant now) {
    if (entries_.empty() || entries_.front().deadline > now) return nullptr;
    Owner* owner = entries_.front().owner;
    remove(*owner);
    return owner;
  }

 private:
  struct Entry {
    Instant deadline;
    std::uint64_t order;
    Owner* owner;
    bool earlier_than(const Entry& other) const {
      return deadline != other.deadline ? deadline < other.deadline : order < other.order;
    }
  };

  void place(std::size_t position, const Entry& entry) {
    entries_[position] = entry;
    entry.owner->deadline_slot.position = position;
  }
  void sift_up(std::size_t position) {
    const Entry entry = entries_[position];
    while (position > 0) {
      const std::size_t parent = (position - 1) / 2;
      if (!entry.earlier_than(entries_[parent])) break;
      place(position, entries_[parent]);
      position = parent;
    }
    place(position, entry);
  }
  void sift_down(std::size_t position) {
    const Entry entry = entries_[position];
    for (std::size_t child = 2 * position + 1; child < entries_.size(); child = 2 * position + 1) {
      if (child + 1 < entries_.size() && entries_[child + 1].earlier_than(entries_[child])) ++child;
      if (!entries_[child].earlier_than(entry)) break;
      place(position, entries_[child]);
      position = child;
    }
    place(position, entry);
  }

  std::vector<Entry> entries_;
  std::uint64_t order_ = 0;
};

}  // namespace strata
