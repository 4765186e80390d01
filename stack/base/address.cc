// SPDX-License-Identifier: MIT
#include "stack/base/address.h"

#include <fmt/format.h>

#include <charconv>
#include <vector>

#include "stack/base/uint128.h"

namespace strata {
namespace {

constexpr std::uint64_t mix(std::uint64_t a, std::uint64_t b) {
  // 128-bit multiply and fold: every input bit reaches every output bit.
  const auto product = static_cast<Uint128>(a ^ 0x9e3779b97f4a7c15U) * (b ^ 0xbf58476d1ce4e5b9U);
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

// One whole unsigned number in `base`, at most `maximum`; nothing before or after it.
std::optional<std::uint32_t> parse_number(std::string_view text, int base, std::uint32_t maximum) {
  std::uint32_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value, base);
  if (text.empty() || error != std::errc{} || stop != end || value > maximum) return std::nullopt;
  return value;
}

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    if (i == text.size() || text[i] == separator) {
      parts.push_back(text.substr(start, i - start));
      start = i + 1;
    }
  }
  return parts;
}

// Groups of one side of "::" as octets; nullopt if one is not 1-4 hex digits. Only the end of an
// address may be dotted decimal (RFC 4291 2.2 form 3).
std::optional<std::vector<std::uint8_t>> parse_groups(std::string_view text, bool is_end) {
  std::vector<std::uint8_t> octets;
  if (text.empty()) return octets;
  const std::vector<std::string_view> parts = split(text, ':');
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (is_end && i + 1 == parts.size() && parts[i].find('.') != std::string_view::npos) {
      const auto v4 = Ipv4Address::parse(parts[i]);
      if (!v4) return std::nullopt;
      octets.resize(octets.size() + Ipv4Address::kBytes);
      v4->store(octets.data() + octets.size() - Ipv4Address::kBytes);
      continue;
    }
    const auto group = parts[i].size() <= 4 ? parse_number(parts[i], 16, 0xffff) : std::nullopt;
    if (!group) return std::nullopt;
    octets.push_back(static_cast<std::uint8_t>(*group >> 8));
    octets.push_back(static_cast<std::uint8_t>(*group));
  }
  return octets;
}

Bytes address_octets(const IpAddress& address, std::array<std::uint8_t, 16>& storage) {
  if (address.is_v4()) {
    address.v4().store(storage.data());
    return Bytes{storage}.first(Ipv4Address::kBytes);
  }
  storage = address.v6().octets();
  return storage;
}

std::uint64_t fold(const IpAddress& address) {
  if (address.is_v4()) return address.v4().value();
  const auto octets = address.v6().octets();
  return mix(load_be64(octets.data()), load_be64(octets.data() + 8));
}

}  // namespace

std::optional<MacAddress> MacAddress::parse(std::string_view text) {
  if (text.size() != 17) return std::nullopt;
  const char separator = text[2];
  if (separator != ':' && separator != '-') return std::nullopt;
  const std::vector<std::string_view> parts = split(text, separator);
  if (parts.size() != kBytes) return std::nullopt;
  std::array<std::uint8_t, kBytes> octets{};
  for (std::size_t i = 0; i < kBytes; ++i) {
    const auto octet = parts[i].size() == 2 ? parse_number(parts[i], 16, 0xff) : std::nullopt;
    if (!octet) return std::nullopt;
    octets[i] = static_cast<std::uint8_t>(*octet);
  }
  return MacAddress{octets};
}

std::optional<Ipv4Address> Ipv4Address::parse(std::string_view text) {
  const std::vector<std::string_view> parts = split(text, '.');
  if (parts.size() != kBytes) return std::nullopt;
  std::uint32_t value = 0;
  for (const std::string_view part : parts) {
    const bool leading_zero = part.size() > 1 && part[0] == '0';
    const auto octet = leading_zero ? std::nullopt : parse_number(part, 10, 255);
    if (!octet) return std::nullopt;
    value = (value << 8) | *octet;
  }
  return Ipv4Address{value};
}

std::optional<Ipv6Address> Ipv6Address::parse(std::string_view text) {
  std::array<std::uint8_t, kBytes> octets{};
  const std::size_t gap = text.find("::");
  const auto head = parse_groups(text.substr(0, gap), gap == std::string_view::npos);
  if (!head) return std::nullopt;
  if (gap == std::string_view::npos) {
    if (head->size() != kBytes) return std::nullopt;
    std::copy(head->begin(), head->end(), octets.begin());
    return Ipv6Address{octets};
  }
  const auto tail = parse_groups(text.substr(gap + 2), true);
  if (!tail || head->size() + tail->size() > kBytes - 2) return std::nullopt;
  std::copy(head->begin(), head->end(), octets.begin());
  std::copy(tail->begin(), tail->end(), octets.end() - static_cast<std::ptrdiff_t>(tail->size()));
  return Ipv6Address{octets};
}

std::optional<IpAddress> IpAddress::parse(std::string_view text) {
  if (const auto v4 = Ipv4Address::parse(text)) return IpAddress{*v4};
  if (const auto v6 = Ipv6Address::parse(text)) return IpAddress{*v6};
  return std::nullopt;
}

std::optional<Prefix> Prefix::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto address = IpAddress::parse(text.substr(0, slash));
  if (!address) return std::nullopt;
  const auto length = parse_number(text.substr(slash + 1), 10, address->is_v4() ? 32 : 128);
  if (!length) return std::nullopt;
  return Prefix{.address = *address, .length = static_cast<std::uint8_t>(*length)};
}

bool Prefix::contains(const IpAddress& candidate) const {
  if (candidate.version() != address.version()) return false;
  if (address.is_v4()) {
    const std::uint32_t differing = candidate.v4().value() ^ address.v4().value();
    return length == 0 || (differing >> (32 - length)) == 0;
  }
  const Prefix other{.address = candidate, .length = length};
  return other.network() == network();
}

Prefix Prefix::network() const {
  std::array<std::uint8_t, 16> octets{};
  const Bytes whole = address_octets(address, octets);
  for (std::size_t i = 0; i < whole.size(); ++i) {
    const std::size_t first_bit = i * 8;
    if (first_bit >= length) {
      octets[i] = 0;
    } else if (first_bit + 8 > length) {
      octets[i] = static_cast<std::uint8_t>(octets[i] & (0xff << (first_bit + 8 - length)));
    }
  }
  const IpAddress cleared = address.is_v4() ? IpAddress{Ipv4Address::load(octets.data())}
                                            : IpAddress{Ipv6Address{octets}};
  return {.address = cleared, .length = length};
}

std::optional<Ipv4Address> Prefix::directed_broadcast() const {
  if (!address.is_v4() || length > 30) return std::nullopt;
  return Ipv4Address{address.v4().value() | (0xffffffffU >> length)};
}

std::string to_text(const MacAddress& address) {
  const auto& o = address.octets();
  return fmt::format("{:02x}:{:02x}:{:02x}:{:02x}:{:02x}:{:02x}", o[0], o[1], o[2], o[3], o[4],
                     o[5]);
}

std::string to_text(Ipv4Address address) {
  const std::uint32_t v = address.value();
  return fmt::format("{}.{}.{}.{}", v >> 24, (v >> 16) & 0xff, (v >> 8) & 0xff, v & 0xff);
}

std::string to_text(const Ipv6Address& address) {
  // RFC 5952 4.2: "::" replaces the longest run (the first of equals) of two or more zero groups.
  std::array<std::uint16_t, 8> groups{};
  for (std::size_t i = 0; i < groups.size(); ++i) {
    groups[i] = load_be16(address.octets().data() + 2 * i);
  }
  std::size_t best = 8;
  std::size_t best_length = 1;
  for (std::size_t i = 0; i < 8; ++i) {
    std::size_t end = i;
    while (end < 8 && groups[end] == 0) ++end;
    if (end - i > best_length) {
      best = i;
      best_length = end - i;
    }
  }
  std::string text;
  for (std::size_t i = 0; i < 8; ++i) {
    if (i == best) {
      text += "::";
      i += best_length - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':') text += ':';
    text += fmt::format("{:x}", groups[i]);
  }
  return text;
}

std::string to_text(const IpAddress& address) {
  return address.is_v4() ? to_text(address.v4()) : to_text(address.v6());
}

std::string to_text(const Prefix& prefix) {
  return fmt::format("{}/{}", to_text(prefix.address), prefix.length);
}

std::string to_text(const Endpoint& endpoint) {
  return endpoint.address.is_v4()
             ? fmt::format("{}:{}", to_text(endpoint.address), endpoint.port)
             : fmt::format("[{}]:{}", to_text(endpoint.address), endpoint.port);
}

std::string to_text(const FlowKey& flow) {
  return fmt::format("{} > {}", to_text(flow.local), to_text(flow.remote));
}

std::size_t FlowKeyHash::operator()(const FlowKey& key) const {
  const std::uint64_t ports = (std::uint64_t{key.local.port} << 16) | key.remote.port;
  return mix(mix(fold(key.local.address), fold(key.remote.address)), ports);
}

std::size_t IpAddressHash::operator()(const IpAddress& address) const {
  return mix(fold(address), 0x94d049bb133111ebU);
}

}  // namespace strata
