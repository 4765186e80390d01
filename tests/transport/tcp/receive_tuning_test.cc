// SPDX-License-Identifier: MIT
// The receive buffer that grows with a fast reader.
#include "stack/transport/tcp/receive_tuning.h"

#include <gtest/gtest.h>

#include "tests/transport/tcp/conversation.h"

namespace strata::tcp::testing {
namespace {

// A peer that fills the window every round trip of 100 ms; the user reads `share` of it at once.
// Returns the buffer at the end.
std::uint32_t buffer_after(int rounds, const Config& config, std::uint32_t percent_read) {
  Conversation tcp(config);
  tcp.is_established();
  std::uint32_t next = 301;
  for (int round = 0; round < rounds; ++round) {
    tcp.advance(100ms);
    std::uint32_t window = tcp.connection().info().rcv_wnd;
    while (window >= 1000) {
      tcp.peer_sends(ack().seq(next).ack(101).length(1000));
      next += 1000;
      window -= 1000;
    }
    tcp.reads(tcp.connection().info().receive_queue_bytes * percent_read / 100);
    tcp.ignore_sent();
  }
  return tcp.connection().info().receive_buffer_bytes;
}

Config tuned(std::uint32_t from, std::uint32_t to) {
  Config config;
  config.receive_buffer_bytes = from;
  config.receive_buffer_max_bytes = to;
  return config;
}

TEST(TcpReceiveTuning, BufferGrowsWithAReaderThatTakesAWindowPerRoundTrip) {
  EXPECT_GE(buffer_after(12, tuned(10'000, 10'000'000), 100), 80'000U);
}

TEST(TcpReceiveTuning, BufferStopsAtItsMaximum) {
  EXPECT_EQ(buffer_after(12, tuned(10'000, 40'000), 100), 40'000U);
}

TEST(TcpReceiveTuning, WithoutAMaximumTheBufferStays) {
  EXPECT_EQ(buffer_after(12, tuned(10'000, 0), 100), 10'000U);
}

TEST(ReceiveTuning, ReaderThatTakesTheSameInEachRoundTripGetsNoMore) {
  ReceiveTuning tuning(100'000, 10'000'000);
  Instant now = kStart;
  tuning.on_text(0, 1000, now - 100ms);
  tuning.on_text(1000, 1000, now);  // a round trip is 100 ms
  std::uint64_t read = 0;
  for (int i = 0; i < 50; ++i) {
    now += 100ms;
    read += 1000;
    tuning.on_read(read, 1000, now);
  }
  EXPECT_EQ(tuning.limit(), 100'000U);
}

TEST(ReceiveTuning, RoundTripIsTheLeastTimeInWhichAWindowArrived) {
  ReceiveTuning tuning(10'000, 1'000'000);
  tuning.on_text(1, 10'000, kStart + 1s);
  tuning.on_text(5'001, 10'000, kStart + 1050ms);
  EXPECT_EQ(tuning.rtt(), Duration{});
  tuning.on_text(10'001, 10'000, kStart + 1100ms);
  EXPECT_EQ(tuning.rtt(), Duration{100ms});
  tuning.on_text(20'001, 10'000, kStart + 1180ms);
  EXPECT_EQ(tuning.rtt(), Duration{80ms});
}

// The shift has to fit the largest window from the start.
TEST(TcpReceiveTuning, WindowScaleIsChosenForTheMaximum) {
  Conversation tcp(tuned(60'000, 6 * 1024 * 1024));
  tcp.opens_actively();
  tcp.host_sends(syn().seq(100).scale(7));
}

}  // namespace
}  // namespace strata::tcp::testing
