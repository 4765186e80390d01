// SPDX-License-Identifier: MIT
// How long a sender was idle, busy, and held up by what: the question "why is this transfer slow?"
// in three sums (as Linux' tcpi_busy_time, tcpi_rwnd_limited, tcpi_sndbuf_limited).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "stack/base/time.h"

namespace strata::tcp {

class Chronograph {
 public:
  enum class Activity : std::uint8_t { idle, busy, receiver_limited, buffer_limited };

  // From `now` on the sender does this.
  void set(Activity activity, Instant now) {
    if (activity == activity_) return;
    sums_[static_cast<std::size_t>(activity_)] += now - since_;
    activity_ = activity;
    since_ = now;
  }
  // Up to the last change.
  Duration spent(Activity activity) const { return sums_[static_cast<std::size_t>(activity)]; }
  Duration busy() const {
    return spent(Activity::busy) + spent(Activity::receiver_limited) +
           spent(Activity::buffer_limited);
  }

  Activity activity() const { return activity_; }
  Instant since() const { return since_; }

 private:
  std::array<Duration, 4> sums_{};
  Activity activity_ = Activity::idle;
  Instant since_{};
};

}  // namespace strata::tcp
