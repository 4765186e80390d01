// SPDX-License-Identifier: MIT
#include "stack/transport/fast_open.h"

#include <algorithm>
#include <array>

#include "stack/transport/tcp/flow_octets.h"

namespace strata::transport {

tcp::FastOpenCookie fast_open_cookie(const SecretKey& key, const IpAddress& server,
                                     const IpAddress& client) {
  // The first octet keeps this hash apart from those of sequence numbers and ports.
  constexpr std::uint8_t kDomain = 34;
  std::array<std::uint8_t, 1 + 2 * Ipv6Address::kBytes> message{kDomain};
  tcp::store_address(server, message.data() + 1);
  tcp::store_address(client, message.data() + 1 + Ipv6Address::kBytes);
  const std::uint64_t hash = keyed_hash(key, message);
  std::array<std::uint8_t, 8> octets{};
  store_be32(octets.data(), static_cast<std::uint32_t>(hash >> 32));
  store_be32(octets.data() + 4, static_cast<std::uint32_t>(hash));
  return tcp::FastOpenCookie{octets};
}

tcp::FastOpenCookie fast_open_cookie_by(const SecretKey& key, const IpAddress& client,
                                        const IpAddress* server) {
  std::array<std::uint8_t, 2 * Ipv6Address::kBytes> message{};
  std::size_t size = 0;
  for (const IpAddress* address : {&client, server}) {
    if (address == nullptr) continue;
    if (address->is_v4()) {
      store_be32(message.data() + size, address->v4().value());
    } else {
      tcp::store_address(*address, message.data() + size);
    }
    size += address->is_v4() ? Ipv4Address::kBytes : Ipv6Address::kBytes;
  }
  const std::uint64_t hash = keyed_hash(key, Bytes{message}.first(size));
  std::array<std::uint8_t, 8> octets{};
  for (std::size_t i = 0; i < octets.size(); ++i) {
    octets[i] = static_cast<std::uint8_t>(hash >> (8 * i));
  }
  return tcp::FastOpenCookie{octets};
}

FastOpenCache::Entry& FastOpenCache::put(const IpAddress& server, const tcp::FastOpenCookie& cookie,
                                         std::uint16_t mss) {
  auto entry = std::ranges::find(entries_, server, &Entry::server);
  if (entry == entries_.end()) {
    if (entries_.size() == kEntriesMax) {
      entries_.erase(std::ranges::min_element(entries_, {}, &Entry::last_used));
    }
    entry = entries_.insert(entries_.end(), Entry{.server = server});
  }
  entry->cookie = cookie;
  entry->mss = mss;
  entry->disabled_until = {};
  entry->last_used = ++uses_;
  return *entry;
}

void FastOpenCache::disable(const IpAddress& server, Instant now) {
  put(server, tcp::FastOpenCookie{}, 0).disabled_until = now + kDisabledFor;
}

void FastOpenCache::on_request_ignored(const IpAddress& server, bool was_experimental,
                                       std::uint16_t mss) {
  const Entry* known = find(server);
  if (known != nullptr && !known->cookie.empty()) return;
  const bool has_failed = was_experimental || (known != nullptr && known->experiment_failed);
  tcp::FastOpenCookie request;
  request.is_experimental = !has_failed;
  put(server, request, mss).experiment_failed = has_failed;
}

const FastOpenCache::Entry* FastOpenCache::find(const IpAddress& server) {
  const auto entry = std::ranges::find(entries_, server, &Entry::server);
  if (entry == entries_.end()) return nullptr;
  entry->last_used = ++uses_;
  return &*entry;
}

}  // namespace strata::transport
