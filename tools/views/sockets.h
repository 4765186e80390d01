// SPDX-License-Identifier: MIT
// The socket table of hosts at one instant, in the manner of ss(8), with what TCP knows.
#pragma once

#include <string>
#include <vector>

#include "stack/base/time.h"
#include "stack/socket/sockets.h"
#include "tools/views/text.h"

namespace strata::views {

struct HostSockets {
  std::string host;
  std::vector<Prefix> addresses;
  std::vector<socket::SocketInfo> sockets;
};

Page sockets(const std::vector<HostSockets>& hosts, Instant at, const Options& options);

}  // namespace strata::views
