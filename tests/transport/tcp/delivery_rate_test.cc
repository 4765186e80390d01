// SPDX-License-Identifier: MIT
// Delivery-rate samples, the windowed maximum, and BBR's model on a path made by hand.
#include "stack/transport/tcp/delivery_rate.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "stack/base/random.h"
#include "stack/transport/tcp/windowed_max.h"

namespace strata::tcp::testing {
namespace {

double rate_of(const DeliveryRate& rate) {
  return static_cast<double>(rate.delivered) * 1e9 / static_cast<double>(rate.interval.count());
}

// Ten segments sent at once, acknowledged one per 10 ms from 100 ms on.
TEST(TcpDeliveryRate, BurstIsMeasuredByItsAcks) {
  DeliveryRateSampler sampler;
  const Instant start = kStart + 1s;
  for (std::uint64_t i = 1; i <= 10; ++i) sampler.on_sent(i * 1000, 1000, i * 1000, start);
  DeliveryRate last;
  for (std::uint64_t i = 1; i <= 10; ++i) {
    const Instant now = start + 90ms + static_cast<std::int64_t>(i) * 10ms;
    last = sampler.on_delivered(1000, i * 1000, start, (10 - i) * 1000, now);
  }
  EXPECT_EQ(last.delivered, 10000U);
  EXPECT_EQ(last.interval, 190ms);
}

TEST(TcpDeliveryRate, SteadyFlowIsMeasuredExactly) {
  DeliveryRateSampler sampler;
  const Instant start = kStart + 1s;
  // A segment each 10 ms, acknowledged 100 ms later: 100 kB/s.
  DeliveryRate last;
  for (int i = 0; i < 100; ++i) {
    const Instant now = start + i * 10ms;
    if (i >= 10) {
      last = sampler.on_delivered(1000, static_cast<std::uint64_t>(i - 9) * 1000, now - 100ms, 9000,
                                  now);
    }
    const auto octets = static_cast<std::uint64_t>(i + 1) * 1000;
    sampler.on_sent(octets, 1000, std::min<std::uint64_t>(octets, 10'000), now);
  }
  EXPECT_NEAR(rate_of(last), 100'000, 1);
  EXPECT_FALSE(last.is_app_limited);
}

TEST(TcpDeliveryRate, SamplesOfAnIdleUserAreMarkedUntilTheyAreThrough) {
  DeliveryRateSampler sampler;
  sampler.on_sent(1000, 1000, 1000, kStart + 1s);
  sampler.on_app_limited(1000);
  sampler.on_sent(2000, 1000, 2000, kStart + 2s);
  EXPECT_FALSE(sampler.on_delivered(1000, 1000, kStart + 1s, 1000, kStart + 3s).is_app_limited);
  EXPECT_TRUE(sampler.on_delivered(1000, 2000, kStart + 2s, 0, kStart + 4s).is_app_limited);
  sampler.on_sent(3000, 1000, 1000, kStart + 5s);
  EXPECT_FALSE(sampler.on_delivered(1000, 3000, kStart + 5s, 0, kStart + 6s).is_app_limited);
}

// What was in flight and has been lost since counts from the departure of the segment meant, of a
// repair from its own.
TEST(TcpDeliveryRate, LossesAreWeighedAgainstWhatWasInFlight) {
  DeliveryRateSampler sampler;
  const Instant start = kStart + 1s;
  for (std::uint64_t i = 1; i <= 5; ++i) {
    sampler.on_sent(i * 1000, 1000, i * 1000, start + static_cast<std::int64_t>(i) * 1ms);
  }
  const LostSegment first = sampler.on_lost({1000, 2000, start + 2ms}, true, start + 100ms);
  EXPECT_EQ(first.in_flight_then, 2000U);
  EXPECT_EQ(first.lost_since, 1000U);
  const LostSegment second = sampler.on_lost({2000, 3000, start + 3ms}, true, start + 100ms);
  EXPECT_EQ(second.in_flight_then, 3000U);
  EXPECT_EQ(second.lost_since, 2000U);
  const DeliveryRate rate = sampler.on_delivered(1000, 4000, start + 4ms, 2000, start + 104ms);
  EXPECT_EQ(rate.in_flight_then, 4000U);
  EXPECT_EQ(rate.lost, 2000U);
  sampler.on_sent(2000, 1000, 2000, start + 105ms);
  const LostSegment again = sampler.on_lost({1000, 2000, start + 105ms}, true, start + 300ms);
  EXPECT_EQ(again.in_flight_then, 2000U);
  EXPECT_EQ(again.lost_since, 1000U);
}

TEST(TcpDeliveryRate, DeparturesThatAreOverAreForgotten) {
  DeliveryRateSampler sampler;
  Instant now = kStart + 1s;
  for (std::uint64_t i = 1; i <= 10'000; ++i, now += 1ms) {
    sampler.on_sent(i * 1000, 1000, 1000, now);
    sampler.on_delivered(1000, i * 1000, now, 0, now + 1ms);
    sampler.forget_before(now + 1ms);
  }
  EXPECT_LE(sampler.footprint_bytes(), 2048U);
}

TEST(TcpDeliveryRate, UnknownDepartureGivesNoSample) {
  DeliveryRateSampler sampler;
  sampler.on_sent(1000, 1000, 1000, kStart + 1s);
  EXPECT_EQ(sampler.on_delivered(1000, 1000, kStart + 2s, 0, kStart + 3s).interval, Duration{});
  EXPECT_EQ(sampler.delivered(), 1000U);
}

// Against the plain definition, over random series.
TEST(TcpWindowedMax, IsAValueOfTheWindowAndNotBelowTheNewest) {
  RandomStream random(7, "windowed max");
  WindowedMax filter;
  std::vector<std::uint64_t> values;
  constexpr std::uint64_t kWindow = 10;
  for (std::uint64_t time = 0; time < 2000; ++time) {
    values.push_back(1 + random.below(1000));
    filter.update(time, values.back(), kWindow);
    std::uint64_t newest_max = 0;  // over the window
    for (std::uint64_t age = 0; age <= kWindow && age <= time; ++age) {
      newest_max = std::max(newest_max, values[time - age]);
    }
    EXPECT_LE(filter.get(), newest_max);
    EXPECT_GE(filter.get(), values.back());
  }
}

}  // namespace
}  // namespace strata::tcp::testing
