// SPDX-License-Identifier: MIT
// Segments that keep to a pace: Linux' rates for window-based algorithms, BBR's own.
#include <gtest/gtest.h>

#include "stack/transport/tcp/pacer.h"
#include "tests/transport/tcp/conversation.h"

namespace strata::tcp::testing {
namespace {

TEST(TcpPacing, RateIsTwiceTheWindowPerRoundTripInSlowStartAndAFifthMoreLater) {
  EXPECT_EQ(window_pacing_rate(10000, true, 100ms), 200'000U);
  EXPECT_EQ(window_pacing_rate(10000, false, 100ms), 120'000U);
  EXPECT_EQ(window_pacing_rate(10000, true, 0s), 0U);  // nothing to go by
}

TEST(TcpPacing, EachSegmentKeepsTheNextWaiting) {
  Pacer pacer;
  pacer.on_sent(1000, 100'000, kStart + 1s);
  EXPECT_EQ(pacer.next(), kStart + 1s + 10ms);
  pacer.on_sent(1000, 100'000, kStart + 1s);
  EXPECT_EQ(pacer.next(), kStart + 1s + 20ms);
  pacer.on_sent(1000, 100'000, kStart + 5s);  // no credit for silence
  EXPECT_EQ(pacer.next(), kStart + 5s + 10ms);
}

TEST(TcpPacing, AnEvenBurstKeepsTheNextWaitingForAsLongAsItTakes) {
  Pacer pacer;
  ASSERT_TRUE(pacer.admit(2000, kStart + 1s));
  pacer.on_even_burst_sent(1000, 100'000, kStart + 1s);
  ASSERT_TRUE(pacer.admit(2000, kStart + 1s));
  pacer.on_even_burst_sent(1000, 100'000, kStart + 1s);
  EXPECT_FALSE(pacer.admit(2000, kStart + 1s));
  EXPECT_EQ(pacer.next(), kStart + 1s + 20ms);  // silence before it earns nothing
}

// A handshake of 100 ms: 10 segments of 1000 octets at 2 * 10000 / 100 ms, one each 5 ms.
TEST(TcpPacing, InitialWindowLeavesInStepsOfTheRate) {
  Config config = Conversation::plain_config();
  config.pacing = true;
  Conversation tcp(config);
  tcp.opens_actively();
  tcp.host_sends(syn().seq(100));
  tcp.advance(100ms);
  tcp.peer_sends(syn_ack().seq(300).ack(101).mss(kMss));
  tcp.host_sends(ack().seq(101).ack(301));

  tcp.writes(30000);

  EXPECT_EQ(tcp.ignore_sent(), 1U);
  tcp.advance(4ms);
  tcp.is_silent();
  tcp.advance(1ms);
  EXPECT_EQ(tcp.ignore_sent(), 1U);
  tcp.advance(40ms);
  EXPECT_EQ(tcp.ignore_sent(), 8U);
  tcp.advance(20ms);
  tcp.is_silent();  // the window is full
}

TEST(TcpPacing, AcknowledgementsDoNotWaitForThePace) {
  Config config = Conversation::plain_config();
  config.pacing = true;
  Conversation tcp(config);
  tcp.opens_actively();
  tcp.host_sends(syn().seq(100));
  tcp.advance(100ms);
  tcp.peer_sends(syn_ack().seq(300).ack(101).mss(kMss));
  tcp.ignore_sent();
  tcp.writes(30000);
  tcp.ignore_sent();

  tcp.peer_sends_burst(
      {ack().seq(301).ack(101).length(1000), ack().seq(1301).ack(101).length(1000)});

  tcp.host_sends(ack().seq(1101).ack(2301));
}

}  // namespace
}  // namespace strata::tcp::testing
