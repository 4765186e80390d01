// SPDX-License-Identifier: MIT
// Dynamic right-sizing of the receive buffer (Fisk and Feng, 2001, as Linux does it): a reader that
// takes a whole window per round trip is held back by the window, so the buffer grows to twice what
// was read in the last round trip. It never shrinks, and never exceeds what the configuration
// allows. A reader that is slow keeps its small buffer.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "stack/base/time.h"

namespace strata::tcp {

class ReceiveTuning {
 public:
  // `limit_max`: what the buffer may grow to; at most `limit`: it does not grow.
  ReceiveTuning(std::size_t limit, std::size_t limit_max)
      : limit_(limit), limit_max_(std::max(limit, limit_max)) {}

  bool is_enabled() const { return limit_max_ > limit_; }

  // Text in order has arrived; `next` is RCV.NXT and `window` what is offered. Without timestamps
  // the round trip is the time in which a whole window arrives: too long rather than too short, so
  // the least value counts.
  void on_text(std::uint64_t next, std::uint32_t window, Instant now) {
    if (measured_from_ != kNever) {
      if (next < window_end_) return;
      const Duration sample = now - measured_from_;
      if (sample > Duration{} && (rtt_ == Duration{} || sample < rtt_)) rtt_ = sample;
    }
    measured_from_ = now;
    window_end_ = next + window;
  }

  // The user has read up to stream offset `read`; `segment` is the largest text seen. True: the
  // buffer should have limit() now.
  bool on_read(std::uint64_t read, std::uint32_t segment, Instant now) {
    if (!is_enabled() || rtt_ == Duration{}) return false;
    if (period_start_ == kNever) return begin_period(read, now), false;
    if (now - period_start_ < rtt_) return false;
    const std::uint64_t taken = read - read_at_start_;
    begin_period(read, now);
    if (taken <= space_) return false;
    // The sender may double its window within a round trip, and the last segments are on their way.
    constexpr std::uint64_t kSegmentsOfSlack = 16;
    std::uint64_t wanted = 2 * taken + kSegmentsOfSlack * segment;
    if (space_ > 0) wanted += wanted * (taken - space_) / space_;
    space_ = taken;
    const std::size_t before = limit_;
    limit_ = std::clamp<std::size_t>(static_cast<std::size_t>(wanted), limit_, limit_max_);
    return limit_ > before;
  }

  std::size_t limit() const { return limit_; }
  Duration rtt() const { return rtt_; }
  std::uint64_t space() const { return space_; }  // read in the best round trip so far

 private:
  void begin_period(std::uint64_t read, Instant now) {
    period_start_ = now;
    read_at_start_ = read;
  }

  std::size_t limit_;
  std::size_t limit_max_;
  Duration rtt_{};
  Instant measured_from_ = kNever;
  std::uint64_t window_end_ = 0;
  Instant period_start_ = kNever;
  std::uint64_t read_at_start_ = 0;
  std::uint64_t space_ = 0;
};

}  // namespace strata::tcp
