// SPDX-License-Identifier: MIT
// TCP header and options (RFC 9293 3.1 and 3.2; RFC 7323 window scale and timestamps; RFC 2018
// SACK).
//
//      0                   1                   2                   3
//      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//     |          Source Port          |       Destination Port        |
//     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//     |                        Sequence Number                        |
//     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//     |                    Acknowledgment Number                      |
//     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//     |  Data |       |C|E|U|A|P|R|S|F|                               |
//     | Offset| Rsrvd |W|C|R|C|S|S|Y|I|            Window             |
//     |       |       |R|E|G|K|H|T|N|N|                               |
//     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//     |           Checksum            |         Urgent Pointer        |
//     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//     |                           [Options]                           |
//     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "stack/base/address.h"
#include "stack/base/bytes.h"
#include "stack/base/checksum.h"
#include "stack/base/seq32.h"
#include "stack/wire/field.h"
#include "stack/wire/ipv4.h"
#include "stack/wire/parse.h"

namespace strata::wire {

namespace tcp_field {
inline constexpr Field kSourcePort{"source port", "tcp.srcport", 0, 16, "RFC 9293 3.1"};
inline constexpr Field kDestinationPort{"destination port", "tcp.dstport", 16, 16, "RFC 9293 3.1"};
inline constexpr Field kSequence{"sequence number", "tcp.seq_raw", 32, 32, "RFC 9293 3.1"};
inline constexpr Field kAcknowledgement{"acknowledgment number", "tcp.ack_raw", 64, 32,
                                        "RFC 9293 3.1"};
inline constexpr Field kDataOffset{"data offset", "tcp.hdr_len", 96, 4, "RFC 9293 3.1"};
inline constexpr Field kReserved{"reserved", "tcp.flags.res", 100, 4, "RFC 9293 3.1"};
inline constexpr Field kFlags{"flags", "tcp.flags", 104, 8, "RFC 9293 3.1", FieldFormat::flags};
inline constexpr Field kWindow{"window", "tcp.window_size_value", 112, 16, "RFC 9293 3.1"};
inline constexpr Field kChecksum{"checksum", "tcp.checksum", 128,
                                 16,         "RFC 9293 3.1", FieldFormat::hex};
inline constexpr Field kUrgentPointer{"urgent pointer", "tcp.urgent_pointer", 144, 16,
                                      "RFC 9293 3.1"};
inline constexpr std::array kAll{kSourcePort, kDestinationPort, kSequence, kAcknowledgement,
                                 kDataOffset, kReserved,        kFlags,    kWindow,
                                 kChecksum,   kUrgentPointer};
}  // namespace tcp_field

// Flag bits as in byte 13 of the header.
namespace tcp_flag {
inline constexpr std::uint8_t kFin = 0x01;
inline constexpr std::uint8_t kSyn = 0x02;
inline constexpr std::uint8_t kRst = 0x04;
inline constexpr std::uint8_t kPsh = 0x08;
inline constexpr std::uint8_t kAck = 0x10;
inline constexpr std::uint8_t kUrg = 0x20;
inline constexpr std::uint8_t kEce = 0x40;
inline constexpr std::uint8_t kCwr = 0x80;
}  // namespace tcp_flag

enum class TcpOptionKind : std::uint8_t {
  end = 0,
  no_operation = 1,
  maximum_segment_size = 2,
  window_scale = 3,
  sack_permitted = 4,
  sack = 5,
  timestamps = 8,
  md5_signature = 19,  // RFC 2385 3.0
  fast_open = 34,      // RFC 7413 4.1.1
  // RFC 9768 3.2.3: octets received, by the codepoint they came with; ECT(0) first or last.
  accurate_ecn_0 = 172,
  accurate_ecn_1 = 174,
};

struct SackBlock {
  Seq32 left;   // first sequence number of the block
  Seq32 right;  // the one after its last
  friend bool operator==(const SackBlock&, const SackBlock&) = default;
};

struct TcpTimestamps {
  std::uint32_t value = 0;       // TSval
  std::uint32_t echo_reply = 0;  // TSecr
  friend bool operator==(const TcpTimestamps&, const TcpTimestamps&) = default;
};

// The counters of an accurate ECN option, 24 bits each; those that the sender left out are not
// there (RFC 9768 3.2.3).
struct EcnCounters {
  static constexpr std::size_t kBytesEach = 3;
  std::optional<std::uint32_t> ect0;
  std::optional<std::uint32_t> ce;
  std::optional<std::uint32_t> ect1;
  friend bool operator==(const EcnCounters&, const EcnCounters&) = default;
};

// The options a TCP acts on, taken out of the option bytes. An unknown option is skipped by its
// length (RFC 9293 3.1, MUST-6). An illegal length - below two, beyond the end, or not the one that
// a known kind has - sets `malformed` and ends the walk; what was read before it stands (MUST-7).
// Of an option that occurs twice the last counts.
struct TcpOptionValues {
  std::optional<std::uint16_t> mss;
  std::optional<std::uint8_t> window_scale;  // as received, may exceed 14
  bool sack_permitted = false;
  std::optional<TcpTimestamps> timestamps;
  std::array<SackBlock, 4> sack_blocks{};
  std::uint8_t sack_count = 0;
  std::optional<EcnCounters> ecn_counters;
  std::optional<Bytes> signature;  // 16 octets of the option bytes
  std::optional<Bytes> fast_open;  // the cookie, empty in a request; refers to the option bytes
  bool malformed = false;

  static TcpOptionValues from(Bytes options);
};

// Builds option bytes in the order of the calls; finish() pads with EOL zeros to a multiple of four
// (MUST-69). Everything must fit in 40 bytes (asserted: the options are ours to choose).
class TcpOptionWriter {
 public:
  TcpOptionWriter& mss(std::uint16_t bytes);
  TcpOptionWriter& window_scale(std::uint8_t shift);
  TcpOptionWriter& sack_permitted();
  TcpOptionWriter& timestamps(TcpTimestamps timestamps);
  TcpOptionWriter& sack(std::span<const SackBlock> blocks);  // one to four
  TcpOptionWriter& no_operation();
  // Accurate ECN with the first `fields` (0 to 3) of ECT(1), CE, ECT(0), in this order.
  TcpOptionWriter& accurate_ecn(const EcnCounters& counters, std::size_t fields);
  // Any option by kind and payload (kind > 1). Requires that it fits.
  TcpOptionWriter& raw(std::uint8_t kind, Bytes payload);
  std::size_t size() const { return size_; }
  OptionBytes finish();

 private:
  void put(Bytes bytes);
  std::array<std::uint8_t, OptionBytes::kBytesMax> bytes_{};
  std::size_t size_ = 0;
};

struct TcpHeader {
  static constexpr std::size_t kBytesMin = 20;
  static constexpr std::size_t kBytesMax = 60;

  std::uint16_t source_port = 0;
  std::uint16_t destination_port = 0;
  Seq32 sequence;
  Seq32 acknowledgement;
  std::uint8_t reserved = 0;  // 4 bits: sent as zero, ignored on receipt
  std::uint8_t flags = 0;
  std::uint16_t window = 0;    // unscaled, as on the wire
  std::uint16_t checksum = 0;  // as received
  std::uint16_t urgent_pointer = 0;
  OptionBytes options;  // padded to a multiple of 4

  std::size_t header_bytes() const { return kBytesMin + options.size(); }
  bool has(std::uint8_t flag) const { return (flags & flag) != 0; }

  // `segment` is header and payload. Fails: transport_truncated, transport_malformed (data offset),
  // transport_checksum. With `verify` false a bad checksum passes.
  static Parsed<TcpHeader> parse(Bytes segment, const IpAddress& source,
                                 const IpAddress& destination, bool verify = true);
  // Writes the header to the front of `segment`, payload in place, with the checksum.
  void emit(MutableBytes segment, const IpAddress& source, const IpAddress& destination) const;
  // As emit(), for a caller that already summed the payload (one pass copy and checksum).
  // `payload_sum` must have been fed exactly the payload bytes, from an even offset.
  void emit(MutableBytes segment, const IpAddress& source, const IpAddress& destination,
            const InternetChecksum& payload_sum) const;
  friend bool operator==(const TcpHeader&, const TcpHeader&) = default;
};

}  // namespace strata::wire
