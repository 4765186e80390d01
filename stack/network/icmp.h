// SPDX-License-Identifier: MIT
// ICMP for IPv4 (RFC 792) without I/O: which messages may be sent and how often, how they are
// built, what an arriving error is about. The network layer decides when.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "stack/base/packet.h"
#include "stack/base/time.h"
#include "stack/wire/icmpv4.h"
#include "stack/wire/ipv4.h"

namespace strata::network {

// An ICMP error to send: type, code and the second word of the message.
struct IcmpError {
  wire::IcmpType type{};
  std::uint8_t code = 0;
  std::uint32_t rest = 0;

  static IcmpError unreachable(wire::UnreachableCode code);
  static IcmpError fragmentation_needed(std::uint16_t next_hop_mtu);  // RFC 1191 section 4
  static IcmpError time_exceeded_in_transit();
  static IcmpError reassembly_time_exceeded();
  static IcmpError parameter_problem(std::uint8_t pointer);
  static IcmpError redirect_host(Ipv4Address gateway);
};

// RFC 1812 4.3.2.3: as much of the original as fits without the ICMP datagram exceeding 576 bytes.
inline constexpr std::size_t kIcmpErrorBytesMax = 576;

// Whether the datagram `header` + `payload` may provoke an ICMP error, as far as its bytes tell
// (RFC 1122 3.2.2, RFC 1812 4.3.2.7): not if it is an ICMP error itself, a later fragment, sent to
// a broadcast or multicast address, or from an address that names no single host. Directed
// broadcasts and link-layer broadcasts are the caller's to exclude.
bool may_provoke_error(const wire::Ipv4Header& header, Bytes payload);

// The ICMP message (no IP header yet) with the quote of `header_bytes` and `payload`. A reply of
// `cause`.
Packet make_error(const Packet& cause, const IcmpError& error, Bytes header, Bytes payload);
// The ICMP message that answers `request`, whose data it returns (RFC 1122 3.2.2.6). A reply of
// `cause`.
Packet make_echo_reply(const Packet& cause, const wire::Icmpv4Message& request, Bytes data);

// The datagram an ICMP error is about.
struct QuotedDatagram {
  wire::Ipv4Header header;
  Bytes payload;
};
// Takes the quote out of an ICMP error message. Nullopt if it has not the header and 64 bits that
// RFC 792 promises (or the whole datagram, if that was shorter), or quotes a later fragment, which
// names no socket.
std::optional<QuotedDatagram> quoted_datagram(Bytes message);

// Limits messages to `per_second` on average with bursts of `burst` (RFC 1812 4.3.2.8).
class TokenBucket {
 public:
  TokenBucket(std::uint32_t per_second, std::uint32_t burst);
  // True if one more may be sent at `now`, and takes it.
  bool take(Instant now);

 private:
  Duration cost_;  // of one message; zero: none is allowed
  Duration full_;  // credit of a full bucket
  Duration credit_;
  Instant updated_{};
};

}  // namespace strata::network
