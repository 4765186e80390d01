// SPDX-License-Identifier: MIT
// Seq32: a TCP sequence number as the wire carries it (RFC 9293 3.4, arithmetic modulo 2^32). It
// has no `<`: two numbers are ordered only relative to each other and within half the space. Inside
// TCP, streams are counted by 64-bit absolute offsets; Seq32 appears at the header and nowhere
// else.
#pragma once

#include <cstdint>

namespace strata {

class Seq32 {
 public:
  constexpr Seq32() = default;
  constexpr explicit Seq32(std::uint32_t raw) : raw_(raw) {}

  constexpr std::uint32_t raw() const { return raw_; }
  friend constexpr bool operator==(Seq32, Seq32) = default;
  friend constexpr Seq32 operator+(Seq32 seq, std::uint32_t octets) {
    return Seq32{seq.raw_ + octets};
  }
  friend constexpr Seq32 operator-(Seq32 seq, std::uint32_t octets) {
    return Seq32{seq.raw_ - octets};
  }
  // Signed distance in octets from `from` to `to`; correct while they are within 2^31 of each
  // other.
  friend constexpr std::int32_t operator-(Seq32 to, Seq32 from) {
    return static_cast<std::int32_t>(to.raw_ - from.raw_);
  }

  constexpr bool before(Seq32 other) const { return *this - other < 0; }
  constexpr bool after(Seq32 other) const { return *this - other > 0; }

  // The wire number of absolute offset `offset` of a stream whose offset 0 is `zero`.
  static constexpr Seq32 wrap(std::uint64_t offset, Seq32 zero) {
    return zero + static_cast<std::uint32_t>(offset);
  }
  // The absolute offset closest to `near` whose wire number is this one. May be negative when the
  // number lies before offset 0.
  constexpr std::int64_t unwrap(Seq32 zero, std::uint64_t near) const {
    return static_cast<std::int64_t>(near) + (*this - wrap(near, zero));
  }

 private:
  std::uint32_t raw_ = 0;
};

}  // namespace strata
