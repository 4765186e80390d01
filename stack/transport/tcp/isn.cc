// SPDX-License-Identifier: MIT
#include "stack/transport/tcp/isn.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "stack/base/bytes.h"

namespace strata::tcp {
namespace {

void store_endpoint(std::uint8_t* target, const Endpoint& endpoint) {
  if (endpoint.address.is_v4()) {
    endpoint.address.v4().store(target);
  } else {
    const Ipv6Address address = endpoint.address.v6();
    std::copy(address.octets().begin(), address.octets().end(), target);
  }
  store_be16(target + Ipv6Address::kBytes, endpoint.port);
}

}  // namespace

Seq32 initial_sequence_number(const SecretKey& key, const FlowKey& flow, Instant now) {
  constexpr std::size_t kEndpointBytes = Ipv6Address::kBytes + 2;
  std::array<std::uint8_t, 2 * kEndpointBytes> tuple{};
  store_endpoint(tuple.data(), flow.local);
  store_endpoint(tuple.data() + kEndpointBytes, flow.remote);
  const auto ticks = static_cast<std::uint32_t>(now.time_since_epoch() / 4us);
  return Seq32{ticks + static_cast<std::uint32_t>(keyed_hash(key, tuple))};
}

}  // namespace strata::tcp
