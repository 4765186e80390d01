// SPDX-License-Identifier: MIT
#include "stack/network/identification.h"

namespace strata::network {

std::uint16_t IdentificationSource::next(Ipv4Address source, Ipv4Address destination,
                                         IpProtocol protocol) {
  const std::uint32_t mixed = (source.value() ^ (destination.value() * 0x9e3779b1U) ^
                               static_cast<std::uint32_t>(protocol)) *
                              0x85ebca6bU;
  Bucket& bucket = buckets_[mixed >> 26];
  if (!bucket.is_used || bucket.source != source || bucket.destination != destination ||
      bucket.protocol != protocol) {
    std::array<std::uint8_t, 9> flow{};
    source.store(&flow[0]);
    destination.store(&flow[4]);
    flow[8] = static_cast<std::uint8_t>(protocol);
    bucket.source = source;
    bucket.destination = destination;
    bucket.protocol = protocol;
    bucket.offset = static_cast<std::uint16_t>(keyed_hash(key_, flow));
    bucket.is_used = true;  // the counter goes on, whoever had the bucket before
  }
  return static_cast<std::uint16_t>(bucket.offset + bucket.counter++);
}

}  // namespace strata::network
