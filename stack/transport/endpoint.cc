// SPDX-License-Identifier: MIT
#include "stack/transport/endpoint.h"

namespace strata::transport {

network::SendOptions send_options(const EndpointOptions& options, const IpAddress& source) {
  return {.source = source,
          .ttl = options.ttl,
          .dscp = static_cast<std::uint8_t>(options.type_of_service >> 2),
          .ecn = static_cast<std::uint8_t>(options.type_of_service & 3),
          .dont_fragment = options.forbids_fragments(),
          .probes_path_mtu = options.mtu_discovery == MtuDiscovery::probe,
          .allow_broadcast = options.broadcast,
          .options = options.ip_options};
}

}  // namespace strata::transport
