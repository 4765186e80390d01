// SPDX-License-Identifier: MIT
// Requirements of RFC 9293 that no other test of this folder is about.
#include <gtest/gtest.h>

#include "tests/transport/tcp/conversation.h"

namespace strata::tcp::testing {
namespace {

// verifies RFC 9293 MUST-1
TEST(TcpRequirements, AWindowWithTheHighestBitSetIsLarge) {
  Conversation tcp;
  tcp.is_established(65535);
  tcp.writes(3000);

  EXPECT_EQ(tcp.events().variables.back().snd_wnd, 65535U);
  EXPECT_EQ(tcp.ignore_sent(), 3U);
}

// verifies RFC 9293 REC-1, MUST-1
TEST(TcpRequirements, AScaledWindowTakesThirtyBits) {
  Config config = Conversation::plain_config();
  config.window_scaling = true;
  Conversation tcp{config};
  tcp.opens_actively();
  tcp.peer_sends(syn_ack().seq(300).ack(101).window(65535).mss(1000).scale(14));
  tcp.peer_sends(ack().seq(301).ack(101).window(65535));

  EXPECT_EQ(tcp.events().variables.back().snd_wnd, 65535U << 14);
  tcp.ignore_sent();
}

// verifies RFC 9293 MUST-65
TEST(TcpRequirements, OnlySynsCarryTheMssOption) {
  Conversation tcp;
  const auto has_mss = [&tcp] {
    return wire::TcpOptionValues::from(tcp.newest_sent().options.bytes()).mss.has_value();
  };
  tcp.opens_actively();
  EXPECT_TRUE(has_mss());
  tcp.ignore_sent();
  tcp.peer_sends(syn_ack().seq(300).ack(101).mss(1000));
  EXPECT_FALSE(has_mss());
  tcp.writes("text");
  EXPECT_FALSE(has_mss());
  tcp.peer_sends(ack().seq(301).ack(105));
  tcp.shuts_down_sending();
  EXPECT_FALSE(has_mss());
  tcp.ignore_sent();
}

// verifies RFC 9293 SHLD-2
TEST(TcpRequirements, AResetMayCarryText) {
  Conversation tcp;
  tcp.is_established();
  tcp.peer_sends(rst().seq(301).text("the reason why"));

  tcp.is_in(TcpState::closed);
  tcp.is_silent();
}

// verifies RFC 9293 SHLD-27, SHLD-28, MUST-61
TEST(TcpRequirements, WritesThatWaitedLeaveInTheLargestSegmentWithOnePush) {
  Conversation tcp;
  tcp.is_established();
  tcp.writes(100);
  tcp.writes(300);  // wait for the first (Nagle)
  tcp.writes(300);
  tcp.host_sends(ack().seq(101).length(100).psh());
  tcp.is_silent();
  tcp.peer_sends(ack().seq(301).ack(201));

  tcp.host_sends(ack().seq(201).length(600).psh());
  tcp.is_silent();
}

// verifies RFC 9293 MAY-8, MUST-37
TEST(TcpRequirements, AReceiverMayKeepItsWindowShut) {
  Config config = Conversation::plain_config();
  config.receive_buffer_bytes = 2000;
  Conversation tcp{config};
  tcp.is_established();
  tcp.peer_sends(ack().seq(301).ack(101).length(1000));
  tcp.peer_sends(ack().seq(1301).ack(101).length(1000));
  tcp.host_sends(ack().ack(2301).window(0));
  for (int i = 0; i < 50; ++i) {
    tcp.advance(1min);
    tcp.peer_sends(ack().seq(2301).ack(101).text("?"));
    tcp.host_sends(ack().seq(101).ack(2301).window(0));
  }

  tcp.is_in(TcpState::established);
}

// verifies RFC 9293 SHLD-31, MUST-59
TEST(TcpRequirements, TextAboveAGapIsKeptAndDeliveredWithoutBeingSentAgain) {
  Conversation tcp;
  tcp.is_established();
  tcp.peer_sends(ack().seq(304).ack(101).text("def"));
  tcp.host_sends(ack().seq(101).ack(301));
  tcp.peer_sends(ack().seq(301).ack(101).text("abc"));

  tcp.host_sends(ack().seq(101).ack(307));
  EXPECT_EQ(tcp.reads(), "abcdef");
  tcp.ignore_sent();
}

}  // namespace
}  // namespace strata::tcp::testing
