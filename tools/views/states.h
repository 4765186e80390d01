// SPDX-License-Identifier: MIT
// The states of both ends of a TCP conversation over time, with what was sent and received on a
// rail below, the phases of congestion control and the timers.
#pragma once

#include <cstdint>

#include "sim/trace/recording.h"
#include "tools/views/text.h"

namespace strata::views {

struct StatesSelection {
  std::uint32_t flow = 1;
  Instant from = kStart;
  Instant until = kNever;
};

Page states(const trace::Recording& recording, const StatesSelection& selection,
            const Options& options);

}  // namespace strata::views
