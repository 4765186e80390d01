// SPDX-License-Identifier: MIT
// The settings of a network layer, and of one datagram it sends.
#pragma once

#include <cstddef>
#include <cstdint>

#include "stack/base/address.h"
#include "stack/base/time.h"
#include "stack/wire/ipv4.h"

namespace strata::network {

struct SendOptions {
  IpAddress source;      // unspecified: chosen by route
  std::uint8_t ttl = 0;  // 0: the node's default (a zero is never sent, RFC 1122 3.2.1.7)
  std::uint8_t dscp = 0;
  std::uint8_t ecn = 0;
  bool dont_fragment = false;
  bool dont_fragment_if_fits = false;  // dont_fragment, unless this host has to fragment it itself
  bool probes_path_mtu = false;        // what the path is known to carry does not count (RFC 4821)
  bool allow_broadcast = false;
  // IP options, padded to a multiple of four. A source route lists the gateways to visit, in order;
  // send() moves the first into the header and the destination to the end (RFC 791 3.1).
  wire::OptionBytes options;
};

// What happens to a datagram that carries a loose or strict source route and would be processed
// here. RFC 7126 4.3.5 and 4.4.5: the default is to drop.
enum class SourceRoutePolicy : std::uint8_t {
  drop,     // silently
  refuse,   // drop, and send destination unreachable / source route failed
  process,  // as RFC 791 says
};

struct NetworkConfig {
  bool forwarding = false;                      // a router
  std::uint8_t default_ttl = 64;                // RFC 1122 3.2.1.7
  Duration reassembly_timeout{60s};             // RFC 1122 3.3.2: 60 to 120 s
  std::size_t reassembly_bytes_max = 4U << 20;  // of buffers; the oldest datagrams are evicted
  std::uint32_t icmp_errors_per_second = 1000;  // RFC 1812 4.3.2.8 token bucket; 0: send none
  std::uint32_t icmp_error_burst = 50;          // size of that bucket, messages
  bool answer_broadcast_echo = false;           // RFC 1122 3.2.2.6 allows both
  bool send_redirects = true;                   // routers, RFC 1812 5.2.7.2
  bool accept_redirects = true;                 // hosts, RFC 1122 3.2.2.2; routers never do
  bool forward_directed_broadcast = false;      // RFC 2644
  SourceRoutePolicy source_routes = SourceRoutePolicy::drop;
  Duration path_mtu_timeout{10min};  // RFC 1191 6.3
  Duration gateway_retry_time{30s};  // RFC 1122 3.3.1.4
};

}  // namespace strata::network
