// SPDX-License-Identifier: MIT
// TCP Fast Open (RFC 7413) of one connection: which cookie option its SYN carries, whether text
// goes with it, and what came of it.
//
//     client: request -> SYN with an empty option; the SYN,ACK brings a cookie
//     client: cookie  -> SYN with cookie and text; text that is not acknowledged goes out again
//     server: grant   -> SYN,ACK with a cookie for the next time
//     server: accept  -> the text of the SYN is delivered before the handshake is over
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "stack/base/assert.h"
#include "stack/base/bytes.h"
#include "stack/wire/tcp.h"

namespace strata::tcp {

// Four to sixteen octets (RFC 7413 4.1.1), or none: a request.
class FastOpenCookie {
 public:
  static constexpr std::size_t kOctetsMin = 4;
  static constexpr std::size_t kOctetsMax = 16;

  FastOpenCookie() = default;
  // Requires octets.size() <= kOctetsMax.
  explicit FastOpenCookie(Bytes octets) : size_(static_cast<std::uint8_t>(octets.size())) {
    STRATA_ASSERT(octets.size() <= kOctetsMax);
    std::copy(octets.begin(), octets.end(), octets_.begin());
  }
  Bytes octets() const { return Bytes{octets_}.first(size_); }
  bool empty() const { return size_ == 0; }
  // The same octets; how they travel does not matter.
  friend bool operator==(const FastOpenCookie& a, const FastOpenCookie& b) {
    return std::ranges::equal(a.octets(), b.octets());
  }

  // In the option that experiments share (RFC 6994), with this number, as before RFC 7413.
  static constexpr std::uint16_t kExperiment = 0xf989;
  bool is_experimental = false;

 private:
  std::array<std::uint8_t, kOctetsMax> octets_{};
  std::uint8_t size_ = 0;
};

// Is a cookie as long as one may be (RFC 7413 4.1.1)? None at all asks for one.
constexpr bool is_cookie_length(std::size_t octets) {
  return octets >= FastOpenCookie::kOctetsMin && octets <= FastOpenCookie::kOctetsMax &&
         octets % 2 == 0;
}

// The option of a SYN; nullopt when it has none, or one of an illegal length (which is ignored).
std::optional<FastOpenCookie> fast_open_option(Bytes options);

struct FastOpen {
  std::optional<FastOpenCookie> option;   // on our SYN
  std::uint16_t text_max = 0;             // how much text may go with it
  bool is_held = false;                   // the SYN waits for the first text
  bool is_accepted = false;               // server: the user may read and write before the ACK
  std::uint16_t text_sent = 0;            // client: octets on the SYN
  std::uint16_t peer_mss = 0;             // as its SYN announced it
  bool is_spent = false;                  // a router has refused the SYN for its text
  bool text_was_taken = false;            // server: by us; client: acknowledged with the SYN, all
  bool text_was_refused = false;          // client: the SYN,ACK took none
  bool request_was_ignored = false;       // client: answered at the first try, and without a cookie
  std::optional<FastOpenCookie> granted;  // client: from the SYN,ACK, to be remembered
};

// `options` with the Fast Open option behind them, padded again (with NOPs, or end of list).
wire::OptionBytes with_fast_open(const wire::OptionBytes& options, const FastOpenCookie& cookie,
                                 bool pads_with_nop);

}  // namespace strata::tcp
