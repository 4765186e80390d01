// SPDX-License-Identifier: MIT
// The way of the octets of a conversation: written, sent, sent again, held above a gap, read, one
// lane each over the offsets of the stream. Stretches where all went in order are one line.
#pragma once

#include <cstdint>

#include "sim/trace/recording.h"
#include "tools/views/text.h"

namespace strata::views {

struct StreamSelection {
  std::uint32_t flow = 1;
  NodeId writer = kNoNode;  // kNoNode: both directions
  bool fold = true;
};

Page stream(const trace::Recording& recording, const StreamSelection& selection,
            const Options& options);

}  // namespace strata::views
