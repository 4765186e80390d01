// SPDX-License-Identifier: MIT
// The cyclic redundancy check of Ethernet's frame check sequence (IEEE 802.3 3.2.9).
#pragma once

#include <cstdint>

#include "stack/base/bytes.h"

namespace strata {

// CRC-32 of `data` (polynomial 0x04c11db7, reflected, initial value and final complement all ones);
// of "123456789" it is 0xcbf43926. On the wire the FCS stands least significant byte first.
std::uint32_t crc32(Bytes data);

}  // namespace strata
