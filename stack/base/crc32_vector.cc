// SPDX-License-Identifier: MIT
// Theory of operation (V. Gopal et al., "Fast CRC Computation for Generic Polynomials Using
// PCLMULQDQ Instruction", Intel 2009). A message is a polynomial over GF(2); its CRC is the
// remainder of (message * x^32) modulo the generator G. What has been read so far may be replaced
// by anything with the same remainder: an accumulator of 64 octets, "folded" over a distance of D
// bits by multiplying with x^D mod G, is added (exclusive or) to the octets D bits further on.
//
// Everything is bit-reflected, as Ethernet sends it: the first bit of the message, the highest
// power, is bit 0. A product of two reflected numbers of 64 and 32 bits, read as 128 bits, comes
// out multiplied by x^33; the exponents below make up for it.
#include "stack/base/crc32_vector.h"

#include <array>
#include <cstddef>

#include "stack/base/assert.h"

#if defined(__x86_64__)
#include <immintrin.h>

// For intrinsics the compiler must be told which instructions a function may use.
#define STRATA_VECTOR_TARGET \
  __attribute__((target("avx512f,avx512bw,avx512vl,avx512vbmi,vpclmulqdq,pclmul")))

namespace strata {
namespace {

constexpr std::uint32_t kGenerator = 0xedb88320U;  // reflected, without its x^32

// x^n mod G, reflected: x^0 is the top bit.
constexpr std::uint64_t power_of_x(unsigned n) {
  std::uint32_t value = 0x80000000U;
  for (; n > 0; --n) value = (value >> 1) ^ ((value & 1) != 0 ? kGenerator : 0);
  return value;
}

// The quotient of x^64 by G, reflected: 33 bits.
constexpr std::uint64_t quotient_of_x64() {
  std::uint64_t quotient = 1;  // x^32, the highest power
  std::uint32_t rest = kGenerator;
  for (unsigned i = 1; i <= 32; ++i) {
    quotient |= std::uint64_t{rest & 1} << i;
    rest = (rest >> 1) ^ ((rest & 1) != 0 ? kGenerator : 0);
  }
  return quotient;
}

// Multipliers that fold 128 bits over a distance: of its first 64 bits and of its last.
struct Fold {
  long long first;
  long long last;
};
constexpr Fold over_bits(unsigned distance) {
  return {static_cast<long long>(power_of_x(distance + 31)),
          static_cast<long long>(power_of_x(distance - 33))};
}

STRATA_VECTOR_TARGET inline __m512i load(const std::uint8_t* p) { return _mm512_loadu_si512(p); }

// The same multipliers for each of the four lanes.
template <unsigned kDistance>
STRATA_VECTOR_TARGET inline __m512i multipliers() {
  constexpr Fold fold = over_bits(kDistance);
  return _mm512_set4_epi64(fold.last, fold.first, fold.last, fold.first);
}

// `accumulator` folded onto `next`, which stands as far behind it as the multipliers say.
STRATA_VECTOR_TARGET inline __m512i fold(__m512i accumulator, __m512i multipliers, __m512i next) {
  constexpr int kExclusiveOrOfThree = 0x96;
  return _mm512_ternarylogic_epi64(_mm512_clmulepi64_epi128(accumulator, multipliers, 0x00),
                                   _mm512_clmulepi64_epi128(accumulator, multipliers, 0x11), next,
                                   kExclusiveOrOfThree);
}

// The accumulator followed by fewer than 64 octets: its first ones, as many as follow, are folded
// onto the rest.
STRATA_VECTOR_TARGET inline __m512i fold_tail(__m512i accumulator, const std::uint8_t* p,
                                              std::size_t size) {
  alignas(64) static constexpr auto kCount = [] {
    std::array<std::uint8_t, 64> count{};
    for (std::size_t i = 0; i < count.size(); ++i) count[i] = static_cast<std::uint8_t>(i);
    return count;
  }();
  const __m512i count = _mm512_load_si512(kCount.data());
  const __m512i moved = _mm512_add_epi8(count, _mm512_set1_epi8(static_cast<char>(size)));
  const __mmask64 mask = (__mmask64{1} << size) - 1;
  const __m512i tail = _mm512_maskz_loadu_epi8(mask, p);
  // Octets [size, size + 64) of accumulator and tail, and in front of them the first `size`.
  const __m512i last = _mm512_permutex2var_epi8(accumulator, moved, tail);
  const __m512i first = _mm512_maskz_permutexvar_epi8(~(~__mmask64{0} >> size), moved, accumulator);
  return fold(first, multipliers<512>(), last);
}

// Folds the first three lanes onto the fourth.
STRATA_VECTOR_TARGET inline __m128i fold_lanes(__m512i accumulator) {
  constexpr Fold first = over_bits(384);
  constexpr Fold second = over_bits(256);
  constexpr Fold third = over_bits(128);
  const __m512i multipliers = _mm512_set_epi64(0, 0, third.last, third.first, second.last,
                                               second.first, first.last, first.first);
  const __m512i sum =
      fold(accumulator, multipliers, _mm512_maskz_mov_epi64(0b11000000, accumulator));
  const __m256i half =
      _mm256_xor_si256(_mm512_castsi512_si256(sum), _mm512_extracti64x4_epi64(sum, 1));
  return _mm_xor_si128(_mm256_castsi256_si128(half), _mm256_extracti128_si256(half, 1));
}

// (lane * x^32) mod G.
STRATA_VECTOR_TARGET inline std::uint32_t reduce(__m128i lane) {
  // The first 64 bits move to where the last 64 times x^32 stand: 96 bits are left, then 64.
  const __m128i by_x = _mm_set_epi64x(static_cast<long long>(power_of_x(63)),
                                      static_cast<long long>(power_of_x(95)));
  const __m128i of_32 = _mm_set_epi64x(0, 0xffffffffLL);
  lane = _mm_xor_si128(_mm_srli_si128(lane, 8), _mm_clmulepi64_si128(lane, by_x, 0x00));
  lane = _mm_xor_si128(_mm_srli_si128(lane, 4),
                       _mm_clmulepi64_si128(_mm_and_si128(lane, of_32), by_x, 0x10));
  // Barrett: the quotient of 64 bits by G, times G, leaves the remainder.
  const __m128i barrett =
      _mm_set_epi64x(static_cast<long long>((std::uint64_t{kGenerator} << 1) | 1),
                     static_cast<long long>(quotient_of_x64()));
  __m128i quotient = _mm_clmulepi64_si128(_mm_and_si128(lane, of_32), barrett, 0x00);
  quotient = _mm_clmulepi64_si128(_mm_and_si128(quotient, of_32), barrett, 0x10);
  return static_cast<std::uint32_t>(_mm_extract_epi32(_mm_xor_si128(lane, quotient), 1));
}

}  // namespace

bool is_crc32_vector_supported() {
  return __builtin_cpu_supports("avx512f") != 0 && __builtin_cpu_supports("avx512bw") != 0 &&
         __builtin_cpu_supports("avx512vl") != 0 && __builtin_cpu_supports("avx512vbmi") != 0 &&
         __builtin_cpu_supports("vpclmulqdq") != 0 && __builtin_cpu_supports("pclmul") != 0;
}

STRATA_VECTOR_TARGET std::uint32_t crc32_vector(Bytes data) {
  STRATA_ASSERT(data.size() >= 64);
  const std::uint8_t* p = data.data();
  std::size_t left = data.size();
  // An initial value of all ones: the first 32 bits are complemented.
  __m512i a = _mm512_xor_si512(load(p), _mm512_maskz_set1_epi32(1, -1));
  if (left >= 256) {
    // Four accumulators side by side hide how long a multiplication takes.
    __m512i b = load(p + 64);
    __m512i c = load(p + 128);
    __m512i d = load(p + 192);
    const __m512i by_2048 = multipliers<2048>();
    for (left -= 256, p += 256; left >= 256; left -= 256, p += 256) {
      a = fold(a, by_2048, load(p));
      b = fold(b, by_2048, load(p + 64));
      c = fold(c, by_2048, load(p + 128));
      d = fold(d, by_2048, load(p + 192));
    }
    const __m512i by_512 = multipliers<512>();
    const __m512i ab = fold(a, by_512, b);
    const __m512i cd = fold(c, by_512, d);
    a = fold(ab, multipliers<1024>(), cd);
  } else {
    left -= 64;
    p += 64;
  }
  for (; left >= 64; left -= 64, p += 64) a = fold(a, multipliers<512>(), load(p));
  if (left > 0) a = fold_tail(a, p, left);
  return ~reduce(fold_lanes(a));
}

}  // namespace strata

#else

namespace strata {

bool is_crc32_vector_supported() { return false; }
std::uint32_t crc32_vector(Bytes) {
  STRATA_ASSERT(false);
  return 0;
}

}  // namespace strata

#endif
