// SPDX-License-Identifier: MIT
#include "stack/base/checksum.h"

#include <algorithm>
#include <cstring>

#include "stack/base/checksum_paths.h"

#if defined(__x86_64__)
#include <immintrin.h>
#define STRATA_HAS_AVX2_PATH 1
#endif

namespace strata {
namespace {

template <bool kCopy>
std::uint64_t sum_plain(Bytes bytes, std::uint8_t* target) {
  if constexpr (kCopy) {
    if (!bytes.empty()) std::memcpy(target, bytes.data(), bytes.size());
  }
  return detail::sum_scalar(bytes.data(), bytes.size());
}

#if defined(STRATA_HAS_AVX2_PATH)
// False, and so correct, until they have been asked for.
const bool has_avx2 = __builtin_cpu_supports("avx2") != 0;
const bool has_avx512 =
    __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0;

__attribute__((target("avx2"))) inline __m256i load(const std::uint8_t* p) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(static_cast<const void*>(p)));
}
__attribute__((target("avx2"))) inline void store(std::uint8_t* p, __m256i octets) {
  _mm256_storeu_si256(static_cast<__m256i*>(static_cast<void*>(p)), octets);
}

constexpr std::size_t kAvx2BytesMin = 32;

// Requires kAvx2BytesMin bytes. Copies as it adds when `target` is not null.
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
    const __m256i x = load(p);
    const __m256i y = load(p + 32);
    if constexpr (kCopy) {
      store(target, x);
      store(target + 32, y);
      target += 64;
    }
    // 32-bit words widened to 64-bit lanes: no carry can be lost.
    a = _mm256_add_epi64(a, _mm256_unpacklo_epi32(x, zero));
    b = _mm256_add_epi64(b, _mm256_unpackhi_epi32(x, zero));
    c = _mm256_add_epi64(c, _mm256_unpacklo_epi32(y, zero));
    d = _mm256_add_epi64(d, _mm256_unpackhi_epi32(y, zero));
  }
  if (left >= 32) {
    const __m256i x = load(p);
    if constexpr (kCopy) {
      store(target, x);
      target += 32;
    }
    a = _mm256_add_epi64(a, _mm256_unpacklo_epi32(x, zero));
    b = _mm256_add_epi64(b, _mm256_unpackhi_epi32(x, zero));
    p += 32;
    left -= 32;
  }
  const __m256i lanes = _mm256_add_epi64(_mm256_add_epi64(a, b), _mm256_add_epi64(c, d));
  const __m128i halves =
      _mm_add_epi64(_mm256_castsi256_si128(lanes), _mm256_extracti128_si256(lanes, 1));
  if constexpr (kCopy) {
    // The last 32 octets once more: quicker than a copy of a length that varies.
    if (left > 0) store(target + left - 32, load(p + left - 32));
  }
  return static_cast<std::uint64_t>(_mm_extract_epi64(halves, 0)) +
         static_cast<std::uint64_t>(_mm_extract_epi64(halves, 1)) + detail::sum_scalar(p, left);
}

// The same for any number of bytes, 128 per step.
template <bool kCopy>
__attribute__((target("avx512f,avx512bw"))) std::uint64_t sum_avx512(Bytes bytes,
                                                                     std::uint8_t* target) {
  const std::uint8_t* p = bytes.data();
  std::size_t left = bytes.size();
  const __m512i low_words = _mm512_set1_epi64(0xffffffff);
  __m512i even = _mm512_setzero_si512();
  __m512i odd = _mm512_setzero_si512();
  for (; left >= 128; left -= 128, p += 128) {
    const __m512i x = _mm512_loadu_si512(p);
    const __m512i y = _mm512_loadu_si512(p + 64);
    if constexpr (kCopy) {
      _mm512_storeu_si512(target, x);
      _mm512_storeu_si512(target + 64, y);
      target += 128;
    }
    even = _mm512_add_epi64(
        even, _mm512_add_epi64(_mm512_and_si512(x, low_words), _mm512_and_si512(y, low_words)));
    odd =
        _mm512_add_epi64(odd, _mm512_add_epi64(_mm512_srli_epi64(x, 32), _mm512_srli_epi64(y, 32)));
  }
  while (left > 0) {
    const std::size_t count = std::min<std::size_t>(left, 64);
    const __mmask64 mask = ~std::uint64_t{0} >> (64 - count);
    const __m512i x = _mm512_maskz_loadu_epi8(mask, p);
    if constexpr (kCopy) {
      _mm512_mask_storeu_epi8(target, mask, x);
      target += count;
    }
    even = _mm512_add_epi64(even, _mm512_and_si512(x, low_words));
    odd = _mm512_add_epi64(odd, _mm512_srli_epi64(x, 32));
    left -= count;
    p += count;
  }
  return static_cast<std::uint64_t>(_mm512_reduce_add_epi64(_mm512_add_epi64(even, odd)));
}
#endif

std::uint64_t sum_and_copy(Bytes source, std::uint8_t* target) {
#if defined(STRATA_HAS_AVX2_PATH)
  if (has_avx512) return sum_avx512<true>(source, target);
  if (has_avx2 && source.size() >= kAvx2BytesMin) return sum_avx2<true>(source, target);
#endif
  return sum_plain<true>(source, target);
}

}  // namespace

std::uint64_t detail::sum_long(Bytes bytes) {
#if defined(STRATA_HAS_AVX2_PATH)
  if (has_avx512) return sum_avx512<false>(bytes, nullptr);
  if (has_avx2) return sum_avx2<false>(bytes, nullptr);
#endif
  return sum_scalar(bytes.data(), bytes.size());
}

std::vector<ChecksumPath> checksum_paths() {
  std::vector<ChecksumPath> paths{{"plain", 0, sum_plain<false>, sum_plain<true>}};
#if defined(STRATA_HAS_AVX2_PATH)
  if (has_avx2) paths.push_back({"AVX2", kAvx2BytesMin, sum_avx2<false>, sum_avx2<true>});
  if (has_avx512) paths.push_back({"AVX-512", 0, sum_avx512<false>, sum_avx512<true>});
#endif
  return paths;
}

void InternetChecksum::add_copy(Bytes source, std::uint8_t* target) {
  count(sum_and_copy(source, target), source.size());
}

std::uint16_t update_checksum(std::uint16_t checksum, std::uint16_t old_word,
                              std::uint16_t new_word) {
  const std::uint64_t sum = std::uint64_t{static_cast<std::uint16_t>(~checksum)} +
                            static_cast<std::uint16_t>(~old_word) + new_word;
  return static_cast<std::uint16_t>(~detail::fold(sum));
}

}  // namespace strata
