// SPDX-License-Identifier: MIT
// When an acknowledgement is sent (RFC 9293 3.8.6.3, RFC 5681 4.2), when small segments wait
// (Nagle, RFC 9293 3.7.4), PSH and urgent text.
#include <gtest/gtest.h>

#include "tests/transport/tcp/conversation.h"

namespace strata::tcp::testing {
namespace {

// verifies RFC 9293 MUST-40, SHLD-18
TEST(TcpDelayedAck, LoneSegmentIsAcknowledgedAfterTheDelay) {
  Conversation tcp;
  tcp.is_established();

  tcp.peer_sends(ack().seq(301).ack(101).length(1000));
  tcp.advance(40ms - 1ns);
  tcp.is_silent();
  tcp.advance(1ns);

  tcp.host_sends(ack().seq(101).ack(1301));
}

// verifies RFC 9293 MUST-40: a configured delay of half a second or more is cut
TEST(TcpDelayedAck, DelayStaysBelowHalfASecond) {
  Config config = Conversation::plain_config();
  config.delayed_ack = 2s;
  Conversation tcp(config);
  tcp.is_established();

  tcp.peer_sends(ack().seq(301).ack(101).length(10));
  tcp.advance(499ms);

  tcp.host_sends(ack().ack(311));
}

// verifies RFC 9293 SHLD-19
TEST(TcpDelayedAck, EverySecondFullSegmentIsAcknowledgedAtOnce) {
  Conversation tcp;
  tcp.is_established();

  tcp.peer_sends(ack().seq(301).ack(101).length(1000));
  tcp.is_silent();
  tcp.peer_sends(ack().seq(1301).ack(101).length(1000));

  tcp.host_sends(ack().ack(2301));
  tcp.advance(1s);
  tcp.is_silent();
}

// A peer whose segments are smaller than our MSS is acknowledged every second segment as well.
TEST(TcpDelayedAck, FullSegmentMeansWhatThePeerSendsNotWhatWeCouldReceive) {
  Conversation tcp;
  tcp.is_established();

  tcp.peer_sends(ack().seq(301).ack(101).length(600));
  tcp.peer_sends(ack().seq(901).ack(101).length(600));

  tcp.host_sends(ack().ack(1501));
}

// verifies RFC 9293 MUST-58, MUST-59
TEST(TcpDelayedAck, SegmentsThatArriveTogetherAreAcknowledgedTogether) {
  Conversation tcp;
  tcp.is_established();

  tcp.peer_sends_burst({ack().seq(301).ack(101).length(1000), ack().seq(1301).ack(101).length(1000),
                        ack().seq(2301).ack(101).length(1000)});

  tcp.host_sends(ack().ack(3301));
  tcp.is_silent();
}

TEST(TcpDelayedAck, TextGoingTheOtherWayCarriesTheAck) {
  Conversation tcp;
  tcp.is_established();
  tcp.peer_sends(ack().seq(301).ack(101).length(10));

  tcp.writes("reply");

  tcp.host_sends(ack().seq(101).ack(311).text("reply"));
  tcp.advance(100ms);
  tcp.is_silent();
}

// verifies RFC 5681 4.2
// verifies RFC 9293 MAY-13
TEST(TcpDelayedAck, OutOfOrderTextIsAnsweredAtOnceWithADuplicateAck) {
  Conversation tcp;
  tcp.is_established();

  tcp.peer_sends(ack().seq(1301).ack(101).length(1000));
  tcp.host_sends(ack().ack(301));
  tcp.peer_sends(ack().seq(2301).ack(101).length(1000));
  tcp.host_sends(ack().ack(301));
}

// verifies RFC 5681 4.2
// verifies RFC 9293 SHLD-31
TEST(TcpDelayedAck, TextThatFillsAGapIsAcknowledgedAtOnce) {
  Conversation tcp;
  tcp.is_established();
  tcp.peer_sends(ack().seq(401).ack(101).length(100));
  tcp.peer_sends(ack().seq(601).ack(101).length(100));
  tcp.ignore_sent();

  tcp.peer_sends(ack().seq(301).ack(101).length(100));
  tcp.host_sends(ack().ack(501));
  tcp.peer_sends(ack().seq(501).ack(101).length(100));

  tcp.host_sends(ack().ack(701));
}

TEST(TcpDelayedAck, FinIsAcknowledgedAtOnce) {
  Conversation tcp;
  tcp.is_established();
  tcp.peer_sends(fin_ack().seq(301).ack(101).length(10));
  tcp.host_sends(ack().ack(312));
}

TEST(TcpDelayedAck, ZeroDelayAcknowledgesEverySegment) {
  Config config = Conversation::plain_config();
  config.delayed_ack = Duration{};
  Conversation tcp(config);
  tcp.is_established();
  tcp.peer_sends(ack().seq(301).ack(101).length(10));
  tcp.host_sends(ack().ack(311));
}

TEST(TcpDelayedAck, OldDuplicateTextIsAcknowledgedAtOnce) {
  Conversation tcp;
  tcp.is_established();
  tcp.peer_sends(ack().seq(301).ack(101).length(10));
  tcp.advance(40ms);
  tcp.ignore_sent();

  tcp.peer_sends(ack().seq(301).ack(101).length(10));

  tcp.host_sends(ack().ack(311));
  EXPECT_EQ(tcp.events().received.back().verdict, SegmentVerdict::duplicate);
}

// verifies RFC 9293 SHLD-7 (Nagle)
TEST(TcpNagle, SmallSegmentWaitsWhileSomethingIsOutstanding) {
  Conversation tcp;
  tcp.is_established();
  tcp.writes("a");
  tcp.host_sends(ack().seq(101).text("a"));

  tcp.writes("b");
  tcp.writes("c");
  tcp.is_silent();
  tcp.peer_sends(ack().seq(301).ack(102));

  tcp.host_sends(ack().seq(102).text("bc").psh());
}

// verifies RFC 9293 SHLD-28
TEST(TcpNagle, FullSegmentsDoNotWait) {
  Conversation tcp;
  tcp.is_established();

  tcp.writes(2500);

  tcp.host_sends(ack().seq(101).length(1000));
  tcp.host_sends(ack().seq(1101).length(1000));
  tcp.is_silent();
  tcp.writes(600);
  tcp.host_sends(ack().seq(2101).length(1000));
}

// verifies RFC 9293 MUST-17: an application can turn it off
TEST(TcpNagle, TurnedOffItLetsSmallSegmentsGo) {
  Conversation tcp;
  tcp.is_established();
  tcp.writes("a");
  tcp.writes("b");
  tcp.ignore_sent();

  tcp::Config config;
  config.nagle = false;
  tcp.connection().reconfigure(config, tcp.now());
  tcp.writes("c");

  tcp.host_sends(ack().seq(102).text("bc"));
  tcp.writes("d");
  tcp.host_sends(ack().seq(104).text("d"));
}

// verifies RFC 9293 MUST-61
// verifies RFC 9293 MUST-60
TEST(TcpPush, LastSegmentOfAWriteCarriesPsh) {
  Conversation tcp;
  tcp.is_established();

  tcp.writes(2000);

  EXPECT_EQ(tcp.events().sent[tcp.events().sent.size() - 2].body.flags, wire::tcp_flag::kAck);
  EXPECT_EQ(tcp.events().sent.back().body.flags, wire::tcp_flag::kAck | wire::tcp_flag::kPsh);
  tcp.ignore_sent();
}

}  // namespace
}  // namespace strata::tcp::testing
