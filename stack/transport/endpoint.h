// SPDX-License-Identifier: MIT
// What sockets and the transport protocols say to each other: handles of endpoints, the options an
// endpoint obeys, what a received datagram and a queued ICMP error look like, and how an endpoint
// tells that something may have become possible.
#pragma once

#include <cstddef>
#include <cstdint>

#include "stack/base/address.h"
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
         (now.error && !before.error) || (now.hangup && !before.hangup);
}

// What the options of a socket amount to below it.
struct EndpointOptions {
  bool reuse_address = false;
  bool broadcast = false;
  bool receive_errors = false;
  bool dont_fragment = false;
  bool no_delay = false;
  std::uint8_t ttl = 64;
  std::uint8_t type_of_service = 0;           // DSCP and ECN
  std::uint16_t max_segment = 0;              // bytes; 0: from the MTU
  std::uint32_t send_buffer_bytes = 212'992;  // of datagrams; TCP has defaults of its own
  std::uint32_t receive_buffer_bytes = 212'992;
};

network::SendOptions send_options(const EndpointOptions& options, const IpAddress& source);

// A datagram (or echo reply) handed to the user.
struct Received {
  std::size_t bytes = 0;     // copied into the buffer
  std::size_t datagram = 0;  // full size of the datagram (larger: it was truncated)
  Endpoint from;
  std::uint8_t ttl = 0;        // of the datagram (IP_RECVTTL)
  std::uint16_t sequence = 0;  // of an echo reply
};

// One entry of an endpoint's error queue (IP_RECVERR).
struct ErrorReport {
  Errc error{};
  IpAddress reporter;
  wire::IcmpType type{};
  std::uint8_t code = 0;
  Endpoint destination;        // where our datagram was going
  std::uint16_t sequence = 0;  // of the echo request it is about
};

}  // namespace strata::transport
