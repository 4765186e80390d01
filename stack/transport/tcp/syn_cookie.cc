// SPDX-License-Identifier: MIT
#include "stack/transport/tcp/syn_cookie.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

#include "stack/transport/tcp/flow_octets.h"

namespace strata::tcp {
namespace {

// The values that occur in practice; the first is the least a peer may announce with effect.
constexpr std::array<std::uint16_t, 8> kMssTable{48, 536, 1200, 1360, 1400, 1440, 1452, 1460};
// Shifts; the entry 0 of the octet's field means that the option was absent.
constexpr std::array<std::uint8_t, 7> kScaleTable{0, 2, 4, 6, 7, 8, 10};

// The place of the largest entry that is not above `value`.
template <typename T>
std::uint8_t index_of(std::span<const T> table, T value) {
  const auto above = std::ranges::upper_bound(table, value);
  return above == table.begin() ? std::uint8_t{0}
                                : static_cast<std::uint8_t>(above - table.begin() - 1);
}

std::uint8_t encode(const CookieTerms& terms) {
  const std::uint8_t mss = index_of<std::uint16_t>(kMssTable, terms.mss);
  const int scale =
      terms.window_scale ? 1 + index_of<std::uint8_t>(kScaleTable, *terms.window_scale) : 0;
  return static_cast<std::uint8_t>(mss << 5 | scale << 2 | (terms.sack_permitted ? 2 : 0) |
                                   (terms.ecn_setup ? 1 : 0));
}

CookieTerms decode(std::uint8_t octet) {
  CookieTerms terms{.mss = kMssTable[octet >> 5],
                    .sack_permitted = (octet & 2) != 0,
                    .ecn_setup = (octet & 1) != 0};
  const std::size_t scale = octet >> 2 & 7;
  if (scale > 0) terms.window_scale = kScaleTable[scale - 1];
  return terms;
}

constexpr std::uint16_t kMaskDomain = 0x100;  // beyond any octet

// A hash of everything the cookie vouches for: `subject` is the low octet, or kMaskDomain for what
// that octet is masked with.
std::uint64_t hash(const SecretKey& key, const FlowKey& flow, Seq32 peer_isn, std::uint64_t slot,
                   std::uint16_t subject) {
  std::array<std::uint8_t, kFlowOctets + 4 + 8 + 2> message{};
  store_flow(flow, message.data());
  std::uint8_t* rest = message.data() + kFlowOctets;
  store_be32(rest, peer_isn.raw());
  store_be32(rest + 4, static_cast<std::uint32_t>(slot >> 32));
  store_be32(rest + 8, static_cast<std::uint32_t>(slot));
  store_be16(rest + 12, subject);
  return keyed_hash(key, message);
}

Seq32 cookie_of(const SecretKey& key, const FlowKey& flow, Seq32 peer_isn, std::uint64_t slot,
                std::uint8_t octet) {
  const auto mac = static_cast<std::uint32_t>(hash(key, flow, peer_isn, slot, octet));
  const auto mask = static_cast<std::uint8_t>(hash(key, flow, peer_isn, slot, kMaskDomain));
  return Seq32{(mac & 0xffffff00U) | static_cast<std::uint8_t>(octet ^ mask)};
}

std::uint64_t slot_of(Instant now) {
  return static_cast<std::uint64_t>(now.time_since_epoch() / kCookieSlot);
}

}  // namespace

Seq32 make_syn_cookie(const SecretKey& key, const FlowKey& flow, Seq32 peer_isn,
                      const CookieTerms& terms, Instant now) {
  return cookie_of(key, flow, peer_isn, slot_of(now), encode(terms));
}

std::optional<CookieTerms> open_syn_cookie(const SecretKey& key, const FlowKey& flow,
                                           Seq32 peer_isn, Seq32 cookie, Instant now) {
  const std::uint64_t current = slot_of(now);
  for (const std::uint64_t slot : {current, current - 1}) {
    const auto mask = static_cast<std::uint8_t>(hash(key, flow, peer_isn, slot, kMaskDomain));
    const auto octet = static_cast<std::uint8_t>(cookie.raw() ^ mask);
    if (cookie_of(key, flow, peer_isn, slot, octet) == cookie) return decode(octet);
    if (current == 0) break;
  }
  return std::nullopt;
}

}  // namespace strata::tcp
