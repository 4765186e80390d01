// SPDX-License-Identifier: MIT
#include "sim/run_result.h"

namespace strata::sim {

std::string_view to_text(StopReason reason) {
  switch (reason) {
    case StopReason::idle:
      return "idle";
    case StopReason::until:
      return "until";
    case StopReason::event_budget:
      return "event budget";
    case StopReason::interrupted:
      return "interrupted";
  }
  return "?";
}

}  // namespace strata::sim
