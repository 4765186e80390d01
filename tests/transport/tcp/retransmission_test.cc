// SPDX-License-Identifier: MIT
// The retransmission timer: RFC 6298 with its worked numbers, Karn's rule, giving up, and what a
// retransmission says about itself.
#include <gtest/gtest.h>

#include "stack/transport/tcp/rtt.h"
#include "tests/transport/tcp/conversation.h"

namespace strata::tcp::testing {
namespace {

Config fine_grained() {
  Config config;
  config.rto_min = 1ms;
  return config;
}

// verifies RFC 6298 2.1, 2.2: SRTT = R, RTTVAR = R/2, RTO = SRTT + 4*RTTVAR
TEST(TcpRtt, FirstSampleSetsSrttToItselfAndRttvarToHalf) {
  RttEstimator rtt{fine_grained()};
  EXPECT_EQ(rtt.rto(), 1s);

  rtt.sample(100ms);

  EXPECT_EQ(rtt.srtt(), 100ms);
  EXPECT_EQ(rtt.rttvar(), 50ms);
  EXPECT_EQ(rtt.rto(), 300ms);
}

// verifies RFC 6298 2.3
TEST(TcpRtt, SecondEqualSampleShrinksTheVariance) {
  RttEstimator rtt{fine_grained()};
  rtt.sample(100ms);

  rtt.sample(100ms);

  EXPECT_EQ(rtt.rttvar(), 37500us);
  EXPECT_EQ(rtt.rto(), 250ms);
}

// verifies RFC 6298 2.3: RTTVAR uses the old SRTT
TEST(TcpRtt, LargerSampleRaisesBothEstimates) {
  RttEstimator rtt{fine_grained()};
  rtt.sample(100ms);

  rtt.sample(180ms);

  EXPECT_EQ(rtt.rttvar(), 57500us);  // 3/4 * 50 + 1/4 * 80
  EXPECT_EQ(rtt.srtt(), 110ms);      // 7/8 * 100 + 1/8 * 180
  EXPECT_EQ(rtt.rto(), 340ms);
}

// verifies RFC 6298 2.4: the time-out is rounded up to one second
TEST(TcpRtt, TimeoutIsAtLeastTheMinimum) {
  RttEstimator rtt{Config{}};
  rtt.sample(100ms);
  EXPECT_EQ(rtt.rto(), 1s);
}

// verifies RFC 6298 5.5, 2.5: doubling up to the maximum; a sample ends it
TEST(TcpRtt, BackingOffDoublesUpToTheMaximumAndASampleEndsIt) {
  RttEstimator rtt{Config{}};
  for (const Duration expected : {2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
    rtt.back_off();
    EXPECT_EQ(rtt.rto(), expected);
  }
  rtt.sample(100ms);
  EXPECT_EQ(rtt.rto(), 1s);
}

// verifies RFC 6298 5.7
TEST(TcpRtt, LostSynMakesTheTimeoutThreeSeconds) {
  RttEstimator rtt{Config{}};
  rtt.back_off();
  rtt.restart_after_syn_loss();
  EXPECT_EQ(rtt.rto(), 3s);
}

// verifies RFC 6298 5.1, 5.4 to 5.6
// verifies RFC 9293 MUST-19
TEST(TcpRetransmission, TimerRepeatsTheFirstUnacknowledgedSegmentWithDoublingTimeouts) {
  Conversation tcp;
  tcp.is_established();
  tcp.writes(3000);
  tcp.ignore_sent();

  for (const Duration wait : {1s, 2s, 4s, 8s}) {
    tcp.advance(wait - 1ns);
    tcp.is_silent();
    tcp.advance(1ns);
    tcp.host_sends(ack().seq(101).length(1000));
    tcp.is_silent();  // the loss window is one segment
  }
}

// verifies RFC 6298 5.2
TEST(TcpRetransmission, TimerStopsWhenEverythingIsAcknowledged) {
  Conversation tcp;
  tcp.is_established();
  tcp.writes(1000);
  tcp.ignore_sent();

  tcp.peer_sends(ack().seq(301).ack(1101));

  EXPECT_EQ(tcp.connection().next_deadline(), kNever);
}

// verifies RFC 6298 5.3
TEST(TcpRetransmission, AckOfNewDataRestartsTheTimer) {
  Conversation tcp;
  tcp.is_established();
  tcp.writes(2000);
  tcp.ignore_sent();

  tcp.advance(100ms);
  tcp.peer_sends(ack().seq(301).ack(1101));
  tcp.advance(999ms);
  tcp.is_silent();
  tcp.advance(1ms);

  tcp.host_sends(ack().seq(1101).length(1000));
}

TEST(TcpRetransmission, DuplicateAckDoesNotRestartTheTimer) {
  Conversation tcp;
  tcp.is_established();
  tcp.writes(2000);
  tcp.ignore_sent();

  tcp.advance(900ms);
  tcp.peer_sends(ack().seq(301).ack(101));
  tcp.advance(100ms);

  tcp.host_sends(ack().seq(101).length(1000));
}

// verifies RFC 6298 3 (Karn): no sample from a retransmitted segment
// verifies RFC 9293 MUST-18
TEST(TcpRetransmission, RetransmittedSegmentGivesNoSample) {
  Conversation tcp;
  tcp.is_established();
  const std::size_t before = tcp.events().samples.size();
  tcp.writes(1000);
  tcp.advance(1s);

  tcp.peer_sends(ack().seq(301).ack(1101));

  EXPECT_EQ(tcp.events().samples.size(), before);
}

TEST(TcpRetransmission, OneSampleIsTakenPerRoundTrip) {
  Conversation tcp;
  tcp.is_established();
  const std::size_t before = tcp.events().samples.size();
  tcp.writes(4000);
  tcp.advance(100ms);

  tcp.peer_sends(ack().seq(301).ack(1101));
  tcp.peer_sends(ack().seq(301).ack(2101));
  tcp.peer_sends(ack().seq(301).ack(4101));
  EXPECT_EQ(tcp.events().samples.size(), before + 1);
  EXPECT_EQ(tcp.events().samples.back().sample, 100ms);
  tcp.writes(1000);
  tcp.advance(70ms);
  tcp.peer_sends(ack().seq(301).ack(5101));

  EXPECT_EQ(tcp.events().samples.size(), before + 2);
  EXPECT_EQ(tcp.events().samples.back().sample, 70ms);
}

TEST(TcpRetransmission, SamplesGoOnAfterARecoveredTimeout) {
  Conversation tcp;
  tcp.is_established();
  tcp.writes(1000);
  tcp.advance(1s);
  tcp.peer_sends(ack().seq(301).ack(1101));
  const std::size_t before = tcp.events().samples.size();

  tcp.writes(1000);
  tcp.advance(50ms);
  tcp.peer_sends(ack().seq(301).ack(2101));

  ASSERT_EQ(tcp.events().samples.size(), before + 1);
  EXPECT_EQ(tcp.events().samples.back().rto, 1s);
}

TEST(TcpRetransmission, SampleUsesTheInstantOfArrivalNotOfProcessing) {
  Conversation tcp;
  tcp.is_established();
  tcp.writes(1000);
  tcp.advance(500ms);
  const wire::TcpHeader header{.sequence = Seq32{301},
                               .acknowledgement = Seq32{1101},
                               .flags = wire::tcp_flag::kAck,
                               .window = 60000};

  tcp.connection().on_segment(header, {}, PacketUid{9}, tcp.now() - 400ms, tcp.now());

  EXPECT_EQ(tcp.events().samples.back().sample, 100ms);
}

// verifies RFC 6298 5.7: SYN loss, then three seconds
TEST(TcpRetransmission, FirstDataAfterALostSynHaveThreeSecondsAndOneSegment) {
  Conversation tcp;
  tcp.opens_actively();
  tcp.advance(1s);
  tcp.ignore_sent();
  tcp.peer_sends(syn_ack().seq(300).ack(101).mss(1000));
  tcp.ignore_sent();

  tcp.writes(5000);
  tcp.host_sends(ack().seq(101).length(1000));
  tcp.is_silent();  // RFC 5681 3.1: IW is one segment when the SYN was lost
  EXPECT_EQ(tcp.connection().info().ssthresh, CongestionWindow::kUnlimited);
  tcp.advance(3s - 1ns);
  tcp.is_silent();
  tcp.advance(1ns);
  tcp.host_sends(ack().seq(101).length(1000));
}

// verifies RFC 9293 MUST-20 (R2)
TEST(TcpRetransmission, ConnectionTimesOutAfterTheLastRetry) {
  Config config = Conversation::plain_config();
  config.retries_max = 3;
  Conversation tcp(config);
  tcp.is_established();
  tcp.writes(100);
  tcp.ignore_sent();

  tcp.advance(1s + 2s + 4s);
  EXPECT_EQ(tcp.ignore_sent(), 3U);
  tcp.is_in(TcpState::established);
  tcp.advance(8s);

  tcp.is_in(TcpState::closed);
  EXPECT_EQ(tcp.connection().send(as_bytes("x"), tcp.now()).error(), Errc::timed_out);
  EXPECT_EQ(tcp.connection().send(as_bytes("x"), tcp.now()).error(), Errc::broken_pipe);
}

TEST(TcpRetransmission, DefaultR2IsMoreThanAHundredSeconds) {  // verifies RFC 9293 SHLD-11
  Conversation tcp;
  tcp.is_established();
  tcp.writes(100);

  tcp.advance(100s);

  tcp.is_in(TcpState::established);
  tcp.advance(1200s);
  tcp.is_in(TcpState::closed);
}

// verifies RFC 9293 MUST-47, MUST-56, SHLD-25: a soft error can be asked for and is told when the
// connection gives up
TEST(TcpRetransmission, SoftIcmpErrorIsReportedOnlyWhenTheConnectionGivesUp) {
  Conversation tcp;
  tcp.opens_actively();
  EXPECT_EQ(tcp.connection().info().soft_error, std::nullopt);
  tcp.connection().on_icmp_error(Errc::host_unreachable, false, Seq32{100}, tcp.now());
  tcp.is_in(TcpState::syn_sent);
  EXPECT_EQ(tcp.connection().info().soft_error, Errc::host_unreachable);

  tcp.advance(300s);

  EXPECT_EQ(tcp.connection().take_error(), Errc::host_unreachable);
}

TEST(TcpRetransmission, HardIcmpErrorEndsOnlyAConnectionThatIsNotSynchronised) {
  Conversation opening;
  opening.opens_actively();
  opening.connection().on_icmp_error(Errc::connection_refused, true, Seq32{100}, opening.now());
  opening.is_in(TcpState::closed);
  EXPECT_EQ(opening.connection().take_error(), Errc::connection_refused);

  Conversation open;
  open.is_established();
  open.writes(100);
  open.connection().on_icmp_error(Errc::connection_refused, true, Seq32{101}, open.now());
  open.is_in(TcpState::established);
}

TEST(TcpRetransmission, IcmpErrorAboutNothingOutstandingIsIgnored) {
  Conversation tcp;
  tcp.opens_actively();

  tcp.connection().on_icmp_error(Errc::connection_refused, true, Seq32{99}, tcp.now());
  tcp.connection().on_icmp_error(Errc::connection_refused, true, Seq32{101}, tcp.now());

  tcp.is_in(TcpState::syn_sent);
}

TEST(TcpRetransmission, RetransmissionNamesThePacketThatFirstCarriedTheOctets) {
  Conversation tcp;
  tcp.is_established();
  tcp.writes(1000);
  const PacketUid first = tcp.events().sent.back().event.uid;

  tcp.advance(3s);  // two time-outs

  const Recorder::Sent& again = tcp.events().sent.back();
  EXPECT_EQ(again.body.kind, SegmentKind::retransmission);
  EXPECT_EQ(again.body.cause, RetransmitCause::timeout);
  EXPECT_EQ(again.body.first_sent_as, first);
  EXPECT_EQ(again.event.parent, first);
  EXPECT_EQ(again.event.parentage, Parentage::retransmission);
  EXPECT_NE(again.event.uid, first);
  EXPECT_EQ(again.body.offset, 0U);
  EXPECT_EQ(again.body.length, 1000U);
}

// verifies RFC 1191 6.5
// verifies RFC 9293 SHLD-6
TEST(TcpRetransmission, SegmentsTooLargeForThePathGoOutAgainInPieces) {
  Conversation tcp;
  tcp.is_established();
  tcp.writes(pattern(2000));
  tcp.shuts_down_sending();
  tcp.ignore_sent();

  tcp.connection().on_path_mtu(600, Seq32{101}, tcp.now());
  tcp.peer_sends(ack().seq(301).ack(101));

  tcp.host_sends(ack().seq(101).text(pattern(600)));
  tcp.host_sends(ack().seq(701).text(pattern(400, 600)));
  tcp.host_sends(ack().seq(1101).text(pattern(600, 1000)));
  tcp.host_sends(ack().seq(1701).text(pattern(400, 1600)));
  tcp.host_sends(fin_ack().seq(2101));
  EXPECT_EQ(tcp.events().sent.back().body.cause, RetransmitCause::path_mtu);
  EXPECT_EQ(tcp.connection().info().mss, 600U);
}

TEST(TcpRetransmission, PathMtuReportAboutNothingOutstandingIsIgnored) {
  Conversation tcp;
  tcp.is_established();
  tcp.writes(2000);
  tcp.ignore_sent();

  tcp.connection().on_path_mtu(600, Seq32{5000}, tcp.now());

  EXPECT_EQ(tcp.connection().info().mss, 1000U);
}

// After a time-out everything outstanding is taken for lost and sent again by slow start.
// verifies RFC 9293 MUST-19
TEST(TcpRetransmission, AfterATimeoutTheRestFollowsInSlowStart) {
  Conversation tcp;
  tcp.is_established();
  tcp.writes(5000);
  tcp.ignore_sent();
  tcp.advance(1s);
  tcp.host_sends(ack().seq(101).length(1000));

  tcp.peer_sends(ack().seq(301).ack(1101));
  tcp.host_sends(ack().seq(1101).length(1000));
  tcp.host_sends(ack().seq(2101).length(1000));
  tcp.is_silent();
  tcp.peer_sends(ack().seq(301).ack(5101));  // the rest had arrived all along

  tcp.is_silent();
  EXPECT_EQ(tcp.connection().info().flight, 0U);
}

// A time-out must not make pure ACKs or RSTs carry an old sequence number.
TEST(TcpRetransmission, AcksAndResetsKeepTheHighestSequenceNumberAfterATimeout) {
  Conversation tcp;
  tcp.is_established();
  tcp.writes(5000);
  tcp.advance(1s);
  tcp.ignore_sent();

  tcp.peer_sends(fin_ack().seq(301).ack(101));
  tcp.host_sends(ack().seq(5101).ack(302));
  tcp.closes(Close::abort);

  tcp.host_sends(rst_ack().seq(5101));
}

}  // namespace
}  // namespace strata::tcp::testing
