// SPDX-License-Identifier: MIT
// The ladder: who sent what when, when it arrived, and where it died. A flow is drawn between its
// two ends with both clocks and the state of each end beside them; without a flow, all nodes that
// speak IP are columns.
#pragma once

#include <vector>

#include "sim/trace/recording.h"
#include "tools/views/ladder_rows.h"
#include "tools/views/text.h"

namespace strata::views {

Page ladder(const trace::Recording& recording, const LadderSelection& selection,
            const Options& options);

// The same with the instant of each line, for what draws it line by line.
struct TimedPage {
  Page page;
  std::vector<Instant> times;  // of each line of the page
};
TimedPage timed_ladder(const trace::Recording& recording, const LadderSelection& selection,
                       const Options& options);

}  // namespace strata::views
