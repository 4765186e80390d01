// SPDX-License-Identifier: MIT
// Explicit congestion notification for TCP (RFC 3168 6.1, RFC 8257 for DCTCP). Routers mark instead
// of dropping (CE); the receiver echoes (ECE) until the sender says that it has slowed down (CWR).
//
//     sender                    router                    receiver
//       | data, ECT(0) ----------> | data, CE -------------> |
//       | <------------------------------- ACK, ECE -------- |   until CWR has come
//       | data, ECT(0), CWR -----------------------------> |
//
// The bits are CongestionWindow's business only through the connection: one reduction per window of
// data, as for a loss.
#pragma once

#include <cstdint>

#include "stack/transport/tcp/config.h"

namespace strata::tcp {

// The codepoints of the ECN field (RFC 3168 5).
namespace ecn_codepoint {
inline constexpr std::uint8_t kNotEct = 0;
inline constexpr std::uint8_t kEct1 = 1;
inline constexpr std::uint8_t kEct0 = 2;
inline constexpr std::uint8_t kCe = 3;
}  // namespace ecn_codepoint

class EcnEndpoint {
 public:
  // `exact`: echo marks as RFC 8257 3.2 says, one for one.
  EcnEndpoint(EcnUse use, bool exact) : use_(use), exact_(exact) {}

  // --- negotiation (RFC 3168 6.1.1) ---
  // Flags of our SYN; a SYN that has to be repeated goes without, in case it was refused for them.
  std::uint8_t syn_flags(bool is_repeated);
  // Flags of our SYN,ACK.
  std::uint8_t syn_ack_flags() const;
  void on_syn(std::uint8_t flags);      // of the peer, passive or simultaneous open
  void on_syn_ack(std::uint8_t flags);  // the answer to our SYN
  bool is_agreed() const { return agreed_; }

  // --- receiving ---
  // A segment with data (or an acceptable one at least) arrived with this codepoint. True: an ACK
  // has to leave before this segment is counted (RFC 8257 3.2: the mark changed while ACKs were
  // held back), with the echo as it was.
  bool must_ack_before(std::uint8_t codepoint) const;
  void on_arrival(std::uint8_t codepoint, bool cwr, bool has_text);

  // --- sending ---
  // ECE and CWR for a segment with the ACK flag. `is_new_data`: CWR goes out once, with new text.
  std::uint8_t flags(bool is_new_data);
  // ECT(0) goes on new text alone: not on pure ACKs, retransmissions or window probes.
  std::uint8_t codepoint(bool is_new_data) const {
    return agreed_ && is_new_data ? ecn_codepoint::kEct0 : ecn_codepoint::kNotEct;
  }

  // --- reacting (RFC 3168 6.1.2) ---
  // An ACK with ECE up to `una`: must the window be reduced? Once per window of data.
  bool is_news(std::uint64_t una) const { return agreed_ && una > reduced_at_; }
  // The window was reduced, for a mark or a loss, with `nxt` as the next to send.
  void on_reduced(std::uint64_t nxt) {
    reduced_at_ = nxt;
    send_cwr_ = agreed_;
  }

 private:
  EcnUse use_;
  bool exact_;
  bool offered_ = false;  // our SYN was an ECN-setup SYN
  bool agreed_ = false;
  bool echo_ = false;  // ECE on every ACK; with `exact_`: DCTCP.CE
  bool send_cwr_ = false;
  std::uint64_t reduced_at_ = 0;  // absolute; ECE on ACKs not beyond it is no news
};

}  // namespace strata::tcp
