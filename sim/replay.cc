// SPDX-License-Identifier: MIT
#include "sim/replay.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "stack/base/uint128.h"

namespace strata::sim {

Replay::Replay(ReplayConfig config)
    : config_(std::move(config)), clock_(config_.rate_bps), pass_start_(config_.start) {
  if (!config_.capture->frames.empty() && config_.passes > 0) due_ = config_.start;
}

void Replay::advance(Instant now, std::size_t frame_bytes) {
  // The arithmetic of the link itself, so that a frame comes at the instant the link falls silent.
  const Duration bits = clock_.transmit(8 * (physical::kPreambleAndStartBytes + frame_bytes));
  const Duration gap = clock_.transmit(physical::kInterFrameGapBits);
  const Instant link_is_free = after(after(now, bits), gap);
  if (++index_ == config_.capture->frames.size()) {
    if (++pass_ == config_.passes) return stop();
    index_ = 0;
    pass_start_ = link_is_free;
  }
  due_ = config_.speed_ppm == 0 ? link_is_free : std::max(now, due_by_timing(frame().since_first));
}

Instant Replay::due_by_timing(Duration since_first) const {
  const Uint128 scaled =
      static_cast<Uint128>(since_first.count()) * ReplayConfig::kOriginalSpeed / config_.speed_ppm;
  constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();
  const auto whole =
      scaled > static_cast<std::uint64_t>(kMost) ? kMost : static_cast<std::int64_t>(scaled);
  return after(pass_start_, Duration{whole});
}

}  // namespace strata::sim
