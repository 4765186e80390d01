// SPDX-License-Identifier: MIT
// What a segment must prove before it may change anything: RFC 9293 3.10.7.4 first to fifth,
// RFC 5961, RFC 5927.
#include <gtest/gtest.h>

#include "tests/transport/tcp/conversation.h"

namespace strata::tcp::testing {
namespace {

// verifies RFC 5961 3.2
TEST(TcpReset, OnlyTheExactSequenceNumberResets) {
  Conversation tcp;
  tcp.is_established();

  tcp.peer_sends(rst().seq(300));
  tcp.is_silent();
  tcp.peer_sends(rst().seq(302));
  tcp.host_sends(ack().seq(101).ack(301));
  tcp.is_in(TcpState::established);
  tcp.peer_sends(rst().seq(301));

  tcp.is_in(TcpState::closed);
  EXPECT_EQ(tcp.connection().take_error(), Errc::connection_reset);
}

// verifies RFC 9293 MUST-66
TEST(TcpReset, ResetAtAShutWindowIsHonoured) {
  Config config = Conversation::plain_config();
  config.receive_buffer_bytes = 4;
  Conversation tcp(config);
  tcp.is_established();
  tcp.peer_sends(ack().seq(301).ack(101).text("full"));

  tcp.peer_sends(rst().seq(305));

  tcp.is_in(TcpState::closed);
}

// verifies RFC 9293 MUST-12
TEST(TcpReset, TextReceivedBeforeTheResetCanBeReadThenTheErrorIsTold) {
  Conversation tcp;
  tcp.is_established();
  tcp.peer_sends(ack().seq(301).ack(101).text("last words"));
  tcp.peer_sends(rst().seq(311));
  EXPECT_FALSE(tcp.connection().is_finished());

  EXPECT_EQ(tcp.reads(), "last words");
  std::uint8_t octet = 0;
  EXPECT_EQ(tcp.connection().receive({&octet, 1}, false, tcp.now()).error(),
            Errc::connection_reset);
  EXPECT_EQ(tcp.connection().receive({&octet, 1}, false, tcp.now()).value(), 0U);
  EXPECT_TRUE(tcp.connection().is_finished());
}

// verifies RFC 5961 7: the answers to forged segments are rate limited
TEST(TcpChallenge, AcksAreLimitedToTenInFiveSeconds) {
  Conversation tcp;
  tcp.is_established();

  for (int i = 0; i < 30; ++i) tcp.peer_sends(rst().seq(310));
  EXPECT_EQ(tcp.ignore_sent(), 10U);
  tcp.advance(5s);
  tcp.peer_sends(rst().seq(310));

  EXPECT_EQ(tcp.ignore_sent(), 1U);
}

// Two ends that disagree must not answer each other's empty ACKs for ever.
TEST(TcpChallenge, AnswersToEmptyUnacceptableSegmentsAreLimited) {
  Conversation tcp;
  tcp.is_established();

  for (int i = 0; i < 30; ++i) tcp.peer_sends(ack().seq(200).ack(101));

  EXPECT_EQ(tcp.ignore_sent(), 10U);
}

TEST(TcpChallenge, KeepAlivesOfOnePerSecondAreAllAnswered) {
  Conversation tcp;
  tcp.is_established();
  for (int i = 0; i < 30; ++i) {
    tcp.peer_sends(ack().seq(300).ack(101));
    tcp.host_sends(ack().seq(101).ack(301));
    tcp.advance(1s);
  }
}

// verifies RFC 5961 5.2 (MAY-12)
TEST(TcpAckCheck, AckFarBelowTheWindowIsDiscardedWithItsText) {
  Conversation tcp;
  tcp.is_established(1000);
  tcp.writes(1000);
  tcp.peer_sends(ack().seq(301).ack(1101).window(1000));
  tcp.ignore_sent();

  tcp.peer_sends(ack().seq(301).ack(100).window(1000).text("injected"));

  tcp.host_sends(ack().seq(1101).ack(301));
  EXPECT_EQ(tcp.connection().info().receive_queue_bytes, 0U);
}

TEST(TcpAckCheck, AckOfUnsentDataChangesNothing) {
  Conversation tcp;
  tcp.is_established();
  tcp.writes(1000);
  tcp.ignore_sent();

  tcp.peer_sends(ack().seq(301).ack(1102).text("injected"));

  tcp.host_sends(ack().seq(1101).ack(301));
  EXPECT_EQ(tcp.connection().info().snd_una, 0U);
  EXPECT_EQ(tcp.connection().info().receive_queue_bytes, 0U);
  EXPECT_EQ(tcp.events().drops.back(), DropReason::tcp_bad_ack);
}

TEST(TcpAckCheck, EmptySegmentAtTheRightEdgeIsReadForItsAck) {
  Config config = Conversation::plain_config();
  config.receive_buffer_bytes = 1000;
  Conversation tcp(config);
  tcp.is_established();
  tcp.writes(1000);
  tcp.ignore_sent();

  tcp.peer_sends(ack().seq(1301).ack(1101));  // the text that fills the window is still under way

  EXPECT_EQ(tcp.connection().info().flight, 0U);
}

// verifies RFC 5961 7: the answers to forged SYNs are limited, wherever these lie
TEST(TcpSequenceCheck, SynOutsideTheWindowIsChallengedWithinTheLimit) {
  Conversation tcp;
  tcp.is_established();

  for (std::uint32_t i = 0; i < 50; ++i) tcp.peer_sends(syn().seq(301 + 80000 + i));

  EXPECT_EQ(tcp.ignore_sent(), ChallengeLimiter::kAcksMax);
  EXPECT_EQ(tcp.connection().info().counters.challenge_acks, ChallengeLimiter::kAcksMax);
  tcp.is_in(TcpState::established);
}

// A RST that does what it says is no loss: nothing was dropped.
TEST(TcpReset, ResetThatEndsTheConnectionIsNotReportedAsADrop) {
  Conversation tcp;
  tcp.is_established();

  tcp.peer_sends(rst().seq(301));

  EXPECT_TRUE(tcp.events().drops.empty());
  EXPECT_EQ(tcp.events().received.back().verdict, SegmentVerdict::control);
}

TEST(TcpReset, ResetThatIsOnlyChallengedIsReportedAsADrop) {
  Conversation tcp;
  tcp.is_established();

  tcp.peer_sends(rst().seq(302));

  EXPECT_EQ(tcp.events().drops, std::vector{DropReason::tcp_reset});
  tcp.host_sends(ack().seq(101).ack(301));
}

// verifies RFC 1337 3 (F1)
TEST(TcpReset, TimeWaitCanBeToldToIgnoreResets) {
  Config config = Conversation::plain_config();
  config.time_wait_ignores_rst = true;
  Conversation tcp(config);
  tcp.is_established();
  tcp.shuts_down_sending();
  tcp.peer_sends(fin_ack().seq(301).ack(102));
  tcp.ignore_sent();

  tcp.peer_sends(rst().seq(302));

  tcp.is_in(TcpState::time_wait);
  tcp.is_silent();
}

TEST(TcpSequenceCheck, SegmentThatCoversTheWholeWindowIsAccepted) {
  Config config = Conversation::plain_config();
  config.receive_buffer_bytes = 600;
  Conversation tcp(config);
  tcp.is_established();
  tcp.peer_sends(ack().seq(301).ack(101).length(100));
  EXPECT_EQ(tcp.reads().size(), 100U);

  tcp.peer_sends(ack().seq(301).ack(101).length(1000));

  EXPECT_EQ(tcp.reads().size(), 500U);
}

TEST(TcpSequenceCheck, TextOverlappingWhatWasReceivedDeliversOnlyTheNewPart) {
  Conversation tcp;
  tcp.is_established();
  tcp.peer_sends(ack().seq(301).ack(101).text("hello "));

  tcp.peer_sends(ack().seq(304).ack(101).text("lo world"));

  EXPECT_EQ(tcp.reads(), "hello world");
}

TEST(TcpSequenceCheck, SequenceNumbersMayWrap) {
  Conversation tcp(Conversation::plain_config(), 0xfffffe00U);  // the peer's: 0xfffffec8
  tcp.is_established();
  tcp.writes(1000);
  tcp.host_sends(ack().seq(0xfffffe01U).length(1000));

  tcp.peer_sends(ack().seq(0xfffffec9U).ack(0xfffffe01U + 1000).length(1000));
  tcp.peer_sends(ack().seq(0xfffffec9U + 1000).ack(0xfffffe01U + 1000).length(1000));

  EXPECT_EQ(tcp.connection().info().flight, 0U);
  EXPECT_EQ(tcp.reads().size(), 2000U);
}

TEST(TcpSequenceCheck, MoreGapsThanAreRememberedAreRefusedAndLaterRepaired) {
  Conversation tcp;
  tcp.is_established();

  for (std::uint32_t i = 0; i < 400; ++i) {
    tcp.peer_sends(ack().seq(303 + 2 * i).ack(101).text("x"));
  }
  EXPECT_EQ(tcp.connection().info().out_of_order_bytes, ReceiveBuffer::kRangesMax);
  EXPECT_EQ(tcp.events().drops.back(), DropReason::memory_limit);
  tcp.peer_sends(ack().seq(301).ack(101).length(800));

  EXPECT_EQ(tcp.connection().info().out_of_order_bytes, 0U);
  EXPECT_EQ(tcp.reads().size(), 800U);
  tcp.ignore_sent();
}

}  // namespace
}  // namespace strata::tcp::testing
