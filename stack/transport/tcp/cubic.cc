// SPDX-License-Identifier: MIT
#include "stack/transport/tcp/cubic.h"

#include <algorithm>
#include <utility>

#include "stack/transport/tcp/counted_growth.h"

namespace strata::tcp {
namespace {

// RFC 9438 4.6: beta_cubic = 0.7. RFC 9438 4.2: C = 0.4 segments per second cubed = 2/5.
constexpr std::uint64_t kBetaTimes10 = 7;
// RFC 9438 4.3: alpha_cubic = 3 * (1 - beta) / (1 + beta) = 9/17.
constexpr std::uint64_t kAlphaNumerator = 9;
constexpr std::uint64_t kAlphaDenominator = 17;
constexpr unsigned kEstimateBits = 8;  // fraction of w_est
constexpr std::uint64_t kUnitsPerSecond = 1024;
constexpr std::uint64_t kUnitsMax = kUnitsPerSecond * 1024;  // keeps the cube within 64 bits

// What whole segments can use of the window. It is their ACKs that let it grow: RFC 9438 4.1 counts
// windows in segments, and of 10.6 segments only ten are ever out.
std::uint64_t in_whole_segments(const CongestionWindow& window) {
  const std::uint32_t smss = window.smss;
  return std::uint64_t{std::max(window.cwnd / smss, 1U)} * smss;
}

std::uint64_t to_units(Duration duration) {
  if (duration <= Duration{}) return 0;
  const auto ns = static_cast<std::uint64_t>(duration.count());
  const std::uint64_t seconds = std::min(ns / kNanosecondsPerSecond, kUnitsMax / kUnitsPerSecond);
  return seconds * kUnitsPerSecond +
         (ns % kNanosecondsPerSecond) * kUnitsPerSecond / kNanosecondsPerSecond;
}

}  // namespace

std::uint64_t integer_cube_root(std::uint64_t value) {
  // One bit of the root per step, from the highest.
  std::uint64_t root = 0;
  for (int shift = 63; shift >= 0; shift -= 3) {
    root *= 2;
    const std::uint64_t step = 3 * root * (root + 1) + 1;  // (root + 1)^3 - root^3
    if ((value >> shift) >= step) {
      value -= step << shift;
      ++root;
    }
  }
  return root;
}

void Cubic::on_ack(CongestionWindow& window, const AckSample& sample) {
  // RFC 9438 4.10. HyStart is for the first slow start; after a reduction ssthresh is known.
  const bool is_first = window.ssthresh == CongestionWindow::kUnlimited;
  if (is_first && window.of_linux) classic_hystart_.on_ack(window, sample);
  if (window.of_linux) return grow_as_linux(window, sample);
  if (window.is_slow_start()) {
    if (!sample.is_cwnd_limited) return;
    if (is_first) return hystart_.on_ack(window, sample);
    return grow_in_slow_start(window, sample.newly_acked);
  }
  if (!state_.epoch_start) begin_epoch(window, sample.now);
  const Instant last_ack = std::exchange(state_.last_ack, sample.now);
  if (!sample.is_cwnd_limited) {
    // RFC 9438 4.2: t leaves out the periods in which the window was not used.
    *state_.epoch_start += sample.now - std::max(last_ack, *state_.epoch_start);
    return;
  }
  const Duration elapsed = sample.now - *state_.epoch_start;
  const std::uint64_t estimate = reno_estimate(window, sample.newly_acked);
  const std::uint64_t cwnd = window.cwnd;
  if (window_at(elapsed, window.smss) < estimate) {
    // RFC 9438 4.3: the Reno-friendly region.
    if (estimate > cwnd) window.enlarge(estimate - cwnd);
    return;
  }
  // RFC 9438 4.2, 4.4, 4.5: (target - cwnd) / cwnd per segment, target within [cwnd, 1.5 * cwnd].
  const std::uint64_t target =
      std::clamp(window_at(elapsed + sample.srtt, window.smss), cwnd, cwnd + cwnd / 2);
  const std::uint64_t per_window = in_whole_segments(window);
  state_.credit += (target - cwnd) * sample.newly_acked;
  window.enlarge(state_.credit / per_window);
  state_.credit %= per_window;
}

// cubictcp_cong_avoid().
void Cubic::grow_as_linux(CongestionWindow& window, const AckSample& sample) {
  if (!sample.is_cwnd_limited) return;
  const std::uint64_t left = grow_to_threshold(window, sample.newly_acked);
  if (left == 0) return;
  const Duration ahead = std::min(classic_hystart_.delay_min(), sample.srtt);
  counted_.grow(window, left, sample.now, ahead);
}

void Cubic::begin_epoch(const CongestionWindow& window, Instant now) {
  state_.epoch_start = now;
  state_.last_ack = now;
  state_.credit = 0;
  state_.w_est = std::uint64_t{window.cwnd} << kEstimateBits;
  const bool lacks_w_max = std::exchange(state_.starts_at_plateau, false);
  if (lacks_w_max || window.cwnd >= state_.w_max) {
    // RFC 9438 4.8, 4.10: after a time-out, or a slow start that met no congestion.
    state_.w_max = window.cwnd;
    state_.k = 0;
    return;
  }
  // RFC 9438 4.2: K = cubic root of (W_max - cwnd_epoch) / C, here in 1/1024 s:
  // octets * 2^30 * 5 / (2 * SMSS). W_max is below 2^31.
  const std::uint64_t below = state_.w_max - window.cwnd;
  state_.k = integer_cube_root((below << 30) / (std::uint64_t{2} * window.smss) * 5);
}

std::uint64_t Cubic::window_at(Duration elapsed, std::uint32_t smss) const {
  // RFC 9438 4.2: W_cubic(t) = C * (t - K)^3 + W_max.
  const std::uint64_t t = std::min(to_units(elapsed), kUnitsMax);
  const std::uint64_t distance = t > state_.k ? t - state_.k : state_.k - t;
  const std::uint64_t cube = (distance * distance * distance) >> 20;  // 2^-10 s^3
  const std::uint64_t offset = (cube * 2 * smss / 5) >> 10;
  if (t > state_.k) return state_.w_max + offset;
  return state_.w_max - std::min(offset, state_.w_max);
}

std::uint64_t Cubic::reno_estimate(const CongestionWindow& window, std::uint64_t newly_acked) {
  // RFC 9438 4.3: W_est grows by alpha_cubic segments per window acknowledged, by one segment once
  // it has reached the window before the reduction.
  const std::uint64_t acked = std::min<std::uint64_t>(newly_acked, CongestionWindow::kMax);
  const std::uint64_t per_window =
      (acked * window.smss << kEstimateBits) / in_whole_segments(window);
  const bool has_caught_up = (state_.w_est >> kEstimateBits) >= state_.cwnd_prior;
  state_.w_est += has_caught_up ? per_window : per_window * kAlphaNumerator / kAlphaDenominator;
  return state_.w_est >> kEstimateBits;
}

std::uint32_t Cubic::ssthresh_after(CongestionEvent event, const CongestionWindow& window,
                                    std::uint64_t flight, Instant) {
  if (window.of_linux) counted_.on_reduction(event, window);
  before_reduction_ = state_;
  const std::uint64_t cwnd = window.cwnd;
  // RFC 9438 4.7: fast convergence leaves room for others when the saturation point has come down.
  const bool has_shrunk = window.fast_convergence && cwnd < state_.w_max;
  state_.w_max = has_shrunk ? cwnd * (10 + kBetaTimes10) / 20 : cwnd;
  state_.cwnd_prior = cwnd;
  state_.epoch_start.reset();
  // RFC 9438 4.8: after a time-out W_max is where congestion avoidance begins.
  state_.starts_at_plateau = event == CongestionEvent::timeout;
  // RFC 9438 4.6: what is in flight; cwnd itself (RFC 8312 4.5) only when whole segments fill it,
  // which a window of a dozen segments pays dearly not to have.
  const std::uint64_t used = std::min(std::max<std::uint64_t>(flight, window.pipe_ack), cwnd);
  const bool is_filled = used + window.smss > cwnd;
  const std::uint64_t reduced = (is_filled ? cwnd : used) * kBetaTimes10 / 10;
  return static_cast<std::uint32_t>(
      std::max<std::uint64_t>(reduced, std::uint64_t{2} * window.smss));
}

// RFC 9438 4.9.
void Cubic::on_undo(CongestionWindow&, Instant) { state_ = before_reduction_; }

void Cubic::on_transmission_start(CongestionWindow&, Instant now, Duration idle) {
  counted_.on_transmission_start(now, idle);
  if (!state_.epoch_start) return;
  state_.epoch_start = std::min(*state_.epoch_start + idle, now);
  state_.last_ack = std::min(state_.last_ack + idle, now);
}

Duration Cubic::k() const {
  return Duration{static_cast<std::int64_t>(state_.k * kNanosecondsPerSecond / kUnitsPerSecond)};
}

std::unique_ptr<CongestionControl> make_cubic() { return std::make_unique<Cubic>(); }

}  // namespace strata::tcp
