// SPDX-License-Identifier: MIT
// Echo endpoints (ping): each owns an ICMP identifier, sends echo requests numbered from 1 and gets
// the replies, and the ICMP errors, that carry its identifier.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "stack/base/tracer.h"
#include "stack/network/network.h"
#include "stack/transport/endpoint.h"
#include "stack/transport/message_queue.h"
#include "stack/transport/ports.h"
#include "stack/transport/slots.h"
#include "stack/transport/tcp/config.h"

namespace strata::transport {

// One echo endpoint; the port of `local` is the identifier. Owned by EchoLayer.
struct EchoEndpoint {
  explicit EchoEndpoint(EndpointId own_id) : id(own_id) {}

  EndpointId id;
  int descriptor = -1;
  EndpointOptions options;
  Endpoint local;              // port 0: no identifier yet
  IpAddress remote;            // unspecified: not connected
  std::uint16_t sequence = 0;  // of the last request sent
  MessageQueue queue;
  tcp::Readiness reported;
};

class EchoLayer {
 public:
  EchoLayer(const NodeContext& context, network::Network& network);
  void set_readiness_listener(ReadinessListener* listener) { listener_ = listener; }

  EndpointId open();
  // Claims the identifier `local.port` (0: any).
  Result<void> bind(EndpointId id, const Endpoint& local);
  Result<void> connect(EndpointId id, const Endpoint& remote);
  // Sends an echo request that carries `data`, to the connected peer if `to` is unspecified.
  Result<std::size_t> send(EndpointId id, Bytes data, const SendRequest& request, Instant now);
  Result<Received> receive(EndpointId id, MutableBytes into, bool peek);
  void close(EndpointId id);
  std::optional<Errc> take_error(EndpointId id);
  std::optional<ErrorReport> take_error_report(EndpointId id);
  tcp::Readiness readiness(EndpointId id) const;
  void set_options(EndpointId id, const EndpointOptions& options);
  void set_descriptor(EndpointId id, int descriptor) { endpoint(id).descriptor = descriptor; }
  const EchoEndpoint* find(EndpointId id) const { return endpoints_.find(id); }
  template <typename Visit>
  void for_each(Visit&& visit) const {
    endpoints_.for_each(visit);
  }

  void on_echo_reply(const network::EchoReplyInfo& reply, Instant now);
  void on_icmp_error(const network::IcmpErrorInfo& error, Instant now);

  const DropCounters& drops() const { return drops_; }

 private:
  EchoEndpoint& endpoint(EndpointId id);
  EchoEndpoint* find_identifier(std::uint16_t identifier) const;
  void notify(EchoEndpoint& endpoint, Instant now);
  void drop(DropReason reason, Bytes data, Instant now);

  NodeContext context_;
  network::Network& network_;
  ReadinessListener* listener_ = nullptr;
  Slots<EchoEndpoint> endpoints_{EndpointKind::echo};
  HashTable<Endpoint, std::uint32_t, EndpointHash> identifiers_;  // keyed by *:identifier
  EphemeralPorts ephemeral_;
  DropCounters drops_;
};

}  // namespace strata::transport
