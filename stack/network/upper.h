// SPDX-License-Identifier: MIT
// What the network layer tells the layer above: a datagram arrived, an ICMP error came back about
// something this host sent, an echo request was answered.
#pragma once

#include <cstdint>

#include "stack/base/address.h"
#include "stack/base/bytes.h"
#include "stack/base/packet.h"
#include "stack/base/time.h"
#include "stack/wire/icmpv4.h"
#include "stack/wire/ipv4.h"

namespace strata::network {

// What the transport layer gets to know about a received datagram.
struct DatagramInfo {
  IpAddress source;
  IpAddress destination;  // the specific-destination address (RFC 1122 3.2.1.3) or a broadcast
  IpProtocol protocol{};
  std::uint8_t ttl = 0;
  std::uint8_t dscp = 0;
  std::uint8_t ecn = 0;
  PortId port{};              // interface it came in by; kNoPort for loopback
  bool is_broadcast = false;  // IP or link-layer broadcast or multicast: no errors, no TCP
  Bytes header;               // the IPv4 header as received, for ICMP quotes; valid during the call
};

// A validated ICMP error about a datagram this host sent (RFC 1122 3.2.2). Errors about datagrams
// that never left, because a neighbour did not answer, look the same; the reporter is then this
// host itself.
struct IcmpErrorInfo {
  IpAddress reporter;
  wire::IcmpType type{};
  std::uint8_t code = 0;
  std::uint32_t rest = 0;   // the second word of the message
  wire::Ipv4Header quoted;  // header of our datagram
  Bytes quoted_payload;     // at least 8 bytes of it, if it had as many; valid during the call
};

struct EchoReplyInfo {
  IpAddress source;
  std::uint16_t identifier = 0;
  std::uint16_t sequence = 0;
  std::uint8_t ttl = 0;
  Bytes data;  // valid during the call
};

// The layer above. Implemented by the transport layer; called during receive() and on_deadline(),
// never during send(), so it may send from inside these calls.
class Upper {
 public:
  virtual ~Upper() = default;
  // packet.bytes() is the transport header and payload, trimmed to the datagram's length.
  virtual void on_datagram(Packet packet, const DatagramInfo& info, Instant now) = 0;
  virtual void on_icmp_error(const IcmpErrorInfo& error, Instant now) = 0;
  virtual void on_echo_reply(const EchoReplyInfo& reply, Instant now) = 0;
};

}  // namespace strata::network
