// SPDX-License-Identifier: MIT
// UDP header (RFC 768).
//
//      0                   1                   2                   3
//      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//     +-------------------------------+-------------------------------+
//     |          source port          |       destination port        |
//     +-------------------------------+-------------------------------+
//     |            length             |           checksum            |
//     +-------------------------------+-------------------------------+
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "stack/base/address.h"
#include "stack/base/bytes.h"
#include "stack/wire/field.h"
#include "stack/wire/parse.h"

namespace strata::wire {

namespace udp_field {
inline constexpr Field kSourcePort{"source port", "udp.srcport", 0, 16, "RFC 768"};
inline constexpr Field kDestinationPort{"destination port", "udp.dstport", 16, 16, "RFC 768"};
inline constexpr Field kLength{"length", "udp.length", 32, 16, "RFC 768"};
inline constexpr Field kChecksum{"checksum", "udp.checksum", 48, 16, "RFC 768", FieldFormat::hex};
inline constexpr std::array kAll{kSourcePort, kDestinationPort, kLength, kChecksum};
}  // namespace udp_field

struct UdpHeader {
  static constexpr std::size_t kBytes = 8;
  static constexpr std::size_t kPayloadBytesMax = 65507;  // 65535 - 20 - 8 (IPv4 without options)

  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  std::uint16_t length = 0;    // header and payload
  std::uint16_t checksum = 0;  // as received; 0: the sender computed none (IPv4 only)

  // Checks the length (RFC 768: at least 8, at most datagram.size()) and the checksum with the
  // pseudo-header. Fails: transport_truncated, transport_malformed, transport_checksum. With
  // `verify` false a bad checksum passes (for a host whose check is switched off). A checksum of
  // zero passes over IPv4 (RFC 768) and fails over IPv6 (RFC 8200 8.1).
  static Parsed<UdpHeader> parse(Bytes datagram, const IpAddress& source,
                                 const IpAddress& destination, bool verify = true);
  // Writes the header to the front of `datagram`, whose payload is in place: length is
  // datagram.size(), and a computed checksum of 0 becomes 0xffff (RFC 768).
  void emit(MutableBytes datagram, const IpAddress& source, const IpAddress& destination) const;
  // The same with a checksum of zero: the sender generates none (RFC 768; IPv4 only).
  void emit_without_checksum(MutableBytes datagram) const;
  friend bool operator==(const UdpHeader&, const UdpHeader&) = default;
};

}  // namespace strata::wire
