// SPDX-License-Identifier: MIT
#include "sim/device/paced_run.h"

#include <algorithm>
#include <ctime>

#include "sim/device/monotonic.h"

namespace strata::device {
namespace {

constexpr Duration kPauseMost = 100ms;

void sleep_for(Duration wait) {
  if (wait <= Duration{}) return;
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(wait);
  const timespec time{.tv_sec = seconds.count(), .tv_nsec = (wait - seconds).count()};
  ::nanosleep(&time, nullptr);  // a signal ends it early: should_stop is asked
}

}  // namespace

sim::RunResult run_paced(sim::World& world, Instant until, double speed,
                         const std::function<bool()>& should_stop,
                         const std::function<void()>& on_pause) {
  const Duration begin = monotonic();
  const Instant from = world.now();
  const auto result = [&](sim::StopReason reason) {
    return sim::RunResult{.reason = reason, .end = world.now(), .events = world.events()};
  };
  for (;;) {
    const double passed = static_cast<double>((monotonic() - begin).count()) * speed;
    constexpr double kPassedMost = 4e18;  // 126 years
    const Instant now =
        after(from, Duration{static_cast<std::int64_t>(std::min(passed, kPassedMost))});
    world.pass(std::min(now, until));
    if (on_pause) on_pause();
    if (now >= until) return result(sim::StopReason::until);
    if (should_stop && should_stop()) return result(sim::StopReason::interrupted);
    const Instant next = std::min(world.next_event(), until);
    if (next == kNever) return result(sim::StopReason::idle);
    const double wait = static_cast<double>((next - now).count()) / speed;
    sleep_for(wait < static_cast<double>(kPauseMost.count())
                  ? Duration{static_cast<std::int64_t>(wait) + 1}
                  : kPauseMost);
  }
}

}  // namespace strata::device
