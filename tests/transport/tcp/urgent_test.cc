// SPDX-License-Identifier: MIT
// Urgent data (RFC 9293 3.8.5, RFC 6093): the pointer on the wire, and what the user sees of it.
#include <gtest/gtest.h>

#include "tests/transport/tcp/conversation.h"

namespace strata::tcp::testing {
namespace {

Config inline_config() {
  Config config = Conversation::plain_config();
  config.oob_inline = true;
  return config;
}

// verifies RFC 9293 MUST-62, MUST-30
TEST(TcpUrgent, PointerNamesTheOctetThatFollowsTheUrgentData) {
  Conversation tcp;
  tcp.is_established();

  tcp.writes_urgent("abc");

  tcp.host_sends(ack().seq(101).ack(301).text("abc").urg(3));
}

// verifies RFC 9293 MUST-31
TEST(TcpUrgent, UrgentDataLongerThanASegmentArePointedToFromEachOfThem) {
  Conversation tcp;
  tcp.is_established();

  tcp.writes_urgent(pattern(2500));

  tcp.host_sends(ack().seq(101).length(1000).urg(2500));
  tcp.host_sends(ack().seq(1101).length(1000).urg(1500));
  tcp.host_sends(ack().seq(2101).length(500).urg(500));
}

TEST(TcpUrgent, UrgentDataMoreThan65535OctetsAheadArePointedAtAsFarAsThePointerReaches) {
  Config config = Conversation::plain_config();
  config.initial_window_segments = 100;
  Conversation tcp(config);
  tcp.is_established(65535);

  tcp.writes(5000);
  tcp.ignore_sent();
  tcp.writes_urgent(pattern(66000));

  tcp.host_sends(ack().seq(5101).length(1000).urg(65535));
  tcp.host_sends(ack().seq(6101).length(1000).urg(65000));
  tcp.ignore_sent();
}

TEST(TcpUrgent, UrgentOctetIsNotHeldBackByNagleAndOrdinaryTextBehindItCarriesNoPointer) {
  Conversation tcp;
  tcp.is_established();
  tcp.writes("x");
  tcp.host_sends(ack().text("x"));

  tcp.writes_urgent("!");
  tcp.host_sends(ack().seq(102).text("!").urg(1));

  tcp.peer_sends(ack().seq(301).ack(103));
  tcp.writes("later");
  tcp.host_sends(ack().seq(103).text("later"));
}

TEST(TcpUrgent, RetransmissionStillPointsToTheUrgentData) {
  Conversation tcp;
  tcp.is_established();
  tcp.writes_urgent("a!");
  tcp.host_sends(ack().seq(101).text("a!").urg(2));

  tcp.advance(1s);

  tcp.host_sends(ack().seq(101).text("a!").urg(2));
}

TEST(TcpUrgent, PointerIsAnnouncedIntoAShutWindow) {
  Conversation tcp;
  tcp.is_established(0);

  tcp.writes_urgent("!");

  tcp.host_sends(ack().seq(101).ack(301).urg(1));
}

// verifies RFC 9293 MUST-32
TEST(TcpUrgent, UserIsToldOnceForEachAdvanceOfThePointer) {
  Conversation tcp(inline_config());
  tcp.is_established();
  Connection& connection = tcp.connection();

  tcp.peer_sends(ack().seq(301).ack(101).text("abc").urg(3));
  EXPECT_TRUE(connection.readiness().urgent);
  EXPECT_TRUE(connection.take_urgent_notice());
  EXPECT_FALSE(connection.take_urgent_notice());

  tcp.peer_sends(ack().seq(301).ack(101).text("abc").urg(3));  // the same pointer again
  EXPECT_FALSE(connection.take_urgent_notice());
  tcp.peer_sends(ack().seq(304).ack(101).text("de").urg(2));
  EXPECT_TRUE(connection.take_urgent_notice());
}

// verifies RFC 9293 MUST-32: before the data the pointer names have arrived
TEST(TcpUrgent, UserIsToldOfUrgentDataThatAreStillOnTheirWay) {
  Conversation tcp;
  tcp.is_established();

  tcp.peer_sends(ack().seq(301).ack(101).urg(500));

  EXPECT_TRUE(tcp.connection().take_urgent_notice());
  EXPECT_EQ(tcp.connection().receive_urgent(false), unexpected(Errc::would_block));
}

// verifies RFC 9293 MUST-33
TEST(TcpUrgent, HowMuchUrgentDataRemainsCanBeAsked) {
  Conversation tcp(inline_config());
  tcp.is_established();

  tcp.peer_sends(ack().seq(301).ack(101).text("abcdef").urg(5));

  EXPECT_EQ(tcp.connection().info().urgent_bytes, 5U);
  EXPECT_EQ(tcp.reads(2), "ab");
  EXPECT_EQ(tcp.connection().info().urgent_bytes, 3U);
  EXPECT_EQ(tcp.reads(2), "cd");
  EXPECT_EQ(tcp.reads(2), "ef");
  EXPECT_EQ(tcp.connection().info().urgent_bytes, 0U);
  EXPECT_FALSE(tcp.connection().readiness().urgent);
}

// verifies RFC 6093 4: in line, a read stops at the mark
TEST(TcpUrgent, InLineReadingStopsAtTheMarkAndGoesOnWithTheUrgentOctet) {
  Conversation tcp(inline_config());
  tcp.is_established();

  tcp.peer_sends(ack().seq(301).ack(101).text("abc!de").urg(4));

  EXPECT_FALSE(tcp.connection().is_at_mark());
  EXPECT_EQ(tcp.reads(), "abc");
  EXPECT_TRUE(tcp.connection().is_at_mark());
  EXPECT_EQ(tcp.reads(), "!de");
  EXPECT_FALSE(tcp.connection().is_at_mark());
  EXPECT_EQ(tcp.connection().receive_urgent(false), unexpected(Errc::invalid_argument));
}

TEST(TcpUrgent, OutOfBandOctetLeavesTheStreamAndIsReadOnce) {
  Conversation tcp;
  tcp.is_established();

  tcp.peer_sends(ack().seq(301).ack(101).text("abc!de").urg(4));

  EXPECT_EQ(tcp.connection().receive_urgent(true), std::uint8_t{'!'});
  EXPECT_EQ(tcp.connection().receive_urgent(false), std::uint8_t{'!'});
  EXPECT_EQ(tcp.connection().receive_urgent(false), unexpected(Errc::invalid_argument));
  EXPECT_EQ(tcp.reads(), "abc");
  EXPECT_TRUE(tcp.connection().is_at_mark());
  EXPECT_EQ(tcp.reads(), "de");
  EXPECT_FALSE(tcp.connection().is_at_mark());
}

TEST(TcpUrgent, OutOfBandOctetAloneDoesNotMakeTheStreamReadable) {
  Conversation tcp;
  tcp.is_established();

  tcp.peer_sends(ack().seq(301).ack(101).text("!").urg(1));

  EXPECT_FALSE(tcp.connection().readiness().readable);
  EXPECT_TRUE(tcp.connection().readiness().urgent);
  EXPECT_EQ(tcp.connection().receive_urgent(false), std::uint8_t{'!'});
  EXPECT_FALSE(tcp.connection().readiness().urgent);
}

TEST(TcpUrgent, SecondUrgentOctetReplacesTheFirstWhichStaysInTheStreamIfUnread) {
  Conversation tcp;
  tcp.is_established();

  tcp.peer_sends(ack().seq(301).ack(101).text("a1").urg(2));
  tcp.peer_sends(ack().seq(303).ack(101).text("b2").urg(2));

  EXPECT_EQ(tcp.connection().receive_urgent(false), std::uint8_t{'2'});
  EXPECT_EQ(tcp.reads(), "a1b");
}

TEST(TcpUrgent, PointerSeenAheadOfALostSegmentIsKeptUntilTheOctetArrives) {
  Conversation tcp;
  tcp.is_established();

  tcp.peer_sends(ack().seq(303).ack(101).text("c!").urg(2));
  EXPECT_EQ(tcp.connection().receive_urgent(false), unexpected(Errc::would_block));
  tcp.peer_sends(ack().seq(301).ack(101).text("ab").urg(4));

  EXPECT_EQ(tcp.connection().receive_urgent(false), std::uint8_t{'!'});
  EXPECT_EQ(tcp.reads(), "abc");
}

// verifies RFC 9293 3.8.5: a receiver should be robust to invalid urgent pointers
TEST(TcpUrgent, RecedingAndFarPointersDoNoHarm) {
  Conversation tcp;
  tcp.is_established();

  tcp.peer_sends(ack().seq(301).ack(101).text("ab!").urg(3));
  EXPECT_TRUE(tcp.connection().take_urgent_notice());
  tcp.peer_sends(ack().seq(304).ack(101).text("c").urg(0));
  EXPECT_FALSE(tcp.connection().take_urgent_notice());
  EXPECT_EQ(tcp.reads(), "ab");
  EXPECT_EQ(tcp.reads(), "c");
  tcp.peer_sends(ack().seq(305).ack(101).text("d").urg(65535));
  EXPECT_EQ(tcp.reads(), "d");
  EXPECT_TRUE(tcp.connection().take_urgent_notice());
}

// verifies RFC 9293 3.10.7.4 sixth: after a FIN the URG is ignored
TEST(TcpUrgent, PointerAfterTheFinIsIgnored) {
  Conversation tcp;
  tcp.is_established();
  tcp.peer_sends(fin_ack().seq(301).ack(101));

  tcp.peer_sends(ack().seq(302).ack(101).urg(10));

  EXPECT_FALSE(tcp.connection().take_urgent_notice());
}

// verifies RFC 9293 MUST-66: an urgent pointer is processed while our window is zero
TEST(TcpUrgent, PointerIsProcessedWhileOurWindowIsShut) {
  Config config = Conversation::plain_config();
  config.receive_buffer_bytes = 2000;
  Conversation tcp(config);
  tcp.is_established();
  tcp.peer_sends(ack().seq(301).ack(101).length(1000));
  tcp.peer_sends(ack().seq(1301).ack(101).length(1000));
  ASSERT_EQ(tcp.newest_sent().window, 0);

  tcp.peer_sends(ack().seq(2301).ack(101).urg(7));

  EXPECT_TRUE(tcp.connection().take_urgent_notice());
}

}  // namespace
}  // namespace strata::tcp::testing
