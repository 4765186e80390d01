// SPDX-License-Identifier: MIT
// ICMP for IPv4 (RFC 792; RFC 1191 for the next-hop MTU; RFC 1812 for the codes routers use).
#pragma once

#include <cstddef>
#include <cstdint>

#include "stack/base/address.h"
#include "stack/base/bytes.h"
#include "stack/wire/field.h"
#include "stack/wire/parse.h"

namespace strata::wire {

enum class IcmpType : std::uint8_t {
  echo_reply = 0,
  destination_unreachable = 3,
  source_quench = 4,  // deprecated, RFC 6633: ignored
  redirect = 5,
  echo_request = 8,
  time_exceeded = 11,
  parameter_problem = 12,
};

// Codes of destination_unreachable (RFC 792, RFC 1122 3.2.2.1, RFC 1812 5.2.7.1).
enum class UnreachableCode : std::uint8_t {
  network = 0,
  host = 1,
  protocol = 2,
  port = 3,
  fragmentation_needed = 4,
  source_route_failed = 5,
  administratively_prohibited = 13,
};

struct Icmpv4Message {
  static constexpr std::size_t kHeaderBytes = 8;

  IcmpType type{};
  std::uint8_t code = 0;
  std::uint16_t checksum = 0;  // as received
  // Bytes 4 to 7: identifier and sequence number (echo), pointer (parameter problem, high byte),
  // gateway (redirect), unused and next-hop MTU (fragmentation needed).
  std::uint32_t rest = 0;

  std::uint16_t identifier() const { return static_cast<std::uint16_t>(rest >> 16); }
  std::uint16_t sequence() const { return static_cast<std::uint16_t>(rest); }
  std::uint16_t next_hop_mtu() const { return static_cast<std::uint16_t>(rest); }
  std::uint8_t pointer() const { return static_cast<std::uint8_t>(rest >> 24); }
  Ipv4Address gateway() const { return Ipv4Address{rest}; }
  bool is_error() const;  // RFC 1122 3.2.2: types 3, 4, 5, 11, 12

  // `message` is the whole ICMP message. Fails: icmp_malformed (short), icmp_checksum.
  static Parsed<Icmpv4Message> parse(Bytes message);
  // Writes the 8 header bytes to the front of `message`, whose remaining bytes are already in
  // place, with the checksum over all of it.
  void emit(MutableBytes message) const;
  friend bool operator==(const Icmpv4Message&, const Icmpv4Message&) = default;
};

}  // namespace strata::wire
