// SPDX-License-Identifier: MIT
// (contract; the owner completes the private part; demux.h, ports.h, udp.h, listener.h beside it)
#pragma once
#include <optional>
#include <vector>

#include "stack/network/network.h"
#include "stack/transport/tcp/connection.h"

namespace strata::transport {

// Handle of a transport endpoint (what a socket descriptor refers to). Never reused within a run.
enum class EndpointId : std::uint64_t {};
inline constexpr EndpointId kNoEndpoint{0};

// Told when something may have become possible on an endpoint (readable, writable, error, accept).
class ReadinessListener {
 public:
  virtual ~ReadinessListener() = default;
  virtual void on_readiness(EndpointId endpoint, Instant now) = 0;
};

}  // namespace strata::transport
