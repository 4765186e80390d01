// SPDX-License-Identifier: MIT
// Every packet in one line, in tcpdump's manner: number, time, what is in it, and in brackets what
// TCP had to do with it - or, of a capture, what one must conclude.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/trace/recording.h"
#include "tools/views/text.h"

namespace strata::views {

struct PacketListSelection {
  std::optional<std::uint32_t> flow;  // only packets of this conversation
  Instant from = kStart;
  Instant until = kNever;
};

Page packet_list(const trace::Recording& recording, const PacketListSelection& selection,
                 const Options& options);

// What is to be said of a packet beside its octets: "retransmission of #9 (fast retransmit)",
// "dup ack 2", "reordered".
std::vector<std::string> remarks_on(const trace::Recording& recording, PacketUid uid);

}  // namespace strata::views
