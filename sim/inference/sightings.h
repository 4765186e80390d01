// SPDX-License-Identifier: MIT
// Sightings: a capture of several interfaces holds one packet several times, once for each
// interface on its way. Two packets are one when they carry the same datagram: addresses, protocol,
// identification, place of the fragment, length and first octets. What routers change (TTL, header
// checksum, link header) does not count; a translated address makes another packet of it.
#pragma once

#include <cstdint>
#include <unordered_map>
#include <vector>

#include "stack/base/ids.h"
#include "stack/base/time.h"
#include "stack/wire/datagram.h"

namespace strata::inference {

class Sightings {
 public:
  // The packet as which this one was first seen: one of another interface, not long ago, that has
  // not been seen on this interface since. `uid` itself when it is new.
  PacketUid first_seen_as(PacketUid uid, Instant time, std::uint32_t interface,
                          const wire::Datagram& datagram);

 private:
  struct Known {
    PacketUid first{};
    Instant time{};
    std::vector<std::uint32_t> interfaces;
  };

  std::unordered_map<std::uint64_t, Known> known_;  // by a hash of the datagram
};

}  // namespace strata::inference
