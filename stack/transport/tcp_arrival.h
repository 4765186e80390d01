// SPDX-License-Identifier: MIT
// A parsed segment on its way through the TCP layer to an endpoint.
#pragma once

#include "stack/network/network.h"
#include "stack/transport/tcp_layer.h"

namespace strata::transport {

struct TcpLayer::Arrival {
  Packet& packet;  // TCP header and text; gone once a connection has kept it
  const network::DatagramInfo& info;
  const wire::TcpHeader& header;
  FlowKey flow;

  Bytes text() const { return packet.bytes().subspan(header.header_bytes()); }
};

}  // namespace strata::transport
