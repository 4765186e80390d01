// SPDX-License-Identifier: MIT
// TCP Fast Open (RFC 7413), the parts that outlive a connection: the cookies a server gives out and
// the cookies a client has been given. How text travels on a SYN is the connection's matter
// (tcp/fast_open.h).
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "stack/base/address.h"
#include "stack/base/random.h"
#include "stack/base/time.h"
#include "stack/transport/tcp/fast_open.h"

namespace strata::transport {

// RFC 7413 4.1.2: the cookie of a client's address, a keyed hash: nothing has to be remembered.
tcp::FastOpenCookie fast_open_cookie(const SecretKey& key, const IpAddress& server,
                                     const IpAddress& client);

// The same as other systems compute it from a key that is set: SipHash of the client's address
// (FreeBSD) and the server's behind it (Linux; nullptr: without). Hosts that share the key
// understand each other's cookies (RFC 7413 6.1).
tcp::FastOpenCookie fast_open_cookie_by(const SecretKey& key, const IpAddress& client,
                                        const IpAddress* server);

// RFC 7413 4.1.3: what a client knows of servers. Bounded; the least recently used is forgotten.
class FastOpenCache {
 public:
  static constexpr std::size_t kEntriesMax = 256;

  struct Entry {
    IpAddress server;
    tcp::FastOpenCookie cookie;  // empty: a request, as this server (or the path) took no text
    std::uint16_t mss = 0;       // the server announced
    std::uint64_t last_used = 0;
    bool experiment_failed = false;  // no answer to the option before RFC 7413 (RFC 6994) either
    Instant disabled_until{};  // RFC 7413 4.1.3.1: until then its connections are opened without
  };

  // How long a server that did not want Fast Open is left alone.
  static constexpr Duration kDisabledFor = std::chrono::minutes(15);

  // The entry is valid until the next call.
  Entry& put(const IpAddress& server, const tcp::FastOpenCookie& cookie, std::uint16_t mss);
  // RFC 7413 4.1.3.1 (SHOULD): no Fast Open with this server until kDisabledFor after `now`.
  void disable(const IpAddress& server, Instant now);
  // The server has answered a request without a cookie, asked in the one form or the other.
  void on_request_ignored(const IpAddress& server, bool was_experimental, std::uint16_t mss);
  // Nullptr when nothing is known.
  const Entry* find(const IpAddress& server);

 private:
  std::vector<Entry> entries_;  // few and rarely asked: no index
  std::uint64_t uses_ = 0;
};

}  // namespace strata::transport
