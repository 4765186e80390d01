// SPDX-License-Identifier: MIT
// Which FreeBSD a script was written for, where what it expects tells.
#pragma once

#include "sim/packetdrill/script.h"

namespace strata::packetdrill {

// Does the script expect what no system has done since FreeBSD 12: that what is lost is
// repeated after three seconds, the first time-out; that the MSS of a SYN,ACK is cut to that of
// the SYN?
bool expects_freebsd_11(const Script& script);

// Does it expect that an ACK waits for 100 ms, as FreeBSD's did before 14?
bool expects_long_delay_of_acks(const Script& script);

}  // namespace strata::packetdrill
