// SPDX-License-Identifier: MIT
// Fragmentation of IPv4 datagrams (RFC 791 3.2), by their source or by a router on the way.
#pragma once

#include <cstdint>
#include <vector>

#include "stack/base/packet.h"
#include "stack/wire/ipv4.h"

namespace strata::network {

// The fragments of `datagram` (header and payload; may itself be a fragment) that fit `mtu`: new
// packets whose parent it is, in order of offset. `header` is its header as parsed. All but the
// last carry as many multiples of eight octets as fit; options without the copied flag travel in
// the first one only. Empty if `mtu` leaves no room for eight octets behind the header.
std::vector<Packet> fragment(const Packet& datagram, const wire::Ipv4Header& header,
                             std::uint16_t mtu);

}  // namespace strata::network
