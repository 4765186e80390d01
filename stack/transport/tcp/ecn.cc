// SPDX-License-Identifier: MIT
#include "stack/transport/tcp/ecn.h"

#include <algorithm>
#include <utility>

#include "stack/wire/tcp.h"

namespace strata::tcp {
namespace {

namespace flag = wire::tcp_flag;

constexpr std::uint8_t kBoth = flag::kEce | flag::kCwr;
constexpr std::uint8_t kAccurateFlag = 1;  // of the reserved bits

// The three bits AE, CWR, ECE as a number (RFC 9768 3.2).
std::uint8_t ace_of(const wire::TcpHeader& header) {
  return static_cast<std::uint8_t>(((header.reserved & kAccurateFlag) << 2) |
                                   (header.has(flag::kCwr) ? 2 : 0) |
                                   (header.has(flag::kEce) ? 1 : 0));
}

EcnMarks marks_of(std::uint8_t ace) {
  return {.flags = static_cast<std::uint8_t>(((ace & 2) != 0 ? flag::kCwr : 0) |
                                             ((ace & 1) != 0 ? flag::kEce : 0)),
          .accurate = (ace & 4) != 0};
}

// RFC 9768 table 3: how the ACE field of the handshake tells the codepoint of a SYN.
constexpr std::uint8_t kReflection[] = {2, 3, 4, 6};  // not-ECT, ECT(1), ECT(0), CE
constexpr std::uint8_t kReflectedCe = 6;

}  // namespace

EcnMarks EcnEndpoint::syn_marks(std::uint8_t timeouts) {
  const bool is_accurate = use_ == EcnUse::accurate;
  const bool is_classic = use_ == EcnUse::on || use_ == EcnUse::accurate_incoming;
  // RFC 3168 6.1.1.1: a host that gets no answer to an ECN-setup SYN may repeat it without.
  // RFC 9768 3.1.4.1: once more with the flags, then without.
  const std::uint8_t tries =
      is_accurate ? std::max<std::uint8_t>(habits_.syn_repeats, 1) : habits_.syn_repeats;
  if (timeouts > tries) {
    offered_classic_ = false;
    return {};
  }
  offered_classic_ = is_classic;
  offered_accurate_ = is_accurate;
  if (!is_classic && !is_accurate) return {};
  return {.flags = kBoth, .accurate = is_accurate};
}

EcnMarks EcnEndpoint::syn_ack_marks(std::uint8_t timeouts) {
  // RFC 9768 3.2.3.2.2: two SYN,ACKs without an answer may have been dropped for their flags.
  constexpr std::uint8_t kTries = 1;
  if (is_accurate() && timeouts > kTries) {
    is_bleached_ = true;  // 3.1.5: such a server sends nothing as ECN-capable
    return {};
  }
  if (is_accurate()) return marks_of(kReflection[reflected_]);
  return {.flags = is_agreed() ? std::uint8_t{flag::kEce} : std::uint8_t{0}};
}

void EcnEndpoint::on_syn(const wire::TcpHeader& syn, std::uint8_t codepoint) {
  const std::uint8_t ace = ace_of(syn);
  const bool takes_accurate = use_ == EcnUse::accurate || use_ == EcnUse::accurate_incoming ||
                              use_ == EcnUse::accurate_passive;
  mode_ = Mode::none;
  if (use_ == EcnUse::off) return;
  if (ace == 3 || (!takes_accurate && (ace & 3) == 3)) {
    // RFC 3168 6.1.1: an ECN-setup SYN has both; in a SYN,ACK the pair would be an echo.
    mode_ = Mode::classic;
  } else if (takes_accurate && ace > 3) {
    // RFC 9768 3.1.3: what is not defined counts as a request for accurate ECN.
    mode_ = Mode::accurate;
    reflected_ = codepoint & 3;
    // RFC 9768 3.2.2.2 does not count it: the SYN,ACK tells it reliably.
    if (codepoint == ecn_codepoint::kCe && habits_.counts_marked_syn) accurate_.on_marked_syn();
  }
}

void EcnEndpoint::on_syn_ack(const wire::TcpHeader& syn_ack, std::uint8_t codepoint) {
  const std::uint8_t ace = ace_of(syn_ack);
  mode_ = Mode::none;
  if (offered_accurate_ && ace != 0 && ace != 1 && ace != 7) {
    // RFC 9768 3.1.2, table 2; 5 is not defined and means no more than agreement.
    mode_ = Mode::accurate;
    syn_marked_ = ace == kReflectedCe;
    if (syn_marked_ && habits_.counts_marked_syn) accurate_.on_syn_told_marked();
    if (codepoint == ecn_codepoint::kCe) accurate_.on_marked_syn();
    reflected_ = codepoint & 3;
    reflects_ = true;
    option_seen_ = wire::TcpOptionValues::from(syn_ack.options.bytes()).ecn_counters.has_value();
  } else if ((offered_classic_ || offered_accurate_) && (ace & 3) == 1 && ace != 5) {
    // RFC 3168 6.1.1: an ECN-setup SYN-ACK has ECE and not CWR. Both set: a peer that reflects.
    mode_ = Mode::classic;
  }
}

void EcnEndpoint::on_syn_again(const wire::TcpHeader& syn, std::uint8_t codepoint) {
  if (!is_accurate()) return;
  reflected_ = codepoint & 3;
  reflects_ = syn.has(flag::kAck);
  // RFC 9768 3.1.5: once a SYN asked for nothing, nothing is sent as ECN-capable.
  if (!syn.has(flag::kAck) && ace_of(syn) == 0) is_bleached_ = true;
}

void EcnEndpoint::on_handshake_ack(const wire::TcpHeader& ack) {
  if (!is_accurate()) return;
  const std::uint8_t ace = ace_of(ack);
  // RFC 9768 3.2.2.1, table 4, note 1: a field that arrives zeroed is of no use.
  if (ace == 0 && habits_.distrusts_zero) is_bleached_ = ignores_marks_ = true;
  syn_marked_ = ace == kReflectedCe;
  if (syn_marked_) accurate_.on_syn_told_marked();
}

bool EcnEndpoint::is_contradicted_by(const wire::TcpHeader& syn) const {
  const bool asks_for_classic = ace_of(syn) == 3;
  const bool asks_for_accurate = ace_of(syn) == 7;
  return use_ != EcnUse::off && use_ != EcnUse::on && use_ != EcnUse::passive &&
         ((is_accurate() && asks_for_classic) || (mode_ == Mode::classic && asks_for_accurate));
}

bool EcnEndpoint::must_ack_before(std::uint8_t codepoint) const {
  return mode_ == Mode::classic && exact_ && echo_ != (codepoint == ecn_codepoint::kCe);
}

bool EcnEndpoint::on_arrival(std::uint8_t codepoint, bool cwr, std::uint32_t text_octets,
                             bool owes_ack) {
  if (is_accurate()) {
    const bool is_first_mark = accurate_.on_packet(codepoint, text_octets);
    return (is_first_mark && text_octets > 0 && habits_.acks_first_mark) ||
           accurate_.owes_ack(owes_ack || text_octets > 0);
  }
  if (!is_agreed()) return false;
  const bool marked = codepoint == ecn_codepoint::kCe;
  if (exact_) {
    // RFC 8257 3.2: the echo follows the last segment of text.
    if (text_octets > 0) echo_ = marked;
    return false;
  }
  // RFC 3168 6.1.3: CWR ends the echo, unless this very segment is marked anew.
  if (cwr) echo_ = false;
  if (marked) echo_ = true;
  return false;
}

void EcnEndpoint::on_duplicate(std::uint64_t sequence) {
  if (told_again_ == sequence) option_failed_ = true;
}

void EcnEndpoint::on_option_sent(const std::optional<std::uint64_t>& duplicate) {
  accurate_.on_option_sent();
  told_again_ = duplicate;
}

EcnMarks EcnEndpoint::marks(bool is_new_data, bool is_pure) {
  if (is_accurate()) {
    accurate_.on_told();
    const bool reflects = std::exchange(reflects_, false) && is_pure;
    return marks_of(reflects ? kReflection[reflected_] : accurate_.ace());
  }
  EcnMarks marks{.flags = echo_ ? std::uint8_t{flag::kEce} : std::uint8_t{0}};
  if (send_cwr_ && is_new_data) {
    marks.flags |= flag::kCwr;
    send_cwr_ = false;
  }
  return marks;
}

std::uint8_t EcnEndpoint::codepoint(bool is_new_data) const {
  if (!is_agreed() || is_bleached_) return ecn_codepoint::kNotEct;
  const bool is_capable = is_new_data || habits_.generalized == GeneralizedEcn::everything ||
                          (is_accurate() && habits_.accurate_everywhere);
  return is_capable ? ecn_codepoint::kEct0 : ecn_codepoint::kNotEct;
}

std::uint8_t EcnEndpoint::syn_codepoint() const {
  const bool is_syn_ack = is_agreed();
  const bool is_capable = is_syn_ack ? habits_.generalized != GeneralizedEcn::off
                                     : (offered_classic_ || offered_accurate_) &&
                                           habits_.generalized == GeneralizedEcn::everything;
  return is_capable ? ecn_codepoint::kEct0 : ecn_codepoint::kNotEct;
}

bool EcnEndpoint::reports_marks(const wire::TcpHeader& ack, const wire::TcpOptionValues& options,
                                std::uint32_t segments, bool is_progress, std::uint32_t smss) {
  if (!is_accurate()) return is_agreed() && ack.has(flag::kEce);
  // RFC 9768 3.2.2.2: an ACK that brings nothing new may be older than what is known.
  if (!is_progress || ignores_marks_) return false;
  return accurate_.on_ack(ace_of(ack), segments, options.ecn_counters, smss) > 0;
}

}  // namespace strata::tcp
