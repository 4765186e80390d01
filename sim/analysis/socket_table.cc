// SPDX-License-Identifier: MIT
#include "sim/analysis/socket_table.h"

#include <fmt/format.h>

namespace strata::analysis {

std::string_view protocol_text(socket::Type type) {
  switch (type) {
    case socket::Type::stream:
      return "tcp";
    case socket::Type::datagram:
      return "udp";
    case socket::Type::icmp_echo:
      return "icmp";
  }
  return "?";
}

std::string socket_address_text(const Endpoint& endpoint) {
  const bool has_address = !endpoint.address.is_unspecified();
  if (has_address && endpoint.port != 0) return to_text(endpoint);
  return fmt::format("{}:{}", has_address ? to_text(endpoint.address) : "*",
                     endpoint.port == 0 ? "*" : std::to_string(endpoint.port));
}

const tcp::Info* connection_of(const socket::SocketInfo& info) {
  return info.tcp && !is_listener(info) ? &*info.tcp : nullptr;
}

bool is_listener(const socket::SocketInfo& info) { return info.state == to_text(TcpState::listen); }

}  // namespace strata::analysis
