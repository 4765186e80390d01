// SPDX-License-Identifier: MIT
// Windows that are not used: RFC 5681 4.1 and RFC 7661.
#include "stack/transport/tcp/window_validation.h"

#include <gtest/gtest.h>

#include "tests/transport/tcp/conversation.h"

namespace strata::tcp::testing {
namespace {

constexpr std::uint32_t kInitial = 10'000;

CongestionWindow forty_segments() { return {.smss = 1000, .cwnd = 40'000, .ssthresh = 20'000}; }

// ACKs of `per_round_trip` octets for each of `round_trips` of 100 ms, beginning at `from`, for a
// connection that has acknowledged nothing before.
void acknowledge(WindowValidator& validator, CongestionWindow& window, int round_trips,
                 std::uint64_t per_round_trip, Instant from) {
  std::uint64_t una = 1;
  for (int i = 0; i <= round_trips; ++i) {
    validator.on_ack(window, una, 100ms, kInitial, from + i * 100ms);
    una += per_round_trip;
  }
}

TEST(TcpWindowValidation, WindowInUseMayGrow) {
  const WindowValidator validator(WindowValidation::rfc5681);
  CongestionWindow window = forty_segments();
  EXPECT_TRUE(validator.permits_growth(window, 39'500));
  EXPECT_FALSE(validator.permits_growth(window, 39'000));
  window.ssthresh = CongestionWindow::kUnlimited;  // slow start: half of it will do
  EXPECT_TRUE(validator.permits_growth(window, 20'000));
  EXPECT_FALSE(validator.permits_growth(window, 19'999));
  EXPECT_TRUE(WindowValidator(WindowValidation::off).permits_growth(window, 0));
}

// verifies RFC 7661 4.3
TEST(TcpWindowValidation, HalfTheWindowPerRoundTripValidatesIt) {
  WindowValidator validator(WindowValidation::rfc7661);
  CongestionWindow window = forty_segments();
  EXPECT_TRUE(validator.is_validated(window));  // undefined so far
  acknowledge(validator, window, 5, 20'000, kStart + 1s);
  EXPECT_EQ(validator.pipe_ack(), 20'000U);
  EXPECT_TRUE(validator.is_validated(window));
  EXPECT_TRUE(validator.permits_growth(window, 20'000));
}

// verifies RFC 7661 4.4
TEST(TcpWindowValidation, UnvalidatedWindowIsKeptAndGrowsOnlyInFullUse) {
  WindowValidator validator(WindowValidation::rfc7661);
  CongestionWindow window = forty_segments();
  acknowledge(validator, window, 20, 10'000, kStart + 1s);
  EXPECT_FALSE(validator.is_validated(window));
  EXPECT_EQ(window.cwnd, 40'000U);
  EXPECT_FALSE(validator.permits_growth(window, 10'000));
  EXPECT_TRUE(validator.permits_growth(window, 39'500));
}

// verifies RFC 7661 4.4.1
TEST(TcpWindowValidation, CongestionHalvesWhatWasUsed) {
  WindowValidator validator(WindowValidation::rfc7661);
  CongestionWindow window = forty_segments();
  acknowledge(validator, window, 20, 16'000, kStart + 1s);
  EXPECT_EQ(half_of_flight(window, 3'000), 8'000U);
  EXPECT_EQ(half_of_flight(window, 18'000), 9'000U);
  validator.reset(window);
  EXPECT_EQ(half_of_flight(window, 3'000), 2'000U);
  EXPECT_FALSE(validator.pipe_ack());
}

// verifies RFC 7661 4.4.3: after five minutes half of it goes, and ssthresh keeps three quarters
TEST(TcpWindowValidation, WindowUnusedForFiveMinutesIsHalved) {
  WindowValidator validator(WindowValidation::rfc7661);
  CongestionWindow window = forty_segments();
  acknowledge(validator, window, 2990, 10'000, kStart + 1s);
  EXPECT_EQ(window.cwnd, 40'000U);
  for (int i = 1; i <= 20; ++i) {
    validator.on_ack(window, 29'900'001 + static_cast<std::uint64_t>(i) * 10'000, 100ms, kInitial,
                     kStart + 300s + i * 100ms);
  }
  EXPECT_EQ(window.cwnd, 20'000U);
  EXPECT_EQ(window.ssthresh, 30'000U);
}

// verifies RFC 7661 4.4: an idle sender goes on where it was
TEST(TcpWindowValidation, NewCwvDoesNotRestartAfterIdling) {
  Config config = Conversation::plain_config();
  config.window_validation = WindowValidation::rfc7661;
  Conversation tcp(config);
  tcp.is_established();
  tcp.writes(20000);
  std::uint32_t acked = 101;
  while (acked < 20101) tcp.peer_sends(ack().seq(301).ack(acked += 1000));
  tcp.ignore_sent();
  const std::uint32_t cwnd = tcp.connection().info().cwnd;
  ASSERT_GT(cwnd, 15000U);

  tcp.advance(5s);
  tcp.writes(30000);

  EXPECT_EQ(tcp.connection().info().cwnd, cwnd);
}

// verifies RFC 3465 2.2, 2.3: L = 2 segments per ACK, one after a time-out
TEST(TcpWindowValidation, AppropriateByteCountingHasItsLimit) {
  CongestionWindow window{.smss = 1000, .cwnd = 10'000, .abc_limit = 2};
  grow_in_slow_start(window, 5000);
  EXPECT_EQ(window.cwnd, 12'000U);
  window.ssthresh = 20'000;
  grow_in_slow_start(window, 5000);
  EXPECT_EQ(window.cwnd, 13'000U);
}

}  // namespace
}  // namespace strata::tcp::testing
