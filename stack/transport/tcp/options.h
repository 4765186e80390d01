// SPDX-License-Identifier: MIT
// Negotiation by SYN options (RFC 9293 3.2, RFC 7323 2). What a SYN offers, what the peer's SYN
// offered, and the terms both lead to. Options that are not negotiated are not used; unknown ones
// are ignored (MUST-6).
#pragma once

#include <cstdint>

#include "stack/transport/tcp/config.h"
#include "stack/transport/tcp/tcb.h"
#include "stack/wire/tcp.h"

namespace strata::tcp {

// What we are willing to use, fixed when the connection is made.
struct Offer {
  std::uint16_t mss = 0;  // we can receive segments of this much text
  bool window_scaling = false;
  std::uint8_t window_shift = 0;  // of our windows
};

// What the connection uses, known once the peer's SYN is in.
struct Terms {
  std::uint32_t smss = kDefaultMss;  // text per segment we may send (Eff.snd.MSS, MUST-16)
  std::uint8_t send_shift = 0;       // of the peer's windows
  std::uint8_t receive_shift = 0;    // of ours
};

Offer make_offer(const Config& config, std::uint16_t mss_local);
// The smallest shift with which a window of `buffer_bytes` fits the header's 16 bits.
std::uint8_t window_shift_for(std::uint32_t buffer_bytes);
Terms agree(const Offer& offer, const wire::TcpOptionValues& peer);
// The option bytes of our SYN. A SYN,ACK carries window scale only if the peer's SYN did
// (RFC 7323 2.2): `without_scale` says it did not.
wire::OptionBytes syn_options(const Offer& offer, bool without_scale);

}  // namespace strata::tcp
