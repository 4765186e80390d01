// SPDX-License-Identifier: MIT
// Why and when a run came to its end.
#pragma once

#include <cstdint>
#include <string_view>

#include "stack/base/time.h"

namespace strata::sim {

enum class StopReason : std::uint8_t {
  idle,          // nothing is left to happen
  until,         // the end of the requested time was reached
  event_budget,  // too many events: most likely something goes round in circles
  interrupted,   // the caller asked for it
};
std::string_view to_text(StopReason reason);

struct RunResult {
  StopReason reason{};
  Instant end{};             // of the last event, or the requested end of time
  std::uint64_t events = 0;  // since the world was made
};

}  // namespace strata::sim
