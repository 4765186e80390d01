// SPDX-License-Identifier: MIT
// The transport layer of one host: TCP, UDP and ICMP echo endpoints side by side on one network
// layer.
//
// Theory of operation. The network layer delivers a datagram; its protocol number picks the layer
// below; that one verifies the checksum, asks its Demux which endpoint the addresses and ports name
// and hands it over, or answers that nobody is there (RST, ICMP port unreachable). Users hold
// EndpointId handles; a ReadinessListener hears when an operation that would have blocked may
// succeed. Nothing here blocks, and nothing here knows descriptors except as a label for the trace.
#pragma once

#include "stack/base/tracer.h"
#include "stack/network/network.h"
#include "stack/transport/echo.h"
#include "stack/transport/endpoint.h"
#include "stack/transport/tcp/connection.h"
#include "stack/transport/tcp_layer.h"
#include "stack/transport/udp.h"

namespace strata::transport {

class Transport final : public network::Upper {
 public:
  // `network` may still be under construction; it is not used before the first call.
  Transport(const NodeContext& context, tcp::Config tcp_defaults, network::Network& network);

  // The listener of all endpoints; it must outlive the transport layer or be removed (nullptr).
  void set_readiness_listener(ReadinessListener* listener);

  TcpLayer& tcp() { return tcp_; }
  const TcpLayer& tcp() const { return tcp_; }
  UdpLayer& udp() { return udp_; }
  const UdpLayer& udp() const { return udp_; }
  EchoLayer& echo() { return echo_; }
  const network::Network& network() const { return network_; }
  const EchoLayer& echo() const { return echo_; }

  void on_datagram(Packet packet, const network::DatagramInfo& info, Instant now) override;
  void on_icmp_error(const network::IcmpErrorInfo& error, Instant now) override;
  void on_echo_reply(const network::EchoReplyInfo& reply, Instant now) override;

  Instant next_deadline() const { return tcp_.next_deadline(); }
  void on_deadline(Instant now) { tcp_.on_deadline(now); }
  DropCounters drops() const;

 private:
  const network::Network& network_;
  TcpLayer tcp_;
  UdpLayer udp_;
  EchoLayer echo_;
};

}  // namespace strata::transport
