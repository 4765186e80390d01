// SPDX-License-Identifier: MIT
#include "stack/base/random.h"

#include <bit>
#include <charconv>
#include <cmath>

#include "stack/base/assert.h"
#include "stack/base/uint128.h"

namespace strata {
namespace {

constexpr std::uint64_t splitmix(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15U;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31);
}

std::uint64_t load_le64(const std::uint8_t* p) {
  std::uint64_t value = 0;
  for (std::size_t i = 8; i-- > 0;) value = (value << 8) | p[i];
  return value;
}

// A non-negative decimal number with optional fraction and exponent, as mantissa * 10^exponent.
struct Decimal {
  std::uint64_t mantissa = 0;
  int exponent = 0;
};

std::optional<Decimal> parse_decimal(std::string_view text) {
  Decimal decimal;
  bool any = false;
  bool fraction = false;
  std::size_t i = 0;
  for (; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '.' && !fraction) {
      fraction = true;
      continue;
    }
    if (c < '0' || c > '9') break;
    any = true;
    if (decimal.mantissa > 99'999'999'999'999'999U) return std::nullopt;
    decimal.mantissa = decimal.mantissa * 10 + static_cast<std::uint64_t>(c - '0');
    if (fraction) --decimal.exponent;
  }
  if (!any) return std::nullopt;
  if (i < text.size()) {
    if (text[i] != 'e' && text[i] != 'E') return std::nullopt;
    int exponent = 0;
    const char* begin = text.data() + i + 1;
    if (begin < text.data() + text.size() && *begin == '+') ++begin;
    const auto [stop, error] = std::from_chars(begin, text.data() + text.size(), exponent);
    if (error != std::errc{} || stop != text.data() + text.size()) return std::nullopt;
    if (exponent < -40 || exponent > 40) return std::nullopt;
    decimal.exponent += exponent;
  }
  return decimal;
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

struct SipState {
  std::uint64_t v0, v1, v2, v3;

  void round() {
    v0 += v1;
    v1 = std::rotl(v1, 13) ^ v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 += v3;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 += v1;
    v1 = std::rotl(v1, 17) ^ v2;
    v2 = std::rotl(v2, 32);
  }
  void absorb(std::uint64_t word) {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  }
};

}  // namespace

Probability Probability::ratio(std::uint64_t numerator, std::uint64_t denominator) {
  STRATA_ASSERT(denominator > 0 && numerator <= denominator);
  if (numerator == denominator) return always();
  const auto scaled = (static_cast<Uint128>(numerator) << 64) / denominator;
  return Probability{static_cast<std::uint64_t>(scaled), false};
}

std::optional<Probability> Probability::parse(std::string_view text) {
  text = trim(text);
  if (const std::size_t slash = text.find('/'); slash != std::string_view::npos) {
    const auto top = parse_decimal(trim(text.substr(0, slash)));
    const auto bottom = parse_decimal(trim(text.substr(slash + 1)));
    if (!top || !bottom || top->exponent != 0 || bottom->exponent != 0) return std::nullopt;
    if (bottom->mantissa == 0 || top->mantissa > bottom->mantissa) return std::nullopt;
    return ratio(top->mantissa, bottom->mantissa);
  }
  const bool percent = !text.empty() && text.back() == '%';
  if (percent) text = trim(text.substr(0, text.size() - 1));
  auto decimal = parse_decimal(text);
  if (!decimal) return std::nullopt;
  if (percent) decimal->exponent -= 2;
  if (decimal->mantissa == 0) return never();
  for (; decimal->exponent > 0; --decimal->exponent) {
    if (decimal->mantissa > 99'999'999'999'999'999U) return std::nullopt;
    decimal->mantissa *= 10;
  }
  // Below 10^-19 a probability is smaller than 2^-63: it rounds to the smallest one there is.
  std::uint64_t denominator = 1;
  for (; decimal->exponent < 0; ++decimal->exponent) {
    if (denominator < 1'000'000'000'000'000'000U) {
      denominator *= 10;
    } else {
      decimal->mantissa /= 10;
    }
  }
  if (decimal->mantissa > denominator) return std::nullopt;
  return decimal->mantissa == 0 ? Probability{1, false} : ratio(decimal->mantissa, denominator);
}

double Probability::as_double() const {
  return always_ ? 1.0 : std::ldexp(static_cast<double>(threshold_), -64);
}

RandomStream::RandomStream(std::uint64_t seed, std::string_view name) {
  const SecretKey key = derive_key(seed, name);
  std::uint64_t state = key[0] ^ std::rotl(key[1], 32);
  for (std::uint64_t& word : state_) word = splitmix(state);
}

std::uint64_t RandomStream::next() {
  ++draws_;
  const std::uint64_t result = std::rotl(state_[1] * 5, 7) * 9;
  const std::uint64_t shifted = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= shifted;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

std::uint64_t RandomStream::below(std::uint64_t bound) {
  STRATA_ASSERT(bound > 0);
  // Lemire's multiply-shift with rejection: exact uniformity.
  auto product = static_cast<Uint128>(next()) * bound;
  if (static_cast<std::uint64_t>(product) < bound) {
    const std::uint64_t threshold = (0 - bound) % bound;
    while (static_cast<std::uint64_t>(product) < threshold) {
      product = static_cast<Uint128>(next()) * bound;
    }
  }
  return static_cast<std::uint64_t>(product >> 64);
}

std::int64_t RandomStream::between(std::int64_t low, std::int64_t high) {
  STRATA_ASSERT(low <= high);
  const std::uint64_t span = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) + 1;
  const std::uint64_t offset = span == 0 ? next() : below(span);
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + offset);
}

RandomStream::Draw RandomStream::draw(Probability probability) {
  Draw result;
  result.index = draws_;
  const std::uint64_t number = next();
  result.hit = probability.is_always() || number < probability.threshold();
  result.value = std::ldexp(static_cast<double>(number >> 11), -53);
  return result;
}

SecretKey derive_key(std::uint64_t seed, std::string_view name) {
  const SecretKey left{seed, 0x5374726174610001U};
  const SecretKey right{seed, 0x5374726174610002U};
  return {keyed_hash(left, as_bytes(name)), keyed_hash(right, as_bytes(name))};
}

std::uint64_t keyed_hash(const SecretKey& key, Bytes message) {
  SipState state{key[0] ^ 0x736f6d6570736575U, key[1] ^ 0x646f72616e646f6dU,
                 key[0] ^ 0x6c7967656e657261U, key[1] ^ 0x7465646279746573U};
  const std::uint64_t length = message.size();
  while (message.size() >= 8) {
    state.absorb(load_le64(message.data()));
    message = message.subspan(8);
  }
  std::uint8_t last[8] = {};
  for (std::size_t i = 0; i < message.size(); ++i) last[i] = message[i];
  last[7] = static_cast<std::uint8_t>(length);
  state.absorb(load_le64(last));
  state.v2 ^= 0xff;
  for (int i = 0; i < 4; ++i) state.round();
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

}  // namespace strata
