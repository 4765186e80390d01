// SPDX-License-Identifier: MIT
// (contract; the owner completes the private part and may move types to files of their own:
// routes.h, reassembly.h, icmp.h ...)
#pragma once
#include <optional>
#include <vector>

#include "stack/base/result.h"
#include "stack/base/tracer.h"
#include "stack/link/interface.h"
#include "stack/wire/icmpv4.h"
#include "stack/wire/ipv4.h"

namespace strata::network {

// What the transport layer gets to know about a received datagram.
struct DatagramInfo {
  IpAddress source;
  IpAddress destination;
  IpProtocol protocol{};
  std::uint8_t ttl = 0;
  std::uint8_t dscp = 0;
  std::uint8_t ecn = 0;
  PortId port{};              // interface it came in by; kNoPort for loopback
  bool is_broadcast = false;  // IP or link-layer broadcast or multicast: no errors, no TCP
  Bytes header;               // the IPv4 header as received, for ICMP quotes; valid during the call
};

// A validated ICMP error about a datagram this host sent (RFC 1122 3.2.2).
struct IcmpErrorInfo {
  IpAddress reporter;
  wire::IcmpType type{};
  std::uint8_t code = 0;
  std::uint32_t rest = 0;      // the second word of the message
  wire::Ipv4Header quoted;     // header of our datagram
  Bytes quoted_payload;        // at least 8 bytes of it
};

struct EchoReplyInfo {
  IpAddress source;
  std::uint16_t identifier = 0;
  std::uint16_t sequence = 0;
  std::uint8_t ttl = 0;
  Bytes data;
};

// The layer above. Implemented by the transport layer; called during receive() and on_deadline().
class Upper {
 public:
  virtual ~Upper() = default;
  // packet.bytes() is the transport header and payload, trimmed to the datagram's length.
  virtual void on_datagram(Packet packet, const DatagramInfo& info, Instant now) = 0;
  virtual void on_icmp_error(const IcmpErrorInfo& error, Instant now) = 0;
  virtual void on_echo_reply(const EchoReplyInfo& reply, Instant now) = 0;
};

struct SendOptions {
  IpAddress source;  // unspecified: chosen by route
  std::uint8_t ttl = 64;
  std::uint8_t dscp = 0;
  std::uint8_t ecn = 0;
  bool dont_fragment = false;
  bool allow_broadcast = false;
  wire::OptionBytes options;
};

struct Route {
  Prefix destination;
  std::optional<IpAddress> gateway;  // none: on-link
  PortId port{};
  std::uint32_t metric = 0;  // the lowest wins among equal prefixes; then the earliest added
};

struct NetworkConfig {
  bool forwarding = false;              // a router
  std::uint8_t default_ttl = 64;        // RFC 1122 3.2.1.7
  Duration reassembly_timeout{60s};     // RFC 1122 3.3.2: 60 to 120 s
  std::size_t reassembly_bytes_max = 4U << 20;
  std::uint32_t icmp_errors_per_second = 1000;  // RFC 1812 4.3.2.8 token bucket
  bool answer_broadcast_echo = false;   // RFC 1122 3.2.2.6 allows both
  bool send_redirects = true;           // routers, RFC 1812 5.2.7.2
  bool forward_directed_broadcast = false;  // RFC 2644
};

// IPv4 of one host or router: send, receive, forward, fragment, reassemble, ICMP.
class Network final : public link::NeighbourListener {
 public:
  Network(const NodeContext& context, NetworkConfig config, Upper& upper);

  // `addresses` are interface addresses with their prefix length; connected routes are added.
  // The interface must outlive the network layer. Call once per interface, in port order.
  void add_interface(link::Interface& interface, std::vector<Prefix> addresses);
  void add_route(Route route, Instant now);
  bool remove_route(const Prefix& destination, Instant now);
  // A port went down or up: its routes are unusable meanwhile.
  void set_port_up(PortId port, bool up, Instant now);

  // Sends `payload` (transport header and data; Packet::kHeadroom in front) as a datagram.
  // Errors: network_unreachable (no route), message_size (too large to send, or would need
  // fragmentation with dont_fragment), permission_denied (broadcast without leave),
  // address_not_available (source is not ours), invalid_argument.
  Result<void> send(Packet payload, IpProtocol protocol, const IpAddress& destination,
                    const SendOptions& options, Instant now);
  // A frame of EtherType IPv4 arrived: packet.bytes() starts at the IP header, padding may follow.
  void receive(PortId port, Packet packet, const link::ReceivedFrame& frame, Instant now);

  // RFC 1122 3.3.4.3: the address a datagram to `destination` would carry.
  Result<IpAddress> source_for(const IpAddress& destination) const;
  // Largest datagram (header included) that leaves unfragmented towards `destination`.
  std::uint16_t mtu_for(const IpAddress& destination) const;
  bool is_local(const IpAddress& address) const;  // ours, loopback included
  // Limited, directed and network-zero broadcast of any interface (RFC 1122 3.3.6), or multicast.
  bool is_broadcast(const IpAddress& address) const;
  std::vector<Prefix> addresses() const;

  // Sends destination unreachable / port about a datagram this host received and could not deliver,
  // under the rules of RFC 1122 3.2.2 (no errors about errors, broadcasts, fragments...).
  // `payload` is the packet as on_datagram() got it.
  void send_port_unreachable(const Packet& payload, const DatagramInfo& info, Instant now);
  // Sends an echo request; the reply comes to Upper::on_echo_reply.
  Result<PacketUid> send_echo_request(const IpAddress& destination, std::uint16_t identifier,
                                      std::uint16_t sequence, Bytes data,
                                      const SendOptions& options, Instant now);

  Instant next_deadline() const;  // reassembly time-outs, looped-back packets waiting (at once)
  void on_deadline(Instant now);
  void on_neighbour_unreachable(PortId port, Packet datagram, Instant now) override;

  const std::vector<Route>& routes() const;  // longest prefix first
  const DropCounters& drops() const;
};

}  // namespace strata::network
