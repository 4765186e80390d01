// SPDX-License-Identifier: MIT
// Which socket a packet was delivered to and why: every rule of the demultiplexer, what it looked
// for and what it found.
#pragma once

#include "sim/trace/recording.h"
#include "tools/views/text.h"

namespace strata::views {

// The decision (or decisions, of a duplicate) about one packet.
Page demux(const trace::Recording& recording, PacketUid uid, const Options& options);
// One line for each decision of the run, optionally at one node only.
Page demux_all(const trace::Recording& recording, NodeId node, const Options& options);

}  // namespace strata::views
