// SPDX-License-Identifier: MIT
// Negotiation by SYN options (RFC 9293 3.2, RFC 7323 2). What a SYN offers, what the peer's SYN
// offered, and the terms both lead to. Options that are not negotiated are not used; unknown ones
// are ignored (MUST-6).
#pragma once

#include <cstdint>
#include <optional>

#include "stack/transport/tcp/config.h"
#include "stack/transport/tcp/tcb.h"
#include "stack/wire/tcp.h"

namespace strata::tcp {

// What we are willing to use, fixed when the connection is made.
struct Offer {
  std::uint16_t mss = 0;  // we can receive segments of this much text
  bool window_scaling = false;
  std::uint8_t window_shift = 0;  // of our windows
  bool timestamps = false;
  bool sack = false;
  OptionOrder order = OptionOrder::sack_first;
  bool is_empty = false;   // not even the MSS
  bool is_signed = false;  // each segment gives room for a signature
};

// What the connection uses, known once the peer's SYN is in.
struct Terms {
  std::uint32_t smss = kDefaultMss;  // text per segment we may send (Eff.snd.MSS, MUST-16)
  std::uint8_t send_shift = 0;       // of the peer's windows
  std::uint8_t receive_shift = 0;    // of ours
  bool window_scaling = false;       // both SYNs carried the option
  bool timestamps = false;           // Snd.TS.OK (RFC 7323 3.2)
  bool sack = false;                 // RFC 2018 2
};

// What the timestamps option takes from each segment, aligned by two NOPs.
inline constexpr std::uint32_t kTimestampsBytes = 12;
// What the option of accurate ECN takes at most, aligned.
inline constexpr std::uint32_t kEcnCountersBytes = 12;
// What `blocks` of a SACK option take, aligned by two NOPs.
constexpr std::size_t sack_option_bytes(std::size_t blocks) { return 4 + 8 * blocks; }
// How many fit `octets`, which hold one at least.
constexpr std::size_t sack_blocks_in(std::size_t octets) { return (octets - 4) / 8; }

Offer make_offer(const Config& config, std::uint16_t mss_local);
// The smallest shift with which a window of `buffer_bytes` fits the header's 16 bits.
std::uint8_t window_shift_for(std::uint32_t buffer_bytes);
Terms agree(const Offer& offer, const wire::TcpOptionValues& peer);
// The option bytes of our SYN at `now`. A SYN,ACK repeats of timestamps, window scale and
// SACK-permitted only what the peer's SYN offered too (RFC 7323 1.3, RFC 2018 2): `agreed` are the
// terms, nullptr for a SYN without ACK. `counters`: of accurate ECN, if the SYN,ACK shall tell
// them.
wire::OptionBytes syn_options(const Offer& offer, const Terms* agreed,
                              const wire::TcpTimestamps& timestamps,
                              const std::optional<wire::EcnCounters>& counters = std::nullopt);

}  // namespace strata::tcp
