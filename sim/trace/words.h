// SPDX-License-Identifier: MIT
// Words for the enumerations of events that only readers of a trace spell out. They are stable:
// programs read them.
#pragma once

#include <string_view>

#include "stack/base/events.h"

namespace strata {

std::string_view to_text(FrameError error);
std::string_view to_text(DemuxOutcome outcome);
std::string_view to_text(Parentage parentage);

}  // namespace strata
