// SPDX-License-Identifier: MIT
#include "stack/transport/tcp/ecn.h"

#include "stack/wire/tcp.h"

namespace strata::tcp {
namespace {

namespace flag = wire::tcp_flag;

constexpr std::uint8_t kBoth = flag::kEce | flag::kCwr;

}  // namespace

std::uint8_t EcnEndpoint::syn_flags(bool is_repeated) {
  // RFC 3168 6.1.1.1: a host that gets no answer to an ECN-setup SYN may repeat it without.
  offered_ = use_ == EcnUse::on && !is_repeated;
  return offered_ ? kBoth : std::uint8_t{0};
}

std::uint8_t EcnEndpoint::syn_ack_flags() const {
  return agreed_ ? std::uint8_t{flag::kEce} : std::uint8_t{0};
}

void EcnEndpoint::on_syn(std::uint8_t flags) {
  // RFC 3168 6.1.1: an ECN-setup SYN has both; in a SYN,ACK the pair would be an echo.
  agreed_ = use_ != EcnUse::off && (flags & kBoth) == kBoth;
}

void EcnEndpoint::on_syn_ack(std::uint8_t flags) {
  // RFC 3168 6.1.1: an ECN-setup SYN-ACK has ECE and not CWR. Both set: a peer that reflects bits.
  agreed_ = offered_ && (flags & kBoth) == flag::kEce;
}

bool EcnEndpoint::must_ack_before(std::uint8_t codepoint) const {
  return agreed_ && exact_ && echo_ != (codepoint == ecn_codepoint::kCe);
}

void EcnEndpoint::on_arrival(std::uint8_t codepoint, bool cwr, bool has_text) {
  if (!agreed_) return;
  const bool marked = codepoint == ecn_codepoint::kCe;
  if (exact_) {
    // RFC 8257 3.2: the echo follows the last segment of text.
    if (has_text) echo_ = marked;
    return;
  }
  // RFC 3168 6.1.3: CWR ends the echo, unless this very segment is marked anew.
  if (cwr) echo_ = false;
  if (marked) echo_ = true;
}

std::uint8_t EcnEndpoint::flags(bool is_new_data) {
  std::uint8_t bits = echo_ ? std::uint8_t{flag::kEce} : std::uint8_t{0};
  if (send_cwr_ && is_new_data) {
    bits |= flag::kCwr;
    send_cwr_ = false;
  }
  return bits;
}

}  // namespace strata::tcp
