// SPDX-License-Identifier: MIT
// What a script takes for granted of the host it was written on.
#pragma once

#include "sim/packetdrill/script.h"
#include "sim/packetdrill/settings.h"

namespace strata::packetdrill {

// The first SYN that the script expects shows how large the receive buffers of its Linux were:
// its window scale is that of the largest, its window that of the usual one. A scale other than
// that of `defaults.sh` is that of a host as it is installed; an MSS less than usual is that of an
// interface with a smaller MTU. If it is the SYN of a client, what it does not offer was switched
// off, on a FreeBSD as well. What the script sets itself comes later, and counts.
void adopt_host(const Script& script, Settings& settings);

}  // namespace strata::packetdrill
