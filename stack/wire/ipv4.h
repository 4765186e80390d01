// SPDX-License-Identifier: MIT
// IPv4 header with options (RFC 791 3.1, RFC 2474 for DSCP, RFC 3168 for ECN).
//
//      0                   1                   2                   3
//      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//     |Version|  IHL  |   DSCP    |ECN|          Total Length         |
//     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//     |         Identification        |Flags|      Fragment Offset    |
//     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//     |  Time to Live |    Protocol   |         Header Checksum       |
//     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//     |                       Source Address                          |
//     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//     |                    Destination Address                        |
//     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//     |                    Options                    |    Padding    |
//     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "stack/base/address.h"
#include "stack/base/assert.h"
#include "stack/base/bytes.h"
#include "stack/base/protocol.h"
#include "stack/wire/field.h"
#include "stack/wire/parse.h"

namespace strata::wire {

// Up to 40 bytes of IP or TCP options exactly as they stand on the wire, padding included.
class OptionBytes {
 public:
  static constexpr std::size_t kBytesMax = 40;
  constexpr OptionBytes() = default;
  // Requires bytes.size() <= kBytesMax.
  explicit OptionBytes(Bytes bytes) : size_(static_cast<std::uint8_t>(bytes.size())) {
    STRATA_ASSERT(bytes.size() <= kBytesMax);
    std::copy(bytes.begin(), bytes.end(), bytes_.begin());
  }
  Bytes bytes() const { return Bytes{bytes_}.first(size_); }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  friend bool operator==(const OptionBytes& a, const OptionBytes& b) {
    return std::ranges::equal(a.bytes(), b.bytes());
  }

 private:
  std::array<std::uint8_t, kBytesMax> bytes_{};
  std::uint8_t size_ = 0;
};

struct Ipv4Header {
  static constexpr std::size_t kBytesMin = 20;
  static constexpr std::size_t kBytesMax = 60;

  std::uint8_t dscp = 0;           // 6 bits
  std::uint8_t ecn = 0;            // 2 bits
  std::uint16_t total_length = 0;  // header and payload, bytes
  std::uint16_t identification = 0;
  bool dont_fragment = false;
  bool more_fragments = false;
  std::uint16_t fragment_offset = 0;  // BYTES (a multiple of 8), not 8-byte units
  std::uint8_t ttl = 0;
  IpProtocol protocol{};
  std::uint16_t checksum = 0;  // as received; emit() computes its own
  Ipv4Address source;
  Ipv4Address destination;
  OptionBytes options;  // padded to a multiple of 4

  std::size_t header_bytes() const { return kBytesMin + options.size(); }
  std::size_t payload_bytes() const { return total_length - header_bytes(); }
  bool is_fragment() const { return more_fragments || fragment_offset != 0; }

  // Checks length, version, IHL, total length against bytes.size() and the header checksum
  // (RFC 1122 3.2.1.1-2). Fails: header_truncated, bad_version, bad_header_length,
  // bad_total_length, header_checksum. Bytes beyond total_length (Ethernet padding) are the
  // caller's to trim.
  static Parsed<Ipv4Header> parse(Bytes datagram);
  // As parse(), for a datagram quoted inside an ICMP error: the payload may be cut short and the
  // checksum is not verified.
  static Parsed<Ipv4Header> parse_quoted(Bytes datagram);
  // Writes header_bytes() bytes with a correct checksum. Requires total_length >= header_bytes()
  // and options.size() % 4 == 0.
  void emit(std::uint8_t* target) const;
  friend bool operator==(const Ipv4Header&, const Ipv4Header&) = default;
};

// Decrements the TTL of the header in place and updates its checksum incrementally (RFC 1624).
// Requires a parsed header with ttl > 0.
void decrement_ttl(MutableBytes header);

}  // namespace strata::wire
