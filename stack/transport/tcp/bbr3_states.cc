// SPDX-License-Identifier: MIT
// The states of BBR version 3: when each begins and ends (draft-ietf-ccwg-bbr, "State Machine
// Operation").
#include "stack/transport/tcp/bbr3.h"

namespace strata::tcp {
namespace {

constexpr std::uint32_t kFullRounds = 3;
constexpr std::uint32_t kStartupLossRanges = 6;  // BBRStartupFullLossCnt
constexpr std::uint64_t kRenoRounds = 63;        // IsRenoCoexistenceProbeTime()
constexpr std::uint32_t kUpRoundsMost = 30;
constexpr Duration kProbeRttDuration = 200ms;  // BBR.ProbeRTTDuration
constexpr Duration kProbeWaitLeast = 2s;       // PickProbeWait()
constexpr Duration kProbeWaitSpread = 1s;

// Any spread will do to keep flows out of step; the instant differs from flow to flow.
std::uint64_t spread_of(Instant now) {
  return (static_cast<std::uint64_t>(now.time_since_epoch().count()) * 0x9e3779b97f4a7c15ULL) >> 32;
}

}  // namespace

// ResetFullBW().
void Bbr3::reset_full_bandwidth(std::uint64_t baseline) {
  full_bandwidth_ = baseline;
  full_rounds_ = 0;
  full_bandwidth_now_ = false;
}

// CheckFullBWReached(): three rounds in which the bandwidth grew by less than a quarter.
void Bbr3::check_full_bandwidth() {
  if (full_bandwidth_now_ || !round_start_ || rate_.is_app_limited) return;
  if (delivery_rate_ >= full_bandwidth_ + full_bandwidth_ / 4) {
    return reset_full_bandwidth(delivery_rate_);
  }
  full_bandwidth_now_ = ++full_rounds_ >= kFullRounds;
  full_bandwidth_reached_ |= full_bandwidth_now_;
}

// CheckStartupHighLoss(): a whole round of fast recovery with too many losses in several places.
void Bbr3::check_startup_loss() {
  if (state_ != State::startup || full_bandwidth_reached_ || !recovering_) return;
  const bool is_lossy = has_sack_ ? loss_round_start_ && loss_ranges_ >= kStartupLossRanges &&
                                        is_too_high(rate_.lost, rate_.in_flight_then, true)
                                  : rate_.lost > 0;
  if (is_lossy) leave_startup_for_loss();
}

void Bbr3::leave_startup_for_loss() {
  undo_state_ = State::startup;
  full_bandwidth_reached_ = full_bandwidth_now_ = true;
  inflight_long_ = std::max(has_round_trip() ? bdp() : 0, inflight_latest_);
}

// StartProbeBW_DOWN(), PickProbeWait().
void Bbr3::start_down(Instant now) {
  reset_congestion_signals();
  up_acked_per_segment_ = kInfinite;
  const std::uint64_t spread = spread_of(now);
  rounds_since_up_ = spread % 2;
  probe_wait_ =
      kProbeWaitLeast + kProbeWaitSpread * static_cast<std::int64_t>(spread % 1000) / 1000;
  cycle_at_ = now;
  ack_phase_ = AckPhase::stopping;
  start_round();
  state_ = State::down;
}

void Bbr3::start_refill() {
  reset_short_term();
  up_rounds_ = 0;
  up_acked_ = 0;
  probe_was_cautious_ = false;
  ack_phase_ = AckPhase::refilling;
  start_round();
  state_ = State::refill;
}

void Bbr3::start_up(const CongestionWindow& window) {
  ack_phase_ = AckPhase::starting;
  start_round();
  reset_full_bandwidth(delivery_rate_);
  state_ = State::up;
  raise_slope(window);
}

// UpdateProbeBWCyclePhase().
void Bbr3::update_cycle(CongestionWindow& window, const AckSample& sample) {
  if (!full_bandwidth_reached_ || adapt_long_term(window, sample)) return;
  switch (state_) {
    case State::down:
      if (is_time_to_probe(window)) return start_refill();
      if (is_time_to_cruise(sample)) state_ = State::cruise;
      return;
    case State::cruise:
      if (is_time_to_probe(window)) start_refill();
      return;
    case State::refill:
      if (!round_start_) return;
      is_probe_sample_ = true;
      return start_up(window);
    case State::up:
      if (!is_time_to_go_down(window, sample)) return;
      probe_was_too_high_ = false;
      return start_down(now_);
    case State::startup:
    case State::drain:
    case State::probe_rtt:
      return;
  }
}

// AdaptLongTermModel(). True: it has changed the state.
bool Bbr3::adapt_long_term(const CongestionWindow& window, const AckSample& sample) {
  if (ack_phase_ == AckPhase::starting && round_start_) ack_phase_ = AckPhase::feedback;
  if (ack_phase_ == AckPhase::stopping && round_start_) {
    is_probe_sample_ = false;
    ack_phase_ = AckPhase::none;
    if (is_in_probe_bandwidth() && !rate_.is_app_limited) advance_bandwidth_window();
    if (is_in_probe_bandwidth() && probe_was_cautious_ && !probe_was_too_high_) {
      start_refill();
      return true;
    }
  }
  if (inflight_long_ == kInfinite || is_too_high(rate_.lost, rate_.in_flight_then, has_sack_)) {
    return false;
  }
  inflight_long_ = std::max(inflight_long_, rate_.in_flight_then);
  if (state_ == State::up) probe_upward(window, sample);
  return false;
}

// IsTimeToProbeBW(): two to three seconds, or as many rounds as Reno would need segments.
bool Bbr3::is_time_to_probe(const CongestionWindow& window) const {
  const std::uint64_t reno_rounds = std::min(target_inflight(window) / smss_, kRenoRounds);
  return now_ > after(cycle_at_, probe_wait_) || rounds_since_up_ >= reno_rounds;
}

bool Bbr3::is_time_to_cruise(const AckSample& sample) const {
  return sample.flight <= inflight_with_headroom() &&
         sample.flight <= inflight(max_bandwidth(), kUnit);
}

// IsTimeToGoDown().
bool Bbr3::is_time_to_go_down(const CongestionWindow& window, const AckSample& sample) {
  if (probe_was_too_high_ && sample.flight >= inflight_long_) {
    probe_was_cautious_ = true;
    return true;
  }
  if (is_cwnd_limited_ && window.cwnd >= inflight_long_) {
    reset_full_bandwidth(delivery_rate_);  // the bound, not the path, is what limits
    return false;
  }
  return full_bandwidth_now_;
}

// RaiseInflightLongtermSlope(): by 1, 2, 4, ... segments per round.
void Bbr3::raise_slope(const CongestionWindow& window) {
  const std::uint64_t growth = std::uint64_t{1} << up_rounds_;
  up_rounds_ = std::min(up_rounds_ + 1, kUpRoundsMost);
  up_acked_per_segment_ = std::max<std::uint64_t>(window.cwnd / growth, smss_);
}

// ProbeInflightLongtermUpward().
void Bbr3::probe_upward(const CongestionWindow& window, const AckSample& sample) {
  if (!is_cwnd_limited_ || window.cwnd < inflight_long_) return;
  up_acked_ += sample.newly_delivered;
  const std::uint64_t segments = up_acked_ / up_acked_per_segment_;
  up_acked_ -= segments * up_acked_per_segment_;
  inflight_long_ += segments * smss_;
  if (round_start_) raise_slope(window);
}

// CheckProbeRTT(), HandleProbeRTT().
void Bbr3::check_probe_rtt(CongestionWindow& window, const AckSample& sample) {
  if (state_ != State::probe_rtt && min_rtt_expired_ && !idle_restart_) {
    save_window(window);
    state_ = State::probe_rtt;
    probe_rtt_done_ = kNever;
    ack_phase_ = AckPhase::stopping;
    start_round();
  }
  if (state_ == State::probe_rtt) {
    if (probe_rtt_done_ == kNever) {
      if (sample.flight <= probe_rtt_cwnd_) {
        probe_rtt_done_ = after(now_, kProbeRttDuration);
        probe_rtt_round_done_ = false;
        start_round();
      }
    } else {
      probe_rtt_round_done_ |= round_start_;
      if (probe_rtt_round_done_) check_probe_rtt_done(window, now_);
    }
  }
  if (rate_.delivered > 0) idle_restart_ = false;
}

// CheckProbeRTTDone(), ExitProbeRTT().
void Bbr3::check_probe_rtt_done(CongestionWindow& window, Instant now) {
  if (probe_rtt_done_ == kNever || now <= probe_rtt_done_) return;
  min_rtt_at_ = now;
  restore_window(window);
  reset_short_term();
  if (full_bandwidth_reached_) {
    start_down(now);
    state_ = State::cruise;
  } else {
    state_ = State::startup;
  }
}

}  // namespace strata::tcp
