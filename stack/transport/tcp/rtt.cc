// SPDX-License-Identifier: MIT
#include "stack/transport/tcp/rtt.h"

#include <algorithm>

namespace strata::tcp {
namespace {

// G of RFC 6298 2: the run's clock is finer, but a time-out equal to a constant round trip would
// fire together with the ACK it waits for.
constexpr Duration kGranularity = 1ms;
constexpr Duration kRtoAfterSynLoss = 3s;
constexpr std::uint8_t kDoublingsMax = 16;

}  // namespace

void RttEstimator::sample(Duration rtt, std::uint32_t per_round_trip) {
  rtt = std::max(rtt, Duration{1});  // zero is kept for "no sample yet"
  min_ = has_sample() ? std::min(min_, rtt) : rtt;
  if (!has_sample()) {
    srtt_ = rtt;
    rttvar_ = rtt / 2;
  } else {
    // RFC 6298 2.3: alpha = 1/8, beta = 1/4; RTTVAR first, with the old SRTT.
    const Duration error = srtt_ > rtt ? srtt_ - rtt : rtt - srtt_;
    const std::int64_t n = std::max<std::uint32_t>(per_round_trip, 1);
    rttvar_ = ((4 * n - 1) * rttvar_ + error) / (4 * n);
    srtt_ = ((8 * n - 1) * srtt_ + rtt) / (8 * n);
  }
  const Duration variance = std::max(min_on_variance_ ? rto_min_ : kGranularity, 4 * rttvar_);
  rto_ = std::clamp(srtt_ + variance, rto_min_, rto_max_);
  doublings_ = 0;
}

void RttEstimator::sample_each(Duration rtt, Duration newest, std::uint64_t una,
                               std::uint64_t nxt) {
  rtt = std::max(rtt, Duration{1});
  newest = std::max(newest, Duration{1});
  min_ = has_sample() ? std::min(min_, newest) : newest;
  if (!has_sample()) {
    srtt_ = rtt;
    deviations_ = 2 * rtt;
    patience_ = most_ = std::max(deviations_, rto_min_);
    round_end_ = nxt;
  } else {
    const Duration error = rtt - srtt_;
    srtt_ += error / 8;
    Duration change = (error < Duration{} ? -error : error) - deviations_ / 4;
    if (error < Duration{} && change > Duration{}) change /= 8;
    deviations_ += change;
    most_ = std::max(most_, deviations_);
    patience_ = std::max(patience_, most_);
    if (una > round_end_) {
      if (most_ < patience_) patience_ -= (patience_ - most_) / 4;
      round_end_ = nxt;
      most_ = rto_min_;
    }
  }
  rttvar_ = deviations_ / 4;
  rto_ = std::min(srtt_ + patience_, rto_max_);
  doublings_ = 0;
}

void RttEstimator::back_off() {
  if (doublings_ < kDoublingsMax) ++doublings_;
}

bool RttEstimator::revert_back_off() {
  if (doublings_ == 0) return false;
  --doublings_;
  return true;
}

void RttEstimator::restart_after_syn_loss() {
  rto_ = std::max(rto_, std::min(kRtoAfterSynLoss, rto_max_));
  doublings_ = 0;
}

Duration RttEstimator::rto() const {
  const Duration ceiling = std::max(rto_max_, rto_);
  if (rto_ > ceiling / (1 << doublings_)) return ceiling;
  const bool is_first_syn = is_first_ && !has_sample() && doublings_ == 0;
  return std::min(ceiling, rto_ * (1 << doublings_) + (is_first_syn ? Duration{} : slop_));
}

}  // namespace strata::tcp
