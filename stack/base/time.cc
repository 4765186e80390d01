// SPDX-License-Identifier: MIT
#include "stack/base/time.h"

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <string_view>

namespace strata {

std::string to_text(Duration duration, int decimals) {
  struct Unit {
    std::int64_t nanoseconds;
    std::string_view symbol;
  };
  static constexpr std::array kUnits{Unit{1'000'000'000, "s"}, Unit{1'000'000, "ms"},
                                     Unit{1'000, "µs"}, Unit{1, "ns"}};
  const bool negative = duration.count() < 0;
  const std::uint64_t magnitude = negative ? 0 - static_cast<std::uint64_t>(duration.count())
                                           : static_cast<std::uint64_t>(duration.count());
  const Unit* unit = &kUnits.back();
  for (const Unit& candidate : kUnits) {
    if (magnitude >= static_cast<std::uint64_t>(candidate.nanoseconds)) {
      unit = &candidate;
      break;
    }
  }
  const auto scale = static_cast<std::uint64_t>(unit->nanoseconds);
  std::string digits = fmt::format("{}", magnitude / scale);
  std::uint64_t rest = magnitude % scale;
  std::string fraction;
  for (std::uint64_t place = scale / 10; place > 0 && decimals > 0; place /= 10, --decimals) {
    fraction += static_cast<char>('0' + rest / place);
    rest %= place;
  }
  while (!fraction.empty() && fraction.back() == '0') fraction.pop_back();
  if (!fraction.empty()) digits += "." + fraction;
  return fmt::format("{}{} {}", negative ? "-" : "", digits, unit->symbol);
}

std::string to_text(Instant instant, int decimals) {
  if (instant == kNever) return "never";
  return to_text(instant - kStart, decimals);
}

}  // namespace strata
