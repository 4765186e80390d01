// SPDX-License-Identifier: MIT
// Addresses as strong, regular value types: MAC (IEEE 802), IPv4, IPv6, either of the two,
// prefixes, transport endpoints and the 4-tuple. An IP address is v4 or v6 from the first line, so
// every signature that takes one has room for both.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "stack/base/bytes.h"

namespace strata {

// 48-bit IEEE 802 MAC address.
class MacAddress {
 public:
  static constexpr std::size_t kBytes = 6;
  constexpr MacAddress() = default;
  constexpr explicit MacAddress(const std::array<std::uint8_t, kBytes>& octets) : octets_(octets) {}
  // Reads six octets. The pointer must be valid for them.
  static constexpr MacAddress load(const std::uint8_t* p) {
    return MacAddress{{p[0], p[1], p[2], p[3], p[4], p[5]}};
  }
  constexpr void store(std::uint8_t* p) const {
    for (std::size_t i = 0; i < kBytes; ++i) p[i] = octets_[i];
  }
  static constexpr MacAddress broadcast() {
    return MacAddress{{0xff, 0xff, 0xff, 0xff, 0xff, 0xff}};
  }
  // "02:00:00:00:00:0a" (colons or hyphens); nothing else is accepted.
  static std::optional<MacAddress> parse(std::string_view text);

  constexpr bool is_broadcast() const { return *this == broadcast(); }
  // I/G bit: group address (broadcast included).
  constexpr bool is_group() const { return (octets_[0] & 1) != 0; }
  constexpr bool is_zero() const { return *this == MacAddress{}; }
  constexpr const std::array<std::uint8_t, kBytes>& octets() const { return octets_; }
  friend constexpr auto operator<=>(const MacAddress&, const MacAddress&) = default;

 private:
  std::array<std::uint8_t, kBytes> octets_{};
};

class Ipv4Address {
 public:
  static constexpr std::size_t kBytes = 4;
  constexpr Ipv4Address() = default;
  constexpr explicit Ipv4Address(std::uint32_t host_order) : value_(host_order) {}
  constexpr Ipv4Address(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d)
      : value_((std::uint32_t{a} << 24) | (std::uint32_t{b} << 16) | (std::uint32_t{c} << 8) | d) {}
  static constexpr Ipv4Address load(const std::uint8_t* p) { return Ipv4Address{load_be32(p)}; }
  constexpr void store(std::uint8_t* p) const { store_be32(p, value_); }
  // Dotted decimal with exactly four parts, no leading zeros.
  static std::optional<Ipv4Address> parse(std::string_view text);
  static constexpr Ipv4Address limited_broadcast() { return Ipv4Address{0xffffffffU}; }

  constexpr std::uint32_t value() const { return value_; }
  constexpr bool is_unspecified() const { return value_ == 0; }
  constexpr bool is_limited_broadcast() const { return value_ == 0xffffffffU; }
  constexpr bool is_loopback() const { return (value_ >> 24) == 127; }   // RFC 1122 3.2.1.3 (g)
  constexpr bool is_multicast() const { return (value_ >> 28) == 0xe; }  // class D, RFC 1112
  constexpr bool is_class_e() const { return (value_ >> 28) == 0xf && !is_limited_broadcast(); }
  constexpr bool is_this_network() const { return (value_ >> 24) == 0; }  // 0.0.0.0/8
  friend constexpr auto operator<=>(const Ipv4Address&, const Ipv4Address&) = default;

 private:
  std::uint32_t value_ = 0;
};

class Ipv6Address {
 public:
  static constexpr std::size_t kBytes = 16;
  constexpr Ipv6Address() = default;
  constexpr explicit Ipv6Address(const std::array<std::uint8_t, kBytes>& octets)
      : octets_(octets) {}
  // Reads 16 octets. The pointer must be valid for them.
  static constexpr Ipv6Address load(const std::uint8_t* p) {
    Ipv6Address address;
    for (std::size_t i = 0; i < kBytes; ++i) address.octets_[i] = p[i];
    return address;
  }
  // RFC 4291 2.2 forms 1 to 3 (hexadecimal groups, "::", trailing dotted decimal).
  static std::optional<Ipv6Address> parse(std::string_view text);
  constexpr const std::array<std::uint8_t, kBytes>& octets() const { return octets_; }
  constexpr bool is_unspecified() const { return *this == Ipv6Address{}; }
  constexpr bool is_multicast() const { return octets_[0] == 0xff; }
  friend constexpr auto operator<=>(const Ipv6Address&, const Ipv6Address&) = default;

 private:
  std::array<std::uint8_t, kBytes> octets_{};
};

enum class IpVersion : std::uint8_t { v4 = 4, v6 = 6 };

// An IPv4 or IPv6 address. Default: the unspecified IPv4 address 0.0.0.0.
class IpAddress {
 public:
  constexpr IpAddress() = default;
  constexpr IpAddress(Ipv4Address v4) {  // implicit: every IPv4 address is an IP address
    v4.store(octets_.data());
  }
  constexpr IpAddress(const Ipv6Address& v6)  // implicit, as above
      : octets_(v6.octets()), version_(IpVersion::v6) {}
  static std::optional<IpAddress> parse(std::string_view text);

  constexpr IpVersion version() const { return version_; }
  constexpr bool is_v4() const { return version_ == IpVersion::v4; }
  // The IPv4 address; meaningful only when is_v4().
  constexpr Ipv4Address v4() const { return Ipv4Address::load(octets_.data()); }
  constexpr Ipv6Address v6() const { return Ipv6Address{octets_}; }
  constexpr bool is_unspecified() const {
    return is_v4() ? v4().is_unspecified() : v6().is_unspecified();
  }
  friend constexpr auto operator<=>(const IpAddress&, const IpAddress&) = default;

 private:
  std::array<std::uint8_t, Ipv6Address::kBytes> octets_{};  // a v4 address in the first four
  IpVersion version_ = IpVersion::v4;
};

// An address block in CIDR form (RFC 4632): 10.0.1.0/24. `address` may have host bits set when it
// names an interface (10.0.1.10/24); network() clears them.
struct Prefix {
  IpAddress address;
  std::uint8_t length = 0;  // bits: 0..32 for v4, 0..128 for v6

  // "10.0.1.0/24"; the length is required and must fit the version.
  static std::optional<Prefix> parse(std::string_view text);
  bool contains(const IpAddress& candidate) const;
  Prefix network() const;
  // Directed broadcast of a v4 prefix (RFC 1122 3.2.1.3 d); none for /31, /32 (RFC 3021) and v6.
  std::optional<Ipv4Address> directed_broadcast() const;
  friend constexpr auto operator<=>(const Prefix&, const Prefix&) = default;
};

// Transport address: IP address and port. Port 0 and address 0.0.0.0 mean "any" where that is
// allowed.
struct Endpoint {
  IpAddress address;
  std::uint16_t port = 0;
  friend constexpr auto operator<=>(const Endpoint&, const Endpoint&) = default;
};

// The 4-tuple that names a connection at one host.
struct FlowKey {
  Endpoint local;
  Endpoint remote;
  FlowKey reversed() const { return {.local = remote, .remote = local}; }
  friend constexpr auto operator<=>(const FlowKey&, const FlowKey&) = default;
};

std::string to_text(const MacAddress& address);
std::string to_text(Ipv4Address address);
std::string to_text(const Ipv6Address& address);  // RFC 5952 canonical form
std::string to_text(const IpAddress& address);
std::string to_text(const Prefix& prefix);
std::string to_text(const Endpoint& endpoint);  // "10.0.1.10:40000", "[2001:db8::1]:80"
std::string to_text(const FlowKey& flow);       // "10.0.1.10:40000 > 10.0.2.20:80", local first

// Fixed, seedless mixing (the same on every machine); use only where the order of a table can never
// show in any output.
struct FlowKeyHash {
  std::size_t operator()(const FlowKey& key) const;
};
struct IpAddressHash {
  std::size_t operator()(const IpAddress& address) const;
};

}  // namespace strata
