// SPDX-License-Identifier: MIT
// Random delays without a mathematical library: log() and friends differ in the last bit between C
// libraries, and one bit would change a whole run. What is used instead is exact everywhere.
//
//   uniform      an unbiased integer (RandomStream::between).
//   exponential  von Neumann's comparison method (1951): draw u1 >= u2 >= ... until the run breaks;
//                an odd length gives the variate (number of failed runs) + u1. Only comparisons of
//                64-bit integers; e enters as a probability, never as a number.
//   normal       rejection from the exponential: x is accepted with probability exp(-(x - 1)^2 /
//   2),
//                decided by a second exponential variate, then given a random sign. Uses one IEEE
//                subtraction, multiplication and comparison, which are exactly specified.
#pragma once

#include <cstdint>

#include "sim/impairment.h"
#include "stack/base/random.h"
#include "stack/base/time.h"

namespace strata::sim {

// A non-negative number: whole + fraction / 2^64.
struct FixedPoint {
  std::uint64_t whole = 0;
  std::uint64_t fraction = 0;

  // The product with a duration, rounded towards zero; the longest duration where it does not fit.
  Duration times(Duration unit) const;
  double as_double() const;
};

// An exponential variate of mean 1.
FixedPoint draw_exponential(RandomStream& stream);
// The absolute value of a normal variate of mean 0 and deviation 1.
FixedPoint draw_half_normal(RandomStream& stream);
// One delay of the given shape, not negative.
Duration draw_jitter(const Jitter& jitter, RandomStream& stream);

}  // namespace strata::sim
