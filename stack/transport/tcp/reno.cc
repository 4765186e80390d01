// SPDX-License-Identifier: MIT
#include "stack/transport/tcp/reno.h"

#include "stack/transport/tcp/counted_growth.h"

namespace strata::tcp {

void Reno::on_ack(CongestionWindow& window, const AckSample& sample) {
  if (!sample.is_cwnd_limited) return;
  if (window.of_linux) return grow_as_linux(window, sample.newly_acked);
  if (window.is_slow_start()) return grow_in_slow_start(window, sample.newly_acked);
  // RFC 5681 3.1, RFC 3465 2.1: one SMSS per window of octets acknowledged.
  bytes_acked_ += sample.newly_acked;
  if (bytes_acked_ < window.cwnd) return;
  bytes_acked_ -= window.cwnd;
  window.enlarge(window.smss);
}

// tcp_reno_cong_avoid().
void Reno::grow_as_linux(CongestionWindow& window, std::uint64_t octets) {
  const std::uint64_t left = grow_to_threshold(window, octets);
  if (left > 0) grow_counted(window, bytes_acked_, left, window.cwnd);
}

std::uint32_t Reno::ssthresh_after(CongestionEvent, const CongestionWindow& window,
                                   std::uint64_t flight, Instant) {
  const std::uint32_t half = half_of_flight(window, flight);
  return window.of_linux ? half - half % window.smss : half;
}

std::unique_ptr<CongestionControl> make_tahoe() {
  return std::make_unique<Reno>("tahoe", CongestionTraits{.fast_recovery = FastRecovery::none});
}

std::unique_ptr<CongestionControl> make_reno() {
  return std::make_unique<Reno>("reno",
                                CongestionTraits{.fast_recovery = FastRecovery::until_new_ack});
}

std::unique_ptr<CongestionControl> make_newreno() {
  return std::make_unique<Reno>("newreno", CongestionTraits{});
}

}  // namespace strata::tcp
