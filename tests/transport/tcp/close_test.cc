// SPDX-License-Identifier: MIT
// Closing: figures 12 and 13 of RFC 9293, half close, FINs out of order and cut off, TIME-WAIT,
// what happens to text that nobody reads.
#include <gtest/gtest.h>

#include "tests/transport/tcp/conversation.h"

namespace strata::tcp::testing {
namespace {

// verifies RFC 9293 figure 12 (TCP Peer A)
// verifies RFC 9293 MUST-13
TEST(TcpClose, NormalCloseSequenceOfTheActiveCloser) {
  Conversation tcp(Conversation::plain_config(), 99);
  tcp.is_established();

  tcp.shuts_down_sending();
  tcp.host_sends(fin_ack().seq(100).ack(300));
  tcp.is_in(TcpState::fin_wait_1);
  tcp.peer_sends(ack().seq(300).ack(101));
  tcp.is_in(TcpState::fin_wait_2);
  tcp.peer_sends(fin_ack().seq(300).ack(101));
  tcp.host_sends(ack().seq(101).ack(301));
  tcp.is_in(TcpState::time_wait);

  tcp.advance(60s - 1ms);
  tcp.is_in(TcpState::time_wait);
  tcp.advance(1ms);
  tcp.is_in(TcpState::closed);
}

// verifies RFC 9293 figure 12 (TCP Peer B)
TEST(TcpClose, NormalCloseSequenceOfThePassiveCloser) {
  Conversation tcp(Conversation::plain_config(), 299);
  tcp.is_established();  // the peer's numbers begin at 499

  tcp.peer_sends(fin_ack().seq(500).ack(300));
  tcp.host_sends(ack().seq(300).ack(501));
  tcp.is_in(TcpState::close_wait);
  EXPECT_TRUE(tcp.connection().readiness().readable);
  tcp.closes();
  tcp.host_sends(fin_ack().seq(300).ack(501));
  tcp.is_in(TcpState::last_ack);
  tcp.peer_sends(ack().seq(501).ack(301));

  tcp.is_in(TcpState::closed);
  EXPECT_TRUE(tcp.connection().is_finished());
}

// verifies RFC 9293 figure 13
// Two ends that close at once, each with the FIN in every ACK, must not answer each other for ever.
TEST(TcpClose, RepeatedFinStillAcknowledgesWhereAcksRepeatTheFin) {
  Config config = Conversation::plain_config();
  config.persona.acks_repeat_fin = true;
  Conversation tcp(config);
  tcp.is_established();
  tcp.closes();
  tcp.host_sends(fin_ack().seq(101).ack(301));
  tcp.peer_sends(fin_ack().seq(301).ack(101));
  tcp.is_in(TcpState::closing);
  tcp.host_sends(fin_ack().seq(101).ack(302));

  tcp.peer_sends(fin_ack().seq(301).ack(102));

  tcp.is_in(TcpState::time_wait);
  tcp.host_sends(ack().seq(102).ack(302));
}

TEST(TcpClose, SimultaneousCloseGoesThroughClosingToTimeWait) {
  Conversation tcp(Conversation::plain_config(), 99);
  tcp.is_established();

  tcp.shuts_down_sending();
  tcp.host_sends(fin_ack().seq(100).ack(300));
  tcp.peer_sends(fin_ack().seq(300).ack(100));
  tcp.host_sends(ack().seq(101).ack(301));
  tcp.is_in(TcpState::closing);
  tcp.peer_sends(ack().seq(301).ack(101));

  tcp.is_in(TcpState::time_wait);
}

TEST(TcpClose, FinAndAckOfOurFinInOneSegmentLeadStraightToTimeWait) {
  Conversation tcp;
  tcp.is_established();
  tcp.shuts_down_sending();
  tcp.ignore_sent();

  tcp.peer_sends(fin_ack().seq(301).ack(102));

  tcp.host_sends(ack().seq(102).ack(302));
  tcp.is_in(TcpState::time_wait);
}

TEST(TcpClose, FinTravelsWithTheLastText) {
  Conversation tcp;
  tcp.is_established();
  tcp.writes(1500);
  tcp.ignore_sent();  // 1000 went; 500 wait for Nagle

  tcp.shuts_down_sending();

  tcp.host_sends(fin_ack().seq(1101).length(500).psh());
}

// verifies RFC 9293 MUST-12 (half close): the other direction goes on
TEST(TcpClose, AfterHalfCloseTextIsStillReceived) {
  Conversation tcp;
  tcp.is_established();
  tcp.shuts_down_sending();
  tcp.peer_sends(ack().seq(301).ack(102));
  tcp.ignore_sent();

  tcp.peer_sends(ack().seq(301).ack(102).text("late answer"));

  EXPECT_EQ(tcp.reads(), "late answer");
  EXPECT_EQ(tcp.connection().send(as_bytes("x"), tcp.now()).error(), Errc::broken_pipe);
}

TEST(TcpClose, InCloseWaitTextIsStillSent) {
  Conversation tcp;
  tcp.is_established();
  tcp.peer_sends(fin_ack().seq(301).ack(101));
  tcp.ignore_sent();

  tcp.writes("answer");

  tcp.host_sends(ack().seq(101).ack(302).text("answer"));
}

TEST(TcpClose, UnacknowledgedFinIsRetransmitted) {
  Conversation tcp;
  tcp.is_established();
  tcp.shuts_down_sending();
  tcp.ignore_sent();

  tcp.advance(1s);
  tcp.host_sends(fin_ack().seq(101).ack(301));
  tcp.advance(2s);
  tcp.host_sends(fin_ack().seq(101).ack(301));
}

// verifies RFC 9293 3.10.7.4 fifth, TIME-WAIT
// verifies RFC 9293 MUST-13
TEST(TcpClose, RetransmittedFinRestartsTimeWait) {
  Conversation tcp;
  tcp.is_established();
  tcp.shuts_down_sending();
  tcp.peer_sends(fin_ack().seq(301).ack(102));
  tcp.ignore_sent();

  tcp.advance(50s);
  tcp.peer_sends(fin_ack().seq(301).ack(102));
  tcp.host_sends(ack().seq(102).ack(302));
  tcp.advance(50s);

  tcp.is_in(TcpState::time_wait);
  tcp.advance(10s);
  tcp.is_in(TcpState::closed);
}

// verifies RFC 9293 MAY-2
TEST(TcpClose, TimeWaitMayBeReplacedOnlyByASynBeyondTheOldNumbers) {
  Conversation tcp;
  tcp.is_established();
  tcp.shuts_down_sending();
  tcp.peer_sends(fin_ack().seq(301).ack(102));
  tcp.ignore_sent();

  wire::TcpHeader later{.sequence = Seq32{1000}, .flags = wire::tcp_flag::kSyn};
  wire::TcpHeader earlier{.sequence = Seq32{200}, .flags = wire::tcp_flag::kSyn};
  EXPECT_TRUE(tcp.connection().may_be_replaced_by(later));
  EXPECT_FALSE(tcp.connection().may_be_replaced_by(earlier));
  // One beyond the FIN is enough (RFC 6191 2).
  EXPECT_TRUE(
      tcp.connection().may_be_replaced_by({.sequence = Seq32{302}, .flags = wire::tcp_flag::kSyn}));
  EXPECT_FALSE(
      tcp.connection().may_be_replaced_by({.sequence = Seq32{301}, .flags = wire::tcp_flag::kSyn}));
}

// An earlier FIN is remembered while a gap is open.
TEST(TcpClose, FinAboveAGapTakesEffectWhenTheGapIsFilled) {
  Conversation tcp;
  tcp.is_established();

  tcp.peer_sends(fin_ack().seq(306).ack(101).text("world"));
  tcp.host_sends(ack().ack(301));
  tcp.is_in(TcpState::established);
  tcp.peer_sends(ack().seq(301).ack(101).text("hello"));

  tcp.host_sends(ack().ack(312));
  tcp.is_in(TcpState::close_wait);
  EXPECT_EQ(tcp.reads(), "helloworld");
  std::uint8_t octet = 0;
  EXPECT_EQ(tcp.connection().receive({&octet, 1}, false, tcp.now()).value(), 0U);
}

TEST(TcpClose, FinCutOffAtTheWindowEdgeDoesNotEndTheStream) {
  Config config = Conversation::plain_config();
  config.receive_buffer_bytes = 8;
  Conversation tcp(config);
  tcp.is_established();

  tcp.peer_sends(fin_ack().seq(301).ack(101).text("0123456789"));

  tcp.host_sends(ack().ack(309).window(0));
  tcp.is_in(TcpState::established);
  EXPECT_EQ(tcp.reads(), "01234567");
  tcp.ignore_sent();
  tcp.peer_sends(fin_ack().seq(309).ack(101).text("89"));
  tcp.is_in(TcpState::close_wait);
  EXPECT_EQ(tcp.reads(), "89");
}

TEST(TcpClose, FinWithPartlyOldTextIsProcessed) {
  Conversation tcp;
  tcp.is_established();
  tcp.peer_sends(ack().seq(301).ack(101).text("hello"));

  tcp.peer_sends(fin_ack().seq(301).ack(101).text("hello"));

  tcp.is_in(TcpState::close_wait);
  EXPECT_EQ(tcp.reads(), "hello");
}

TEST(TcpClose, TextBeyondTheFinIsNotDelivered) {
  Conversation tcp;
  tcp.is_established();

  tcp.peer_sends(ack().seq(306).ack(101).text("XXXXX"));    // claims to lie behind the FIN
  tcp.peer_sends(fin_ack().seq(301).ack(101).text("hel"));  // the stream ends at 304
  tcp.peer_sends(ack().seq(304).ack(101).text("YYYY"));

  tcp.is_in(TcpState::close_wait);
  EXPECT_EQ(tcp.reads(), "hel");
}

// verifies RFC 9293 SHLD-3, RFC 2525 2.17
TEST(TcpClose, CloseWithUnreadTextResetsTheConnection) {
  Conversation tcp;
  tcp.is_established();
  tcp.peer_sends(ack().seq(301).ack(101).text("unread"));
  tcp.ignore_sent();

  tcp.closes();

  tcp.host_sends(rst_ack().seq(101).ack(307));
  tcp.is_in(TcpState::closed);
  EXPECT_TRUE(tcp.connection().is_finished());
}

// verifies RFC 9293 SHLD-3: new text after CLOSE
TEST(TcpClose, TextThatArrivesAfterCloseIsAnsweredWithReset) {
  Conversation tcp;
  tcp.is_established();
  tcp.closes();
  tcp.host_sends(fin_ack().seq(101));
  tcp.peer_sends(ack().seq(301).ack(102));

  tcp.peer_sends(ack().seq(301).ack(102).text("too late"));

  tcp.host_sends(rst().seq(102));  // the number that its own ACK has told
  tcp.is_in(TcpState::closed);
}

TEST(TcpClose, FinWait2EndsAfterItsTimeoutOnlyIfTheUserIsGone) {
  Conversation gone;
  gone.is_established();
  gone.closes();
  gone.peer_sends(ack().seq(301).ack(102));
  gone.is_in(TcpState::fin_wait_2);
  gone.advance(60s);
  gone.is_in(TcpState::closed);

  Conversation half_closed;
  half_closed.is_established();
  half_closed.shuts_down_sending();
  half_closed.peer_sends(ack().seq(301).ack(102));
  half_closed.advance(3600s);
  half_closed.is_in(TcpState::fin_wait_2);
}

TEST(TcpClose, CloseInSynSentEndsAtOnceWithoutASegment) {
  Conversation tcp;
  tcp.opens_actively();
  tcp.ignore_sent();

  tcp.closes();

  tcp.is_silent();
  tcp.is_in(TcpState::closed);
}

// A close in SYN-RECEIVED must not take the ACK of the SYN for the ACK of the FIN.
TEST(TcpClose, CloseInSynReceivedKeepsAckOfSynAndAckOfFinApart) {
  Conversation tcp;
  tcp.opens_passively(syn().seq(300));
  tcp.ignore_sent();

  tcp.closes();
  tcp.host_sends(fin_ack().seq(101).ack(301));
  tcp.is_in(TcpState::fin_wait_1);
  tcp.peer_sends(ack().seq(301).ack(101));
  tcp.is_in(TcpState::fin_wait_1);
  tcp.peer_sends(ack().seq(301).ack(102));

  tcp.is_in(TcpState::fin_wait_2);
}

TEST(TcpClose, CloseInSynReceivedWithQueuedTextSendsItFirst) {
  Conversation tcp;
  tcp.opens_passively(syn().seq(300));
  tcp.ignore_sent();
  tcp.writes("text");

  tcp.closes();
  tcp.is_silent();
  tcp.peer_sends(ack().seq(301).ack(101));

  tcp.host_sends(fin_ack().seq(101).text("text"));
  tcp.is_in(TcpState::fin_wait_1);
}

// verifies RFC 9293 3.10.5
TEST(TcpClose, AbortSendsResetInSynchronisedStates) {
  Conversation tcp;
  tcp.is_established();
  tcp.writes(100);
  tcp.ignore_sent();

  tcp.closes(Close::abort);

  tcp.host_sends(rst_ack().seq(201));
  tcp.is_in(TcpState::closed);
  EXPECT_EQ(tcp.connection().next_deadline(), kNever);
}

TEST(TcpClose, ReceivedTextSurvivesTheEndOfTimeWait) {
  Conversation tcp;
  tcp.is_established();
  tcp.shuts_down_sending();
  tcp.peer_sends(fin_ack().seq(301).ack(102).text("read me later"));

  tcp.advance(120s);
  tcp.is_in(TcpState::closed);

  EXPECT_FALSE(tcp.connection().is_finished());
  EXPECT_EQ(tcp.reads(), "read me later");
  EXPECT_TRUE(tcp.connection().is_finished());
}

TEST(TcpClose, WindowUpdatesAreHonouredInLastAck) {
  Conversation tcp;
  tcp.is_established(500);
  tcp.peer_sends(fin_ack().seq(301).ack(101).window(500));
  tcp.writes(1500);
  tcp.ignore_sent();
  tcp.closes();
  tcp.is_in(TcpState::last_ack);
  tcp.ignore_sent();

  tcp.peer_sends(ack().seq(302).ack(601).window(5000));

  tcp.host_sends(fin_ack().seq(601).length(1000));
}

TEST(TcpClose, ShutdownOfReceivingDiscardsAndAcknowledges) {
  Conversation tcp;
  tcp.is_established();
  tcp.connection().shutdown_receive(tcp.now());

  tcp.peer_sends(ack().seq(301).ack(101).length(1000));
  tcp.peer_sends(ack().seq(1301).ack(101).length(1000));

  tcp.host_sends(ack().ack(2301).window(60000));
  EXPECT_EQ(tcp.connection().info().receive_queue_bytes, 0U);
}

}  // namespace
}  // namespace strata::tcp::testing
