// SPDX-License-Identifier: MIT
// Named random streams and a keyed hash. Every consumer derives its own stream from (seed, name),
// so adding one never shifts another. No floating point decides anything; no std:: distribution is
// used (their results differ between libraries).
//
// Two families, never mixed: RandomStream drives the simulation (losses, jitter, traffic);
// keyed_hash() is the cryptographic PRF behind initial sequence numbers, ephemeral ports and IP
// identification, so that observing one of them tells nothing about the next (RFC 6528, 6056,
// 7739).
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>

#include "stack/base/bytes.h"

namespace strata {

// A probability as a fraction of 2^64, parsed exactly from decimal text.
class Probability {
 public:
  constexpr Probability() = default;  // never
  static constexpr Probability never() { return Probability{}; }
  static constexpr Probability always() { return Probability{0, true}; }
  // numerator / denominator, rounded down to a multiple of 2^-64. Requires numerator <= denominator
  // and denominator > 0.
  static Probability ratio(std::uint64_t numerator, std::uint64_t denominator);
  // "0.01", "1 %", "1e-6", "1/50". Nullopt for anything else and outside [0, 1].
  static std::optional<Probability> parse(std::string_view text);

  constexpr bool is_never() const { return !always_ && threshold_ == 0; }
  constexpr bool is_always() const { return always_; }
  constexpr std::uint64_t threshold() const { return threshold_; }
  double as_double() const;  // for display only
  friend constexpr bool operator==(const Probability&, const Probability&) = default;

 private:
  constexpr Probability(std::uint64_t threshold, bool always)
      : threshold_(threshold), always_(always) {}
  std::uint64_t threshold_ = 0;  // a draw below it is a hit
  bool always_ = false;
};

// One deterministic sequence: xoshiro256** seeded by hashing (seed, name).
class RandomStream {
 public:
  RandomStream(std::uint64_t seed, std::string_view name);

  std::uint64_t next();
  // Uniform in [0, bound), without bias. Requires bound > 0.
  std::uint64_t below(std::uint64_t bound);
  // Uniform in [low, high], both included. Requires low <= high.
  std::int64_t between(std::int64_t low, std::int64_t high);

  struct Draw {
    bool hit = false;
    double value = 0;         // the draw as a fraction in [0, 1), for display
    std::uint64_t index = 0;  // how many draws this stream had made before
  };
  // One trial. Consumes exactly one number whatever the probability, so that changing a probability
  // does not shift later draws.
  Draw draw(Probability probability);
  bool chance(Probability probability) { return draw(probability).hit; }

  std::uint64_t draws() const { return draws_; }

 private:
  std::array<std::uint64_t, 4> state_;
  std::uint64_t draws_ = 0;
};

using SecretKey = std::array<std::uint64_t, 2>;

// 128-bit key for one host, derived from the seed.
SecretKey derive_key(std::uint64_t seed, std::string_view name);
// SipHash-2-4 (Aumasson and Bernstein, 2012).
std::uint64_t keyed_hash(const SecretKey& key, Bytes message);

}  // namespace strata
