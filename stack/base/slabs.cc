// SPDX-License-Identifier: MIT
#include "stack/base/slabs.h"

#include <algorithm>

#include "stack/base/assert.h"

namespace strata {
namespace {

constexpr std::size_t kSlabMin = std::size_t{64} << 10;
constexpr std::size_t kSlabMax = std::size_t{32} << 20;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kIsWatched = true;
#elif defined(__has_feature)
constexpr bool kIsWatched = __has_feature(address_sanitizer);
#else
constexpr bool kIsWatched = false;
#endif

constexpr std::size_t rounded_up(std::size_t bytes, std::size_t unit) {
  return (bytes + unit - 1) / unit * unit;
}

}  // namespace

void Slabs::grow(std::size_t bytes) {
  STRATA_ASSERT(bytes % kAlignment == 0);
  // As much again as there is. AddressSanitizer sees the end of a buffer only where it stands
  // alone.
  std::size_t size =
      kIsWatched ? bytes : std::max(bytes, std::clamp(footprint_, kSlabMin, kSlabMax));
  size = rounded_up(size, size >= kLargePageBytes ? kLargePageBytes : kAlignment);
  slabs_.push_back(system_memory(size, kAlignment));
  next_ = slabs_.back().get();
  left_ = size;
  footprint_ += size;
}

}  // namespace strata
