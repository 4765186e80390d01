// SPDX-License-Identifier: MIT
#include "stack/base/crc32.h"

#include <libdeflate.h>

#include "stack/base/crc32_vector.h"

namespace strata {
namespace {

// Where a vector begins to pay.
constexpr std::size_t kVectorBytesMin = 128;
// False, and so correct, until it has been asked for.
const bool has_vector = is_crc32_vector_supported();

}  // namespace

std::uint32_t crc32(Bytes data) {
  if (data.size() >= kVectorBytesMin && has_vector) return crc32_vector(data);
  return libdeflate_crc32(0, data.data(), data.size());
}

}  // namespace strata
