// SPDX-License-Identifier: MIT
// Why a packet was sent, what became of it and what that led to: the tree of analysis::causes_of()
// in sentences.
#pragma once

#include "sim/trace/recording.h"
#include "tools/views/text.h"

namespace strata::views {

Page why(const trace::Recording& recording, PacketUid uid, const Options& options);

}  // namespace strata::views
