// SPDX-License-Identifier: MIT
// Field tables. Each header format states its fields once, as constants of this type; parsing,
// emitting, the dissector, the views, the documentation and the fuzz tests all read that table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "stack/base/bytes.h"

namespace strata::wire {

enum class FieldFormat : std::uint8_t { decimal, hex, mac, ipv4, ipv6, flags, bytes, text };

struct Field {
  std::string_view name;          // as the RFC calls it, lower case: "time to live"
  std::string_view abbreviation;  // Wireshark's filter name where one exists: "ip.ttl"
  std::uint16_t bit_offset = 0;   // from the first bit of the header, most significant bit first
  std::uint16_t bit_width = 0;
  std::string_view section;  // where it is defined: "RFC 791 3.1"
  FieldFormat format = FieldFormat::decimal;
};

namespace detail {
// Whether F is exactly an aligned run of `bits`: such fields take the whole-word loads and stores,
// which compilers fold to a move and a byte swap (they do not fold a loop over bytes).
template <const Field& F>
constexpr bool is_word(unsigned bits) {
  return F.bit_offset % 8 == 0 && F.bit_width == bits;
}
}  // namespace detail

// The value of F in the header that starts at `header`. F must be at most 64 bits wide and the
// bytes it covers readable. Offsets are compile-time constants: this folds to a load, a swap, a
// mask.
template <const Field& F>
constexpr std::uint64_t read(const std::uint8_t* header) {
  static_assert(F.bit_width > 0 && F.bit_width <= 64);
  constexpr std::size_t first = F.bit_offset / 8;
  if constexpr (detail::is_word<F>(16)) {
    return load_be16(header + first);
  } else if constexpr (detail::is_word<F>(32)) {
    return load_be32(header + first);
  } else {
    constexpr std::size_t last = (F.bit_offset + F.bit_width - 1U) / 8;
    static_assert(last - first < 8, "a field may not span more than eight bytes");
    constexpr std::size_t shift = 8 * (last + 1) - F.bit_offset - F.bit_width;
    std::uint64_t value = 0;
    for (std::size_t i = first; i <= last; ++i) value = (value << 8) | header[i];
    value >>= shift;
    if constexpr (F.bit_width < 64) value &= (std::uint64_t{1} << F.bit_width) - 1;
    return value;
  }
}

// Stores `value` (which must fit; bits beyond the width are cut off) in F, leaving neighbouring
// bits alone.
template <const Field& F>
constexpr void write(std::uint8_t* header, std::uint64_t value) {
  static_assert(F.bit_width > 0 && F.bit_width <= 64);
  constexpr std::size_t first = F.bit_offset / 8;
  if constexpr (detail::is_word<F>(16)) {
    store_be16(header + first, static_cast<std::uint16_t>(value));
  } else if constexpr (detail::is_word<F>(32)) {
    store_be32(header + first, static_cast<std::uint32_t>(value));
  } else {
    constexpr std::size_t last = (F.bit_offset + F.bit_width - 1U) / 8;
    static_assert(last - first < 8, "a field may not span more than eight bytes");
    constexpr std::size_t shift = 8 * (last + 1) - F.bit_offset - F.bit_width;
    constexpr std::uint64_t mask =
        (F.bit_width < 64 ? (std::uint64_t{1} << F.bit_width) - 1 : ~std::uint64_t{0}) << shift;
    const std::uint64_t placed = (value << shift) & mask;
    for (std::size_t i = first; i <= last; ++i) {
      const std::size_t down = 8 * (last - i);
      header[i] = static_cast<std::uint8_t>((header[i] & ~(mask >> down)) | (placed >> down));
    }
  }
}

// The value of a field at run time: of the dissector, which walks tables. `header` holds all of F.
std::uint64_t read(const Field& field, Bytes header);

}  // namespace strata::wire
