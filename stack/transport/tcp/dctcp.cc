// SPDX-License-Identifier: MIT
// DCTCP (RFC 8257): Reno's growth, and a reduction in proportion to the share of octets that were
// marked. It needs marks at a threshold in the switches (queue discipline threshold-mark) and a
// receiver that echoes each mark as it is (ecn.h).
#include <algorithm>

#include "stack/transport/tcp/reno.h"

namespace strata::tcp {
namespace {

constexpr std::uint64_t kOne = 1U << 20;  // alpha = 1
constexpr unsigned kGainBits = 4;         // RFC 8257 4.2: g = 1/16

class Dctcp final : public Reno {
 public:
  Dctcp() : Reno("dctcp", {.observes = true, .exact_ecn = true}) {}

  void observe(const AckSample& sample) override;
  std::uint32_t ssthresh_after(CongestionEvent event, const CongestionWindow& window,
                               std::uint64_t flight, Instant now) override;

 private:
  std::uint64_t alpha_ = kOne;  // RFC 8257 4.2: the estimate begins at 1
  std::uint64_t window_end_ = 0;
  std::uint64_t acked_ = 0;
  std::uint64_t marked_ = 0;
};

void Dctcp::observe(const AckSample& sample) {
  // RFC 8257 3.3.1 to 3.3.3: octets acknowledged, and those of them with ECE.
  acked_ += sample.newly_acked;
  if (sample.ece) marked_ += sample.newly_acked;
  if (sample.una < window_end_) return;
  // RFC 8257 3.3.4 to 3.3.7: once per window alpha = alpha * (1 - g) + g * M.
  window_end_ = sample.nxt;
  const std::uint64_t share = acked_ > 0 ? marked_ * kOne / acked_ : 0;
  alpha_ = alpha_ - (alpha_ >> kGainBits) + (share >> kGainBits);
  acked_ = marked_ = 0;
}

std::uint32_t Dctcp::ssthresh_after(CongestionEvent event, const CongestionWindow& window,
                                    std::uint64_t flight, Instant now) {
  // RFC 8257 3.5: a loss is answered as ever.
  if (event != CongestionEvent::ecn) return Reno::ssthresh_after(event, window, flight, now);
  // RFC 8257 3.3.9: cwnd = cwnd * (1 - alpha / 2).
  const std::uint64_t cwnd = window.cwnd;
  const std::uint64_t reduced = cwnd - ((cwnd * std::min(alpha_, kOne)) >> 21);
  return static_cast<std::uint32_t>(
      std::max<std::uint64_t>(reduced, std::uint64_t{2} * window.smss));
}

}  // namespace

std::unique_ptr<CongestionControl> make_dctcp() { return std::make_unique<Dctcp>(); }

}  // namespace strata::tcp
