// SPDX-License-Identifier: MIT
// BBR version 3 (draft-ietf-ccwg-bbr, whose names in its pseudocode are cited): the path's
// bandwidth and round trip as in version 1, and beside them what the path takes without losing
// more than 2 % (the long-term bound, searched for by probes) and what it took lately (the
// short-term bound, lowered by every round with a loss). bbr3.cc has the model of the path and what
// follows from it, bbr3_states.cc the states:
//
//     Startup -> Drain -> Down -> Cruise -> Refill -> Up -> Down ...     ProbeRTT from anywhere
//
// Bandwidths are octets per second, gains are in 1/256.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

#include "stack/transport/tcp/congestion.h"
#include "stack/transport/tcp/windowed_max.h"

namespace strata::tcp {

class Bbr3 final : public CongestionControl {
 public:
  Bbr3()
      : CongestionControl(
            {.owns_window = true, .delivery_rate = true, .paces = true, .weighs_losses = true}) {}

  std::string_view name() const override { return "bbr3"; }
  void on_start(CongestionWindow& window, Instant now, Duration srtt) override;
  void on_ack(CongestionWindow& window, const AckSample& sample) override;
  void on_lost(CongestionWindow& window, const LostSegment& lost) override;
  std::uint32_t ssthresh_after(CongestionEvent event, const CongestionWindow& window,
                               std::uint64_t flight, Instant now) override;
  void on_reduced(CongestionEvent event, CongestionWindow& window) override;
  void on_recovered(CongestionWindow& window, Instant now) override;
  void on_undo(CongestionWindow& window, Instant now) override;
  void on_transmission_start(CongestionWindow& window, Instant now, Duration idle) override;
  std::uint64_t pacing_rate(const CongestionWindow&) const override { return pacing_rate_; }
  bool is_holding_back() const override { return state_ == State::probe_rtt; }

 private:
  enum class State : std::uint8_t { startup, drain, down, cruise, refill, up, probe_rtt };
  struct Gains {
    std::uint64_t pacing;
    std::uint64_t cwnd;
  };
  // What ACKs tell of the probe for bandwidth (BBR.ack_phase).
  enum class AckPhase : std::uint8_t { none, refilling, starting, feedback, stopping };

  static constexpr std::uint64_t kUnit = 256;            // gain 1
  static constexpr std::uint64_t kInfinite = ~0ULL / 2;  // of bounds that are not set
  static constexpr std::uint64_t kLossesOfHundred = 2;   // BBR.LossThresh
  static constexpr std::uint64_t kSegmentsMin = 4;       // BBR.MinPipeCwnd

  static Gains gains_of(State state);

  // --- the model of the path ---
  void take_sample(const AckSample& sample);
  void update_latest_signals();
  void update_congestion_signals(const CongestionWindow& window);
  void update_round();
  void update_aggregation(const CongestionWindow& window);
  void update_min_rtt();
  std::uint64_t max_bandwidth() const { return std::max(by_cycle_[0], by_cycle_[1]); }
  void advance_bandwidth_window();
  std::uint64_t bdp() const;
  std::uint64_t inflight(std::uint64_t bandwidth, std::uint64_t gain) const;
  std::uint64_t target_inflight(const CongestionWindow& window) const;
  std::uint64_t least_window() const { return kSegmentsMin * smss_; }
  std::uint64_t inflight_with_headroom() const;
  bool has_round_trip() const { return min_rtt_ != Duration::max(); }

  // --- the states ---
  bool is_in_probe_bandwidth() const { return state_ >= State::down && state_ <= State::up; }
  bool is_probing() const {
    return state_ == State::startup || state_ == State::refill || state_ == State::up;
  }
  void start_round() { round_end_ = delivered_; }
  void reset_full_bandwidth(std::uint64_t baseline);
  void check_full_bandwidth();
  void check_startup_loss();
  void leave_startup_for_loss();
  void check_startup_and_drain();
  void start_down(Instant now);
  void start_refill();
  void start_up(const CongestionWindow& window);
  void update_cycle(CongestionWindow& window, const AckSample& sample);
  bool adapt_long_term(const CongestionWindow& window, const AckSample& sample);
  bool is_time_to_probe(const CongestionWindow& window) const;
  bool is_time_to_cruise(const AckSample& sample) const;
  bool is_time_to_go_down(const CongestionWindow& window, const AckSample& sample);
  void raise_slope(const CongestionWindow& window);
  void probe_upward(const CongestionWindow& window, const AckSample& sample);
  void check_probe_rtt(CongestionWindow& window, const AckSample& sample);
  void check_probe_rtt_done(CongestionWindow& window, Instant now);

  // --- losses ---
  // IsInflightTooHigh(): more than 2 % (BBR.LossThresh) of what was in flight was lost.
  static bool is_too_high(std::uint64_t lost, std::uint64_t in_flight, bool has_sack) {
    return lost * 100 > in_flight * kLossesOfHundred || (lost > 0 && !has_sack);
  }
  void note_loss(const CongestionWindow& window);
  void save_state(const CongestionWindow& window);
  void handle_too_high(const CongestionWindow& window, std::uint64_t in_flight,
                       bool is_app_limited);
  void reset_congestion_signals();
  void reset_short_term();

  // --- what follows from it ---
  void set_pacing_rate(std::uint64_t gain);
  void set_window(CongestionWindow& window);
  void bound_window(CongestionWindow& window) const;
  void save_window(const CongestionWindow& window);
  void restore_window(CongestionWindow& window) const {
    window.cwnd = std::max(window.cwnd, prior_cwnd_);
  }

  // The ACK being processed (RS).
  DeliveryRate rate_;
  std::uint64_t delivery_rate_ = 0;
  std::uint64_t newly_delivered_ = 0;
  std::uint64_t delivered_ = 0;  // in all (C.delivered)
  Duration rtt_{};
  Instant now_{};
  bool has_sack_ = true;
  bool is_cwnd_limited_ = false;

  State state_ = State::startup;
  std::uint64_t pacing_rate_ = 0;
  std::uint64_t bandwidth_ = 0;  // BBR.bw
  std::uint32_t initial_cwnd_ = 0;
  std::uint32_t smss_ = 0;
  std::array<std::uint64_t, 2> by_cycle_{};  // BBR.max_bw_filter: the cycle before and this one

  std::uint64_t round_ = 0;
  std::uint64_t round_end_ = 0;  // total of delivered octets
  bool round_start_ = false;
  std::uint64_t drain_start_round_ = 0;

  bool full_bandwidth_reached_ = false;
  bool full_bandwidth_now_ = false;
  std::uint64_t full_bandwidth_ = 0;
  std::uint32_t full_rounds_ = 0;

  Duration min_rtt_ = Duration::max();
  Instant min_rtt_at_{};
  bool min_rtt_expired_ = false;
  std::uint64_t probe_rtt_cwnd_ = 0;
  Instant probe_rtt_done_ = kNever;
  bool probe_rtt_round_done_ = false;
  bool idle_restart_ = false;

  WindowedMax extra_acked_;
  Instant extra_acked_since_{};
  std::uint64_t extra_acked_delivered_ = 0;

  AckPhase ack_phase_ = AckPhase::none;
  bool is_probe_sample_ = false;
  std::uint64_t up_acked_ = 0;
  std::uint64_t up_acked_per_segment_ = kInfinite;
  std::uint32_t up_rounds_ = 0;
  std::uint64_t rounds_since_up_ = 0;
  Duration probe_wait_{};
  Instant cycle_at_{};
  bool probe_was_too_high_ = false;
  bool probe_was_cautious_ = false;

  std::uint64_t inflight_long_ = kInfinite;
  std::uint64_t inflight_short_ = kInfinite;
  std::uint64_t bandwidth_short_ = kInfinite;
  std::uint64_t bandwidth_latest_ = 0;
  std::uint64_t inflight_latest_ = 0;
  std::uint64_t loss_round_end_ = 0;  // total of delivered octets
  bool loss_round_start_ = false;
  bool has_loss_in_round_ = false;
  std::uint32_t loss_ranges_ = 0;  // of this round
  std::uint64_t last_lost_end_ = 0;

  bool recovering_ = false;
  std::uint32_t prior_cwnd_ = 0;
  State undo_state_ = State::cruise;  // startup or up: to be returned to
  std::uint64_t undo_inflight_long_ = 0;
  std::uint64_t undo_inflight_short_ = 0;
  std::uint64_t undo_bandwidth_short_ = 0;
};

}  // namespace strata::tcp
