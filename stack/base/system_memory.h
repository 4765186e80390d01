// SPDX-License-Identifier: MIT
// Memory had from the system for itself, in large pages where it is long enough to fill some and
// the system has any.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

namespace strata {

struct FreeSystemMemory {
  std::size_t alignment;
  void operator()(std::uint8_t* memory) const;
};
using SystemMemory = std::unique_ptr<std::uint8_t[], FreeSystemMemory>;

inline constexpr std::size_t kPageBytes = 4096;
inline constexpr std::size_t kLargePageBytes = std::size_t{2} << 20;

// Uninitialised, and aligned to `alignment`, or to kLargePageBytes where it has as many.
SystemMemory system_memory(std::size_t bytes, std::size_t alignment = kPageBytes);

}  // namespace strata
