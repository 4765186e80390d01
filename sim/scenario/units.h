// SPDX-License-Identifier: MIT
// Quantities as people write them: "10 Mbit/s", "64 KiB", "5 ms", "1 %", "50 m", "3rd". Exact:
// decimal arithmetic on integers, never floating point, so that 0.1 ms is 100000 ns on every
// machine. A value finer than its smallest unit, out of range, negative or without a unit is a
// mistake that says what to write instead.
//
// SI prefixes are powers of ten (kB = 1000 bytes), IEC prefixes powers of two (KiB = 1024 bytes).
// The blank between number and unit may be left out.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "sim/scenario/diagnostic.h"
#include "stack/base/random.h"
#include "stack/base/time.h"

namespace strata::scenario {

// ns, us (or µs), ms, s, min, h; at most about 292 years.
Parsed<Duration> parse_duration(std::string_view text);
// Bits per second: bit/s, kbit/s, Mbit/s, Gbit/s, Tbit/s. More than zero; "unlimited" is 0.
Parsed<std::uint64_t> parse_rate(std::string_view text);
// B (or byte, bytes), kB, MB, GB, KiB, MiB, GiB. A number without a unit counts bytes.
Parsed<std::uint64_t> parse_bytes(std::string_view text);
// Millimetres: mm, cm, m, km.
Parsed<std::uint64_t> parse_length(std::string_view text);
// "1 %", "0.01", "1e-6", "1/50": between 0 and 1.
Parsed<Probability> parse_probability(std::string_view text);
// How fast a recording is played: parts per million of its own speed, from a factor such as "2" or
// "0.5"; "fast" is 0.
Parsed<std::uint64_t> parse_speed(std::string_view text);
// A whole number without a unit.
Parsed<std::uint64_t> parse_count(std::string_view text);
// "1st", "2nd", "3rd", "4th", ...: at least 1.
Parsed<std::uint64_t> parse_ordinal(std::string_view text);
// true or false.
Parsed<bool> parse_boolean(std::string_view text);

// The limit of a transmit queue: "64 kB", "20 frames" or "unlimited".
struct QueueLimit {
  std::uint64_t bytes = 0;   // 0: not limited
  std::uint64_t frames = 0;  // 0: not limited
};
Parsed<QueueLimit> parse_queue(std::string_view text);

// What a number in a figure or an expectation counts.
enum class Unit : std::uint8_t { count, bytes, nanoseconds, bits_per_second, parts_per_million };

// A number in the smallest step of its unit.
struct Quantity {
  std::int64_t value = 0;
  Unit unit = Unit::count;
};
// Any of the above: "14600 bytes", "500 ms", "10 Mbit/s", "12.5 %", "3".
Parsed<Quantity> parse_quantity(std::string_view text);
// For people: "14600 bytes", "47.666 ms", "9.6 Mbit/s", "12.5 %", "3".
std::string to_text(const Quantity& quantity);

// One-way delay over `millimetres` of a medium in which signals travel at `percent` of the speed of
// light in vacuum (299 792 458 m/s), rounded to the nearest nanosecond.
Duration propagation_delay(std::uint64_t millimetres, std::uint64_t percent);

}  // namespace strata::scenario
