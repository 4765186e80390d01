// SPDX-License-Identifier: MIT
// UDP (RFC 768, RFC 1122 4.1): datagram endpoints, unconnected or connected to one peer, each with
// a receive queue that is bounded in octets and in datagrams.
//
// Split by concern: udp.cc (the user's calls), udp_input.cc (what arrives).
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "stack/base/tracer.h"
#include "stack/network/network.h"
#include "stack/transport/demux.h"
#include "stack/transport/endpoint.h"
#include "stack/transport/message_queue.h"
#include "stack/transport/ports.h"
#include "stack/transport/slots.h"
#include "stack/transport/tcp/config.h"
#include "stack/wire/udp.h"

namespace strata::transport {

// One datagram endpoint. Owned by UdpLayer.
struct Datagram {
  explicit Datagram(EndpointId own_id) : id(own_id) {}

  EndpointId id;
  int descriptor = -1;  // of the socket that refers to it
  EndpointOptions options;
  Endpoint local;   // port 0: not bound
  Endpoint remote;  // port 0: not connected
  PortHold hold;    // as bound; the address may be unspecified though connect() specified `local`
  bool is_read_shut = false;
  bool is_write_shut = false;
  std::string unfinished;  // what MSG_MORE has gathered of the next datagram
  SendRequest unfinished_request;
  MessageQueue queue;
  tcp::Readiness reported;  // readiness the listener was last told of

  bool is_bound() const { return local.port != 0; }
  bool is_connected() const { return remote.port != 0; }
};

class UdpLayer {
 public:
  UdpLayer(const NodeContext& context, network::Network& network);
  void set_readiness_listener(ReadinessListener* listener) { listener_ = listener; }

  // --- user calls; errors as the socket calls of the same names (see stack/socket/sockets.h) ---
  EndpointId open();
  Result<void> bind(EndpointId id, const Endpoint& local);
  // Fixes the peer; an unspecified address with port 0 dissolves the association.
  Result<void> connect(EndpointId id, const Endpoint& remote);
  Result<std::size_t> send(EndpointId id, Bytes data, const SendRequest& request, Instant now);
  Result<Received> receive(EndpointId id, MutableBytes into, bool peek);
  Result<void> shutdown(EndpointId id, bool read, bool write, Instant now);
  void close(EndpointId id);
  std::optional<Errc> take_error(EndpointId id);
  std::optional<ErrorReport> take_error_report(EndpointId id);
  tcp::Readiness readiness(EndpointId id) const;
  void set_options(EndpointId id, const EndpointOptions& options);
  void set_descriptor(EndpointId id, int descriptor) { endpoint(id).descriptor = descriptor; }
  // Nullptr when the endpoint is gone.
  const Datagram* find(EndpointId id) const { return endpoints_.find(id); }
  template <typename Visit>
  void for_each(Visit&& visit) const {
    endpoints_.for_each(visit);
  }

  // --- from the network layer ---
  void on_datagram(Packet packet, const network::DatagramInfo& info, Instant now);
  void on_icmp_error(const network::IcmpErrorInfo& error, Instant now);

  const DropCounters& drops() const { return drops_; }

 private:
  Datagram& endpoint(EndpointId id);
  Result<void> bind_ephemeral(Datagram& endpoint, const IpAddress& address, const Endpoint& remote);
  void claim(Datagram& endpoint, const Endpoint& local);
  Result<void> reroute(Datagram& endpoint, const Endpoint& local, const Endpoint& remote);
  void leave_demux(const Datagram& endpoint);
  Sharing sharing_of(const Datagram& endpoint) const;
  Result<void> transmit(Datagram& endpoint, Bytes data, const SendRequest& request, Instant now);
  void report_too_long(Datagram& endpoint, Bytes data, const Endpoint& remote, Instant now);
  void deliver(Datagram& endpoint, Packet packet, const wire::UdpHeader& header,
               const FlowKey& flow, const network::DatagramInfo& info, Instant now);
  void notify(Datagram& endpoint, Instant now);
  void drop(DropReason reason, const Packet& packet, const network::DatagramInfo& info,
            Instant now);
  void trace_demux(const Packet& packet, const FlowKey& flow, int socket, std::string_view outcome,
                   Instant now);

  NodeContext context_;
  network::Network& network_;
  ReadinessListener* listener_ = nullptr;
  Slots<Datagram> endpoints_{EndpointKind::datagram};
  Demux demux_;
  PortTable ports_;
  EphemeralPorts ephemeral_;
  DropCounters drops_;
};

}  // namespace strata::transport
