// SPDX-License-Identifier: MIT
#include "stack/transport/tcp/bbr3.h"

namespace strata::tcp {
namespace {

constexpr std::uint64_t kBetaTenths = 7;  // BBR.Beta
constexpr std::uint64_t kHeadroomOfHundred = 15;
constexpr std::uint64_t kDrainRounds = 3;
constexpr std::uint64_t kExtraAckedRounds = 10;  // BBR.ExtraAckedFilterLen
constexpr Duration kMinRttWindow = 10s;          // BBR.MinRTTFilterLen, BBR.ProbeRTTInterval

constexpr std::uint64_t beta_of(std::uint64_t value) { return value / 10 * kBetaTenths; }

// octets per second x time; microseconds keep the product within 64 bits.
std::uint64_t octets_in(std::uint64_t bandwidth, Duration time) {
  return bandwidth * static_cast<std::uint64_t>(time.count() / 1000) / 1'000'000;
}

}  // namespace

// "Summary of Control Behavior in the State Machine".
Bbr3::Gains Bbr3::gains_of(State state) {
  switch (state) {
    case State::startup:
      return {709, 2 * kUnit};  // 4 ln 2 = 2.77
    case State::drain:
      return {kUnit / 2, 2 * kUnit};
    case State::down:
      return {kUnit * 9 / 10, 2 * kUnit};
    case State::cruise:
    case State::refill:
      return {kUnit, 2 * kUnit};
    case State::up:
      return {kUnit * 5 / 4, kUnit * 9 / 4};
    case State::probe_rtt:
      return {kUnit, kUnit / 2};
  }
  return {kUnit, kUnit};
}

// OnInit(), InitPacingRate().
void Bbr3::on_start(CongestionWindow& window, Instant now, Duration srtt) {
  smss_ = window.smss;
  initial_cwnd_ = window.cwnd;
  min_rtt_ = srtt > Duration{} ? srtt : Duration::max();
  min_rtt_at_ = extra_acked_since_ = now;
  probe_rtt_cwnd_ = window.cwnd;
  const auto rtt = static_cast<std::uint64_t>((srtt > Duration{} ? srtt : Duration{1ms}).count());
  pacing_rate_ =
      gains_of(State::startup).pacing * (window.cwnd * kNanosecondsPerSecond / rtt) / kUnit;
}

// UpdateOnACK().
void Bbr3::on_ack(CongestionWindow& window, const AckSample& sample) {
  smss_ = window.smss;
  take_sample(sample);
  is_cwnd_limited_ = sample.flight_before + smss_ > window.cwnd;
  update_latest_signals();
  update_congestion_signals(window);
  update_aggregation(window);
  check_full_bandwidth();
  check_startup_loss();
  if (state_ == State::startup && full_bandwidth_reached_) {
    state_ = State::drain;  // EnterDrain()
    drain_start_round_ = round_;
  }
  // CheckDrainDone().
  if (state_ == State::drain && (sample.flight <= inflight(bandwidth_, kUnit) ||
                                 round_ > drain_start_round_ + kDrainRounds)) {
    start_down(now_);
  }
  update_cycle(window, sample);
  update_min_rtt();
  check_probe_rtt(window, sample);
  if (loss_round_start_) {  // AdvanceLatestDeliverySignals()
    bandwidth_latest_ = delivery_rate_;
    inflight_latest_ = rate_.delivered;
    loss_ranges_ = 0;
  }
  bandwidth_ = std::min(max_bandwidth(), bandwidth_short_);  // BoundBWForModel()
  set_pacing_rate(gains_of(state_).pacing);
  set_window(window);
}

// --- the model of the path ---

// GenerateRateSample(): a sample over less than a round trip is none.
void Bbr3::take_sample(const AckSample& sample) {
  rate_ = sample.rate;
  now_ = sample.now;
  rtt_ = sample.rtt;
  has_sack_ = sample.has_sack;
  newly_delivered_ = sample.newly_delivered;
  delivered_ = std::max(delivered_, rate_.total_delivered);
  const bool is_reliable =
      rate_.interval > Duration{} && (!has_round_trip() || rate_.interval >= min_rtt_);
  delivery_rate_ = is_reliable ? std::min<std::uint64_t>(rate_.delivered, CongestionWindow::kMax) *
                                     kNanosecondsPerSecond /
                                     static_cast<std::uint64_t>(rate_.interval.count())
                               : 0;
}

void Bbr3::update_latest_signals() {
  loss_round_start_ = false;
  bandwidth_latest_ = std::max(bandwidth_latest_, delivery_rate_);
  inflight_latest_ = std::max(inflight_latest_, rate_.delivered);
  if (rate_.interval > Duration{} && rate_.prior_delivered >= loss_round_end_) {
    loss_round_end_ = delivered_;
    loss_round_start_ = true;
  }
}

// UpdateCongestionSignals(), AdaptLowerBoundsFromCongestion().
void Bbr3::update_congestion_signals(const CongestionWindow& window) {
  update_round();
  if (delivery_rate_ > 0 && (delivery_rate_ >= max_bandwidth() || !rate_.is_app_limited)) {
    by_cycle_[1] = std::max(by_cycle_[1], delivery_rate_);  // UpdateMaxBw()
  }
  if (!loss_round_start_) return;
  if (has_loss_in_round_ && !is_probing()) {
    if (bandwidth_short_ == kInfinite) bandwidth_short_ = max_bandwidth();
    if (inflight_short_ == kInfinite) inflight_short_ = window.cwnd;
    bandwidth_short_ = std::max(bandwidth_latest_, beta_of(bandwidth_short_));
    inflight_short_ = std::max(inflight_latest_, beta_of(inflight_short_));
  }
  has_loss_in_round_ = false;
}

// UpdateRound(): a round ends when something sent after its beginning is delivered.
void Bbr3::update_round() {
  round_start_ = rate_.interval > Duration{} && rate_.prior_delivered >= round_end_;
  if (!round_start_) return;
  start_round();
  ++round_;
  ++rounds_since_up_;
}

// AdvanceMaxBwFilter(): the maximum of this cycle of probing and the one before.
void Bbr3::advance_bandwidth_window() {
  if (by_cycle_[1] == 0) return;  // nothing was measured in this one
  by_cycle_ = {by_cycle_[1], 0};
}

// UpdateACKAggregation(): what was acknowledged beyond the bandwidth's share.
void Bbr3::update_aggregation(const CongestionWindow& window) {
  std::uint64_t expected = octets_in(bandwidth_, now_ - extra_acked_since_);
  if (extra_acked_delivered_ <= expected) {
    extra_acked_delivered_ = expected = 0;
    extra_acked_since_ = now_;
  }
  extra_acked_delivered_ += newly_delivered_;
  const std::uint64_t extra = extra_acked_delivered_ - expected;
  extra_acked_.update(round_, std::min<std::uint64_t>(extra, window.cwnd),
                      full_bandwidth_reached_ ? kExtraAckedRounds : 1);
}

// UpdateMinRTT(). The window for ProbeRTT is that of the old estimate: the one that replaces it
// was probably taken with a full queue.
void Bbr3::update_min_rtt() {
  min_rtt_expired_ = now_ > after(min_rtt_at_, kMinRttWindow);
  if (min_rtt_expired_ && state_ != State::probe_rtt) {
    const std::uint64_t half =
        has_round_trip() ? bdp() * gains_of(State::probe_rtt).cwnd / kUnit : initial_cwnd_;
    probe_rtt_cwnd_ = std::max(half, least_window());
  }
  if (rtt_ > Duration{} && (rtt_ < min_rtt_ || min_rtt_expired_)) {
    min_rtt_ = rtt_;
    min_rtt_at_ = now_;
  }
}

// Inflight(): `gain` times what the path holds. Segments leave one by one here, so that the least
// window is more than the budget for offload asks for.
std::uint64_t Bbr3::inflight(std::uint64_t bandwidth, std::uint64_t gain) const {
  if (!has_round_trip()) return initial_cwnd_;
  const std::uint64_t most =
      std::max(octets_in(bandwidth, min_rtt_) * gain / kUnit, least_window());
  return state_ == State::up ? most + 2 * std::uint64_t{smss_} : most;  // QuantizationBudget()
}

std::uint64_t Bbr3::target_inflight(const CongestionWindow& window) const {
  return has_round_trip() ? std::min<std::uint64_t>(bdp(), window.cwnd) : window.cwnd;
}

std::uint64_t Bbr3::inflight_with_headroom() const {
  if (inflight_long_ == kInfinite) return kInfinite;
  const std::uint64_t headroom =
      std::max<std::uint64_t>(smss_, inflight_long_ * kHeadroomOfHundred / 100);
  return std::max(inflight_long_ - std::min(inflight_long_, headroom), least_window());
}

std::uint64_t Bbr3::bdp() const { return octets_in(bandwidth_, min_rtt_); }

// --- losses ---

// HandleLostPacket(), InflightAtLoss().
void Bbr3::on_lost(CongestionWindow& window, const LostSegment& lost) {
  note_loss(window);
  if (lost.begin != last_lost_end_) ++loss_ranges_;
  last_lost_end_ = lost.end;
  now_ = lost.now;
  if (!is_probe_sample_ || !is_too_high(lost.lost_since, lost.in_flight_then, lost.has_sack))
    return;
  // Where within this segment 2 % of what was in flight had been lost.
  const std::uint64_t size = std::min(lost.end - lost.begin, lost.in_flight_then);
  const std::uint64_t flight_before = lost.in_flight_then - size;
  const std::uint64_t lost_before = lost.lost_since - std::min(lost.lost_since, size);
  const std::uint64_t allowed = flight_before * kLossesOfHundred;
  const std::uint64_t prefix =
      allowed > lost_before * 100 ? (allowed - lost_before * 100) / (100 - kLossesOfHundred) : 0;
  handle_too_high(window, flight_before + prefix, lost.is_app_limited);
}

// NoteLoss().
void Bbr3::note_loss(const CongestionWindow& window) {
  if (!has_loss_in_round_) {
    loss_round_end_ = delivered_;
    save_state(window);
  }
  has_loss_in_round_ = true;
}

// SaveStateUponLoss().
void Bbr3::save_state(const CongestionWindow& window) {
  save_window(window);
  undo_state_ = State::cruise;
  undo_bandwidth_short_ = bandwidth_short_;
  undo_inflight_short_ = inflight_short_;
  undo_inflight_long_ = inflight_long_;
}

// HandleInflightTooHigh().
void Bbr3::handle_too_high(const CongestionWindow& window, std::uint64_t in_flight,
                           bool is_app_limited) {
  probe_was_too_high_ = true;
  is_probe_sample_ = false;  // one answer to each probe
  if (!is_app_limited) inflight_long_ = std::max(in_flight, beta_of(target_inflight(window)));
  if (state_ != State::up) return;
  undo_state_ = State::up;
  start_down(now_);
}

void Bbr3::reset_congestion_signals() {
  has_loss_in_round_ = false;
  bandwidth_latest_ = 0;
  inflight_latest_ = 0;
}

void Bbr3::reset_short_term() { bandwidth_short_ = inflight_short_ = kInfinite; }

std::uint32_t Bbr3::ssthresh_after(CongestionEvent event, const CongestionWindow& window,
                                   std::uint64_t flight, Instant now) {
  now_ = now;
  note_loss(window);
  // A mark is congestion ("ECN"): it stands for the losses that there would have been.
  if (event == CongestionEvent::ecn) {
    if (is_probe_sample_) handle_too_high(window, flight, rate_.is_app_limited);
    if (state_ == State::startup) leave_startup_for_loss();
  }
  return window.ssthresh;
}

// OnEnterRTO(), OnEnterFastRecovery().
void Bbr3::on_reduced(CongestionEvent event, CongestionWindow& window) {
  if (event == CongestionEvent::ecn) return;
  save_window(window);
  recovering_ = true;
  if (event == CongestionEvent::timeout) window.cwnd = window.smss;
}

void Bbr3::on_recovered(CongestionWindow& window, Instant) {
  recovering_ = false;
  restore_window(window);
  bound_window(window);
}

// HandleSpuriousLossDetection().
void Bbr3::on_undo(CongestionWindow& window, Instant now) {
  now_ = now;
  recovering_ = false;
  restore_window(window);
  has_loss_in_round_ = false;
  reset_full_bandwidth(0);
  bandwidth_short_ = std::max(bandwidth_short_, undo_bandwidth_short_);
  inflight_short_ = std::max(inflight_short_, undo_inflight_short_);
  inflight_long_ = std::max(inflight_long_, undo_inflight_long_);
  if (undo_state_ == State::startup && state_ != State::startup) {
    full_bandwidth_reached_ = false;
    if (state_ != State::probe_rtt) state_ = State::startup;
  } else if (undo_state_ == State::up && state_ != State::up && state_ != State::probe_rtt) {
    start_refill();
  }
  undo_state_ = State::cruise;
}

// HandleRestartFromIdle().
void Bbr3::on_transmission_start(CongestionWindow& window, Instant now, Duration idle) {
  if (idle <= Duration{}) return;
  idle_restart_ = true;
  extra_acked_since_ = now;
  if (is_in_probe_bandwidth()) {
    set_pacing_rate(kUnit);
  } else if (state_ == State::probe_rtt) {
    check_probe_rtt_done(window, now);
  }
}

// --- what follows from it ---

// SetPacingRateWithGain(): one in a hundred below the bandwidth.
void Bbr3::set_pacing_rate(std::uint64_t gain) {
  const std::uint64_t rate = gain * bandwidth_ / kUnit * 99 / 100;
  if (rate > 0 && (full_bandwidth_reached_ || rate > pacing_rate_)) pacing_rate_ = rate;
}

// SetCwnd(), UpdateMaxInflight().
void Bbr3::set_window(CongestionWindow& window) {
  const std::uint64_t most = inflight(bandwidth_, gains_of(state_).cwnd) + extra_acked_.get();
  std::uint64_t cwnd = window.cwnd;
  if (full_bandwidth_reached_) {
    cwnd = std::min(cwnd + newly_delivered_, most);
  } else if (cwnd < most || delivered_ < initial_cwnd_) {
    cwnd += newly_delivered_;
  }
  cwnd = std::max(cwnd, least_window());
  if (state_ == State::probe_rtt) cwnd = std::min(cwnd, probe_rtt_cwnd_);
  window.cwnd = static_cast<std::uint32_t>(std::min<std::uint64_t>(cwnd, CongestionWindow::kMax));
  bound_window(window);
}

// BoundCwndForModel().
void Bbr3::bound_window(CongestionWindow& window) const {
  std::uint64_t cap = kInfinite;
  if (state_ == State::probe_rtt || state_ == State::cruise) {
    cap = inflight_with_headroom();
  } else if (is_in_probe_bandwidth()) {
    cap = inflight_long_;
  }
  cap = std::max(std::min(cap, inflight_short_), least_window());
  window.cwnd = static_cast<std::uint32_t>(std::min<std::uint64_t>(window.cwnd, cap));
}

// SaveCwnd(): the window to come back to.
void Bbr3::save_window(const CongestionWindow& window) {
  const bool is_reduced = recovering_ || state_ == State::probe_rtt;
  prior_cwnd_ = is_reduced ? std::max(prior_cwnd_, window.cwnd) : window.cwnd;
}

std::unique_ptr<CongestionControl> make_bbr3() { return std::make_unique<Bbr3>(); }

}  // namespace strata::tcp
