// SPDX-License-Identifier: MIT
#include "sim/scenario/units.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>
#include <span>

#include "stack/base/ascii.h"
#include "stack/base/uint128.h"

namespace strata::scenario {
namespace {

constexpr std::uint64_t kLargest = std::numeric_limits<std::int64_t>::max();

struct UnitName {
  std::string_view symbol;
  std::uint64_t factor;  // in the smallest step
};

// Spellings people bring along from elsewhere, and ours.
struct Foreign {
  std::string_view written;
  std::string_view ours;
};

struct Dimension {
  std::string_view what;     // "a duration"
  std::string_view example;  // unit proposed for a bare number
  std::string_view finest;   // "1 ns"
  std::span<const UnitName> units;
  std::span<const Foreign> foreign;
};

constexpr std::array kDurationUnits{UnitName{"ns", 1},
                                    UnitName{"us", 1'000},
                                    UnitName{"µs", 1'000},
                                    UnitName{"ms", 1'000'000},
                                    UnitName{"s", 1'000'000'000},
                                    UnitName{"min", 60'000'000'000},
                                    UnitName{"h", 3'600'000'000'000}};
constexpr std::array kDurationForeign{
    Foreign{"sec", "s"},     Foreign{"secs", "s"},          Foreign{"second", "s"},
    Foreign{"seconds", "s"}, Foreign{"msec", "ms"},         Foreign{"msecs", "ms"},
    Foreign{"usec", "us"},   Foreign{"milliseconds", "ms"}, Foreign{"microseconds", "us"},
    Foreign{"m", "min"},     Foreign{"minute", "min"},      Foreign{"minutes", "min"},
    Foreign{"hour", "h"},    Foreign{"hours", "h"},         Foreign{"nsec", "ns"}};
constexpr Dimension kDuration{"a duration", "ms", "1 ns", kDurationUnits, kDurationForeign};

constexpr std::array kRateUnits{UnitName{"bit/s", 1}, UnitName{"kbit/s", 1'000},
                                UnitName{"Mbit/s", 1'000'000}, UnitName{"Gbit/s", 1'000'000'000},
                                UnitName{"Tbit/s", 1'000'000'000'000}};
constexpr std::array kRateForeign{
    Foreign{"bps", "bit/s"},   Foreign{"kbps", "kbit/s"}, Foreign{"Mbps", "Mbit/s"},
    Foreign{"Gbps", "Gbit/s"}, Foreign{"Tbps", "Tbit/s"}, Foreign{"b/s", "bit/s"},
    Foreign{"kb/s", "kbit/s"}, Foreign{"Mb/s", "Mbit/s"}, Foreign{"Gb/s", "Gbit/s"},
    Foreign{"k", "kbit/s"},    Foreign{"M", "Mbit/s"},    Foreign{"G", "Gbit/s"},
    Foreign{"bit", "bit/s"},   Foreign{"kbit", "kbit/s"}, Foreign{"Mbit", "Mbit/s"},
    Foreign{"Gbit", "Gbit/s"}, Foreign{"bits/s", "bit/s"}};
constexpr Dimension kRate{"a rate", "Mbit/s", "1 bit/s", kRateUnits, kRateForeign};

constexpr std::array kByteUnits{UnitName{"B", 1},
                                UnitName{"byte", 1},
                                UnitName{"bytes", 1},
                                UnitName{"kB", 1'000},
                                UnitName{"MB", 1'000'000},
                                UnitName{"GB", 1'000'000'000},
                                UnitName{"KiB", 1ULL << 10},
                                UnitName{"MiB", 1ULL << 20},
                                UnitName{"GiB", 1ULL << 30}};
constexpr std::array kByteForeign{
    Foreign{"KB", "kB"},        Foreign{"k", "kB"},      Foreign{"K", "KiB"}, Foreign{"M", "MB"},
    Foreign{"G", "GB"},         Foreign{"mb", "MB"},     Foreign{"gb", "GB"}, Foreign{"kib", "KiB"},
    Foreign{"octets", "bytes"}, Foreign{"octet", "byte"}};
constexpr Dimension kBytes{"a size", "bytes", "1 byte", kByteUnits, kByteForeign};

constexpr std::array kLengthUnits{UnitName{"mm", 1}, UnitName{"cm", 10}, UnitName{"m", 1'000},
                                  UnitName{"km", 1'000'000}};
constexpr std::array kLengthForeign{Foreign{"metre", "m"},       Foreign{"metres", "m"},
                                    Foreign{"meter", "m"},       Foreign{"meters", "m"},
                                    Foreign{"kilometres", "km"}, Foreign{"kilometers", "km"}};
constexpr Dimension kLength{"a length", "m", "1 mm", kLengthUnits, kLengthForeign};

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

bool same_letters(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    const auto lower = [](char c) {
      return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    };
    return lower(x) == lower(y);
  });
}

// A non-negative decimal number, value = mantissa * 10^exponent, and the text behind it.
struct Number {
  std::uint64_t mantissa = 0;
  int exponent = 0;
  std::string_view digits;  // as written
  std::string_view unit;    // trimmed rest
};

// The exponent at the front of `rest` ("e-6"), removed from it; 0 when there is none.
int take_exponent(std::string_view& rest) {
  if (rest.size() < 2 || (rest[0] != 'e' && rest[0] != 'E')) return 0;
  std::size_t start = 1;
  if (rest[start] == '+') ++start;
  int exponent = 0;
  const char* end = rest.data() + rest.size();
  const auto [stop, error] = std::from_chars(rest.data() + start, end, exponent);
  if (error != std::errc{}) return 0;
  rest.remove_prefix(static_cast<std::size_t>(stop - rest.data()));
  return std::clamp(exponent, -1000, 1000);
}

Parsed<Number> split_number(std::string_view text, std::string_view what,
                            std::string_view example) {
  text = trim(text);
  const std::string mend = fmt::format("write for instance '{}'", example);
  if (text.empty()) return mistake(fmt::format("{} is missing", what), mend);
  if (text.front() == '-') return mistake(fmt::format("{} cannot be negative", what));
  Number number;
  bool fraction = false;
  bool any = false;
  std::size_t i = 0;
  for (; i < text.size(); ++i) {
    if (text[i] == '.' && !fraction) {
      fraction = true;
      continue;
    }
    if (!is_digit(text[i])) break;
    any = true;
    if (number.mantissa > kLargest / 10 - 1) {
      return mistake(fmt::format("{} has too many digits", in_quotes(text)));
    }
    number.mantissa = number.mantissa * 10 + static_cast<std::uint64_t>(text[i] - '0');
    if (fraction) --number.exponent;
  }
  if (!any) return mistake(fmt::format("{} is not {}", in_quotes(text), what), mend);
  std::string_view rest = text.substr(i);
  if (rest.size() > 1 && rest.front() == ',' && is_digit(rest[1])) {
    return mistake(
        fmt::format("{} has a comma", in_quotes(text)),
        fmt::format("decimals follow a point: '{}.{}'", text.substr(0, i), rest.substr(1)));
  }
  number.exponent += take_exponent(rest);
  number.digits = text.substr(0, text.size() - rest.size());
  number.unit = trim(rest);
  return number;
}

// mantissa * 10^exponent * factor, if that is a whole number that fits.
Parsed<std::uint64_t> scale(const Number& number, std::uint64_t factor, std::string_view text,
                            std::string_view finest) {
  Uint128 value = static_cast<Uint128>(number.mantissa) * factor;
  if (value == 0) return 0;
  for (int e = number.exponent; e > 0; --e) {
    if (value > kLargest) break;
    value *= 10;
  }
  for (int e = number.exponent; e < 0; ++e) {
    if (value % 10 != 0) {
      return mistake(fmt::format("{} is finer than {}", in_quotes(trim(text)), finest));
    }
    value /= 10;
  }
  if (value > kLargest) return mistake(fmt::format("{} is too large", in_quotes(trim(text))));
  return static_cast<std::uint64_t>(value);
}

Mistake wrong_unit(const Number& number, const Dimension& dimension) {
  std::string_view best;
  std::vector<std::string> symbols;
  for (const UnitName& unit : dimension.units) symbols.emplace_back(unit.symbol);
  for (const Foreign& foreign : dimension.foreign) {
    if (foreign.written == number.unit) best = foreign.ours;
  }
  for (const UnitName& unit : dimension.units) {
    if (best.empty() && same_letters(unit.symbol, number.unit)) best = unit.symbol;
  }
  for (const Foreign& foreign : dimension.foreign) {
    if (best.empty() && same_letters(foreign.written, number.unit)) best = foreign.ours;
  }
  std::string mend = fmt::format("units: {}", dimension.units.front().symbol);
  for (std::size_t i = 1; i < symbols.size(); ++i) mend += ", " + symbols[i];
  if (!best.empty()) mend = fmt::format("write '{} {}'", number.digits, best);
  return {fmt::format("{} is not a unit of {}", in_quotes(number.unit), dimension.what.substr(2)),
          mend};
}

Parsed<std::uint64_t> parse_dimension(std::string_view text, const Dimension& dimension,
                                      bool unit_required = true) {
  const std::string example = fmt::format("10 {}", dimension.example);
  const auto number = split_number(text, dimension.what, example);
  if (!number) return tl::unexpected(number.error());
  if (number->unit.empty()) {
    if (!unit_required) return scale(*number, 1, text, dimension.finest);
    return mistake(fmt::format("{} has no unit", in_quotes(trim(text))),
                   fmt::format("write '{} {}'", number->digits, dimension.example));
  }
  for (const UnitName& unit : dimension.units) {
    if (unit.symbol == number->unit) return scale(*number, unit.factor, text, dimension.finest);
  }
  return tl::unexpected(wrong_unit(*number, dimension));
}

bool has_unit_of(std::string_view unit, const Dimension& dimension) {
  return std::any_of(dimension.units.begin(), dimension.units.end(),
                     [&](const UnitName& known) { return known.symbol == unit; });
}

// `value` divided by the largest of the units that keeps it at least 1, with `decimals` digits.
std::string in_units(std::int64_t value, std::span<const UnitName> units) {
  const UnitName* unit = &units.front();
  for (const UnitName& candidate : units) {
    if (value >= static_cast<std::int64_t>(candidate.factor)) unit = &candidate;
  }
  const auto factor = static_cast<std::int64_t>(unit->factor);
  std::string text = fmt::format("{}", value / factor);
  const std::int64_t thousandths = static_cast<std::int64_t>(
      static_cast<Uint128>(static_cast<std::uint64_t>(value % factor)) * 1000 / unit->factor);
  if (thousandths > 0) {
    std::string digits = fmt::format("{:03}", thousandths);
    while (digits.back() == '0') digits.pop_back();
    text += "." + digits;
  }
  return fmt::format("{} {}", text, unit->symbol);
}

}  // namespace

Parsed<Duration> parse_duration(std::string_view text) {
  const auto value = parse_dimension(text, kDuration);
  if (!value) return tl::unexpected(value.error());
  return Duration{static_cast<std::int64_t>(*value)};
}

Parsed<std::uint64_t> parse_rate(std::string_view text) {
  if (trim(text) == "unlimited") return 0;
  const auto value = parse_dimension(text, kRate);
  if (value && *value == 0) {
    return mistake("a rate of zero moves nothing",
                   "write 'unlimited' for a link that is infinitely fast");
  }
  return value;
}

Parsed<std::uint64_t> parse_bytes(std::string_view text) {
  return parse_dimension(text, kBytes, false);
}

Parsed<std::uint64_t> parse_length(std::string_view text) { return parse_dimension(text, kLength); }

Parsed<Probability> parse_probability(std::string_view text) {
  if (const auto value = Probability::parse(trim(text))) return *value;
  const std::string_view shown = trim(text);
  const std::string_view example = "1 %";
  if (shown.find('/') != std::string_view::npos) {
    return mistake(fmt::format("{} is not a probability between 0 and 1", in_quotes(shown)),
                   "write for instance '1/50'");
  }
  const auto number = split_number(text, "a probability", example);
  if (!number) return tl::unexpected(number.error());
  if (!number->unit.empty() && number->unit != "%") {
    return mistake(fmt::format("{} is not a unit of probability", in_quotes(number->unit)),
                   fmt::format("write '{} %', or a fraction of 1", number->digits));
  }
  if (number->unit.empty() && number->mantissa > 1 && number->exponent >= 0) {
    return mistake(fmt::format("{} is more than 1, that is, more than always", in_quotes(shown)),
                   fmt::format("write '{} %'", number->digits));
  }
  return mistake(fmt::format("{} is not between 0 % and 100 %", in_quotes(shown)));
}

Parsed<std::uint64_t> parse_speed(std::string_view text) {
  constexpr std::uint64_t kMillion = 1'000'000;
  constexpr std::uint64_t kFactorMost = 1'000'000'000;
  if (trim(text) == "fast") return 0;
  const auto number = split_number(text, "a speed", "2");
  if (!number) return tl::unexpected(number.error());
  if (!number->unit.empty()) {
    return mistake(fmt::format("{} is no factor", in_quotes(trim(text))),
                   fmt::format("write '{}', or 'fast'", number->digits));
  }
  auto value = scale(*number, kMillion, text, "0.000001");
  if (value && *value == 0) {
    return mistake("at a speed of zero nothing is ever sent",
                   "write 'fast' for as fast as the link takes them");
  }
  if (value && *value / kMillion > kFactorMost) {
    return mistake(fmt::format("{} is too large", in_quotes(trim(text))), "write 'fast'");
  }
  return value;
}

Parsed<std::uint64_t> parse_count(std::string_view text) {
  const std::string_view shown = trim(text);
  std::uint64_t value = 0;
  const auto [stop, error] = std::from_chars(shown.data(), shown.data() + shown.size(), value);
  if (error == std::errc{} && stop == shown.data() + shown.size()) return value;
  if (!shown.empty() && shown.front() == '-') return mistake("a number cannot be negative here");
  if (error == std::errc::result_out_of_range) {
    return mistake(fmt::format("{} is too large", in_quotes(shown)));
  }
  return mistake(fmt::format("{} is not a whole number", in_quotes(shown)));
}

Parsed<std::uint64_t> parse_ordinal(std::string_view text) {
  const std::string_view shown = trim(text);
  std::uint64_t value = 0;
  const auto [stop, error] = std::from_chars(shown.data(), shown.data() + shown.size(), value);
  if (error != std::errc{}) {
    return mistake(fmt::format("{} is not an ordinal", in_quotes(shown)),
                   "write for instance '3rd' for the third frame");
  }
  if (value == 0) return mistake("frames count from 1", "write '1st' for the first");
  const std::string_view ending{stop, static_cast<std::size_t>(shown.data() + shown.size() - stop)};
  const std::uint64_t teens = value % 100;
  std::string_view right = "th";
  if (teens < 11 || teens > 13) {
    if (value % 10 == 1) right = "st";
    if (value % 10 == 2) right = "nd";
    if (value % 10 == 3) right = "rd";
  }
  if (ending == right) return value;
  return mistake(fmt::format("{} is not an ordinal", in_quotes(shown)),
                 fmt::format("write '{}{}'", value, right));
}

Parsed<bool> parse_boolean(std::string_view text) {
  const std::string_view shown = trim(text);
  if (shown == "true") return true;
  if (shown == "false") return false;
  std::string mend = "write true or false";
  for (const std::string_view yes : {"yes", "on", "y", "1"}) {
    if (same_letters(shown, yes)) mend = "write true";
  }
  for (const std::string_view no : {"no", "off", "n", "0"}) {
    if (same_letters(shown, no)) mend = "write false";
  }
  return mistake(fmt::format("{} is neither true nor false", in_quotes(shown)), mend);
}

Parsed<QueueLimit> parse_queue(std::string_view text) {
  const std::string_view shown = trim(text);
  if (shown == "unlimited") return QueueLimit{};
  const auto number = split_number(shown, "a queue limit", "64 kB");
  if (!number) return tl::unexpected(number.error());
  if (number->unit.empty()) {
    return mistake(fmt::format("{} has no unit", in_quotes(shown)),
                   fmt::format("write '{0} bytes' or '{0} frames'", number->digits));
  }
  if (number->mantissa == 0) {
    return mistake("a queue needs room for at least one frame", "write 'unlimited' for no limit");
  }
  if (number->unit == "frames" || number->unit == "frame") {
    const auto frames = scale(*number, 1, shown, "1 frame");
    if (!frames) return tl::unexpected(frames.error());
    return QueueLimit{.frames = *frames};
  }
  if (number->unit == "packets" || number->unit == "packet" || number->unit == "p") {
    return mistake(fmt::format("{} is not a unit of a queue limit", in_quotes(number->unit)),
                   fmt::format("write '{} frames'", number->digits));
  }
  const auto bytes = parse_bytes(shown);
  if (!bytes) return tl::unexpected(bytes.error());
  return QueueLimit{.bytes = *bytes};
}

Parsed<Quantity> parse_quantity(std::string_view text) {
  const auto number = split_number(text, "a quantity", "14600 bytes");
  if (!number) return tl::unexpected(number.error());
  struct Family {
    const Dimension* dimension;
    Unit unit;
  };
  static constexpr std::array kFamilies{Family{&kDuration, Unit::nanoseconds},
                                        Family{&kRate, Unit::bits_per_second},
                                        Family{&kBytes, Unit::bytes}};
  Parsed<std::uint64_t> value = 0;
  Unit unit = Unit::count;
  if (number->unit.empty()) {
    value = scale(*number, 1, text, "1");
    if (!value && number->exponent < 0) {
      return mistake(
          fmt::format("{} is neither a whole number nor has it a unit", in_quotes(text)),
          fmt::format("write for instance '{0} ms', or a share as '50 %'", number->digits));
    }
  } else if (number->unit == "%") {
    value = scale(*number, 10'000, text, "0.0001 %");
    unit = Unit::parts_per_million;
  } else {
    const auto* family = std::find_if(
        kFamilies.begin(), kFamilies.end(),
        [&](const Family& candidate) { return has_unit_of(number->unit, *candidate.dimension); });
    if (family == kFamilies.end()) {
      return mistake(fmt::format("{} is not a unit", in_quotes(number->unit)),
                     "write for instance 'bytes', 'ms' or 'Mbit/s'");
    }
    value = parse_dimension(text, *family->dimension);
    unit = family->unit;
  }
  if (!value) return tl::unexpected(value.error());
  return Quantity{static_cast<std::int64_t>(*value), unit};
}

std::string to_text(const Quantity& quantity) {
  switch (quantity.unit) {
    case Unit::count:
      return fmt::format("{}", quantity.value);
    case Unit::bytes:
      return fmt::format("{} {}", quantity.value, quantity.value == 1 ? "byte" : "bytes");
    case Unit::nanoseconds:
      return strata::to_text(Duration{quantity.value}, 6);
    case Unit::bits_per_second:
      return in_units(quantity.value, kRateUnits);
    case Unit::parts_per_million:
      return fmt::format("{} %", static_cast<double>(quantity.value) / 10'000);
  }
  return {};
}

Duration propagation_delay(std::uint64_t millimetres, std::uint64_t percent) {
  constexpr std::uint64_t kLight = 299'792'458;  // m/s
  // mm / (c * p/100) in ns = mm * 10^-3 * 10^9 * 100 / (c * p)
  const Uint128 divisor = static_cast<Uint128>(kLight) * percent;
  const Uint128 scaled = static_cast<Uint128>(millimetres) * 100'000'000;
  const Uint128 rounded = (scaled + divisor / 2) / divisor;
  return Duration{static_cast<std::int64_t>(std::min<Uint128>(rounded, kLargest))};
}

}  // namespace strata::scenario
