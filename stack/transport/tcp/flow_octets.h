// SPDX-License-Identifier: MIT
// A 4-tuple as the octets that keyed hashes are taken of.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "stack/base/address.h"
#include "stack/base/bytes.h"

namespace strata::tcp {

inline constexpr std::size_t kEndpointOctets = Ipv6Address::kBytes + 2;
inline constexpr std::size_t kFlowOctets = 2 * kEndpointOctets;

inline void store_address(const IpAddress& address, std::uint8_t* target) {
  if (address.is_v4()) {
    address.v4().store(target);
  } else {
    const Ipv6Address v6 = address.v6();
    std::copy(v6.octets().begin(), v6.octets().end(), target);
  }
}

// Writes kFlowOctets octets; `target` must be zero there.
inline void store_flow(const FlowKey& flow, std::uint8_t* target) {
  store_address(flow.local.address, target);
  store_be16(target + Ipv6Address::kBytes, flow.local.port);
  target += kEndpointOctets;
  store_address(flow.remote.address, target);
  store_be16(target + Ipv6Address::kBytes, flow.remote.port);
}

}  // namespace strata::tcp
