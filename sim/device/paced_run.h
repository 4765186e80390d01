// SPDX-License-Identifier: MIT
// Lets a world pass in wall-clock time, without devices: so that somebody can watch a simulation
// that would be over in milliseconds.
#pragma once

#include <functional>

#include "sim/world.h"

namespace strata::device {

// Runs `world` until `until`, `speed` (> 0) seconds of virtual time in a second, or until nothing
// is left to happen, or `should_stop` says so (asked at least ten times a second). `on_pause` is
// called whenever all that was due has happened.
sim::RunResult run_paced(sim::World& world, Instant until, double speed,
                         const std::function<bool()>& should_stop,
                         const std::function<void()>& on_pause);

}  // namespace strata::device
