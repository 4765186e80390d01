// SPDX-License-Identifier: MIT
#include "stack/transport/tcp/counted_cubic.h"

#include <algorithm>

#include "stack/transport/tcp/counted_growth.h"
#include "stack/transport/tcp/cubic.h"

namespace strata::tcp {
namespace {

constexpr Duration kTick = 1ms;             // of the clock that is looked at
constexpr Duration kBetweenUpdates = 31ms;  // with an unchanged window
constexpr unsigned kCurveBits = 40;         // C = 410 / 2^10 per 2^30 (1/1024 s cubed)
constexpr std::uint64_t kCurve = 410;       // RFC 9438 4.2: 0.4
constexpr std::uint64_t kBeta = 717;        // RFC 9438 4.6: 0.7, of 1024
constexpr std::uint64_t kCurveUnits = 1024;
constexpr std::uint64_t kCurveMost = std::uint64_t{1} << 18;  // the cube keeps within 64 bits
// RFC 9438 4.3: W_est grows by a segment for 15/8 windows acknowledged, 17/9 rounded.
constexpr std::uint64_t kRenoTimes8 = 15;
constexpr std::uint64_t kLeastCount = 2;
constexpr std::uint64_t kMostAtFirst = 20;  // while W_max is not known
constexpr std::uint64_t kNextToNothing = 100;

std::uint64_t on_curve(Duration duration) {
  const auto ticks = static_cast<std::uint64_t>(std::max(duration, Duration{}) / kTick);
  return std::min(ticks * kCurveUnits / (1s / kTick), kCurveMost);
}

Instant on_tick(Instant now) { return Instant{now.time_since_epoch() / kTick * kTick}; }

}  // namespace

void CountedCubic::grow(CongestionWindow& window, std::uint64_t octets, Instant now,
                        Duration ahead) {
  const std::uint64_t cwnd = std::max<std::uint64_t>(window.cwnd / window.smss, 1);
  acked_ += octets;
  const Instant tick = on_tick(now);
  const bool is_early = window_ == cwnd && tick - updated_ <= kBetweenUpdates;
  if (!is_early) {
    if (!epoch_start_) acked_ = octets;
    update(cwnd, window.smss, tick, ahead);
  }
  grow_counted(window, credit_, octets, count_ * window.smss);
}

void CountedCubic::update(std::uint64_t cwnd, std::uint32_t smss, Instant now, Duration ahead) {
  if (!epoch_start_ || now != updated_) {
    window_ = cwnd;
    updated_ = now;
    if (!epoch_start_) begin_epoch(cwnd, now);
    const std::uint64_t wanted = target(now, ahead);
    count_ = wanted > cwnd ? cwnd / (wanted - cwnd) : kNextToNothing * cwnd;
    if (w_max_ == 0) count_ = std::min(count_, kMostAtFirst);
  }
  follow_reno(cwnd, smss);
  count_ = std::max(count_, kLeastCount);
}

void CountedCubic::begin_epoch(std::uint64_t cwnd, Instant now) {
  epoch_start_ = now;
  reno_window_ = cwnd;
  origin_ = std::max(w_max_, cwnd);
  // RFC 9438 4.2: K = cubic root of (W_max - cwnd_epoch) / C.
  k_ = integer_cube_root((std::uint64_t{1} << kCurveBits) / kCurve *
                         std::min<std::uint64_t>(origin_ - cwnd, 1 << 20));
}

// RFC 9438 4.2: W_cubic(t) = C * (t - K)^3 + W_max.
std::uint64_t CountedCubic::target(Instant now, Duration ahead) const {
  const Duration rounded = (ahead + kTick - Duration{1}) / kTick * kTick;
  const std::uint64_t t = on_curve(now - *epoch_start_ + rounded);
  const std::uint64_t distance = std::min(t > k_ ? t - k_ : k_ - t, kCurveMost);
  const std::uint64_t offset = (kCurve * distance * distance * distance) >> kCurveBits;
  return t > k_ ? origin_ + offset : origin_ - std::min(offset, origin_);
}

// RFC 9438 4.3.
void CountedCubic::follow_reno(std::uint64_t cwnd, std::uint32_t smss) {
  const std::uint64_t per_segment = std::max<std::uint64_t>(cwnd * kRenoTimes8 / 8, 1) * smss;
  if (acked_ > per_segment) {
    const std::uint64_t more = (acked_ - 1) / per_segment;
    reno_window_ += more;
    acked_ -= more * per_segment;
  }
  if (reno_window_ > cwnd) count_ = std::min(count_, cwnd / (reno_window_ - cwnd));
}

void CountedCubic::on_reduction(CongestionEvent event, const CongestionWindow& window) {
  const std::uint64_t cwnd = std::max<std::uint64_t>(window.cwnd / window.smss, 1);
  epoch_start_.reset();
  credit_ = 0;
  // RFC 9438 4.7: fast convergence. After a time-out nothing is known any more.
  const bool has_shrunk = window.fast_convergence && cwnd < w_max_;
  w_max_ = has_shrunk ? cwnd * (1024 + kBeta) / 2048 : cwnd;
  if (event == CongestionEvent::timeout) *this = {};
}

void CountedCubic::on_transmission_start(Instant now, Duration idle) {
  if (!epoch_start_ || idle <= Duration{}) return;
  epoch_start_ = std::min(*epoch_start_ + idle, on_tick(now));
}

}  // namespace strata::tcp
