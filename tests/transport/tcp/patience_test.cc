// SPDX-License-Identifier: MIT
// How long a connection bears silence: R1 and R2 (RFC 9293 3.8.3), user timeout (RFC 5482),
// keep-alives (RFC 9293 3.8.4).
#include <gtest/gtest.h>

#include "tests/transport/tcp/conversation.h"

namespace strata::tcp::testing {
namespace {

// TCP_USER_TIMEOUT on a connection.
void set_user_timeout(Conversation& tcp, Duration timeout) {
  Config config = Conversation::plain_config();
  config.user_timeout = timeout;
  tcp.connection().reconfigure(config, tcp.now());
}

Config with_keepalive(KeepaliveSettings settings = {.enabled = true}) {
  Config config = Conversation::plain_config();
  config.keepalive = settings;
  return config;
}

// verifies RFC 9293 MUST-25: off unless asked for
TEST(TcpKeepalive, DefaultsToOff) {
  Conversation tcp;
  tcp.is_established();

  tcp.advance(100h);

  tcp.is_silent();
  tcp.is_in(TcpState::established);
}

// verifies RFC 9293 MUST-28, SHLD-12
TEST(TcpKeepalive, ProbesAfterTwoIdleHoursWithAnEmptySegmentBelowTheWindow) {
  Conversation tcp(with_keepalive());
  tcp.is_established();

  tcp.advance(2h - 1ms);
  tcp.is_silent();
  tcp.advance(1ms);

  tcp.host_sends(ack().seq(100).ack(301).length(0));
  tcp.is_silent();
}

// verifies RFC 9293 MUST-24: on and off for each connection
TEST(TcpKeepalive, CanBeTurnedOnAndOffWhileTheConnectionLives) {
  Conversation tcp;
  tcp.is_established();
  tcp.connection().set_keepalive({.enabled = true, .idle = 10s}, tcp.now());
  tcp.advance(10s);
  tcp.host_sends(ack().seq(100));
  tcp.peer_sends(ack().seq(301).ack(101));

  tcp.connection().set_keepalive({.enabled = false}, tcp.now());
  tcp.advance(1h);

  tcp.is_silent();
}

// verifies RFC 9293 MUST-26, MUST-27: any segment of the peer begins the interval anew
TEST(TcpKeepalive, SegmentOfThePeerRestartsTheInterval) {
  Conversation tcp(with_keepalive({.enabled = true, .idle = 10s}));
  tcp.is_established();

  tcp.advance(9s);
  tcp.peer_sends(ack().seq(301).ack(101).window(50000));
  tcp.advance(9s);
  tcp.is_silent();
  tcp.advance(1s);

  tcp.host_sends(ack().seq(100).ack(301));
}

// verifies RFC 9293 MUST-26: not while data are outstanding; retransmission tells then
TEST(TcpKeepalive, IsNotSentWhileDataAreOutstanding) {
  Conversation tcp(with_keepalive({.enabled = true, .idle = 5s}));
  tcp.is_established();
  tcp.writes("x");
  tcp.ignore_sent();

  tcp.advance(30s);  // retransmissions at 1, 3, 7, 15 s

  for (int i = 0; i < 4; ++i) tcp.host_sends(ack().seq(101).text("x"));
  tcp.is_silent();
}

// verifies RFC 9293 MUST-29: one lost probe is no dead connection
TEST(TcpKeepalive, LostProbesAreToleratedAndAnAnswerBeginsTheCountAnew) {
  Conversation tcp(with_keepalive({.enabled = true, .idle = 10s, .interval = 1s, .probes = 3}));
  tcp.is_established();
  tcp.advance(12s);  // probes at 10, 11, 12 s
  EXPECT_EQ(tcp.ignore_sent(), 3U);
  tcp.is_in(TcpState::established);

  tcp.peer_sends(ack().seq(301).ack(101));
  tcp.advance(10s);
  EXPECT_EQ(tcp.ignore_sent(), 1U);
  tcp.is_in(TcpState::established);
}

TEST(TcpKeepalive, UnansweredProbesEndTheConnectionWithAResetAndTimedOut) {
  Conversation tcp(with_keepalive({.enabled = true, .idle = 10s, .interval = 1s, .probes = 3}));
  tcp.is_established();

  tcp.advance(12s);
  EXPECT_EQ(tcp.ignore_sent(), 3U);
  tcp.advance(1s);

  tcp.host_sends(rst_ack().seq(101));
  tcp.is_in(TcpState::closed);
  EXPECT_EQ(tcp.connection().take_error(), Errc::timed_out);
}

// The other side of it (negative test plan: replies eaten by the challenge limiter).
TEST(TcpKeepalive, ProbesOfThePeerAreAnsweredThoughForgedSegmentsUsedUpTheChallenges) {
  Conversation tcp;
  tcp.is_established();
  for (int i = 0; i < 30; ++i) tcp.peer_sends(ack().seq(301 + 100000).ack(101));
  for (int i = 0; i < 30; ++i) tcp.peer_sends(syn().seq(302));
  EXPECT_EQ(tcp.ignore_sent(), 20U);

  tcp.peer_sends(ack().seq(300).ack(101));

  tcp.host_sends(ack().seq(101).ack(301));
}

// verifies RFC 9293 MUST-20, SHLD-9, SHLD-10: at R1 (three retransmissions) the route is doubted
TEST(TcpPatience, ThirdRetransmissionDoubtsTheRouteAndAnAckTrustsItAgain) {
  Conversation tcp;
  tcp.is_established();
  tcp.writes("x");

  tcp.advance(3s);  // retransmissions at 1 and 3 s
  EXPECT_FALSE(tcp.connection().take_path_doubt());
  tcp.advance(4s);
  EXPECT_TRUE(tcp.connection().take_path_doubt());
  EXPECT_FALSE(tcp.connection().take_path_doubt());
  EXPECT_TRUE(tcp.connection().info().is_path_doubtful);

  tcp.peer_sends(ack().seq(301).ack(102));
  EXPECT_FALSE(tcp.connection().info().is_path_doubtful);
}

// verifies RFC 9293 SHLD-11: R2 is at least 100 seconds
TEST(TcpPatience, DefaultCountOfRetransmissionsLastsLongerThan100Seconds) {
  Conversation tcp;
  tcp.is_established();
  tcp.writes("x");

  tcp.advance(100s);
  tcp.is_in(TcpState::established);
  tcp.advance(1h);

  tcp.is_in(TcpState::closed);
  EXPECT_EQ(tcp.connection().take_error(), Errc::timed_out);
}

// verifies RFC 9293 MUST-21, RFC 5482 2: R2 of one connection as a time
TEST(TcpPatience, UserTimeoutEndsTheConnectionAtThatInstant) {
  Conversation tcp;
  tcp.is_established();
  set_user_timeout(tcp, 10s);
  tcp.writes("x");
  tcp.ignore_sent();

  tcp.advance(10s - 1ms);
  tcp.is_in(TcpState::established);
  EXPECT_EQ(tcp.ignore_sent(), 3U);  // at 1, 3 and 7 s
  tcp.advance(1ms);

  tcp.is_in(TcpState::closed);
  EXPECT_EQ(tcp.connection().take_error(), Errc::timed_out);
}

// verifies RFC 9293 MUST-21: R2 may be infinite
TEST(TcpPatience, InfiniteUserTimeoutNeverGivesUp) {
  Conversation tcp;
  tcp.is_established();
  set_user_timeout(tcp, Duration::max());
  tcp.writes("x");

  tcp.advance(10h);

  tcp.is_in(TcpState::established);
}

TEST(TcpPatience, UserTimeoutEndsAnOpenThatNobodyAnswers) {
  Config config = Conversation::plain_config();
  config.user_timeout = 5s;
  Conversation tcp(config);
  tcp.opens_actively();

  tcp.advance(5s);

  tcp.is_in(TcpState::closed);
  EXPECT_EQ(tcp.connection().take_error(), Errc::timed_out);
}

// verifies RFC 9293 MUST-37: a shut window does not end the connection while probes are answered
TEST(TcpPatience, UserTimeoutDoesNotCountAnsweredWindowProbes) {
  Conversation tcp;
  tcp.is_established(0);
  set_user_timeout(tcp, 10s);
  tcp.writes("x");

  for (int i = 0; i < 100; ++i) {
    tcp.advance_to_deadline();
    tcp.peer_sends(ack().seq(301).ack(101).window(0));
  }

  tcp.is_in(TcpState::established);
}

TEST(TcpPatience, UserTimeoutEndsAConnectionWhoseWindowProbesAreNotAnswered) {
  Conversation tcp;
  tcp.is_established(0);
  set_user_timeout(tcp, 10s);
  tcp.writes("x");

  tcp.advance(60s);

  tcp.is_in(TcpState::closed);
  EXPECT_EQ(tcp.connection().take_error(), Errc::timed_out);
}

}  // namespace
}  // namespace strata::tcp::testing
