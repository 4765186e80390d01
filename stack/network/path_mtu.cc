// SPDX-License-Identifier: MIT
#include "stack/network/path_mtu.h"

#include <algorithm>
#include <array>

namespace strata::network {
namespace {

constexpr std::uint16_t kMtuMin = 68;  // RFC 1191 section 3
// RFC 1191 section 7, table 7-1.
constexpr std::array<std::uint16_t, 11> kPlateaus{65535, 32000, 17914, 8166, 4352, 2002,
                                                  1492,  1006,  508,   296,  68};

std::uint16_t plateau_below(std::uint16_t bytes) {
  const auto found =
      std::ranges::find_if(kPlateaus, [&](std::uint16_t plateau) { return plateau < bytes; });
  return found == kPlateaus.end() ? kMtuMin : *found;
}

}  // namespace

void PathMtuCache::reduce(Ipv4Address destination, std::uint16_t reported,
                          std::uint16_t datagram_bytes, Instant now) {
  const std::uint16_t mtu =
      std::max(kMtuMin, reported == 0 ? plateau_below(datagram_bytes) : reported);
  // RFC 1191 section 3: the estimate must not grow because of such a message; one that reports room
  // for the very datagram it refused is false.
  if (mtu >= std::min(datagram_bytes, search(destination).value_or(datagram_bytes))) return;
  auto entry = std::ranges::lower_bound(entries_, destination, {}, &Entry::destination);
  if (entry == entries_.end() || entry->destination != destination) {
    if (entries_.size() == kEntriesMax) {
      entries_.erase(std::ranges::min_element(entries_, {}, &Entry::expires));
      entry = std::ranges::lower_bound(entries_, destination, {}, &Entry::destination);
    }
    entry = entries_.insert(entry, Entry{.destination = destination});
  }
  entry->mtu = mtu;
  entry->expires = after(now, timeout_);
  next_expiry_ = std::min(next_expiry_, entry->expires);
}

std::optional<std::uint16_t> PathMtuCache::search(Ipv4Address destination) const {
  const auto entry = std::ranges::lower_bound(entries_, destination, {}, &Entry::destination);
  if (entry == entries_.end() || entry->destination != destination) return std::nullopt;
  return entry->mtu;
}

void PathMtuCache::expire(Instant now) {
  std::erase_if(entries_, [&](const Entry& entry) { return entry.expires <= now; });
  next_expiry_ = kNever;
  for (const Entry& entry : entries_) next_expiry_ = std::min(next_expiry_, entry.expires);
}

}  // namespace strata::network
