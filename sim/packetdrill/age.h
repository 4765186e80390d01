// SPDX-License-Identifier: MIT
// Whether a script was written for FreeBSD, and for which, where what it expects tells.
#pragma once

#include "sim/packetdrill/script.h"

namespace strata::packetdrill {

// Does the script expect what no system has done since FreeBSD 12: that what is lost is
// repeated after three seconds, the first time-out; that the MSS of a SYN,ACK is cut to that of
// the SYN?
bool expects_freebsd_11(const Script& script);

// Does it expect what Linux does not do: an ACK that repeats the FIN; nothing to read of what came
// after shutdown() for reading?
bool expects_freebsd(const Script& script);

// Does the first window that it expects behind the handshake show that windows were rounded down to
// the unit of their scale, as FreeBSD's were before 13?
bool expects_windows_rounded_down(const Script& script);

// Does it expect that an ACK waits for 100 ms, in which nothing happens, as FreeBSD's did before
// 14?
bool expects_long_delay_of_acks(const Script& script);

}  // namespace strata::packetdrill
