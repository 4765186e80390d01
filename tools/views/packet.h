// SPDX-License-Identifier: MIT
// One packet of a recording as nested boxes, as it was on a link.
#pragma once

#include <optional>
#include <set>

#include "sim/trace/recording.h"
#include "tools/views/text.h"

namespace strata::views {

struct PacketSelection {
  PacketUid uid = kNoPacket;
  std::optional<LinkId> link;     // none: where it was damaged, else the first it crossed
  bool as_received = false;       // after the medium had its way with it
  std::set<Protocol> collapsed;   // boxes of which only the title is wanted
  std::size_t data_rows_max = 8;  // rows of payload; 0: all
};

Page packet(const trace::Recording& recording, const PacketSelection& selection,
            const Options& options);

}  // namespace strata::views
