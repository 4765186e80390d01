// SPDX-License-Identifier: MIT
// SYN cookies (RFC 4987 3.6): a listener whose queue of half-open connections is full answers a SYN
// and keeps nothing. All it will need again is in the initial sequence number of its SYN,ACK, which
// the peer returns (plus one) in the ACK:
//
//      31                              8 7       5 4       2  1    0
//     |  24 bits of a keyed hash        | MSS    | scale  |SACK|ECN|   the low octet masked
//
// The hash covers the 4-tuple, the peer's sequence number, the low octet and the time in slots of
// 64 seconds: nobody else can make one, and each is good for one to two minutes. The price: the MSS
// and the window scale of the peer are rounded down to the next in a table of eight.
#pragma once

#include <cstdint>
#include <optional>

#include "stack/base/address.h"
#include "stack/base/random.h"
#include "stack/base/seq32.h"
#include "stack/base/time.h"

namespace strata::tcp {

// What a cookie remembers of the peer's SYN.
struct CookieTerms {
  std::uint16_t mss = 0;                     // as announced
  std::optional<std::uint8_t> window_scale;  // as announced
  bool sack_permitted = false;
  bool ecn_setup = false;  // the SYN had ECE and CWR
  friend bool operator==(const CookieTerms&, const CookieTerms&) = default;
};

inline constexpr Duration kCookieSlot{64s};

Seq32 make_syn_cookie(const SecretKey& key, const FlowKey& flow, Seq32 peer_isn,
                      const CookieTerms& terms, Instant now);
// The terms in `cookie` as far as it could hold them; nullopt if it is not one of ours for this
// flow and `peer_isn`, or too old.
std::optional<CookieTerms> open_syn_cookie(const SecretKey& key, const FlowKey& flow,
                                           Seq32 peer_isn, Seq32 cookie, Instant now);

}  // namespace strata::tcp
