// SPDX-License-Identifier: MIT
#include "stack/base/crc32.h"

#include <libdeflate.h>

namespace strata {

std::uint32_t crc32(Bytes data) { return libdeflate_crc32(0, data.data(), data.size()); }

}  // namespace strata
