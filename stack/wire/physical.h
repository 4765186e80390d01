// SPDX-License-Identifier: MIT
// What stands before every Ethernet frame on the medium (IEEE 802.3 3.2.1 and 3.2.2): seven octets
// of preamble and the start frame delimiter. Bits go out least significant first, so the octets
// below are the alternating pattern 1010... that a receiver locks on, ended by 11.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "stack/wire/field.h"

namespace strata::wire {

namespace physical_field {
inline constexpr Field kPreamble{"preamble", "", 0, 56, "IEEE 802.3 3.2.1", FieldFormat::bytes};
inline constexpr Field kSfd{"start frame delimiter", "", 56, 8, "IEEE 802.3 3.2.2",
                            FieldFormat::hex};
inline constexpr std::array kAll{kPreamble, kSfd};
}  // namespace physical_field

inline constexpr std::size_t kPreambleAndSfdBytes = 8;
inline constexpr std::uint64_t kPreamble = 0x55555555555555;
inline constexpr std::uint8_t kStartFrameDelimiter = 0xd5;

}  // namespace strata::wire
