// SPDX-License-Identifier: MIT
#include "stack/transport/tcp/hystart.h"

#include <algorithm>

namespace strata::tcp {
namespace {

// RFC 9406 4.3, the recommended values.
constexpr Duration kRttThresholdMin = 4ms;
constexpr Duration kRttThresholdMax = 16ms;
constexpr std::int64_t kMinRttDivisor = 8;
constexpr std::uint32_t kRttSamples = 8;
constexpr std::uint64_t kCssGrowthDivisor = 4;
constexpr std::uint32_t kCssRounds = 5;
constexpr std::uint64_t kSegmentsPerAck = 8;  // L for a sender that does not pace

}  // namespace

void HyStart::on_ack(CongestionWindow& window, const AckSample& sample) {
  // RFC 9406 4.2: a round ends when what was outstanding at its beginning is acknowledged.
  if (sample.una >= window_end_) end_round(sample);
  if (sample.rtt > Duration{}) {
    round_min_ = std::min(round_min_, sample.rtt);
    ++samples_;
  }
  const std::uint64_t growth = std::min(
      sample.newly_acked, std::max<std::uint64_t>(kSegmentsPerAck, window.abc_limit) * window.smss);
  if (!is_conservative()) {
    window.enlarge(growth);
    if (samples_ < kRttSamples || round_min_ == kNoRtt || last_round_min_ == kNoRtt) return;
    const Duration threshold =
        std::max(kRttThresholdMin, std::min(last_round_min_ / kMinRttDivisor, kRttThresholdMax));
    if (round_min_ >= last_round_min_ + threshold) {
      css_baseline_ = round_min_;
      css_rounds_ = 1;
    }
    return;
  }
  window.enlarge(growth / kCssGrowthDivisor);
  if (samples_ >= kRttSamples && round_min_ < css_baseline_) {
    // The rise was noise: slow start goes on.
    css_baseline_ = kNoRtt;
    css_rounds_ = 0;
  } else if (css_rounds_ > kCssRounds) {
    window.ssthresh = window.cwnd;
  }
}

void ClassicHyStart::on_ack(CongestionWindow& window, const AckSample& sample) {
  constexpr std::uint64_t kLowWindow = 16;  // segments
  if (sample.rtt <= Duration{}) return;
  delay_min_ = std::min(delay_min_, sample.rtt);
  if (window.cwnd < kLowWindow * window.smss) return;
  if (sample.una > round_end_) {
    round_start_ = last_ack_ = sample.now;
    round_end_ = sample.nxt;
    round_min_ = kNoRtt;
    samples_ = 0;
  }
  const bool is_long = is_train_long(sample);
  if (is_delayed(sample.rtt) || is_long) window.ssthresh = window.cwnd;
}

bool ClassicHyStart::is_train_long(const AckSample& sample) {
  constexpr Duration kGapMost = 2ms;
  if (sample.now - last_ack_ > kGapMost) return false;
  last_ack_ = sample.now;
  return sample.now - round_start_ > delay_min_ / 2;
}

bool ClassicHyStart::is_delayed(Duration rtt) {
  round_min_ = std::min(round_min_, rtt);
  if (samples_ < kRttSamples) {
    ++samples_;
    return false;
  }
  const Duration threshold =
      std::clamp(delay_min_ / kMinRttDivisor, kRttThresholdMin, kRttThresholdMax);
  return round_min_ > delay_min_ + threshold;
}

void HyStart::end_round(const AckSample& sample) {
  window_end_ = sample.nxt;
  last_round_min_ = round_min_;
  round_min_ = kNoRtt;
  samples_ = 0;
  if (is_conservative()) ++css_rounds_;
}

}  // namespace strata::tcp
