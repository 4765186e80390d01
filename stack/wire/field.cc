// SPDX-License-Identifier: MIT
#include "stack/wire/field.h"

#include "stack/base/assert.h"

namespace strata::wire {

std::uint64_t read(const Field& field, Bytes header) {
  const std::size_t end = field.bit_offset + std::size_t{field.bit_width};
  STRATA_ASSERT(field.bit_width > 0 && field.bit_width <= 64 && end <= header.size() * 8);
  std::uint64_t value = 0;
  for (std::size_t bit = field.bit_offset; bit < end; ++bit) {
    value = (value << 1) | ((unsigned{header[bit / 8]} >> (7 - bit % 8)) & 1U);
  }
  return value;
}

}  // namespace strata::wire
