// SPDX-License-Identifier: MIT
// CUBIC's congestion avoidance as Linux computes it: in whole segments, as the number of
// acknowledged segments that are worth one more, which is looked at anew when the window has
// changed, and else 32 times a second at most. The curve is that of RFC 9438 4.2 (cubic.h).
#pragma once

#include <cstdint>
#include <optional>

#include "stack/transport/tcp/congestion.h"

namespace strata::tcp {

class CountedCubic {
 public:
  // For `octets` newly acknowledged in congestion avoidance, the window being in use. The target
  // lies ahead by `ahead`, the shortest round trip.
  void grow(CongestionWindow& window, std::uint64_t octets, Instant now, Duration ahead);
  // The window, still as it was, is about to be reduced.
  void on_reduction(CongestionEvent event, const CongestionWindow& window);
  // RFC 9438 4.2: t leaves out the time in which nothing was sent.
  void on_transmission_start(Instant now, Duration idle);

 private:
  void update(std::uint64_t cwnd, std::uint32_t smss, Instant now, Duration ahead);
  void begin_epoch(std::uint64_t cwnd, Instant now);
  std::uint64_t target(Instant now, Duration ahead) const;
  void follow_reno(std::uint64_t cwnd, std::uint32_t smss);

  std::optional<Instant> epoch_start_;
  Instant updated_{};
  std::uint64_t w_max_ = 0;        // segments; 0: not known
  std::uint64_t origin_ = 0;       // segments, where the curve is flat
  std::uint64_t k_ = 0;            // 1/1024 s, when it is
  std::uint64_t window_ = 0;       // segments, at the last update
  std::uint64_t count_ = 0;        // segments that are worth one
  std::uint64_t reno_window_ = 0;  // segments, W_est of RFC 9438 4.3
  std::uint64_t acked_ = 0;        // octets, not yet in reno_window_
  std::uint64_t credit_ = 0;       // octets, not yet in the window
};

}  // namespace strata::tcp
