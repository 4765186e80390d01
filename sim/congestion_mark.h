// SPDX-License-Identifier: MIT
// Marking a frame's datagram "congestion experienced" (RFC 3168 5), in the octets of the frame.
#pragma once

#include "stack/base/bytes.h"

namespace strata::sim {

// Sets the ECN field of the IPv4 datagram in `frame` (Ethernet header, VLAN tag or not, to FCS) to
// CE, and mends the header checksum (RFC 1624) and the FCS. False, and nothing changed, when the
// frame holds no IPv4 datagram or its sender is not ECN-capable.
bool mark_congestion(MutableBytes frame);

}  // namespace strata::sim
