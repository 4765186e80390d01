// SPDX-License-Identifier: MIT
#include "stack/transport/tcp/isn.h"

#include <array>
#include <cstdint>

#include "stack/transport/tcp/flow_octets.h"

namespace strata::tcp {
Seq32 initial_sequence_number(const SecretKey& key, const FlowKey& flow, Instant now) {
  std::array<std::uint8_t, kFlowOctets> tuple{};
  store_flow(flow, tuple.data());
  const auto ticks = static_cast<std::uint32_t>(now.time_since_epoch() / 4us);
  return Seq32{ticks + static_cast<std::uint32_t>(keyed_hash(key, tuple))};
}

}  // namespace strata::tcp
