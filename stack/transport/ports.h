// SPDX-License-Identifier: MIT
// Port numbers of one transport protocol at one host: who holds which local address and port, may
// another bind it, and which ephemeral port comes next (RFC 6056).
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "stack/base/address.h"
#include "stack/base/random.h"
#include "stack/transport/demux.h"
#include "stack/transport/endpoint.h"
#include "stack/transport/hash_table.h"

namespace strata::transport {

// The dynamic range of RFC 6335 6.
inline constexpr std::uint16_t kEphemeralPortFirst = 49152;
inline constexpr std::uint16_t kEphemeralPortLast = 65535;

// One claim on a local address and port; an unspecified address claims the port on every address.
struct PortHold {
  Endpoint local;
  bool reuses_address = false;  // may be shared by SO_REUSEADDR; never while listening
  bool reuses_port = false;     // may be shared by SO_REUSEPORT
  bool is_bound = true;         // by bind(); else by a connection that came to use it
};

// A claim on `local` under the options of the endpoint that makes it.
inline PortHold hold_for(const Endpoint& local, const EndpointOptions& options,
                         bool is_bound = true) {
  return {.local = local,
          .reuses_address = options.reuse_address,
          .reuses_port = options.reuse_port,
          .is_bound = is_bound};
}

// Counts claims. Everything is O(1).
class PortTable {
 public:
  // SO_REUSEADDR as Linux and POSIX practice have it: a port in use may be bound again when both
  // sides agree and nobody listens there, which is how a server restarts over its own TIME-WAIT.
  // SO_REUSEPORT likewise, and listeners may share.
  bool can_bind(const PortHold& wanted) const;
  // Nobody holds it at all.
  bool is_free(const Endpoint& local) const { return use_of(local).total == 0; }
  // Nobody bound it; connections may be using it.
  bool is_unbound(const Endpoint& local) const { return use_of(local).bound == 0; }

  void hold(const PortHold& hold);
  void release(const PortHold& hold);  // must have been held

 private:
  struct Use {
    std::uint32_t total = 0;
    std::uint32_t keeps_address = 0;  // of them, do not share by SO_REUSEADDR
    std::uint32_t keeps_port = 0;     // of them, do not share by SO_REUSEPORT
    std::uint32_t bound = 0;
  };
  struct PortHash {
    std::size_t operator()(std::uint16_t port) const;
  };
  // Everything whose claim overlaps with one on `local`.
  Use use_of(const Endpoint& local) const;

  HashTable<Endpoint, Use, EndpointHash> locals_;
  HashTable<std::uint16_t, Use, PortHash> ports_;  // over all addresses
};

// RFC 6056 3.3.4, algorithm 4 (double-hash): successive ports towards one destination increase,
// ports towards different destinations tell nothing about each other.
class EphemeralPorts {
 public:
  explicit EphemeralPorts(const SecretKey& key);

  struct Range {
    std::uint16_t first = kEphemeralPortFirst;
    std::uint16_t last = kEphemeralPortLast;
  };

  // The next port of the sequence of (local, remote) that `is_suitable(port)` accepts; nullopt when
  // every port of the range was refused.
  template <typename Suitable>
  std::optional<std::uint16_t> choose(const IpAddress& local, const Endpoint& remote,
                                      Suitable&& is_suitable) {
    return choose(local, remote, Range{}, is_suitable);
  }
  template <typename Suitable>
  std::optional<std::uint16_t> choose(const IpAddress& local, const Endpoint& remote, Range range,
                                      Suitable&& is_suitable) {
    const Sequence sequence = sequence_of(local, remote);
    const std::uint32_t size =
        range.first <= range.last ? std::uint32_t{range.last} - range.first + 1U : 0U;
    for (std::uint32_t count = size; count > 0; --count) {
      const std::uint32_t step = sequence.offset + increments_[sequence.index]++;
      const auto port = static_cast<std::uint16_t>(range.first + step % size);
      if (is_suitable(port)) return port;
    }
    return std::nullopt;
  }

 private:
  static constexpr std::size_t kIncrements = 32;  // TABLE_LENGTH
  struct Sequence {
    std::uint32_t offset = 0;
    std::size_t index = 0;
  };
  Sequence sequence_of(const IpAddress& local, const Endpoint& remote) const;

  SecretKey key_;
  std::array<std::uint16_t, kIncrements> increments_{};
};

}  // namespace strata::transport
