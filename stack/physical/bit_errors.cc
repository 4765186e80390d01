// SPDX-License-Identifier: MIT
#include "stack/physical/bit_errors.h"

#include <cmath>
#include <cstddef>

#include "stack/base/assert.h"
#include "stack/base/uint128.h"

namespace strata::physical {
namespace {

// Product of two fractions of 2^64, rounded down.
std::uint64_t multiply(std::uint64_t a, std::uint64_t b) {
  return static_cast<std::uint64_t>((static_cast<Uint128>(a) * b) >> 64);
}

void flip(MutableBytes frame, std::uint64_t bit) {
  frame[bit / 8] = static_cast<std::uint8_t>(frame[bit / 8] ^ (0x80U >> (bit % 8)));
}

}  // namespace

BitErrorModel::BitErrorModel(Probability per_bit) : per_bit_(per_bit) {
  if (per_bit_.is_never() || per_bit_.is_always()) return;
  survival_[0] = 0 - per_bit_.threshold();  // 2^64 - p * 2^64
  for (std::size_t k = 1; k < survival_.size(); ++k) {
    survival_[k] = multiply(survival_[k - 1], survival_[k - 1]);
  }
}

std::uint64_t BitErrorModel::run_length(std::uint64_t number) const {
  if (per_bit_.is_never()) return kRunMax;
  // A run is at least n bits long with probability (1 - p)^n: binary search for the largest n that
  // `number` still allows, adding powers of two from the top.
  std::uint64_t run = 0;
  std::uint64_t survival = ~std::uint64_t{0};
  for (std::size_t k = survival_.size(); k-- > 0;) {
    const std::uint64_t longer = run == 0 ? survival_[k] : multiply(survival, survival_[k]);
    if (number >= longer) continue;
    survival = longer;
    run += std::uint64_t{1} << k;
  }
  return run;
}

BitErrorModel::Outcome BitErrorModel::apply(MutableBytes frame, RandomStream& stream) const {
  const std::uint64_t bits = std::uint64_t{frame.size()} * 8;
  STRATA_ASSERT(bits <= kRunMax);
  Outcome outcome;
  outcome.draw_index = stream.draws();
  std::uint64_t number = stream.next();
  outcome.draw = std::ldexp(static_cast<double>(number >> 11), -53);  // exact
  for (std::uint64_t bit = 0; bit < bits; ++bit, number = stream.next()) {
    if (!per_bit_.is_always()) bit += run_length(number);
    if (bit >= bits) break;
    flip(frame, bit);
    outcome.flipped_bits.push_back(static_cast<std::uint32_t>(bit));
  }
  return outcome;
}

std::vector<std::uint32_t> flip_bits(MutableBytes frame, std::span<const std::uint32_t> offsets) {
  std::vector<std::uint32_t> flipped;
  for (const std::uint32_t bit : offsets) {
    if (bit / 8 >= frame.size()) continue;
    flip(frame, bit);
    flipped.push_back(bit);
  }
  return flipped;
}

}  // namespace strata::physical
