// SPDX-License-Identifier: MIT
// The Internet checksum (RFC 1071): ones' complement sum of 16-bit words, carried in a wide
// accumulator and folded once. Adding may be split at any byte; odd lengths are handled as RFC 1071
// section 1 asks. The zero rules of UDP (RFC 768) live with the UDP header, not here.
//
// The sum is taken over words in native byte order and swapped once at the end (RFC 1071 section 2
// (B), byte order independence). Headers are summed in line; payloads by checksum.cc, 64 bytes per
// step where the processor has AVX2 (asked at run time).
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#include "stack/base/address.h"
#include "stack/base/assert.h"
#include "stack/base/bytes.h"

namespace strata {
namespace detail {

// Shorter runs are not worth the call.
inline constexpr std::size_t kInlineSumMax = 64;

constexpr std::uint16_t swap_octets(std::uint16_t word) {
  return static_cast<std::uint16_t>((word << 8) | (word >> 8));
}
constexpr std::uint16_t to_native(std::uint16_t big_endian_word) {
  return std::endian::native == std::endian::little ? swap_octets(big_endian_word)
                                                    : big_endian_word;
}
// Folds a wide sum to 16 bits, end-around carry.
constexpr std::uint16_t fold(std::uint64_t sum) {
  sum = (sum & 0xffffffffU) + (sum >> 32);
  sum = (sum & 0xffffU) + (sum >> 16);
  sum = (sum & 0xffffU) + (sum >> 16);
  sum = (sum & 0xffffU) + (sum >> 16);
  return static_cast<std::uint16_t>(sum);
}
template <typename Word>
std::uint64_t load_native(const std::uint8_t* p) {
  Word word = 0;
  std::memcpy(&word, p, sizeof word);
  return word;
}
// Sum of the native-order words of a run; a lone last byte counts as the first byte of a word.
inline std::uint64_t sum_scalar(const std::uint8_t* p, std::size_t left) {
  std::uint64_t sum = 0;
  for (; left >= 4; left -= 4, p += 4) sum += load_native<std::uint32_t>(p);
  if ((left & 2) != 0) {
    sum += load_native<std::uint16_t>(p);
    p += 2;
  }
  if ((left & 1) != 0) sum += to_native(static_cast<std::uint16_t>(*p << 8));
  return sum;
}
std::uint64_t sum_long(Bytes bytes);

}  // namespace detail

class InternetChecksum {
 public:
  // Adds a run of bytes that continues the previous ones.
  void add(Bytes bytes) {
    count(bytes.size() <= detail::kInlineSumMax ? detail::sum_scalar(bytes.data(), bytes.size())
                                                : detail::sum_long(bytes),
          bytes.size());
  }
  // Adds one 16-bit word in host order. Only at an even offset (asserted).
  void add16(std::uint16_t word) {
    STRATA_ASSERT(!odd_);
    sum_ += detail::to_native(word);
  }
  // Adds many at once: their plain sum in host order, in which a 32-bit field may count as it is
  // (2^16 is 1 modulo 2^16 - 1). Only at an even offset (asserted).
  void add_words(std::uint64_t sum) { add16(detail::fold(sum)); }
  // IPv4 pseudo-header (RFC 9293 3.1, RFC 768) or the IPv6 one (RFC 8200 8.1), by version.
  // `length` is the upper-layer length in octets.
  void add_pseudo_header(const IpAddress& source, const IpAddress& destination,
                         std::uint8_t protocol, std::uint32_t length) {
    std::uint64_t words = std::uint64_t{length} + protocol;
    if (source.is_v4()) {
      words += std::uint64_t{source.v4().value()} + destination.v4().value();
    } else {
      add(source.v6().octets());
      add(destination.v6().octets());
    }
    add_words(words);
  }
  // Copies `source` to `target` (same size or larger) and adds it, in one pass.
  void add_copy(Bytes source, std::uint8_t* target);

  // The value for the header's checksum field, host order.
  std::uint16_t finish() const {
    return static_cast<std::uint16_t>(~detail::to_native(detail::fold(sum_)));
  }
  // True if everything added, transmitted checksum included, sums to all ones: nothing was damaged.
  bool is_valid() const { return finish() == 0; }

 private:
  // A run that starts at an odd offset contributes its byte-swapped sum (RFC 1071 section 2 (A)).
  void count(std::uint64_t sum, std::size_t bytes) {
    sum_ += odd_ ? detail::swap_octets(detail::fold(sum)) : sum;
    odd_ ^= (bytes & 1) != 0;
  }

  std::uint64_t sum_ = 0;  // of native-order words: 16 GB and more before it could overflow
  bool odd_ = false;
};

// The checksum field for one contiguous run (a header with its checksum field zeroed).
inline std::uint16_t internet_checksum(Bytes bytes) {
  InternetChecksum checksum;
  checksum.add(bytes);
  return checksum.finish();
}

// RFC 1624 equation 3: the checksum after one 16-bit word of the covered data changed.
std::uint16_t update_checksum(std::uint16_t checksum, std::uint16_t old_word,
                              std::uint16_t new_word);

}  // namespace strata
