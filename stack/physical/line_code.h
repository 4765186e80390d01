// SPDX-License-Identifier: MIT
// (contract; the owner completes it)
#pragma once
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "stack/base/bytes.h"

namespace strata::physical {

enum class LineCodeKind : std::uint8_t { nrz, nrzi, manchester, mlt3 };  // mlt3: 4B5B and MLT-3
std::string_view to_text(LineCodeKind kind);
std::optional<LineCodeKind> parse_line_code(std::string_view name);

// Signal levels, one per symbol interval: -1, 0, +1.
using Symbols = std::vector<std::int8_t>;

// Preamble, SFD and frame as levels on the medium, bits of each octet least significant first
// (IEEE 802.3 3.3).
Symbols encode(LineCodeKind kind, Bytes octets);
// Back to octets; nullopt when a symbol is impossible under the code (a code violation).
std::optional<std::vector<std::uint8_t>> decode(LineCodeKind kind, const Symbols& symbols);

}  // namespace strata::physical
