// SPDX-License-Identifier: MIT
// Line codes: octets as signal levels on the medium and back. Bits of each octet go least
// significant first (IEEE 802.3 3.3). Every symbol interval has one level: -1, 0 or +1.
//
//     bits          0   1   1   0   1
//     NRZ          ___|‾‾‾‾‾‾‾|___|‾‾‾   the level is the bit: 1 high, 0 low
//     NRZI         ___|‾‾‾|_______|‾‾‾   1 changes the level, 0 keeps it
//     Manchester   ‾|___|‾|_|‾‾‾|___|‾   two half-bit symbols: 0 falls, 1 rises in mid-bit
//     4B5B, MLT-3  five symbols per four bits, 1 steps through 0 + 0 - 0 + ..., 0 keeps the level
//
// Read first: IEEE 802.3 7.3.1.1 (Manchester), 24.2.2.1 and table 24-1 (4B5B and delimiters), 25
// with ANSI X3.263 (MLT-3). The scrambler that 100BASE-TX puts between 4B5B and MLT-3 is left out:
// it whitens the spectrum and would make the picture of a signal unreadable.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "stack/base/bytes.h"

namespace strata::physical {

enum class LineCodeKind : std::uint8_t { nrz, nrzi, manchester, mlt3 };  // mlt3: 4B5B and MLT-3
// "nrz", "nrzi", "manchester", "mlt3": stable, for scenarios and JSON.
std::string_view to_text(LineCodeKind kind);
std::optional<LineCodeKind> parse_line_code(std::string_view name);
// For people: "Manchester", "4B5B + MLT-3".
std::string_view title(LineCodeKind kind);

// `symbols` symbol intervals carry `bits` data bits.
struct SymbolRatio {
  std::uint32_t symbols = 1;
  std::uint32_t bits = 1;
};
SymbolRatio symbol_ratio(LineCodeKind kind);
// Symbols per second for a data rate, rounded down: 10 Mbit/s Manchester is 20 MBd, 100 Mbit/s
// 4B5B is 125 MBd.
std::uint64_t baud(LineCodeKind kind, std::uint64_t rate_bps);

// Signal levels, one per symbol interval: -1, 0, +1.
using Symbols = std::vector<std::int8_t>;

// Preamble, SFD and frame as levels on the medium. The line is low before the first symbol of NRZI.
//
// mlt3 frames the octets as IEEE 802.3 24.2.2.1 does: one idle group, the start delimiter J K in
// place of the first preamble octet, data, the end delimiter T R, one idle group. Octets that do
// not begin with a preamble octet therefore come back from decode() with one in front.
Symbols encode(LineCodeKind kind, Bytes octets);
// Back to octets. Nullopt for a code violation: a level the code does not have, a number of symbols
// that is no whole number of octets, a Manchester bit without transition, an MLT-3 step that skips
// zero or breaks the cycle, an invalid 5B group, delimiters missing or misplaced.
std::optional<std::vector<std::uint8_t>> decode(LineCodeKind kind, const Symbols& symbols);

}  // namespace strata::physical
