// SPDX-License-Identifier: MIT
// Bit errors on the medium: independent errors at a given rate, or exactly these bits.
//
// Errors are found by jumping from one to the next (the error-free runs between them are
// geometric), so a frame costs one random number plus one per error, not one per bit. The jump is
// computed with integers only: the same bits flip on every machine and compiler.
//
// A bit offset counts from the first bit of the frame, most significant bit of each octet first.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "stack/base/bytes.h"
#include "stack/base/random.h"

namespace strata::physical {

// Inverts each bit with the same probability, independently.
class BitErrorModel {
 public:
  explicit BitErrorModel(Probability per_bit);

  struct Outcome {
    std::vector<std::uint32_t> flipped_bits;  // ascending
    double draw = 0;                          // the number that decided the first run, in [0, 1)
    std::uint64_t draw_index = 0;             // its position in the stream
  };
  // Damages `frame`. Consumes one number of `stream` and one more per error, whatever the length.
  // Requires at most 2^32 - 1 bits.
  Outcome apply(MutableBytes frame, RandomStream& stream) const;

  // Length of the error-free run that the 64-bit random number `number` stands for, at most
  // kRunMax: the largest n with number < (1 - p)^n * 2^64. Requires p < 1.
  std::uint64_t run_length(std::uint64_t number) const;
  static constexpr std::uint64_t kRunMax = (std::uint64_t{1} << 32) - 1;
  Probability per_bit() const { return per_bit_; }

 private:
  Probability per_bit_;
  // (1 - p)^(2^k) as a fraction of 2^64, for k = 0 .. 31.
  std::array<std::uint64_t, 32> survival_{};
};

// Inverts the bits at `offsets`. Offsets beyond the frame are ignored; returns those inverted, in
// the order given.
std::vector<std::uint32_t> flip_bits(MutableBytes frame, std::span<const std::uint32_t> offsets);

}  // namespace strata::physical
