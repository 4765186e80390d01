// SPDX-License-Identifier: MIT
#include "sim/jitter.h"

#include <algorithm>

#include "stack/base/uint128.h"

namespace strata::sim {

Duration FixedPoint::times(Duration unit) const {
  const auto count = static_cast<std::uint64_t>(unit.count());
  const Uint128 product =
      static_cast<Uint128>(count) * whole + ((static_cast<Uint128>(count) * fraction) >> 64);
  const auto longest = static_cast<std::uint64_t>(Duration::max().count());
  return Duration{static_cast<Duration::rep>(
      product > longest ? longest : static_cast<std::uint64_t>(product))};
}

double FixedPoint::as_double() const {
  return static_cast<double>(whole) + static_cast<double>(fraction) * 0x1p-64;
}

FixedPoint draw_exponential(RandomStream& stream) {
  FixedPoint result;
  for (;; ++result.whole) {
    result.fraction = stream.next();
    bool odd = true;  // the length of the descending run so far
    std::uint64_t last = result.fraction;
    for (std::uint64_t next = stream.next(); next < last; next = stream.next()) {
      last = next;
      odd = !odd;
    }
    if (odd) return result;
  }
}

FixedPoint draw_half_normal(RandomStream& stream) {
  for (;;) {
    const FixedPoint candidate = draw_exponential(stream);
    const FixedPoint trial = draw_exponential(stream);
    const double distance = candidate.as_double() - 1.0;
    if (2.0 * trial.as_double() > distance * distance) return candidate;
  }
}

Duration draw_jitter(const Jitter& jitter, RandomStream& stream) {
  switch (jitter.shape) {
    case JitterShape::uniform: {
      const Duration::rep low = (jitter.mean - jitter.deviation).count();
      const Duration::rep high = (jitter.mean + jitter.deviation).count();
      return std::max(Duration{0}, Duration{stream.between(low, high)});
    }
    case JitterShape::normal: {
      const Duration offset = draw_half_normal(stream).times(jitter.deviation);
      const bool above = (stream.next() >> 63) != 0;
      return above ? jitter.mean + offset : std::max(Duration{0}, jitter.mean - offset);
    }
    case JitterShape::exponential:
      return draw_exponential(stream).times(jitter.mean);
  }
  return Duration{0};
}

}  // namespace strata::sim
