// SPDX-License-Identifier: MIT
#include "stack/transport/endpoint.h"

namespace strata::transport {

network::SendOptions send_options(const EndpointOptions& options, const IpAddress& source) {
  return {.source = source,
          .ttl = options.ttl,
          .dscp = static_cast<std::uint8_t>(options.type_of_service >> 2),
          .ecn = static_cast<std::uint8_t>(options.type_of_service & 3),
          .dont_fragment = options.dont_fragment,
          .allow_broadcast = options.broadcast,
          .options = {}};
}

}  // namespace strata::transport
