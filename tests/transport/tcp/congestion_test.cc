// SPDX-License-Identifier: MIT
// How the congestion window begins, grows and rests: RFC 5681 3.1 and 4.1, RFC 6928, RFC 3465.
#include "stack/transport/tcp/congestion.h"

#include <gtest/gtest.h>

#include "tests/transport/tcp/conversation.h"

namespace strata::tcp::testing {
namespace {

// verifies RFC 6928 2
TEST(TcpCongestion, InitialWindowOfTenSegments) {
  EXPECT_EQ(initial_window(1460, 10), 14600U);
  EXPECT_EQ(initial_window(536, 10), 5360U);
  EXPECT_EQ(initial_window(4000, 10), 14600U);
  EXPECT_EQ(initial_window(8960, 10), 17920U);
}

// verifies RFC 5681 3.1
TEST(TcpCongestion, InitialWindowOfRfc5681WhenZeroSegmentsAreConfigured) {
  EXPECT_EQ(initial_window(1095, 0), 4 * 1095U);
  EXPECT_EQ(initial_window(1096, 0), 3 * 1096U);
  EXPECT_EQ(initial_window(2190, 0), 3 * 2190U);
  EXPECT_EQ(initial_window(2191, 0), 2 * 2191U);
}

TEST(TcpCongestion, RegistryKnowsItsNamesAndNothingElse) {
  for (const std::string_view name : congestion_control_names()) {
    const auto control = make_congestion_control(name);
    ASSERT_NE(control, nullptr);
    EXPECT_EQ(control->name(), name);
  }
  EXPECT_EQ(make_congestion_control("no such algorithm"), nullptr);
}

// verifies RFC 5681 3.1 (2): cwnd += min(N, SMSS) per ACK
TEST(TcpCongestion, SlowStartGrowsByAtMostOneSegmentPerAck) {
  const auto control = make_reno();
  CongestionWindow window{.smss = 1000, .cwnd = 10000};

  control->on_ack(window, {.newly_acked = 2000, .is_cwnd_limited = true});
  EXPECT_EQ(window.cwnd, 11000U);
  control->on_ack(window, {.newly_acked = 300, .is_cwnd_limited = true});
  EXPECT_EQ(window.cwnd, 11300U);
}

// verifies RFC 3465 2.1: one segment per window of acknowledged octets, however they are divided
// verifies RFC 9293 MUST-19
TEST(TcpCongestion, AvoidanceGrowsByOneSegmentPerWindowOfOctets) {
  const auto control = make_reno();
  CongestionWindow window{.smss = 1000, .cwnd = 10000, .ssthresh = 5000};

  for (int i = 0; i < 4; ++i) {
    control->on_ack(window, {.newly_acked = 2000, .is_cwnd_limited = true});
  }
  EXPECT_EQ(window.cwnd, 10000U);
  control->on_ack(window, {.newly_acked = 2000, .is_cwnd_limited = true});
  EXPECT_EQ(window.cwnd, 11000U);
}

TEST(TcpCongestion, WindowThatIsNotUsedDoesNotGrow) {
  const auto control = make_reno();
  CongestionWindow slow_start{.smss = 1000, .cwnd = 10000};
  CongestionWindow avoidance{.smss = 1000, .cwnd = 10000, .ssthresh = 5000};

  for (int i = 0; i < 100; ++i) {
    control->on_ack(slow_start, {.newly_acked = 1000});
    control->on_ack(avoidance, {.newly_acked = 1000});
  }

  EXPECT_EQ(slow_start.cwnd, 10000U);
  EXPECT_EQ(avoidance.cwnd, 10000U);
}

TEST(TcpCongestion, WindowDoesNotOverflow) {
  const auto control = make_reno();
  CongestionWindow window{.smss = 65535, .cwnd = 0x7fffff00};
  for (int i = 0; i < 10; ++i) {
    control->on_ack(window, {.newly_acked = 1'000'000, .is_cwnd_limited = true});
  }
  EXPECT_EQ(window.cwnd, 0x7fffffffU);
}

// verifies RFC 5681 (4)
TEST(TcpCongestion, SsthreshIsHalfTheFlightButAtLeastTwoSegments) {
  const auto control = make_reno();
  const CongestionWindow window{.smss = 1000, .cwnd = 20000};
  for (const auto event : {CongestionEvent::loss, CongestionEvent::timeout, CongestionEvent::ecn}) {
    EXPECT_EQ(control->ssthresh_after(event, window, 15000, kStart), 7500U);
    EXPECT_EQ(control->ssthresh_after(event, window, 1000, kStart), 2000U);
  }
}

// A program that has one segment out at a time, and waits for its ACK, says nothing about the path.
TEST(TcpCongestion, OneSegmentAtATimeLeavesTheWindowAsItIs) {
  Conversation tcp;
  tcp.is_established();
  for (std::uint32_t i = 1; i <= 20; ++i) {
    tcp.writes(1000);
    tcp.peer_sends(ack().seq(301).ack(101 + i * 1000));
  }
  EXPECT_EQ(tcp.connection().info().cwnd, 10000U);
}

// RFC 793 as it was before congestion control: the peer's window is the only limit, whatever is
// lost.
TEST(TcpCongestion, NoneSendsAllThePeerTakesEvenAfterATimeout) {
  Config config = Conversation::plain_config();
  config.congestion_control = "none";
  Conversation tcp(config);
  tcp.is_established(40000);
  tcp.writes(60000);
  EXPECT_EQ(tcp.ignore_sent(), 40U);

  tcp.advance(1s);

  EXPECT_EQ(tcp.ignore_sent(), 40U);
}

TEST(TcpCongestion, FixedWithOneSegmentIsStopAndWait) {
  Config config = Conversation::plain_config();
  config.congestion_control = "fixed";
  config.initial_window_segments = 1;
  Conversation tcp(config);
  tcp.is_established();
  tcp.writes(5000);
  for (std::uint32_t next = 101; next < 5101; next += 1000) {
    tcp.host_sends(ack().seq(next).length(1000));
    tcp.is_silent();
    tcp.peer_sends(ack().seq(301).ack(next + 1000));
  }
  tcp.is_silent();
}

// Jacobson 1988: the third duplicate ACK sends from the hole again, in slow start from one segment.
TEST(TcpCongestion, TahoeGoesBackToSlowStartAfterFastRetransmit) {
  Config config = Conversation::plain_config();
  config.congestion_control = "tahoe";
  Conversation tcp(config);
  tcp.is_established();
  tcp.writes(10000);
  tcp.ignore_sent();

  for (int i = 0; i < 5; ++i) tcp.peer_sends(ack().seq(301).ack(1101));

  EXPECT_EQ(tcp.connection().info().cwnd, 1000U);
  EXPECT_EQ(tcp.connection().info().ssthresh, 4500U);
  tcp.host_sends(ack().seq(1101).length(1000));
  tcp.is_silent();
  tcp.peer_sends(ack().seq(301).ack(10101));
  EXPECT_EQ(tcp.connection().info().cwnd, 2000U);
}

TEST(TcpCongestion, NoMoreThanTheInitialWindowLeavesAtFirst) {
  Conversation tcp;
  tcp.is_established();

  tcp.writes(30000);

  EXPECT_EQ(tcp.ignore_sent(), 10U);
  tcp.peer_sends(ack().seq(301).ack(2101));
  EXPECT_EQ(tcp.ignore_sent(), 3U);  // two left, and the window grew by one
}

// verifies RFC 5681 4.1
TEST(TcpCongestion, IdleTimeOfOneRtoRestartsWithTheInitialWindow) {
  Conversation tcp;
  tcp.is_established();
  tcp.writes(20000);
  std::uint32_t acked = 101;
  while (acked < 20101) tcp.peer_sends(ack().seq(301).ack(acked += 1000));
  tcp.ignore_sent();
  EXPECT_GT(tcp.connection().info().cwnd, 15000U);

  tcp.advance(5s);
  tcp.writes(30000);

  EXPECT_EQ(tcp.ignore_sent(), 10U);
}

// verifies RFC 5681 3.1: LW is one segment; ssthresh is held while the same segment times out again
TEST(TcpCongestion, TimeoutCollapsesTheWindowOnceAndHalvesOnce) {
  Conversation tcp;
  tcp.is_established();
  tcp.writes(10000);

  tcp.advance(1s);
  EXPECT_EQ(tcp.connection().info().cwnd, 1000U);
  EXPECT_EQ(tcp.connection().info().ssthresh, 5000U);
  tcp.advance(2s);

  EXPECT_EQ(tcp.connection().info().cwnd, 1000U);
  EXPECT_EQ(tcp.connection().info().ssthresh, 5000U);
}

}  // namespace
}  // namespace strata::tcp::testing
