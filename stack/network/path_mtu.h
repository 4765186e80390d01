// SPDX-License-Identifier: MIT
// Path MTU cache (RFC 1191): the largest datagram that reaches a destination unfragmented, as far
// as ICMP "fragmentation needed" has told. Entries age (RFC 1191 6.3); their number is bounded.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "stack/base/address.h"
#include "stack/base/time.h"

namespace strata::network {

class PathMtuCache {
 public:
  explicit PathMtuCache(Duration timeout) : timeout_(timeout) {}

  // Notes that a datagram of `datagram_bytes` to `destination` was too large; `reported` is the
  // next-hop MTU of the message, 0 from routers older than RFC 1191 (a plateau is guessed, section
  // 7.1). Estimates only shrink, never below 68 (section 3).
  void reduce(Ipv4Address destination, std::uint16_t reported, std::uint16_t datagram_bytes,
              Instant now);
  // The estimate for `destination`; nullopt if none is known.
  std::optional<std::uint16_t> find(Ipv4Address destination) const {
    return entries_.empty() ? std::nullopt : search(destination);
  }
  // Forgets estimates that are too old. Cheap when there is nothing to forget.
  void age(Instant now) {
    if (now >= next_expiry_) [[unlikely]]
      expire(now);
  }

 private:
  struct Entry {
    Ipv4Address destination;
    std::uint16_t mtu = 0;
    Instant expires{};
  };
  static constexpr std::size_t kEntriesMax = 1024;

  std::optional<std::uint16_t> search(Ipv4Address destination) const;
  void expire(Instant now);

  Duration timeout_;
  std::vector<Entry> entries_;  // sorted by destination
  Instant next_expiry_ = kNever;
};

}  // namespace strata::network
