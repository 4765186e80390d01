// SPDX-License-Identifier: MIT
#include "tools/filter/values.h"

#include <charconv>

#include "stack/base/address.h"

namespace strata::filter {
namespace {

Range only(std::uint64_t number) { return {{number, ""}, {number, ""}}; }

std::optional<std::uint64_t> digits(std::string_view text, int base) {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value, base);
  if (text.empty() || read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return value;
}

// Decimal, 0x hexadecimal, 0b binary, octal with a leading zero.
std::optional<std::uint64_t> number_of(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0X")) return digits(text.substr(2), 16);
  if (text.starts_with("0b") || text.starts_with("0B")) return digits(text.substr(2), 2);
  return digits(text, text.size() > 1 && text.front() == '0' ? 8 : 10);
}

// "0.25" as nanoseconds.
std::optional<std::uint64_t> nanoseconds_of(std::string_view text) {
  constexpr std::uint64_t kSecond = 1'000'000'000;
  const std::size_t dot = text.find('.');
  const auto whole = digits(text.substr(0, dot), 10);
  if (!whole || *whole > UINT64_MAX / kSecond - 1) return std::nullopt;
  std::uint64_t sum = *whole * kSecond;
  if (dot == std::string_view::npos) return sum;
  std::uint64_t weight = kSecond / 10;
  for (const char c : text.substr(dot + 1)) {
    if (c < '0' || c > '9') return std::nullopt;
    sum += static_cast<std::uint64_t>(c - '0') * weight;
    weight /= 10;
  }
  return sum;
}

std::optional<Range> addresses_of(std::string_view text) {
  const std::size_t slash = text.find('/');
  const auto address = Ipv4Address::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  const std::uint64_t bits = address->value();
  if (slash == std::string_view::npos) return only(bits);
  const auto length = digits(text.substr(slash + 1), 10);
  if (!length || *length > 32) return std::nullopt;
  const std::uint64_t size = std::uint64_t{1} << (32 - *length);
  const std::uint64_t from = bits & ~(size - 1);
  return Range{{from, ""}, {from + size - 1, ""}};
}

std::optional<std::uint64_t> mac_of(std::string_view text) {
  const auto address = MacAddress::parse(text);
  if (!address) return std::nullopt;
  std::uint64_t bits = 0;
  for (const std::uint8_t octet : address->octets()) bits = bits << 8 | octet;
  return bits;
}

}  // namespace

std::optional<Range> parse_value(FieldType type, std::string_view text) {
  const auto ranged = [](const std::optional<std::uint64_t>& number) {
    return number ? std::optional(only(*number)) : std::nullopt;
  };
  switch (type) {
    case FieldType::number:
      return ranged(number_of(text));
    case FieldType::boolean:
      if (text == "1" || text == "true" || text == "True" || text == "TRUE") return only(1);
      if (text == "0" || text == "false" || text == "False" || text == "FALSE") return only(0);
      return std::nullopt;
    case FieldType::seconds:
      return ranged(nanoseconds_of(text));
    case FieldType::ipv4:
      return addresses_of(text);
    case FieldType::mac:
      return ranged(mac_of(text));
    case FieldType::text:
    case FieldType::protocol:
      return Range{{0, std::string{text}}, {0, std::string{text}}};
  }
  return std::nullopt;
}

std::string_view example_of(FieldType type) {
  switch (type) {
    case FieldType::number:
      return "a number such as 80 or 0x50";
    case FieldType::boolean:
      return "true or false";
    case FieldType::seconds:
      return "a number of seconds such as 0.25";
    case FieldType::ipv4:
      return "an IPv4 address such as 10.0.0.1 or 10.0.0.0/24";
    case FieldType::mac:
      return "a MAC address such as 02:00:00:00:00:0a";
    case FieldType::text:
      return "text";
    case FieldType::protocol:
      return "there or not";
  }
  return "";
}

}  // namespace strata::filter
