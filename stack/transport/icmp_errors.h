// SPDX-License-Identifier: MIT
// What an ICMP error means to a user of UDP, TCP or echo: the POSIX error, and whether it condemns
// a connection (hard) or is a hint that the path may recover (soft).
#pragma once

#include <optional>

#include "stack/base/address.h"
#include "stack/base/result.h"
#include "stack/network/network.h"
#include "stack/transport/tcp/persona.h"

namespace strata::transport {

struct IcmpMeaning {
  Errc error{};
  bool is_hard = false;
};

// Nullopt for what transport ignores: source quench (RFC 6633 3), redirects, unknown codes.
std::optional<IcmpMeaning> meaning_of(wire::IcmpType type, std::uint8_t code);

// The same to a connection in `state`: as long as its SYN has not been answered, by what its system
// ends it for (RFC 5461).
std::optional<IcmpMeaning> meaning_for(TcpState state, wire::IcmpType type, std::uint8_t code,
                                       tcp::HandshakeErrors errors);

// The flow of the quoted datagram as its sender sees it: local is us. TCP and UDP have their ports
// in the same place. Nullopt when fewer than eight octets were quoted.
std::optional<FlowKey> quoted_flow(const network::IcmpErrorInfo& error);

}  // namespace strata::transport
