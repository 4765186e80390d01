// SPDX-License-Identifier: MIT
// Values of the IPv4 identification field. RFC 6864 4.3: unique per source, destination and
// protocol while fragments may be in flight; RFC 7739 section 5: not to be guessed from outside.
// A counter per bucket of flows, offset per flow by a keyed hash, gives both in fixed memory: flows
// that share a bucket skip values but never repeat one before the counter wraps.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "stack/base/address.h"
#include "stack/base/protocol.h"
#include "stack/base/random.h"

namespace strata::network {

class IdentificationSource {
 public:
  explicit IdentificationSource(const SecretKey& key) : key_(key) {}
  std::uint16_t next(Ipv4Address source, Ipv4Address destination, IpProtocol protocol);

 private:
  struct Bucket {
    Ipv4Address source;  // of the flow whose offset is here
    Ipv4Address destination;
    IpProtocol protocol{};
    std::uint16_t offset = 0;
    std::uint16_t counter = 0;
    bool is_used = false;
  };
  static constexpr std::size_t kBuckets = 64;

  SecretKey key_;
  std::array<Bucket, kBuckets> buckets_{};
};

}  // namespace strata::network
