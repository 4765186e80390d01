// SPDX-License-Identifier: MIT
#include "stack/transport/transport.h"

#include <utility>

namespace strata::transport {

Transport::Transport(const NodeContext& context, tcp::Config tcp_defaults,
                     network::Network& network)
    : network_(network),
      tcp_(context, std::move(tcp_defaults), network),
      udp_(context, network),
      echo_(context, network) {}

void Transport::set_readiness_listener(ReadinessListener* listener) {
  tcp_.set_readiness_listener(listener);
  udp_.set_readiness_listener(listener);
  echo_.set_readiness_listener(listener);
}

void Transport::on_datagram(Packet packet, const network::DatagramInfo& info, Instant now) {
  switch (info.protocol) {
    case IpProtocol::tcp:
      tcp_.on_segment(std::move(packet), info, now);
      return;
    case IpProtocol::udp:
      udp_.on_datagram(std::move(packet), info, now);
      return;
    case IpProtocol::icmp:
    case IpProtocol::icmpv6:
      break;  // the network layer's own
  }
}

void Transport::on_icmp_error(const network::IcmpErrorInfo& error, Instant now) {
  switch (error.quoted.protocol) {
    case IpProtocol::tcp:
      tcp_.on_icmp_error(error, now);
      return;
    case IpProtocol::udp:
      udp_.on_icmp_error(error, now);
      return;
    case IpProtocol::icmp:
      echo_.on_icmp_error(error, now);
      return;
    case IpProtocol::icmpv6:
      return;
  }
}

void Transport::on_echo_reply(const network::EchoReplyInfo& reply, Instant now) {
  echo_.on_echo_reply(reply, now);
}

DropCounters Transport::drops() const {
  DropCounters sum = tcp_.drops();
  sum.add(udp_.drops());
  sum.add(echo_.drops());
  return sum;
}

}  // namespace strata::transport
