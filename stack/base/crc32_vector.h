// SPDX-License-Identifier: MIT
// CRC-32 by carry-less multiplication of 64 bytes at a time, for processors that have it (x86-64
// with VPCLMULQDQ and AVX-512). crc32() decides; nobody else calls this.
#pragma once

#include <cstdint>

#include "stack/base/bytes.h"

namespace strata {

// Whether this processor can; false on every other architecture.
bool is_crc32_vector_supported();
// As crc32(). Requires is_crc32_vector_supported() and at least 64 bytes.
std::uint32_t crc32_vector(Bytes data);

}  // namespace strata
