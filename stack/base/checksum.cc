// SPDX-License-Identifier: MIT
// The sum is taken over native-order 32-bit words in 64-bit accumulators and byte-swapped once at
// the end (RFC 1071 section 2 (B), byte order independence). On x86-64 with AVX2 (asked at run
// time) 64 bytes are added per step.
#include "stack/base/checksum.h"

#include <bit>
#include <cstring>

#include "stack/base/assert.h"

#if defined(__x86_64__)
#include <immintrin.h>
#define STRATA_HAS_AVX2_PATH 1
#endif

namespace strata {
namespace {

// Folds a wide sum to 16 bits, end-around carry.
constexpr std::uint16_t fold(std::uint64_t sum) {
  sum = (sum & 0xffffffffU) + (sum >> 32);
  sum = (sum & 0xffffffffU) + (sum >> 32);
  sum = (sum & 0xffffU) + (sum >> 16);
  sum = (sum & 0xffffU) + (sum >> 16);
  return static_cast<std::uint16_t>(sum);
}

constexpr std::uint16_t swap(std::uint16_t word) {
  return static_cast<std::uint16_t>((word << 8) | (word >> 8));
}

std::uint32_t load_native32(const std::uint8_t* p) {
  std::uint32_t word = 0;
  std::memcpy(&word, p, sizeof word);
  return word;
}

// Sum of the native-order words of `bytes`; a lone last byte counts as the first byte of a word.
std::uint64_t sum_scalar(Bytes bytes) {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  const std::uint8_t* p = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= 8; left -= 8, p += 8) {
    low += load_native32(p);
    high += load_native32(p + 4);
  }
  std::uint8_t tail[8] = {};
  if (left > 0) std::memcpy(tail, p, left);
  low += load_native32(tail);
  high += load_native32(tail + 4);
  return low + high;
}

#if defined(STRATA_HAS_AVX2_PATH)
// Copies as it adds when `target` is not null.
template <bool kCopy>
__attribute__((target("avx2"))) std::uint64_t sum_avx2(Bytes bytes, std::uint8_t* target) {
  const std::uint8_t* p = bytes.data();
  std::size_t left = bytes.size();
  const __m256i zero = _mm256_setzero_si256();
  __m256i a = zero;
  __m256i b = zero;
  __m256i c = zero;
  __m256i d = zero;
  for (; left >= 64; left -= 64, p += 64) {
    const __m256i x = _mm256_loadu_si256(static_cast<const __m256i*>(static_cast<const void*>(p)));
    const __m256i y =
        _mm256_loadu_si256(static_cast<const __m256i*>(static_cast<const void*>(p + 32)));
    if constexpr (kCopy) {
      _mm256_storeu_si256(static_cast<__m256i*>(static_cast<void*>(target)), x);
      _mm256_storeu_si256(static_cast<__m256i*>(static_cast<void*>(target + 32)), y);
      target += 64;
    }
    // 32-bit words widened to 64-bit lanes: no carry can be lost.
    a = _mm256_add_epi64(a, _mm256_unpacklo_epi32(x, zero));
    b = _mm256_add_epi64(b, _mm256_unpackhi_epi32(x, zero));
    c = _mm256_add_epi64(c, _mm256_unpacklo_epi32(y, zero));
    d = _mm256_add_epi64(d, _mm256_unpackhi_epi32(y, zero));
  }
  alignas(32) std::uint64_t lanes[4];
  _mm256_store_si256(static_cast<__m256i*>(static_cast<void*>(lanes)),
                     _mm256_add_epi64(_mm256_add_epi64(a, b), _mm256_add_epi64(c, d)));
  if constexpr (kCopy) {
    if (left > 0) std::memcpy(target, p, left);
  }
  return std::uint64_t{fold(lanes[0])} + fold(lanes[1]) + fold(lanes[2]) + fold(lanes[3]) +
         sum_scalar({p, left});
}

bool has_avx2() {
  static const bool supported = __builtin_cpu_supports("avx2") != 0;
  return supported;
}
#endif

std::uint64_t sum_words(Bytes bytes) {
#if defined(STRATA_HAS_AVX2_PATH)
  if (bytes.size() >= 128 && has_avx2()) return sum_avx2<false>(bytes, nullptr);
#endif
  return sum_scalar(bytes);
}

std::uint64_t sum_and_copy(Bytes source, std::uint8_t* target) {
#if defined(STRATA_HAS_AVX2_PATH)
  if (source.size() >= 128 && has_avx2()) return sum_avx2<true>(source, target);
#endif
  if (!source.empty()) std::memcpy(target, source.data(), source.size());
  return sum_scalar(source);
}

constexpr std::uint16_t to_native(std::uint16_t big_endian_word) {
  return std::endian::native == std::endian::little ? swap(big_endian_word) : big_endian_word;
}

// A run that starts at an odd offset contributes its byte-swapped sum (RFC 1071 section 2 (A)).
std::uint64_t at_offset(std::uint64_t sum, bool odd) { return odd ? swap(fold(sum)) : fold(sum); }

}  // namespace

void InternetChecksum::add(Bytes bytes) {
  sum_ += at_offset(sum_words(bytes), odd_);
  odd_ ^= (bytes.size() & 1) != 0;
}

void InternetChecksum::add_copy(Bytes source, std::uint8_t* target) {
  sum_ += at_offset(sum_and_copy(source, target), odd_);
  odd_ ^= (source.size() & 1) != 0;
}

void InternetChecksum::add16(std::uint16_t word) {
  STRATA_ASSERT(!odd_);
  sum_ += to_native(word);
}

void InternetChecksum::add32(std::uint32_t words) {
  add16(static_cast<std::uint16_t>(words >> 16));
  add16(static_cast<std::uint16_t>(words));
}

void InternetChecksum::add_pseudo_header(const IpAddress& source, const IpAddress& destination,
                                         std::uint8_t protocol, std::uint32_t length) {
  if (source.is_v4()) {
    add32(source.v4().value());
    add32(destination.v4().value());
  } else {
    add(source.v6().octets());
    add(destination.v6().octets());
  }
  add32(length);
  add16(protocol);
}

std::uint16_t InternetChecksum::finish() const {
  return static_cast<std::uint16_t>(~to_native(fold(sum_)));
}

std::uint16_t internet_checksum(Bytes bytes) {
  InternetChecksum checksum;
  checksum.add(bytes);
  return checksum.finish();
}

std::uint16_t update_checksum(std::uint16_t checksum, std::uint16_t old_word,
                              std::uint16_t new_word) {
  const std::uint64_t sum = std::uint64_t{static_cast<std::uint16_t>(~checksum)} +
                            static_cast<std::uint16_t>(~old_word) + new_word;
  return static_cast<std::uint16_t>(~fold(sum));
}

}  // namespace strata
