// SPDX-License-Identifier: MIT
// Slots: owns the endpoints of one protocol at stable addresses and names them by handles that are
// never used twice. Looking a handle up is an index and a comparison; a stale handle finds nothing.
#pragma once

#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "stack/base/assert.h"
#include "stack/transport/endpoint.h"

namespace strata::transport {

// `T` is constructible from (EndpointId, arguments...).
template <typename T>
class Slots {
 public:
  explicit Slots(EndpointKind kind) : kind_(kind) {}

  template <typename... Arguments>
  T& emplace(Arguments&&... arguments) {
    std::uint32_t index = 0;
    if (free_.empty()) {
      index = static_cast<std::uint32_t>(slots_.size());
      slots_.emplace_back();
    } else {
      index = free_.back();
      free_.pop_back();
    }
    Slot& slot = slots_[index];
    ++slot.generation;
    STRATA_ASSERT(slot.generation <= kGenerationMax);
    slot.value =
        std::make_unique<T>(handle(index, slot.generation), std::forward<Arguments>(arguments)...);
    return *slot.value;
  }

  // Nullptr when the endpoint is gone.
  T* find(EndpointId id) const {
    const std::uint32_t index = index_of(id);
    if (index >= slots_.size() || kind_of(id) != kind_) return nullptr;
    const Slot& slot = slots_[index];
    return handle(index, slot.generation) == id ? slot.value.get() : nullptr;
  }
  // The endpoint in the slot `index`, which must be in use.
  T& at(std::uint32_t index) const {
    STRATA_ASSERT(slots_[index].value != nullptr);
    return *slots_[index].value;
  }

  void erase(EndpointId id) {
    STRATA_ASSERT(find(id) != nullptr);
    const std::uint32_t index = index_of(id);
    slots_[index].value.reset();
    free_.push_back(index);
  }

  static constexpr std::uint32_t index_of(EndpointId id) { return static_cast<std::uint32_t>(id); }

  // In order of slots; deterministic, since slots are handed out deterministically.
  template <typename Visit>
  void for_each(Visit&& visit) const {
    for (const Slot& slot : slots_) {
      if (slot.value != nullptr) visit(*slot.value);
    }
  }

 private:
  static constexpr std::uint32_t kGenerationMax = (1U << 30) - 1;
  struct Slot {
    std::unique_ptr<T> value;
    std::uint32_t generation = 0;
  };
  EndpointId handle(std::uint32_t index, std::uint32_t generation) const {
    return EndpointId{(std::uint64_t{static_cast<std::uint8_t>(kind_)} << 62) |
                      (std::uint64_t{generation} << 32) | index};
  }

  EndpointKind kind_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
};

}  // namespace strata::transport
