// SPDX-License-Identifier: MIT
// Byte spans and network byte order (big endian, RFC 791 appendix B). Shifts are written out: the
// compilers fold them into one load and one byte swap, and no alignment or host order is assumed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace strata {

using Bytes = std::span<const std::uint8_t>;
using MutableBytes = std::span<std::uint8_t>;

// Octets that stay where and as they are until the program ends: whoever takes them may refer to
// them instead of copying.
struct StaticBytes {
  Bytes bytes;
};

constexpr std::uint16_t load_be16(const std::uint8_t* p) {
  return static_cast<std::uint16_t>((p[0] << 8) | p[1]);
}
constexpr std::uint32_t load_be32(const std::uint8_t* p) {
  return (std::uint32_t{p[0]} << 24) | (std::uint32_t{p[1]} << 16) | (std::uint32_t{p[2]} << 8) |
         std::uint32_t{p[3]};
}
constexpr std::uint64_t load_be64(const std::uint8_t* p) {
  return (std::uint64_t{load_be32(p)} << 32) | load_be32(p + 4);
}
constexpr void store_be16(std::uint8_t* p, std::uint16_t value) {
  p[0] = static_cast<std::uint8_t>(value >> 8);
  p[1] = static_cast<std::uint8_t>(value);
}
constexpr void store_be32(std::uint8_t* p, std::uint32_t value) {
  p[0] = static_cast<std::uint8_t>(value >> 24);
  p[1] = static_cast<std::uint8_t>(value >> 16);
  p[2] = static_cast<std::uint8_t>(value >> 8);
  p[3] = static_cast<std::uint8_t>(value);
}
constexpr void store_be64(std::uint8_t* p, std::uint64_t value) {
  store_be32(p, static_cast<std::uint32_t>(value >> 32));
  store_be32(p + 4, static_cast<std::uint32_t>(value));
}

// The bytes of a character string (no terminator). The view must outlive the span.
Bytes as_bytes(std::string_view text);
// The same to write into: receiving straight into a string that has been sized.
MutableBytes as_mutable_bytes(std::string& text);
// The bytes as characters, for payloads that are text.
std::string_view as_text(Bytes bytes);
// "02 00 00 00 00 fe": lower-case hexadecimal, single spaces.
std::string to_hex(Bytes bytes);

}  // namespace strata
