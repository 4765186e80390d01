// SPDX-License-Identifier: MIT
// What sockets and the transport protocols say to each other: handles of endpoints, the options an
// endpoint obeys, what a received datagram and a queued ICMP error look like, and how an endpoint
// tells that something may have become possible.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "stack/base/address.h"
#include "stack/base/ids.h"
#include "stack/base/random.h"
#include "stack/base/result.h"
#include "stack/base/time.h"
#include "stack/network/config.h"
#include "stack/transport/tcp/config.h"
#include "stack/wire/icmpv4.h"

namespace strata::transport {

// Handle of a transport endpoint (what a socket descriptor refers to). Never reused within a run:
// two bits of kind, thirty of generation, thirty-two of slot.
enum class EndpointId : std::uint64_t {};
inline constexpr EndpointId kNoEndpoint{0};

enum class EndpointKind : std::uint8_t { none, stream, datagram, echo };
constexpr EndpointKind kind_of(EndpointId id) {
  return static_cast<EndpointKind>(static_cast<std::uint64_t>(id) >> 62);
}

// Told when something may have become possible on an endpoint (readable, writable, error, accept).
// Must not call back into the transport layer except to ask for a descriptor.
class ReadinessListener {
 public:
  virtual ~ReadinessListener() = default;
  virtual void on_readiness(EndpointId endpoint, Instant now) = 0;
};

// True if `now` has something that `before` had not: somebody may have waited for it.
constexpr bool has_risen(const tcp::Readiness& before, const tcp::Readiness& now) {
  return (now.readable && !before.readable) || (now.writable && !before.writable) ||
         (now.error && !before.error) || (now.hangup && !before.hangup) ||
         (now.peer_closed && !before.peer_closed) || (now.urgent && !before.urgent);
}

// IP_MTU_DISCOVER: whether datagrams forbid routers to fragment them (values as Linux has them).
enum class MtuDiscovery : std::uint8_t {
  dont,   // they may be fragmented
  want,   // what fits the path forbids it; what does not is fragmented here
  do_it,  // all forbid it; what does not fit the path fails with EMSGSIZE
  probe,  // all forbid it; only the interface limits them (RFC 4821, RFC 8899)
};

// What the options of a socket amount to below it. stack/socket/option_table.cc says for each
// member which option it belongs to, its range and where it applies.
struct EndpointOptions {
  // SOL_SOCKET
  bool reuse_address = false;
  bool reuse_port = false;
  bool broadcast = false;
  bool keep_alive = false;
  bool oob_inline = false;
  bool no_check = false;                      // UDP sends no checksum (RFC 768 allows it)
  std::uint32_t send_buffer_bytes = 212'992;  // of datagrams; TCP has defaults of its own
  std::uint32_t receive_buffer_bytes = 212'992;
  std::uint32_t receive_low_water = 1;  // octets
  Duration receive_timeout{};           // zero: none
  Duration send_timeout{};
  Duration linger{-1};                // negative: unset
  PortId device = kNoPort;            // SO_BINDTODEVICE
  std::uint32_t pacing_rate_max = 0;  // octets per second; 0: no limit
  // IPPROTO_IP
  std::uint8_t ttl = 64;
  std::uint8_t type_of_service = 0;  // DSCP and ECN
  MtuDiscovery mtu_discovery = MtuDiscovery::dont;
  bool receive_errors = false;
  bool receive_ttl = false;
  bool receive_tos = false;
  bool receive_options = false;
  bool packet_info = false;
  wire::OptionBytes ip_options;        // padded to a multiple of four
  std::uint32_t local_port_range = 0;  // the lowest, and the highest times 2^16; 0: the host's
  // IPPROTO_TCP
  std::string_view congestion;  // one of tcp::congestion_control_names(); empty: the host's default
  bool no_delay = false;
  bool no_options = false;  // of TCP's header, in either direction
  bool cork = false;
  bool quick_ack = false;
  std::uint16_t fast_open = 0;     // a listener's bound on connections opened by a SYN with text
  bool fast_open_connect = false;  // connect() waits for text to go with the SYN
  std::optional<SecretKey> fast_open_key;  // of a listener's cookies; nullopt: the host's
  std::string signature_key;               // of MD5 signatures (RFC 2385); empty: none
  Duration defer_accept{};                 // accept() waits for the first text; zero: it does not
  std::uint32_t window_clamp = 0;          // octets; 0: the buffer decides
  std::uint16_t max_segment = 0;           // bytes; 0: from the MTU
  std::uint8_t syn_count = 0;              // retransmissions of a SYN
  Duration fin_wait_2{};                   // after close()
  Duration user_timeout{};                 // zero: the counts of retransmissions decide
  Duration keep_idle{};
  Duration keep_interval{};
  std::uint8_t keep_count = 0;
  Duration keep_init{};  // of a handshake in all; zero: the count of retransmissions alone
  std::uint32_t not_sent_low_water = 0;  // octets; 0: the send buffer alone decides

  // Routers may not fragment what is sent, whatever its size.
  bool forbids_fragments() const { return mtu_discovery >= MtuDiscovery::do_it; }
};

network::SendOptions send_options(const EndpointOptions& options, const IpAddress& source);

// What a datagram is sent with, where that differs from the options of its endpoint.
struct SendRequest {
  Endpoint to;  // port 0: the connected peer
  std::optional<std::uint8_t> ttl;
  std::optional<std::uint8_t> type_of_service;
  IpAddress source;   // unspecified: as bound, or chosen by route
  bool more = false;  // MSG_MORE: the datagram goes on with the next call
};

// Where a datagram (or echo reply) came from and what its IP header said.
struct DatagramOrigin {
  Endpoint from;
  IpAddress destination;  // RFC 1122 3.2.1.3: the specific destination, or a broadcast address
  PortId port = kNoPort;  // the interface it came in by; kNoPort for loopback
  std::uint8_t ttl = 0;
  std::uint8_t type_of_service = 0;
  std::uint16_t sequence = 0;  // of an echo reply
  wire::OptionBytes options;
};

// A datagram (or echo reply) handed to the user.
struct Received : DatagramOrigin {
  std::size_t bytes = 0;     // copied into the buffer
  std::size_t datagram = 0;  // full size of the datagram (larger: it was truncated)
};

// One entry of an endpoint's error queue (IP_RECVERR).
struct ErrorReport {
  Errc error{};
  IpAddress reporter;  // unspecified: this host refused to send
  wire::IcmpType type{};
  std::uint8_t code = 0;
  std::uint32_t mtu = 0;       // of message_size: what fits, if known
  Endpoint destination;        // where our datagram was going
  std::uint16_t sequence = 0;  // of the echo request it is about
  std::string data;            // of our datagram, as much as came back
};

}  // namespace strata::transport
