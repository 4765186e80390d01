// SPDX-License-Identifier: MIT
// IPv6 header (RFC 8200 3) and the three words every ICMPv6 message begins with (RFC 4443 2.1), for
// the dissector: the stack speaks IPv4.
//
//      0                   1                   2                   3
//      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//     +-------+---------------+---------------------------------------+
//     |Version| Traffic Class |              Flow Label               |
//     +-------+---------------+-------+---------------+---------------+
//     |        Payload Length         |  Next Header  |   Hop Limit   |
//     +-------------------------------+---------------+---------------+
//     |                  Source Address, 128 bits                     |
//     +---------------------------------------------------------------+
//     |                Destination Address, 128 bits                  |
//     +---------------------------------------------------------------+
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "stack/base/bytes.h"
#include "stack/base/protocol.h"
#include "stack/wire/field.h"

namespace strata::wire {

namespace ipv6_field {
inline constexpr Field kVersion{"version", "ipv6.version", 0, 4, "RFC 8200 3"};
inline constexpr Field kTrafficClass{"traffic class", "ipv6.tclass", 4, 8, "RFC 8200 3"};
inline constexpr Field kFlowLabel{"flow label", "ipv6.flow",  12,
                                  20,           "RFC 8200 3", FieldFormat::hex};
inline constexpr Field kPayloadLength{"payload length", "ipv6.plen", 32, 16, "RFC 8200 3"};
inline constexpr Field kNextHeader{"next header", "ipv6.nxt", 48, 8, "RFC 8200 3"};
inline constexpr Field kHopLimit{"hop limit", "ipv6.hlim", 56, 8, "RFC 8200 3"};
inline constexpr Field kSource{"source", "ipv6.src", 64, 128, "RFC 8200 3", FieldFormat::ipv6};
inline constexpr Field kDestination{"destination", "ipv6.dst",   192,
                                    128,           "RFC 8200 3", FieldFormat::ipv6};
inline constexpr std::array kAll{kVersion,    kTrafficClass, kFlowLabel, kPayloadLength,
                                 kNextHeader, kHopLimit,     kSource,    kDestination};
inline constexpr std::size_t kBytes = 40;
}  // namespace ipv6_field

namespace icmpv6_field {
inline constexpr Field kType{"type", "icmpv6.type", 0, 8, "RFC 4443 2.1"};
inline constexpr Field kCode{"code", "icmpv6.code", 8, 8, "RFC 4443 2.1"};
inline constexpr Field kChecksum{"checksum", "icmpv6.checksum", 16,
                                 16,         "RFC 4443 2.3",    FieldFormat::hex};
inline constexpr std::array kAll{kType, kCode, kChecksum};
inline constexpr std::size_t kBytes = 4;
}  // namespace icmpv6_field

// The extension headers that are stepped over (RFC 8200 4.1): their octets 0 and 1 are the next
// header and the length. Anything else ends the chain.
enum class Ipv6Extension : std::uint8_t {
  hop_by_hop = 0,
  routing = 43,
  fragment = 44,
  destination = 60,
};

// One extension header.
struct Ipv6ExtensionHeader {
  Ipv6Extension type{};
  std::size_t begin = 0;  // from the start of the datagram
  std::size_t bytes = 0;
};

// Where the payload of a datagram is: behind the header and the extension headers.
struct Ipv6Payload {
  std::size_t begin = 0;            // from the start of the datagram
  std::size_t end = 0;              // as the header says; may lie beyond what is there
  std::uint8_t protocol = 0;        // IANA number of what is inside
  bool is_fragment = false;         // one of several
  std::size_t fragment_offset = 0;  // bytes
  bool is_cut = false;              // the chain of extension headers ends in the middle of one
};

// Walks the chain of extension headers. `visit(header)` is called for each that is there whole.
// Requires ipv6_field::kBytes octets.
template <typename Visit>
Ipv6Payload ipv6_payload(Bytes datagram, const Visit& visit) {
  Ipv6Payload payload{.begin = ipv6_field::kBytes,
                      .end = ipv6_field::kBytes + load_be16(datagram.data() + 4),
                      .protocol = datagram[6]};
  const std::size_t end = std::min(datagram.size(), payload.end);
  for (;;) {
    const auto type = static_cast<Ipv6Extension>(payload.protocol);
    const bool is_known = type == Ipv6Extension::hop_by_hop || type == Ipv6Extension::routing ||
                          type == Ipv6Extension::fragment || type == Ipv6Extension::destination;
    if (!is_known || payload.fragment_offset != 0) return payload;
    const Bytes rest = datagram.subspan(payload.begin, end - payload.begin);
    // RFC 8200 4.3: the length counts octets beyond the first eight, by eight. A fragment header
    // has no length (4.5).
    const std::size_t bytes =
        rest.size() < 8 || type == Ipv6Extension::fragment ? 8 : 8 + std::size_t{rest[1]} * 8;
    payload.is_cut = bytes > rest.size();
    if (payload.is_cut) return payload;
    if (type == Ipv6Extension::fragment) {
      const std::uint16_t offset_and_more = load_be16(rest.data() + 2);
      payload.fragment_offset = offset_and_more & 0xfff8;
      payload.is_fragment = (offset_and_more & 0xfff9) != 0;
    }
    visit(Ipv6ExtensionHeader{type, payload.begin, bytes});
    payload.protocol = rest[0];
    payload.begin += bytes;
  }
}

}  // namespace strata::wire
