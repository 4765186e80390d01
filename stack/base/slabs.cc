// SPDX-License-Identifier: MIT
#include "stack/base/slabs.h"

#include <algorithm>

#include "stack/base/assert.h"

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace strata {
namespace {

constexpr std::size_t kLargePage = std::size_t{2} << 20;
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
  const bool is_large = size >= kLargePage;
  const std::size_t unit = is_large ? kLargePage : kAlignment;
  size = rounded_up(size, unit);
  void* memory = ::operator new (size, std::align_val_t{unit});
  slabs_.push_back({memory, Free{std::align_val_t{unit}}});
#if defined(__linux__)
  if (is_large) ::madvise(memory, size, MADV_HUGEPAGE);  // a wish: nothing depends on it
#endif
  next_ = static_cast<std::uint8_t*>(memory);
  left_ = size;
  footprint_ += size;
}

}  // namespace strata
