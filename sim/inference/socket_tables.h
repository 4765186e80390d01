// SPDX-License-Identifier: MIT
// The sockets that the hosts of a capture must have had at some instant: an endpoint of every TCP
// connection that had begun and not ended, and of every UDP conversation.
#pragma once

#include <string>
#include <vector>

#include "sim/trace/recording.h"
#include "stack/socket/sockets.h"

namespace strata::inference {

struct HostSockets {
  std::string host;
  std::vector<Prefix> addresses;
  std::vector<socket::SocketInfo> sockets;
};

// In the order of the recording's hosts; those without a socket are left out.
std::vector<HostSockets> socket_tables(const trace::Recording& recording, Instant at);

}  // namespace strata::inference
