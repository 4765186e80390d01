// SPDX-License-Identifier: MIT
// Text on a SYN (RFC 7413 4.2), both sides.
#include "stack/transport/tcp/fast_open.h"

#include "stack/transport/tcp/connection.h"
#include "stack/wire/options.h"

namespace strata::tcp {

namespace {

constexpr std::uint8_t kExperimental = 254;  // RFC 4727 8
constexpr std::size_t kExperimentBytes = 2;  // its number (RFC 6994 3)

bool is_legal_length(std::size_t octets) { return octets == 0 || is_cookie_length(octets); }

}  // namespace

std::optional<FastOpenCookie> fast_open_option(Bytes options) {
  const wire::TcpOptionValues values = wire::TcpOptionValues::from(options);
  if (values.fast_open) return FastOpenCookie{*values.fast_open};
  wire::OptionWalker walk(options);
  while (const auto option = walk.next()) {
    const Bytes payload = option->payload();
    if (option->kind != kExperimental || payload.size() < kExperimentBytes) continue;
    if (load_be16(payload.data()) != FastOpenCookie::kExperiment) continue;
    const Bytes octets = payload.subspan(kExperimentBytes);
    if (!is_legal_length(octets.size())) return std::nullopt;
    FastOpenCookie cookie{octets};
    cookie.is_experimental = true;
    return cookie;
  }
  return std::nullopt;
}

wire::OptionBytes with_fast_open(const wire::OptionBytes& options, const FastOpenCookie& cookie,
                                 bool pads_with_nop) {
  std::array<std::uint8_t, wire::OptionBytes::kBytesMax> octets{};
  std::size_t size = 0;
  wire::OptionWalker walk(options.bytes());
  while (const auto option = walk.next()) {
    if (option->kind == wire::Option::kEnd) break;
    std::ranges::copy(option->bytes, octets.begin() + static_cast<std::ptrdiff_t>(size));
    size += option->bytes.size();
  }
  const Bytes payload = cookie.octets();
  const std::size_t needed = 2 + payload.size() + (cookie.is_experimental ? kExperimentBytes : 0);
  if (size + needed > octets.size()) return options;  // no room: no Fast Open (RFC 7413 4.1.1)
  octets[size] = cookie.is_experimental ? kExperimental
                                        : static_cast<std::uint8_t>(wire::TcpOptionKind::fast_open);
  octets[size + 1] = static_cast<std::uint8_t>(needed);
  if (cookie.is_experimental) store_be16(&octets[size + 2], FastOpenCookie::kExperiment);
  std::ranges::copy(payload,
                    octets.begin() + static_cast<std::ptrdiff_t>(size + needed - payload.size()));
  size += needed;
  while (size % 4 != 0)
    octets[size++] = pads_with_nop ? wire::Option::kNoOperation : wire::Option::kEnd;
  return wire::OptionBytes{Bytes{octets}.first(size)};
}

void Connection::request_fast_open(const FastOpenCookie& cookie, std::uint16_t peer_mss) {
  STRATA_ASSERT(state_ == TcpState::closed && snd_.nxt == 0);
  fast_open_.option = cookie;
  if (cookie.empty() && !config_.fast_open_without_cookie) return;
  if (cookie.empty()) fast_open_.option.reset();
  // RFC 7413 4.2.1: text up to the MSS the server announced before, options off.
  constexpr std::uint16_t kOptionsMost = wire::OptionBytes::kBytesMax;
  if (peer_mss == 0) {
    peer_mss = config_.persona.fast_open_trusts_own_mss ? offer_.mss : kDefaultMss;
  }
  const std::uint16_t mss = std::min({peer_mss, offer_.mss, path_mss_});
  fast_open_.text_max = static_cast<std::uint16_t>(mss - std::min(mss, kOptionsMost));
  fast_open_.is_held = true;
}

// RFC 7413 4.2.2 leaves open when the SYN,ACK goes out: with the first text, or when an ACK is due.
bool Connection::awaits_text_for_syn() const {
  return config_.persona.fast_open_awaits_text && fast_open_.is_accepted && !ack_now_ &&
         timers_.is_armed(Timer::delayed_ack) && send_buffer_.size() == 0 && !fin_queued_;
}

// How much text goes with the first SYN or, where it waits for text, SYN,ACK.
std::uint32_t Connection::syn_text_octets() const {
  if (state_ != TcpState::syn_sent) {
    if (!fast_open_.is_accepted || !config_.persona.fast_open_awaits_text) return 0;
    // RFC 9293 3.7.1 (MUST-16): beside all the options that a SYN,ACK may have.
    const auto options = static_cast<std::uint32_t>(wire::OptionBytes::kBytesMax);
    const std::uint32_t most = std::min(terms_.smss - std::min(terms_.smss, options), snd_.wnd);
    return static_cast<std::uint32_t>(std::min<std::size_t>(send_buffer_.size(), most));
  }
  return static_cast<std::uint32_t>(
      std::min<std::size_t>(fast_open_.text_max, send_buffer_.size()));
}

void Connection::open_passive_fast(const wire::TcpHeader& syn, Bytes payload, PacketUid uid,
                                   Instant arrival, Instant now, std::uint8_t ecn) {
  fast_open_.is_accepted = true;
  fast_open_.text_was_taken = !payload.empty();
  open_passive(syn, payload, uid, arrival, now, ecn);
  // RFC 7413 4.2.2: the server may answer at once, within the initial window.
  window_.cwnd = initial_window(terms_.smss, config_.initial_window_segments);
}

// The SYN,ACK is in: has it taken the text of our SYN, and does it bring a cookie?
void Connection::conclude_fast_open(const wire::TcpHeader& syn_ack) {
  if (!fast_open_.option && fast_open_.text_sent == 0) return;
  fast_open_.granted = fast_open_option(syn_ack.options.bytes());
  fast_open_.text_was_refused = snd_.una <= 1;
  if (fast_open_.text_sent == 0) {
    fast_open_.request_was_ignored =
        counters_.retransmissions == 0 && fast_open_.option->empty() && !fast_open_.granted;
    return;
  }
  fast_open_.text_was_taken = snd_.una > fast_open_.text_sent;
  if (fast_open_.text_was_taken) recovery_.on_syn_and_text_delivered();
  // What is left may not fit what the server takes (RFC 9293 3.7.1, MUST-16).
  queue_.split(terms_.smss);
  // RFC 7413 4.2.1: what was not acknowledged is sent again; that says nothing about the path.
  if (snd_.una < snd_.nxt) {
    recovery_.on_discarded(RetransmitCause::none);
  }
}

}  // namespace strata::tcp
