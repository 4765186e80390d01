// SPDX-License-Identifier: MIT
// The maximum of a series over a sliding window, in constant space: the best three samples, each
// younger than the one before (Kathleen Nichols' algorithm, as in Linux' lib/win_minmax.c).
#pragma once

#include <array>
#include <cstdint>

namespace strata::tcp {

class WindowedMax {
 public:
  std::uint64_t get() const { return best_[0].value; }

  // `time` does not decrease; samples older than `window` are forgotten.
  void update(std::uint64_t time, std::uint64_t value, std::uint64_t window) {
    const Sample sample{time, value};
    if (value >= best_[0].value || time - best_[2].time > window) {
      best_.fill(sample);
      return;
    }
    if (value >= best_[1].value) {
      best_[1] = best_[2] = sample;
    } else if (value >= best_[2].value) {
      best_[2] = sample;
    }
    expire(sample, window);
  }

 private:
  struct Sample {
    std::uint64_t time = 0;
    std::uint64_t value = 0;
  };

  void expire(const Sample& sample, std::uint64_t window) {
    const std::uint64_t age = sample.time - best_[0].time;
    if (age > window) {
      // The best has left the window, perhaps the second too.
      best_ = {best_[1], best_[2], sample};
      if (sample.time - best_[0].time > window) best_ = {best_[1], best_[2], sample};
    } else if (best_[1].time == best_[0].time && age > window / 4) {
      best_[1] = best_[2] = sample;  // a quarter has passed without a second: take one from now on
    } else if (best_[2].time == best_[1].time && age > window / 2) {
      best_[2] = sample;
    }
  }

  std::array<Sample, 3> best_{};
};

}  // namespace strata::tcp
