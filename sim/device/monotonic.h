// SPDX-License-Identifier: MIT
// The clock that real time is kept with.
#pragma once

#include <ctime>

#include "stack/base/time.h"

namespace strata::device {

// CLOCK_MONOTONIC: time since an arbitrary instant that never goes back.
inline Duration monotonic() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec};
}

}  // namespace strata::device
