// SPDX-License-Identifier: MIT
// Vegas (Brakmo and Peterson 1995): compares the expected rate, cwnd over the smallest round trip
// seen, with the actual one, once per round trip, and keeps between alpha and beta segments of its
// own in the queue of the bottleneck. Losses are answered as Reno does.
#include <algorithm>

#include "stack/transport/tcp/reno.h"

namespace strata::tcp {
namespace {

// In segments; the values of the paper's implementation in Linux.
constexpr std::uint64_t kAlpha = 2;
constexpr std::uint64_t kBeta = 4;
constexpr std::uint64_t kGamma = 1;               // leaves slow start
constexpr std::uint32_t kSamplesForEstimate = 3;  // fewer may all be delayed ACKs

class Vegas final : public Reno {
 public:
  Vegas() : Reno("vegas", {}) {}

  void on_ack(CongestionWindow& window, const AckSample& sample) override;
  void on_reduced(CongestionEvent event, CongestionWindow& window) override {
    Reno::on_reduced(event, window);
    begin_round(0);
  }

 private:
  void begin_round(std::uint64_t end) {
    round_end_ = end;
    round_min_ = Duration::max();
    samples_ = 0;
  }
  void end_round(CongestionWindow& window);

  Duration base_ = Duration::max();
  Duration round_min_ = Duration::max();
  std::uint32_t samples_ = 0;
  std::uint64_t round_end_ = 0;
};

void Vegas::on_ack(CongestionWindow& window, const AckSample& sample) {
  if (sample.rtt > Duration{}) {
    base_ = std::min(base_, sample.rtt);
    round_min_ = std::min(round_min_, sample.rtt);
    ++samples_;
  }
  const bool has_estimate = samples_ >= kSamplesForEstimate;
  if (sample.una >= round_end_) {
    if (!has_estimate) {
      Reno::on_ack(window, sample);
    } else if (sample.is_cwnd_limited) {
      end_round(window);
    }
    return begin_round(sample.nxt);
  }
  if (window.is_slow_start()) Reno::on_ack(window, sample);
}

// diff = (cwnd / base - cwnd / rtt) * base, in segments: what waits in queues.
void Vegas::end_round(CongestionWindow& window) {
  const auto rtt = static_cast<std::uint64_t>(round_min_.count());
  const auto base = static_cast<std::uint64_t>(base_.count());
  const std::uint64_t cwnd = window.cwnd;
  const std::uint64_t segments = std::max<std::uint64_t>(cwnd / window.smss, 1);
  const std::uint64_t queued = segments * (rtt - base) / std::max<std::uint64_t>(base, 1);
  const std::uint32_t least = 2 * window.smss;
  if (window.is_slow_start()) {
    if (queued <= kGamma) return window.enlarge(window.smss);
    // Too fast: back to what the path carries without a queue.
    const std::uint64_t target = segments * base / rtt + 1;
    window.cwnd = std::max(least, static_cast<std::uint32_t>(std::min(cwnd, target * window.smss)));
    window.ssthresh = std::max(least, std::min(window.ssthresh, window.cwnd - window.smss));
  } else if (queued > kBeta) {
    window.cwnd = std::max(least, window.cwnd - window.smss);
    window.ssthresh = std::max(least, std::min(window.ssthresh, window.cwnd - window.smss));
  } else if (queued < kAlpha) {
    window.enlarge(window.smss);
  }
}

}  // namespace

std::unique_ptr<CongestionControl> make_vegas() { return std::make_unique<Vegas>(); }

}  // namespace strata::tcp
