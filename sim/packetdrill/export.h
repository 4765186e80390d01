// SPDX-License-Identifier: MIT
// The reverse of the runner: one side of a TCP flow that was recorded becomes a script that passes.
// What arrived at the host is injected, its calls are made, and what it sent is expected, each at
// its instant.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "sim/trace/recording.h"
#include "stack/transport/tcp/config.h"

namespace strata::packetdrill {

struct ExportRequest {
  std::uint32_t flow = 0;                  // number of the flow in the recording
  NodeId node = kNoNode;                   // one of its ends
  const tcp::Config* config = nullptr;     // of the node
  std::uint16_t mtu = 1500;                // of its link
  std::string title;                       // a line for people
  std::span<const LinkId> unsteady_links;  // see links_with_mtu_changes()
};

// The links whose MTU changed: a script has one. To be asked once for a recording.
std::vector<LinkId> links_with_mtu_changes(const trace::Recording& recording);

// The script, or a sentence that says why there can be none.
tl::expected<std::string, std::string> export_script(const trace::Recording& recording,
                                                     const ExportRequest& request);

}  // namespace strata::packetdrill
