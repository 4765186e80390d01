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
// data, as for a loss. Accurate ECN (RFC 9768) uses the same bits, and one more, as a counter.
#pragma once

#include <cstdint>
#include <optional>

#include "stack/transport/tcp/accurate_ecn.h"
#include "stack/transport/tcp/config.h"
#include "stack/wire/tcp.h"

namespace strata::tcp {

// The codepoints of the ECN field (RFC 3168 5).
namespace ecn_codepoint {
inline constexpr std::uint8_t kNotEct = 0;
inline constexpr std::uint8_t kEct1 = 1;
inline constexpr std::uint8_t kEct0 = 2;
inline constexpr std::uint8_t kCe = 3;
}  // namespace ecn_codepoint

// What ECN puts into a TCP header: ECE and CWR, and the AE flag (RFC 9768 3.1), which is the lowest
// of the reserved bits.
struct EcnMarks {
  std::uint8_t flags = 0;
  bool accurate = false;

  std::uint8_t reserved_bits() const { return accurate ? 1 : 0; }
};

class EcnEndpoint {
 public:
  // `exact`: echo marks as RFC 8257 3.2 says, one for one.
  EcnEndpoint(EcnUse use, bool exact, const EcnHabits& habits)
      : use_(use), exact_(exact), habits_(habits) {}
  // The host's habits have changed; what was agreed stays.
  void set_habits(const EcnHabits& habits) { habits_ = habits; }

  // --- negotiation (RFC 3168 6.1.1, RFC 9768 3.1) ---
  // Of our SYN; one that has to be repeated goes without at last, in case it was refused for them.
  EcnMarks syn_marks(std::uint8_t timeouts);
  // Of our SYN,ACK, `timeouts` as for the SYN.
  EcnMarks syn_ack_marks(std::uint8_t timeouts);
  // The peer's SYN, in a passive or simultaneous open; the answer to ours. `codepoint` is that of
  // its IP header.
  void on_syn(const wire::TcpHeader& syn, std::uint8_t codepoint);
  void on_syn_ack(const wire::TcpHeader& syn_ack, std::uint8_t codepoint);
  // The peer's SYN, or SYN,ACK, came once more: the next answer reflects this one.
  void on_syn_again(const wire::TcpHeader& syn, std::uint8_t codepoint);
  // RFC 9768 3.1.5: the peer's SYN, come once more, asks for the other kind of ECN than before, so
  // neither end can know what the other has taken.
  bool is_contradicted_by(const wire::TcpHeader& syn) const;
  // The ACK of our SYN,ACK has arrived, without text and SACK blocks.
  void on_handshake_ack(const wire::TcpHeader& ack);
  // Our SYN or SYN,ACK arrived with CE, which is to be answered as any mark (RFC 9768 3.2.2.2).
  bool was_syn_marked() const { return syn_marked_ && habits_.answers_marked_syn; }
  // The next pure ACK says how the SYN,ACK came (RFC 9768 3.2.2.1).
  bool reflects() const { return reflects_; }
  bool is_agreed() const { return mode_ != Mode::none; }
  bool is_accurate() const { return mode_ == Mode::accurate; }

  // --- receiving ---
  // A segment with data (or an acceptable one at least) arrived with this codepoint. True: an ACK
  // has to leave before this segment is counted (RFC 8257 3.2: the mark changed while ACKs were
  // held back), with the echo as it was.
  bool must_ack_before(std::uint8_t codepoint) const;
  // True: marks are to be told at once (RFC 9768 3.2.2.5.1). `owes_ack`: text is not acknowledged.
  bool on_arrival(std::uint8_t codepoint, bool cwr, std::uint32_t text_octets, bool owes_ack);
  // RFC 9768 3.2.3.2.2: text from `sequence` on arrived again though an ACK with the option said
  // (by D-SACK) that it had; the option seems to be what keeps ACKs from getting through.
  void on_duplicate(std::uint64_t sequence);

  // --- sending ---
  // For a segment with the ACK flag. `is_new_data`: CWR goes out once, with new text. `is_pure`:
  // nothing but an acknowledgement.
  EcnMarks marks(bool is_new_data, bool is_pure);
  // The codepoint of a segment. ECT(0) goes on new text (RFC 3168 6.1.1); on what else is habit.
  std::uint8_t codepoint(bool is_new_data) const;
  std::uint8_t syn_codepoint() const;

  // --- the accurate option (RFC 9768 3.2.3) ---
  // May the next SYN,ACK, or the next other segment, carry it?
  bool offers_option() const { return is_accurate() && habits_.tells_octets && !syn_ack_sent_; }
  bool sends_option() const {
    return is_accurate() && habits_.tells_octets && option_seen_ && !option_failed_;
  }
  void on_option_seen() { option_seen_ = true; }
  void on_syn_ack_sent() { syn_ack_sent_ = true; }
  // It has left, in one segment with a D-SACK of `duplicate`, if there is one.
  void on_option_sent(const std::optional<std::uint64_t>& duplicate);
  const AccurateEcn& accurate() const { return accurate_; }

  // --- reacting (RFC 3168 6.1.2, RFC 9768 3.2.2) ---
  // Does `ack`, of `segments` segments that had not been acknowledged, report marks?
  bool reports_marks(const wire::TcpHeader& ack, const wire::TcpOptionValues& options,
                     std::uint32_t segments, bool is_progress, std::uint32_t smss);
  // An ACK with ECE up to `una`: must the window be reduced? Once per window of data.
  bool is_news(std::uint64_t una) const { return is_agreed() && una > reduced_at_; }
  // The window was reduced, for a mark or a loss, with `nxt` as the next to send.
  void on_reduced(std::uint64_t nxt) {
    reduced_at_ = nxt;
    send_cwr_ = mode_ == Mode::classic;
  }

 private:
  enum class Mode : std::uint8_t { none, classic, accurate };

  EcnUse use_;
  bool exact_;
  EcnHabits habits_;
  Mode mode_ = Mode::none;
  bool offered_classic_ = false;  // our SYN was an ECN-setup SYN
  bool offered_accurate_ = false;
  bool echo_ = false;  // ECE on every ACK; with `exact_`: DCTCP.CE
  bool send_cwr_ = false;
  bool is_bleached_ = false;                 // nothing goes out as ECN-capable any more
  bool ignores_marks_ = false;               // what the peer tells is of no use
  bool syn_marked_ = false;                  // our SYN or SYN,ACK came with CE
  bool reflects_ = false;                    // the next ACK says how the SYN,ACK came
  std::uint8_t reflected_ = 0;               // the codepoint of the peer's SYN or SYN,ACK
  bool option_seen_ = false;                 // the peer's options get through
  bool option_failed_ = false;               // ours do not
  bool syn_ack_sent_ = false;                // with the option, if it was to have one
  std::optional<std::uint64_t> told_again_;  // a duplicate that went along with the option
  std::uint64_t reduced_at_ = 0;             // absolute; ECE on ACKs not beyond it is no news
  AccurateEcn accurate_;
};

}  // namespace strata::tcp
