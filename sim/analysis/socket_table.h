// SPDX-License-Identifier: MIT
// The socket table of a host as a row for each socket, and the words that stand in it: the
// terminal, the exports and the report show the same ones.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "stack/base/address.h"
#include "stack/socket/sockets.h"

namespace strata::analysis {

struct HostSockets {
  std::string host;
  std::vector<Prefix> addresses;
  std::vector<socket::SocketInfo> sockets;
};

// "tcp", "udp", "icmp": the protocol that sockets of this type speak.
std::string_view protocol_text(socket::Type type);
// "10.0.1.10:40000"; in the manner of ss(8) "*" for any address and for any port.
std::string socket_address_text(const Endpoint& endpoint);
// What TCP knows of a socket; nullptr for other sockets and for listeners, who have no connection.
const tcp::Info* connection_of(const socket::SocketInfo& info);
// Of a listener both queues count connections: those that wait for accept(), and how many may.
bool is_listener(const socket::SocketInfo& info);

}  // namespace strata::analysis
