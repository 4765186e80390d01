// SPDX-License-Identifier: MIT
// Whether a script was written for FreeBSD, and for which FreeBSD or Linux, where what it expects
// tells.
#pragma once

#include <cstdint>
#include <optional>

#include "sim/packetdrill/script.h"
#include "stack/transport/tcp/config.h"

namespace strata::packetdrill {

// Does the script expect what Linux does not do: an ACK that repeats the FIN; nothing to read of
// what came after shutdown() for reading; a receive buffer of 64 KiB that nobody has set; or what
// only older FreeBSDs do?
bool expects_freebsd(const Script& script);

// The MSS that a SYN of the stack announces by itself, of Ethernet: its MTU without both headers
// (RFC 9293 3.7.1). Nullopt: the script sets it, or the MTU.
std::optional<std::uint16_t> usual_mss(const Script& script);

// Sets in FreeBSD's `config` what it did in another way before:
// - 11 and 12, where what is lost is repeated after three seconds, the first time-out, or the MSS
//   of a SYN,ACK is cut to that of the SYN;
// - before 12 the SYN,ACK of crossing SYNs scales windows though the peer does not;
// - before 13 windows are rounded down to the unit of their scale;
// - before 14 an ACK waits for 100 ms, and the window of TIME-WAIT lacks the octet of the FIN.
void adopt_freebsd_age(const Script& script, tcp::Config& config);

// Sets in Linux's `config` what newer ones do in another way:
// - since 7.1 an ACK of what was never sent is answered in ESTABLISHED, too;
// - since 6.5 the first SYNs are repeated after a second each;
// - since 6.9 a connect() outlives ICMP that may be over soon;
// - a SYN without text asks for a Fast Open cookie though one is known.
void adopt_linux_age(const Script& script, tcp::Config& config);

}  // namespace strata::packetdrill
