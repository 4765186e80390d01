// SPDX-License-Identifier: MIT
#include "stack/transport/tcp/reno.h"

#include <algorithm>
#include <limits>

namespace strata::tcp {
namespace {

void enlarge(CongestionWindow& window, std::uint64_t octets) {
  constexpr std::uint64_t kMax = std::numeric_limits<std::int32_t>::max();
  window.cwnd = static_cast<std::uint32_t>(std::min(kMax, window.cwnd + octets));
}

}  // namespace

void Reno::on_ack(CongestionWindow& window, const AckSample& sample) {
  if (window.is_slow_start()) {
    // RFC 5681 3.1 (2): cwnd += min(N, SMSS). Only if the window was in use: at least half of it.
    if (2 * sample.flight_before < window.cwnd) return;
    enlarge(window, std::min<std::uint64_t>(sample.newly_acked, window.smss));
    return;
  }
  // In congestion avoidance the window counts as used when no further segment would have fitted.
  if (sample.flight_before + window.smss <= window.cwnd) return;
  // RFC 5681 3.1, RFC 3465 2.1: one SMSS per window of octets acknowledged.
  bytes_acked_ += sample.newly_acked;
  if (bytes_acked_ < window.cwnd) return;
  bytes_acked_ -= window.cwnd;
  enlarge(window, window.smss);
}

std::uint32_t Reno::ssthresh_after_loss(const CongestionWindow& window, std::uint64_t flight) {
  // RFC 5681 (4): max(FlightSize / 2, 2*SMSS).
  return static_cast<std::uint32_t>(
      std::max<std::uint64_t>(flight / 2, std::uint64_t{2} * window.smss));
}

std::unique_ptr<CongestionControl> make_reno() { return std::make_unique<Reno>(); }

}  // namespace strata::tcp
