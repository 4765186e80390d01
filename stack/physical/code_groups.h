// SPDX-License-Identifier: MIT
// 4B5B code groups (IEEE 802.3 table 24-1): four data bits as five code bits with at least two
// ones, so that MLT-3 never stands still for long, and five-bit groups left over for control.
#pragma once

#include <cstdint>
#include <optional>

namespace strata::physical {

// Five code bits, the first on the wire being the most significant (bit 4).
using CodeGroup = std::uint8_t;

inline constexpr CodeGroup kGroupIdle = 0b11111;
inline constexpr CodeGroup kGroupJ = 0b11000;  // J K: start of stream
inline constexpr CodeGroup kGroupK = 0b10001;
inline constexpr CodeGroup kGroupT = 0b01101;  // T R: end of stream
inline constexpr CodeGroup kGroupR = 0b00111;
inline constexpr CodeGroup kGroupHalt = 0b00100;  // H: transmit error

// The group of a data nibble. Requires nibble < 16.
CodeGroup code_group(std::uint8_t nibble);
// The nibble a data group stands for; nullopt for control and invalid groups.
std::optional<std::uint8_t> data_nibble(CodeGroup group);
// As table 24-1 names it: '0'..'9', 'A'..'F', 'I', 'J', 'K', 'T', 'R', 'H', or 'V' for invalid.
char group_name(CodeGroup group);

}  // namespace strata::physical
