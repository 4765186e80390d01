// SPDX-License-Identifier: MIT
#include "stack/transport/tcp/reno.h"

namespace strata::tcp {

void Reno::on_ack(CongestionWindow& window, const AckSample& sample) {
  if (!sample.is_cwnd_limited) return;
  if (window.is_slow_start()) return grow_in_slow_start(window, sample.newly_acked);
  // RFC 5681 3.1, RFC 3465 2.1: one SMSS per window of octets acknowledged.
  bytes_acked_ += sample.newly_acked;
  if (bytes_acked_ < window.cwnd) return;
  bytes_acked_ -= window.cwnd;
  window.enlarge(window.smss);
}

std::uint32_t Reno::ssthresh_after(CongestionEvent, const CongestionWindow& window,
                                   std::uint64_t flight, Instant) {
  return half_of_flight(window, flight);
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
