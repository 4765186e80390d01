// SPDX-License-Identifier: MIT
// CUBIC (RFC 9438): after a reduction the window follows a cubic function of time that flattens
// out at W_max, where congestion was last met, and then explores beyond it. On short paths the
// estimate of what Reno would have takes over. All in integers: windows in octets, time in units of
// 1/1024 s.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "stack/transport/tcp/congestion.h"
#include "stack/transport/tcp/counted_cubic.h"
#include "stack/transport/tcp/hystart.h"

namespace strata::tcp {

class Cubic final : public CongestionControl {
 public:
  std::string_view name() const override { return "cubic"; }
  void on_ack(CongestionWindow& window, const AckSample& sample) override;
  std::uint32_t ssthresh_after(CongestionEvent event, const CongestionWindow& window,
                               std::uint64_t flight, Instant now) override;
  void on_undo(CongestionWindow& window, Instant now) override;
  void on_transmission_start(CongestionWindow&, Instant, Duration idle) override;

  // W_cubic(t), octets, `elapsed` after the beginning of the epoch.
  std::uint64_t window_at(Duration elapsed, std::uint32_t smss) const;
  std::uint64_t w_max() const { return state_.w_max; }
  // K of RFC 9438 4.2, the time W_cubic takes to reach W_max.
  Duration k() const;

 private:
  // What a spurious event has to put back (RFC 9438 4.9).
  struct State {
    std::uint64_t w_max = 0;       // octets
    std::uint64_t k = 0;           // 1/1024 s
    std::uint64_t w_est = 0;       // octets * 2^8
    std::uint64_t cwnd_prior = 0;  // octets, before the last reduction
    std::uint64_t credit = 0;      // growth not yet worth an octet, times cwnd
    std::optional<Instant>
        epoch_start;  // of congestion avoidance; none: it begins with the next ACK
    Instant last_ack{};
    bool starts_at_plateau = true;  // W_max is not known: K = 0, W_max = cwnd
  };

  void begin_epoch(const CongestionWindow& window, Instant now);
  void grow_as_linux(CongestionWindow& window, const AckSample& sample);
  std::uint64_t reno_estimate(const CongestionWindow& window, std::uint64_t newly_acked);

  State state_;
  State before_reduction_;
  HyStart hystart_;
  ClassicHyStart classic_hystart_;
  CountedCubic counted_;  // with the classic one
};

// The largest integer whose cube is not greater than `value`.
std::uint64_t integer_cube_root(std::uint64_t value);

}  // namespace strata::tcp
