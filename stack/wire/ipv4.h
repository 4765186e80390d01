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

namespace ipv4_field {
inline constexpr Field kVersion{"version", "ip.version", 0, 4, "RFC 791 3.1"};
inline constexpr Field kHeaderLength{"header length", "ip.hdr_len", 4, 4, "RFC 791 3.1"};
inline constexpr Field kDscp{"DSCP", "ip.dsfield.dscp", 8, 6, "RFC 2474 3"};
inline constexpr Field kEcn{"ECN", "ip.dsfield.ecn", 14, 2, "RFC 3168 5"};
inline constexpr Field kTotalLength{"total length", "ip.len", 16, 16, "RFC 791 3.1"};
inline constexpr Field kIdentification{"identification", "ip.id",         32, 16,
                                       "RFC 791 3.1",    FieldFormat::hex};
inline constexpr Field kFlags{"flags", "ip.flags", 48, 3, "RFC 791 3.1", FieldFormat::flags};
inline constexpr Field kFragmentOffset{"fragment offset", "ip.frag_offset", 51, 13, "RFC 791 3.1"};
inline constexpr Field kTimeToLive{"time to live", "ip.ttl", 64, 8, "RFC 791 3.1"};
inline constexpr Field kProtocol{"protocol", "ip.proto", 72, 8, "RFC 791 3.1"};
inline constexpr Field kChecksum{"header checksum", "ip.checksum",   80, 16,
                                 "RFC 791 3.1",     FieldFormat::hex};
inline constexpr Field kSource{"source", "ip.src", 96, 32, "RFC 791 3.1", FieldFormat::ipv4};
inline constexpr Field kDestination{"destination", "ip.dst",         128, 32,
                                    "RFC 791 3.1", FieldFormat::ipv4};
inline constexpr std::array kAll{
    kVersion,        kHeaderLength, kDscp,     kEcn,      kTotalLength, kIdentification, kFlags,
    kFragmentOffset, kTimeToLive,   kProtocol, kChecksum, kSource,      kDestination};
}  // namespace ipv4_field

// The three bits of ipv4_field::kFlags.
namespace ipv4_flag {
inline constexpr std::uint8_t kMoreFragments = 1;
inline constexpr std::uint8_t kDontFragment = 2;
inline constexpr std::uint8_t kReserved = 4;  // sent as zero, ignored on receipt
}  // namespace ipv4_flag

enum class Ipv4OptionType : std::uint8_t {
  end = 0,
  no_operation = 1,
  record_route = 7,
  timestamp = 68,
  loose_source_route = 131,
  strict_source_route = 137,
  router_alert = 148,  // RFC 2113
};

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
  static constexpr std::size_t kDatagramBytesMax = 65535;  // total length, RFC 791 3.1

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
  // (RFC 1122 3.2.1.1, 3.2.1.2), in this order. Fails: header_truncated, bad_version,
  // bad_header_length, bad_total_length, header_checksum. Bytes beyond total_length (Ethernet
  // padding) are the caller's to trim.
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
// Sets the ECN field of the header in place to "congestion experienced" if it says that its sender
// is ECN-capable (RFC 3168 5), and updates the checksum incrementally (RFC 1624). False: nothing
// changed. Requires Ipv4Header::kBytesMin octets.
bool mark_congestion_experienced(MutableBytes header);

}  // namespace strata::wire
