// SPDX-License-Identifier: MIT
// The ways in which this processor can sum a run of octets. checksum.cc takes the widest; here are
// all of them, so that a test holds each one against the definition.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "stack/base/bytes.h"

namespace strata {

struct ChecksumPath {
  // Sums octets as 16-bit words in the order of the machine, not folded; copies them to the target
  // while it does, or ignores it.
  using Function = std::uint64_t (*)(Bytes, std::uint8_t*);

  std::string_view name;  // "plain", "AVX2", "AVX-512"
  std::size_t bytes_min;  // shorter runs are not for it
  Function sum;
  Function sum_and_copy;
};

std::vector<ChecksumPath> checksum_paths();

}  // namespace strata
