// SPDX-License-Identifier: MIT
// BBR version 1 (draft-cardwell-iccrg-bbr-congestion-control-00, whose section numbers are cited):
// a model of the path, its bottleneck bandwidth and round-trip propagation time, from which the
// pacing rate and the window follow; losses hardly matter (to version 3 they do: bbr3.h).
// Bandwidths are octets per second, gains are in 1/256.
#include <algorithm>
#include <array>

#include "stack/transport/tcp/congestion.h"
#include "stack/transport/tcp/windowed_max.h"

namespace strata::tcp {
namespace {

constexpr std::uint64_t kUnit = 256;             // gain 1
constexpr std::uint64_t kHighGain = 739;         // 2/ln 2 = 2.885
constexpr std::uint64_t kDrainGain = 88;         // its inverse
constexpr std::uint64_t kProbeGain = 2 * kUnit;  // of cwnd in ProbeBW
constexpr std::array<std::uint64_t, 8> kCycle{320, 192, 256, 256, 256, 256, 256, 256};
constexpr std::uint64_t kBandwidthRounds = 10;  // 4.1.1.3
constexpr Duration kRtPropWindow = 10s;         // 4.1.2.3
constexpr Duration kProbeRttTime = 200ms;       // 4.3.5
constexpr std::uint32_t kSegmentsMin = 4;       // 4.2.3.2

class Bbr final : public CongestionControl {
 public:
  Bbr() : CongestionControl({.owns_window = true, .delivery_rate = true, .paces = true}) {}

  std::string_view name() const override { return "bbr"; }
  void on_start(CongestionWindow& window, Instant now, Duration srtt) override;
  void on_ack(CongestionWindow& window, const AckSample& sample) override;
  std::uint32_t ssthresh_after(CongestionEvent, const CongestionWindow& window,
                               std::uint64_t flight, Instant) override;
  void on_reduced(CongestionEvent event, CongestionWindow& window) override;
  void on_recovered(CongestionWindow& window, Instant now) override;
  void on_undo(CongestionWindow& window, Instant now) override { on_recovered(window, now); }
  void on_transmission_start(CongestionWindow& window, Instant now, Duration idle) override;
  std::uint64_t pacing_rate(const CongestionWindow&) const override { return pacing_rate_; }

 private:
  enum class Mode : std::uint8_t { startup, drain, probe_bandwidth, probe_rtt };

  void update_round(const AckSample& sample);
  void update_bandwidth(const AckSample& sample);
  void check_full_pipe(const AckSample& sample);
  void check_drain(const AckSample& sample);
  void check_cycle_phase(const AckSample& sample);
  void enter_probe_bandwidth(Instant now);
  void check_probe_rtt(CongestionWindow& window, const AckSample& sample);
  void set_pacing_rate(std::uint64_t gain);
  void set_window(CongestionWindow& window, const AckSample& sample);
  std::uint64_t bandwidth() const { return bandwidth_.get(); }
  std::uint64_t inflight(std::uint64_t gain) const;
  void save_window(const CongestionWindow& window);

  Mode mode_ = Mode::startup;
  std::uint64_t pacing_gain_ = kHighGain;
  std::uint64_t cwnd_gain_ = kHighGain;
  WindowedMax bandwidth_;
  std::uint64_t pacing_rate_ = 0;
  std::uint32_t initial_cwnd_ = 0;
  std::uint32_t smss_ = 0;

  std::uint64_t round_ = 0;
  std::uint64_t round_end_ = 0;  // total of delivered octets
  bool round_start_ = false;

  Duration rt_prop_ = Duration::max();
  Instant rt_prop_at_{};
  bool rt_prop_expired_ = false;

  bool filled_pipe_ = false;
  std::uint64_t full_bandwidth_ = 0;
  std::uint32_t full_rounds_ = 0;

  std::size_t cycle_index_ = 0;
  Instant cycle_at_{};

  Instant probe_rtt_done_ = kNever;
  bool probe_rtt_round_done_ = false;
  bool idle_restart_ = false;

  bool recovering_ = false;
  bool packet_conservation_ = false;
  std::uint32_t prior_cwnd_ = 0;
  std::uint64_t flight_at_loss_ = 0;
};

void Bbr::on_start(CongestionWindow& window, Instant now, Duration srtt) {
  smss_ = window.smss;
  initial_cwnd_ = window.cwnd;
  rt_prop_ = srtt > Duration{} ? srtt : Duration::max();
  rt_prop_at_ = now;
  // 4.2.1: the initial window per round trip, 1 ms when that is not known yet.
  const auto rtt = static_cast<std::uint64_t>(std::max<Duration>(srtt, 1ms).count());
  pacing_rate_ = kHighGain * (window.cwnd * kNanosecondsPerSecond / rtt) / kUnit;
}

void Bbr::on_ack(CongestionWindow& window, const AckSample& sample) {
  smss_ = window.smss;
  update_round(sample);
  update_bandwidth(sample);
  check_cycle_phase(sample);
  check_full_pipe(sample);
  check_drain(sample);
  // 4.1.2.3.
  rt_prop_expired_ = sample.now > after(rt_prop_at_, kRtPropWindow);
  if (sample.rtt > Duration{} && (sample.rtt <= rt_prop_ || rt_prop_expired_)) {
    rt_prop_ = sample.rtt;
    rt_prop_at_ = sample.now;
  }
  check_probe_rtt(window, sample);
  set_pacing_rate(pacing_gain_);
  set_window(window, sample);
}

// 4.1.1.3: a round ends when something sent after its beginning is delivered.
void Bbr::update_round(const AckSample& sample) {
  round_start_ = sample.rate.interval > Duration{} && sample.rate.prior_delivered >= round_end_;
  if (!round_start_) return;
  round_end_ = sample.rate.total_delivered;
  ++round_;
  packet_conservation_ = false;  // 4.2.3.4: for one round
}

void Bbr::update_bandwidth(const AckSample& sample) {
  const DeliveryRate& rate = sample.rate;
  if (rate.interval <= Duration{}) return;
  const std::uint64_t octets_per_second =
      std::min<std::uint64_t>(rate.delivered, CongestionWindow::kMax) * kNanosecondsPerSecond /
      static_cast<std::uint64_t>(rate.interval.count());
  // 4.1.1.4: a sample of an idle sender counts only if it is better.
  if (octets_per_second >= bandwidth() || !rate.is_app_limited) {
    bandwidth_.update(round_, octets_per_second, kBandwidthRounds);
  }
}

// 4.3.2.2: three rounds in which the bandwidth grew by less than a quarter.
void Bbr::check_full_pipe(const AckSample& sample) {
  if (filled_pipe_ || !round_start_ || sample.rate.is_app_limited) return;
  if (bandwidth() >= full_bandwidth_ + full_bandwidth_ / 4) {
    full_bandwidth_ = bandwidth();
    full_rounds_ = 0;
    return;
  }
  filled_pipe_ = ++full_rounds_ >= 3;
}

// 4.3.3.
void Bbr::check_drain(const AckSample& sample) {
  if (mode_ == Mode::startup && filled_pipe_) {
    mode_ = Mode::drain;
    pacing_gain_ = kDrainGain;
    cwnd_gain_ = kHighGain;
  }
  if (mode_ == Mode::drain && sample.flight <= inflight(kUnit)) enter_probe_bandwidth(sample.now);
}

// 4.3.4.3: the cycle begins anywhere but in the phase that drains.
void Bbr::enter_probe_bandwidth(Instant now) {
  mode_ = Mode::probe_bandwidth;
  cwnd_gain_ = kProbeGain;
  // Any spread will do to keep flows out of step; the instant differs from flow to flow.
  const auto spread =
      (static_cast<std::uint64_t>(now.time_since_epoch().count()) * 0x9e3779b97f4a7c15ULL) >> 33;
  cycle_index_ = kCycle.size() - 1 - spread % 7;
  cycle_index_ = (cycle_index_ + 1) % kCycle.size();
  cycle_at_ = now;
  pacing_gain_ = kCycle[cycle_index_];
}

void Bbr::check_cycle_phase(const AckSample& sample) {
  if (mode_ != Mode::probe_bandwidth) return;
  const bool is_full_length = sample.now - cycle_at_ > rt_prop_;
  bool next = is_full_length;
  if (pacing_gain_ > kUnit) {
    // The higher rate has to have filled the pipe to tell something.
    next =
        is_full_length && (sample.newly_lost > 0 || sample.flight_before >= inflight(pacing_gain_));
  } else if (pacing_gain_ < kUnit) {
    next = is_full_length || sample.flight_before <= inflight(kUnit);
  }
  if (!next) return;
  cycle_index_ = (cycle_index_ + 1) % kCycle.size();
  cycle_at_ = sample.now;
  pacing_gain_ = kCycle[cycle_index_];
}

// 4.3.5: a propagation time not confirmed for 10 s is measured anew with the queue drained.
void Bbr::check_probe_rtt(CongestionWindow& window, const AckSample& sample) {
  if (mode_ != Mode::probe_rtt && rt_prop_expired_ && !idle_restart_) {
    save_window(window);
    mode_ = Mode::probe_rtt;
    pacing_gain_ = cwnd_gain_ = kUnit;
    probe_rtt_done_ = kNever;
  }
  if (mode_ == Mode::probe_rtt) {
    if (probe_rtt_done_ == kNever) {
      if (sample.flight <= std::uint64_t{kSegmentsMin} * smss_) {
        probe_rtt_done_ = after(sample.now, kProbeRttTime);
        probe_rtt_round_done_ = false;
        round_end_ = sample.rate.total_delivered;
      }
    } else {
      probe_rtt_round_done_ |= round_start_;
      if (probe_rtt_round_done_ && sample.now > probe_rtt_done_) {
        rt_prop_at_ = sample.now;
        window.cwnd = std::max(window.cwnd, prior_cwnd_);
        if (filled_pipe_) {
          enter_probe_bandwidth(sample.now);
        } else {
          mode_ = Mode::startup;
          pacing_gain_ = cwnd_gain_ = kHighGain;
        }
      }
    }
  }
  idle_restart_ = false;
}

// 4.2.1.
void Bbr::set_pacing_rate(std::uint64_t gain) {
  // One in a hundred below the bandwidth: no queue of its own over time.
  const std::uint64_t rate = gain * bandwidth() / kUnit * 99 / 100;
  if (rate > 0 && (filled_pipe_ || rate > pacing_rate_)) pacing_rate_ = rate;
}

// 4.2.3.2: what the path holds, times the gain, and room for delayed and aggregated ACKs.
std::uint64_t Bbr::inflight(std::uint64_t gain) const {
  if (rt_prop_ == Duration::max()) return initial_cwnd_;
  const auto rtt = static_cast<std::uint64_t>(rt_prop_.count());
  // Microseconds keep the product within 64 bits.
  return bandwidth() * (rtt / 1000) / 1'000'000 * gain / kUnit + 3 * std::uint64_t{smss_};
}

void Bbr::set_window(CongestionWindow& window, const AckSample& sample) {
  const std::uint64_t target = inflight(cwnd_gain_);
  std::uint64_t cwnd = window.cwnd;
  const std::uint64_t acked = sample.newly_delivered;
  // 4.2.3.4.
  if (sample.newly_lost > 0) {
    cwnd = std::max<std::uint64_t>(cwnd - std::min(cwnd, sample.newly_lost), smss_);
  }
  if (packet_conservation_) {
    cwnd = std::max(cwnd, sample.flight + acked);
  } else if (filled_pipe_) {
    cwnd = std::min(cwnd + acked, target);
  } else if (cwnd < target || sample.rate.total_delivered < initial_cwnd_) {
    cwnd += acked;
  }
  cwnd = std::max<std::uint64_t>(cwnd, kSegmentsMin * smss_);
  if (mode_ == Mode::probe_rtt) cwnd = std::min<std::uint64_t>(cwnd, kSegmentsMin * smss_);
  window.cwnd = static_cast<std::uint32_t>(std::min<std::uint64_t>(cwnd, CongestionWindow::kMax));
}

// 4.2.3.5: the window to come back to.
void Bbr::save_window(const CongestionWindow& window) {
  const bool is_reduced = recovering_ || mode_ == Mode::probe_rtt;
  prior_cwnd_ = is_reduced ? std::max(prior_cwnd_, window.cwnd) : window.cwnd;
}

std::uint32_t Bbr::ssthresh_after(CongestionEvent, const CongestionWindow& window,
                                  std::uint64_t flight, Instant) {
  save_window(window);
  flight_at_loss_ = flight;
  return window.ssthresh;
}

// 4.2.3.4.
void Bbr::on_reduced(CongestionEvent event, CongestionWindow& window) {
  if (event == CongestionEvent::ecn) return;  // version 1 does not answer to marks
  recovering_ = true;
  if (event == CongestionEvent::timeout) {
    window.cwnd = window.smss;
    packet_conservation_ = false;
    return;
  }
  window.cwnd = std::max(
      static_cast<std::uint32_t>(std::min<std::uint64_t>(flight_at_loss_, CongestionWindow::kMax)),
      window.smss);
  packet_conservation_ = true;
}

void Bbr::on_recovered(CongestionWindow& window, Instant) {
  recovering_ = false;
  packet_conservation_ = false;
  window.cwnd = std::max(window.cwnd, prior_cwnd_);
}

// 4.3.4.4: after idling, at the bandwidth known.
void Bbr::on_transmission_start(CongestionWindow&, Instant, Duration idle) {
  if (idle <= Duration{}) return;
  idle_restart_ = true;
  if (mode_ == Mode::probe_bandwidth) set_pacing_rate(kUnit);
}

}  // namespace

std::unique_ptr<CongestionControl> make_bbr() { return std::make_unique<Bbr>(); }

}  // namespace strata::tcp
