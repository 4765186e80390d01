// SPDX-License-Identifier: MIT
// ICMP for IPv4 (RFC 792; RFC 1191 for the next-hop MTU; RFC 1812 for the codes routers use).
//
//      0                   1                   2                   3
//      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//     +---------------+---------------+-------------------------------+
//     |     type      |     code      |           checksum            |
//     +---------------+---------------+-------------------------------+
//     |                   meaning depends on the type                 |
//     +---------------------------------------------------------------+
//     |          data of an echo; IP header and first bytes of        |
//     |               the datagram that caused an error               |
//     +---------------------------------------------------------------+
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

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

namespace icmpv4_field {
inline constexpr Field kType{"type", "icmp.type", 0, 8, "RFC 792"};
inline constexpr Field kCode{"code", "icmp.code", 8, 8, "RFC 792"};
inline constexpr Field kChecksum{"checksum", "icmp.checksum", 16, 16, "RFC 792", FieldFormat::hex};
inline constexpr Field kRest{"rest of header", "", 32, 32, "RFC 792", FieldFormat::hex};
inline constexpr std::array kAll{kType, kCode, kChecksum, kRest};  // of an unknown type

// The same 32 bits by type.
inline constexpr Field kIdentifier{"identifier", "icmp.ident", 32, 16, "RFC 792"};
inline constexpr Field kSequence{"sequence number", "icmp.seq", 48, 16, "RFC 792"};
inline constexpr std::array kEcho{kType, kCode, kChecksum, kIdentifier, kSequence};
inline constexpr Field kUnused16{"unused", "icmp.unused", 32, 16, "RFC 792", FieldFormat::hex};
inline constexpr Field kNextHopMtu{"next-hop MTU", "icmp.mtu", 48, 16, "RFC 1191 4"};
inline constexpr std::array kUnreachable{kType, kCode, kChecksum, kUnused16, kNextHopMtu};
inline constexpr Field kGateway{"gateway", "icmp.redir_gw", 32, 32, "RFC 792", FieldFormat::ipv4};
inline constexpr std::array kRedirect{kType, kCode, kChecksum, kGateway};
inline constexpr Field kPointer{"pointer", "icmp.pointer", 32, 8, "RFC 792"};
inline constexpr Field kUnused24{"unused", "icmp.unused", 40, 24, "RFC 792", FieldFormat::hex};
inline constexpr std::array kParameterProblem{kType, kCode, kChecksum, kPointer, kUnused24};
inline constexpr Field kUnused32{"unused", "icmp.unused", 32, 32, "RFC 792", FieldFormat::hex};
inline constexpr std::array kTimeExceeded{kType, kCode, kChecksum, kUnused32};
}  // namespace icmpv4_field

// The field table of a message of this type.
std::span<const Field> icmpv4_fields(IcmpType type);

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
