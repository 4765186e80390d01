// SPDX-License-Identifier: MIT
// The ladder: who sent what when, when it arrived, and where it died. A flow is drawn between its
// two ends with both clocks and the state of each end beside them; without a flow, all nodes that
// speak IP are columns.
#pragma once

#include <cstdint>
#include <optional>

#include "sim/trace/recording.h"
#include "tools/views/text.h"

namespace strata::views {

struct LadderSelection {
  std::optional<std::uint32_t> flow;  // number; none: all packets of all nodes
  Instant from = kStart;
  Instant until = kNever;
  bool fold = true;  // long runs of ordinary data and ACKs become one line
};

Page ladder(const trace::Recording& recording, const LadderSelection& selection,
            const Options& options);

}  // namespace strata::views
