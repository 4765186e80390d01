// SPDX-License-Identifier: MIT
// Fast retransmit and fast recovery: RFC 5681 3.2, RFC 6582 3.2 step by step, limited transmit
// (RFC 3042). Numbers: segments of 1000 octets, ten outstanding, the first at 101.
#include <gtest/gtest.h>

#include "tests/transport/tcp/conversation.h"

namespace strata::tcp::testing {
namespace {

class TcpRecovery : public ::testing::Test {
 protected:
  // Ten segments are outstanding, none acknowledged, twenty more are waiting.
  void SetUp() override { start(tcp_); }
  static void start(Conversation& tcp) {
    tcp.is_established();
    tcp.writes(30000);
    EXPECT_EQ(tcp.ignore_sent(), 10U);
  }
  static void duplicate(Conversation& tcp, std::uint32_t number, int times) {
    for (int i = 0; i < times; ++i) tcp.peer_sends(ack().seq(301).ack(number));
  }
  Conversation tcp_;
};

// verifies RFC 5681 3.2 steps 2 and 3
TEST_F(TcpRecovery, ThirdDuplicateAckRetransmitsTheFirstSegmentAtOnce) {
  duplicate(tcp_, 101, 2);
  tcp_.ignore_sent();  // limited transmit

  duplicate(tcp_, 101, 1);

  tcp_.host_sends(ack().seq(101).length(1000));
  tcp_.is_silent();
  EXPECT_EQ(tcp_.connection().info().ssthresh, 5000U);  // limited transmit does not count
  EXPECT_EQ(tcp_.connection().info().cwnd, 8000U);
  EXPECT_EQ(tcp_.events().sent.back().body.cause, RetransmitCause::fast_retransmit);
}

// verifies RFC 3042 2
TEST_F(TcpRecovery, FirstTwoDuplicateAcksReleaseOneNewSegmentEach) {
  duplicate(tcp_, 101, 1);
  tcp_.host_sends(ack().seq(10101).length(1000));
  tcp_.is_silent();
  duplicate(tcp_, 101, 1);
  tcp_.host_sends(ack().seq(11101).length(1000));
  tcp_.is_silent();
  EXPECT_EQ(tcp_.connection().info().cwnd, 10000U);
}

// verifies RFC 3042 2: only within the receiver's window
TEST_F(TcpRecovery, LimitedTransmitKeepsToThePeersWindow) {
  Conversation tcp;
  tcp.is_established(10000);
  tcp.writes(30000);
  tcp.ignore_sent();

  for (int i = 0; i < 2; ++i) tcp.peer_sends(ack().seq(301).ack(101).window(10000));

  tcp.is_silent();
}

// verifies RFC 5681 3.2 steps 4 and 5
TEST_F(TcpRecovery, FurtherDuplicatesInflateTheWindowUntilNewDataFit) {
  duplicate(tcp_, 101, 3);
  tcp_.ignore_sent();  // 12 are out, cwnd is 8

  duplicate(tcp_, 101, 4);
  tcp_.is_silent();
  EXPECT_EQ(tcp_.connection().info().cwnd, 12000U);
  duplicate(tcp_, 101, 1);

  tcp_.host_sends(ack().seq(12101).length(1000));
}

// verifies RFC 6582 3.2 step 3, full acknowledgement
TEST_F(TcpRecovery, FullAcknowledgementDeflatesTheWindowToSsthresh) {
  duplicate(tcp_, 101, 7);
  tcp_.ignore_sent();  // two by limited transmit, the retransmission, none by inflation: 12 out

  tcp_.peer_sends(ack().seq(301).ack(12101));

  // min(ssthresh, max(FlightSize, SMSS) + SMSS) with nothing outstanding is two segments.
  EXPECT_EQ(tcp_.connection().info().cwnd, 2000U);
  EXPECT_EQ(tcp_.ignore_sent(), 2U);
}

// verifies RFC 6582 3.2 step 3, partial acknowledgement
TEST_F(TcpRecovery, PartialAckRetransmitsTheNextHoleAndStaysInRecovery) {
  duplicate(tcp_, 101, 3);
  tcp_.ignore_sent();
  EXPECT_EQ(tcp_.connection().info().cwnd, 8000U);

  tcp_.peer_sends(ack().seq(301).ack(3101));  // the third hole is next

  tcp_.host_sends(ack().seq(3101).length(1000));
  EXPECT_EQ(tcp_.events().sent.back().body.cause, RetransmitCause::partial_ack);
  EXPECT_EQ(tcp_.connection().info().cwnd, 6000U);  // 8000 - 3000 + 1000
  tcp_.peer_sends(ack().seq(301).ack(5101));
  tcp_.host_sends(ack().seq(5101).length(1000));
  tcp_.is_silent();
}

// verifies RFC 6582 3.2 step 3: only the first partial ACK restarts the timer
TEST_F(TcpRecovery, OnlyTheFirstPartialAckRestartsTheTimer) {
  duplicate(tcp_, 101, 3);
  tcp_.advance(500ms);
  tcp_.peer_sends(ack().seq(301).ack(3101));
  tcp_.advance(500ms);
  tcp_.peer_sends(ack().seq(301).ack(5101));
  tcp_.ignore_sent();

  tcp_.advance(499ms);
  tcp_.is_silent();
  tcp_.advance(1ms);

  tcp_.host_sends(ack().seq(5101).length(1000));
  EXPECT_EQ(tcp_.events().sent.back().body.cause, RetransmitCause::timeout);
}

// RFC 3782 4, "slow-but-steady": seven losses take seven round trips and no time-out
TEST(TcpNewReno, SlowButSteadyRestartsTheTimerWithEachPartialAck) {
  Config config = Conversation::plain_config();
  config.slow_but_steady = true;
  Conversation tcp(config);
  tcp.is_established();
  tcp.writes(10000);
  for (int i = 0; i < 3; ++i) tcp.peer_sends(ack().seq(301).ack(101));
  for (std::uint32_t hole = 1101; hole <= 7101; hole += 1000) {
    tcp.advance(900ms);
    tcp.peer_sends(ack().seq(301).ack(hole));
    EXPECT_EQ(tcp.events().sent.back().body.cause, RetransmitCause::partial_ack) << hole;
  }
  tcp.ignore_sent();

  tcp.advance(999ms);
  tcp.is_silent();
  tcp.advance(1ms);

  tcp.host_sends(ack().seq(7101).length(1000));
}

// verifies RFC 6582 3.2 step 2: ACKs that do not cover more than `recover`
TEST_F(TcpRecovery, DuplicatesAfterATimeoutDoNotStartFastRetransmit) {
  tcp_.advance(1s);
  tcp_.peer_sends(ack().seq(301).ack(1101));
  tcp_.ignore_sent();
  const std::uint32_t ssthresh = tcp_.connection().info().ssthresh;

  duplicate(tcp_, 1101, 5);

  tcp_.is_silent();
  EXPECT_EQ(tcp_.connection().info().ssthresh, ssthresh);
}

// verifies RFC 6582 3.2 step 4: a time-out leaves fast recovery
TEST_F(TcpRecovery, TimeoutEndsFastRecovery) {
  duplicate(tcp_, 101, 3);
  tcp_.ignore_sent();

  tcp_.advance(1s);

  tcp_.host_sends(ack().seq(101).length(1000));
  EXPECT_EQ(tcp_.connection().info().cwnd, 1000U);
  EXPECT_EQ(tcp_.events().variables.back().phase, "loss");
}

// verifies RFC 6582 3.2: a loss after a completed recovery is repaired again
TEST_F(TcpRecovery, SecondLossAfterRecoveryIsFastRetransmittedToo) {
  duplicate(tcp_, 101, 3);
  tcp_.peer_sends(ack().seq(301).ack(12101));
  tcp_.peer_sends(ack().seq(301).ack(13101));
  tcp_.peer_sends(ack().seq(301).ack(14101));
  tcp_.ignore_sent();

  duplicate(tcp_, 14101, 3);

  bool repeated = false;
  for (const auto& sent : tcp_.events().sent) {
    repeated |= sent.body.offset == 14000 && sent.body.kind == SegmentKind::retransmission;
  }
  EXPECT_TRUE(repeated);
  tcp_.ignore_sent();
}

// verifies RFC 5681 3.2 step 6: plain Reno leaves fast recovery on any new ACK
TEST(TcpReno, PartialAckEndsFastRecovery) {
  Config config = Conversation::plain_config();
  config.congestion_control = "reno";
  Conversation tcp(config);
  tcp.is_established();
  tcp.writes(10000);
  for (int i = 0; i < 3; ++i) tcp.peer_sends(ack().seq(301).ack(101));
  tcp.ignore_sent();

  tcp.peer_sends(ack().seq(301).ack(3101));

  tcp.is_silent();
  EXPECT_EQ(tcp.connection().info().cwnd, 5000U);
}

// verifies RFC 5681 2: what counts as a duplicate ACK
TEST_F(TcpRecovery, SegmentsWithTextFinOrAnotherWindowAreNotDuplicateAcks) {
  tcp_.peer_sends(ack().seq(301).ack(101).text("a"));
  tcp_.peer_sends(ack().seq(302).ack(101).text("b"));
  tcp_.peer_sends(ack().seq(303).ack(101).window(50000));
  tcp_.peer_sends(ack().seq(303).ack(101).window(49000));
  tcp_.peer_sends(fin_ack().seq(303).ack(101).window(49000));

  EXPECT_EQ(tcp_.connection().info().counters.retransmissions, 0U);
  EXPECT_EQ(tcp_.events().received.back().duplicate_acks, 0U);
  tcp_.ignore_sent();
}

TEST(TcpDuplicateAcks, AreNotCountedWhenNothingIsOutstanding) {
  Conversation tcp;
  tcp.is_established();

  for (int i = 0; i < 5; ++i) tcp.peer_sends(ack().seq(301).ack(101));

  EXPECT_EQ(tcp.events().received.back().duplicate_acks, 0U);
  tcp.is_silent();
}

// A lone FIN that was lost is repaired by the timer like everything else.
TEST(TcpDuplicateAcks, FastRetransmitOfALoneFinKeepsItsTimer) {
  Conversation tcp;
  tcp.is_established();
  tcp.shuts_down_sending();
  tcp.ignore_sent();

  for (int i = 0; i < 3; ++i) tcp.peer_sends(ack().seq(301).ack(101));

  tcp.host_sends(fin_ack().seq(101));
  tcp.advance(1s);
  tcp.host_sends(fin_ack().seq(101));
}

}  // namespace
}  // namespace strata::tcp::testing
