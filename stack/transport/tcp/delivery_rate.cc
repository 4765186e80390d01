// SPDX-License-Identifier: MIT
#include "stack/transport/tcp/delivery_rate.h"

#include <algorithm>
#include <utility>

#include "stack/base/uint128.h"

namespace strata::tcp {
namespace {

constexpr std::size_t kDeparturesMin = 16;

}  // namespace

void DeliveryRateSampler::on_sent(std::uint64_t end, std::uint64_t octets, std::uint64_t in_flight,
                                  Instant now) {
  if (in_flight <= octets) {
    // Section 3.2: time without anything in flight does not count.
    first_sent_ = now;
    delivered_at_ = now;
  }
  if (tail_ - head_ == ring_.size()) {
    std::vector<Departure> larger(std::max(kDeparturesMin, 2 * ring_.size()));
    for (std::uint64_t number = head_; number < tail_; ++number) {
      larger[number & (larger.size() - 1)] = at(number);
    }
    ring_ = std::move(larger);
  }
  at(tail_++) = {.end = end,
                 .sent = now,
                 .delivered = delivered_,
                 .delivered_at = delivered_at_,
                 .first_sent = first_sent_,
                 .in_flight = in_flight,
                 .lost = lost_,
                 .is_app_limited = app_limited_until_ != 0};
}

DeliveryRate DeliveryRateSampler::on_delivered(std::uint64_t octets, std::uint64_t end,
                                               Instant sent, std::uint64_t in_flight, Instant now) {
  DeliveryRate rate;
  delivered_ += octets;
  rate.total_delivered = delivered_;
  if (octets == 0) return rate;
  delivered_at_ = now;
  if (app_limited_until_ != 0 && delivered_ > app_limited_until_) app_limited_until_ = 0;
  const std::uint64_t number = number_behind(end, sent);
  if (number <= std::max(head_, sampled_)) return rate;
  const Departure departure = at(number - 1);
  // What left earlier and arrives later gives no sample any more. It has none to give: its window
  // lies within this one.
  sampled_ = in_flight == 0 ? tail_ : number;
  first_sent_ = departure.sent;
  // Section 3.3: neither faster than it was sent nor faster than it was acknowledged.
  rate.prior_delivered = departure.delivered;
  rate.delivered = delivered_ - departure.delivered;
  rate.interval = std::max(departure.sent - departure.first_sent, now - departure.delivered_at);
  rate.is_app_limited = departure.is_app_limited;
  rate.in_flight_then = departure.in_flight;
  rate.lost = lost_ - departure.lost;
  return rate;
}

void DeliveryRateSampler::note(const DeliveryRate& rate, Duration min_rtt) {
  if (rate.interval <= Duration{} || rate.interval < min_rtt) return;
  const auto product = [](std::uint64_t octets, Duration interval) {
    return Uint128{octets} * static_cast<std::uint64_t>(interval.count());
  };
  const bool is_lower =
      product(rate.delivered, noted_interval_) < product(noted_octets_, rate.interval);
  if (rate.is_app_limited && is_lower) return;
  noted_octets_ = rate.delivered;
  noted_interval_ = rate.interval;
  noted_app_limited_ = rate.is_app_limited;
}

std::uint64_t DeliveryRateSampler::octets_per_second() const {
  if (noted_interval_ == Duration{}) return 0;
  const auto second = static_cast<std::uint64_t>(Duration{1s}.count());
  return static_cast<std::uint64_t>(Uint128{noted_octets_} * second /
                                    static_cast<std::uint64_t>(noted_interval_.count()));
}

// Departures are in order of time.
std::uint64_t DeliveryRateSampler::number_behind(std::uint64_t end, Instant sent) {
  std::uint64_t low = head_;
  std::uint64_t high = tail_;
  while (low < high) {
    const std::uint64_t middle = low + (high - low) / 2;
    if (at(middle).sent <= sent) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  while (low > head_ && at(low - 1).sent == sent && at(low - 1).end > end) --low;
  return low > head_ && at(low - 1).sent == sent ? low : head_;
}

LostSegment DeliveryRateSampler::on_lost(const LostRecord& lost, bool has_sack, Instant now) {
  lost_ += lost.end - lost.begin;
  LostSegment segment{.now = now, .begin = lost.begin, .end = lost.end, .has_sack = has_sack};
  const std::uint64_t number = number_behind(lost.end, lost.last_sent);
  if (number == head_) return segment;
  const Departure& departure = at(number - 1);
  segment.in_flight_then = departure.in_flight;
  segment.lost_since = lost_ - departure.lost;
  segment.is_app_limited = departure.is_app_limited;
  return segment;
}

void DeliveryRateSampler::forget_before(Instant oldest) {
  while (head_ < tail_ && at(head_).sent < oldest) ++head_;
}

void DeliveryRateSampler::on_app_limited(std::uint64_t in_flight) {
  app_limited_until_ = std::max<std::uint64_t>(delivered_ + in_flight, 1);
}

}  // namespace strata::tcp
