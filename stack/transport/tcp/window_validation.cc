// SPDX-License-Identifier: MIT
#include "stack/transport/tcp/window_validation.h"

#include <algorithm>

namespace strata::tcp {
namespace {

constexpr Duration kSamplingPeriodMin = 1s;        // RFC 7661 4.2
constexpr Duration kNonValidatedPeriod = 5 * 60s;  // RFC 7661 4.4: NVP

// No further segment would have fitted, or (in slow start, which doubles the window) half of it was
// in use.
bool is_cwnd_limited(const CongestionWindow& window, std::uint64_t flight_before) {
  return window.is_slow_start() ? 2 * flight_before >= window.cwnd
                                : flight_before + window.smss > window.cwnd;
}

}  // namespace

std::optional<std::uint64_t> WindowValidator::pipe_ack() const {
  return has_sample_ ? std::optional{pipe_ack_.get()} : std::nullopt;
}

bool WindowValidator::is_validated(const CongestionWindow& window) const {
  // RFC 7661 4.3: pipeACK >= cwnd/2, or pipeACK is undefined.
  return rule_ != WindowValidation::rfc7661 || !has_sample_ || 2 * pipe_ack_.get() >= window.cwnd;
}

bool WindowValidator::permits_growth(const CongestionWindow& window,
                                     std::uint64_t flight_before) const {
  if (by_usage_) return was_full_ || (window.is_slow_start() && window.cwnd < 2 * most_);
  if (rule_ == WindowValidation::off) return true;
  if (is_cwnd_limited(window, flight_before)) return true;
  // RFC 7661 4.3, 4.4: the standard methods while validated, only in full use otherwise.
  return rule_ == WindowValidation::rfc7661 && has_sample_ && is_validated(window);
}

void WindowValidator::on_sent(const CongestionWindow& window, std::uint64_t flight,
                              std::uint64_t una, std::uint64_t nxt) {
  if (!by_usage_) return;
  const bool is_full = flight + window.smss > window.cwnd;
  if (una < usage_until_ && !is_full && (was_full_ || flight <= most_)) return;
  was_full_ = is_full;
  most_ = flight;
  usage_until_ = nxt;
}

void WindowValidator::on_ack(CongestionWindow& window, std::uint64_t una, Duration srtt,
                             std::uint32_t initial, Instant now) {
  if (rule_ != WindowValidation::rfc7661) return;
  if (sample_from_ == 0) {
    sample_from_ = una;
    sample_began_ = now;
    if (last_validated_ == Instant{}) last_validated_ = now;
    return;
  }
  if (now - sample_began_ < srtt) return;
  // RFC 7661 4.2: the volume acknowledged in a round trip; the most of max(3*RTT, 1 s).
  const Duration period = std::max(3 * srtt, kSamplingPeriodMin);
  pipe_ack_.update(static_cast<std::uint64_t>(now.time_since_epoch().count()), una - sample_from_,
                   static_cast<std::uint64_t>(period.count()));
  has_sample_ = true;
  sample_from_ = una;
  sample_began_ = now;
  expire(window, initial, now);
}

void WindowValidator::expire(CongestionWindow& window, std::uint32_t initial, Instant now) {
  // RFC 7661 4.4.1: met in the non-validated phase, congestion halves Max(pipeACK, FlightSize).
  window.pipe_ack = is_validated(window) ? 0 : static_cast<std::uint32_t>(pipe_ack_.get());
  if (is_validated(window)) {
    last_validated_ = now;
  } else if (now - last_validated_ >= kNonValidatedPeriod) {
    // RFC 7661 4.4.3.
    window.ssthresh = std::max(window.ssthresh, window.cwnd - window.cwnd / 4);
    window.cwnd = std::max(window.cwnd / 2, std::min(window.cwnd, initial));
    last_validated_ = now;
  }
}

void WindowValidator::on_transmission_start(CongestionWindow& window, Duration idle, Duration rto,
                                            std::uint32_t initial, Instant now) {
  switch (rule_) {
    case WindowValidation::off:
      return;
    case WindowValidation::rfc5681:
      // RFC 5681 4.1: after an idle time of one RTO the ACK clock has stopped; begin with no more
      // than the initial window.
      if (idle > rto) window.cwnd = std::min(window.cwnd, initial);
      return;
    case WindowValidation::rfc7661:
      // RFC 7661 4.4: an idle sender keeps its window, for the non-validated period.
      sample_from_ = 0;
      if (idle >= kNonValidatedPeriod) expire(window, initial, now);
      return;
  }
}

void WindowValidator::reset(CongestionWindow& window) {
  has_sample_ = false;
  pipe_ack_ = {};
  sample_from_ = 0;
  window.pipe_ack = 0;
}

}  // namespace strata::tcp
