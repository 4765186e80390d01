// SPDX-License-Identifier: MIT
// The timestamps option (RFC 7323 3 to 5): negotiation, what is echoed, round-trip samples, PAWS.
#include <gtest/gtest.h>

#include "tests/transport/tcp/conversation.h"

namespace strata::tcp::testing {
namespace {

Config with_timestamps() {
  Config config = Conversation::plain_config();
  config.timestamps = true;
  return config;
}

class TcpTimestamps : public ::testing::Test {
 protected:
  // Established at 10 ms; the peer's clock stood at 5000 then.
  void SetUp() override {
    tcp_.advance(10ms);
    tcp_.opens_actively();
    tcp_.host_sends(syn().timestamps(10, 0));
    tcp_.peer_sends(syn_ack().seq(300).ack(101).mss(1000).timestamps(5000, 10));
    tcp_.host_sends(ack().seq(101).ack(301).timestamps(10, 5000));
  }
  Segment text(std::uint32_t sequence, std::uint32_t value) {
    return ack().seq(sequence).ack(101).length(100).timestamps(value, 10);
  }
  Conversation tcp_{with_timestamps()};
};

// verifies RFC 7323 3.2
TEST_F(TcpTimestamps, OnceAgreedOnEverySegmentCarriesTheOption) {
  tcp_.writes(100);
  tcp_.host_sends(ack().seq(101).length(100).timestamps(10, 5000));
  tcp_.advance(20ms);
  tcp_.peer_sends(ack().seq(301).ack(201).timestamps(5020, 10));
  tcp_.closes();
  tcp_.host_sends(fin_ack().seq(201).timestamps(30, 5020));
}

// verifies RFC 7323 3.2: the SYN,ACK answers an offer, it does not make one
TEST(TcpTimestampsOffer, IsAnsweredOnlyWhenTheSynMadeIt) {
  Conversation with(with_timestamps());
  with.opens_passively(syn().seq(300).mss(1000).timestamps(7, 0));
  with.host_sends(syn_ack().ack(301).timestamps(0, 7));

  Conversation without(with_timestamps());
  without.opens_passively(syn().seq(300).mss(1000));
  without.host_sends(syn_ack().ack(301).without_timestamps());

  Conversation off(Conversation::plain_config());
  off.opens_passively(syn().seq(300).mss(1000).timestamps(7, 0));
  off.host_sends(syn_ack().ack(301).without_timestamps());
}

// verifies RFC 9293 MUST-16
TEST_F(TcpTimestamps, LeaveTwelveOctetsLessForText) {
  tcp_.writes(2000);
  tcp_.host_sends(ack().seq(101).length(988));
  tcp_.host_sends(ack().seq(1089).length(988));
  tcp_.is_silent();
  EXPECT_EQ(tcp_.connection().info().mss, 988U);
}

// verifies RFC 7323 3.2: a segment without the option is dropped, silently
TEST_F(TcpTimestamps, SegmentWithoutThemIsDroppedInSilence) {
  tcp_.peer_sends(ack().seq(301).ack(101).length(100));
  tcp_.is_silent();
  EXPECT_EQ(tcp_.events().drops.back(), DropReason::tcp_no_timestamp);
  tcp_.is_in(TcpState::established);
}

// verifies RFC 7323 3.2: the option is ignored when it was not negotiated
TEST(TcpTimestampsOffer, UnaskedForOptionIsIgnored) {
  Conversation tcp;
  tcp.is_established();
  tcp.peer_sends(ack().seq(301).ack(101).length(100).timestamps(1, 2));
  EXPECT_EQ(tcp.reads().size(), 100U);
}

// verifies RFC 7323 4.3: case (A), delayed ACKs echo the earliest segment
TEST_F(TcpTimestamps, DelayedAckEchoesTheEarliestSegment) {
  tcp_.peer_sends(text(301, 5001));
  tcp_.is_silent();
  tcp_.peer_sends(text(401, 5002));
  tcp_.advance(40ms);
  tcp_.host_sends(ack().ack(501).timestamps(50, 5001));
}

// verifies RFC 7323 4.3: cases (B) and (C), the figure of that section
TEST_F(TcpTimestamps, AckAboveAHoleEchoesWhatLastAdvancedTheWindow) {
  tcp_.peer_sends(text(301, 5001));  // A
  tcp_.advance(40ms);
  tcp_.host_sends(ack().ack(401).timestamps(50, 5001));
  tcp_.peer_sends(text(501, 5003));  // C
  tcp_.host_sends(ack().ack(401).timestamps(50, 5001));
  tcp_.peer_sends(text(401, 5002));  // B
  tcp_.host_sends(ack().ack(601).timestamps(50, 5002));
  tcp_.peer_sends(text(701, 5005));  // E
  tcp_.host_sends(ack().ack(601).timestamps(50, 5002));
  tcp_.peer_sends(text(601, 5004));  // D
  tcp_.host_sends(ack().ack(801).timestamps(50, 5004));
}

// The ACK of the first 100 octets is lost. The retransmission is outside the peer's window by then:
// its ACK has a D-SACK (RFC 2883 4.1) and the echo of what had been in the window.
// verifies RFC 7323 5.3 R2: what it echoes is no round trip of the path
TEST(TcpTimestampsSample, AckThatReportsADuplicateIsNone) {
  Config config = with_timestamps();
  config.tail_loss_probe = false;
  Conversation tcp(config);
  tcp.opens_actively();
  tcp.host_sends(syn().timestamps(0, 0));
  tcp.advance(10ms);
  tcp.peer_sends(syn_ack().seq(300).ack(101).mss(1000).sack_permitted().timestamps(5000, 0));
  tcp.ignore_sent();
  tcp.writes(100);
  tcp.host_sends(ack().seq(101).length(100).timestamps(10, 5000));
  tcp.advance(1s);
  tcp.host_sends(ack().seq(101).length(100));
  const std::size_t samples = tcp.events().samples.size();

  tcp.advance(10ms);
  tcp.peer_sends(ack().seq(301).ack(201).sack(101, 201).timestamps(6010, 10));
  EXPECT_EQ(tcp.events().samples.size(), samples);

  tcp.writes(100);
  tcp.advance(20ms);
  tcp.peer_sends(ack().seq(301).ack(301).timestamps(6030, 1020));
  ASSERT_EQ(tcp.events().samples.size(), samples + 1);
  EXPECT_EQ(tcp.events().samples.back().sample, 20ms);
}

// verifies RFC 7323 5.3 R1
TEST_F(TcpTimestamps, SegmentFromBeforeTheLatestIsDroppedAndAnswered) {
  tcp_.peer_sends(text(301, 5010));
  tcp_.advance(40ms);
  tcp_.ignore_sent();

  tcp_.peer_sends(text(401, 5009));  // in the window, but of an earlier lap

  tcp_.host_sends(ack().seq(101).ack(401));
  EXPECT_EQ(tcp_.events().drops.back(), DropReason::tcp_old_timestamp);
  EXPECT_EQ(tcp_.reads().size(), 100U);
}

// verifies RFC 7323 5.2: RST are exempt from PAWS
TEST_F(TcpTimestamps, ResetNeedsNoTimestamp) {
  tcp_.peer_sends(rst().seq(301));
  tcp_.is_in(TcpState::closed);
}

// verifies RFC 7323 5.5
TEST_F(TcpTimestamps, ValueIsForgottenAfter24DaysOfIdleness) {
  tcp_.advance(std::chrono::hours{24 * 24} + 1s);
  tcp_.peer_sends(text(301, 4000));
  EXPECT_EQ(tcp_.reads().size(), 100U);
  tcp_.advance(40ms);
  EXPECT_EQ(tcp_.ignore_sent(), 1U);

  tcp_.peer_sends(text(401, 3999));
  EXPECT_EQ(tcp_.reads().size(), 0U);
}

// The peer's clock wraps: values are compared modulo 2^32.
// verifies RFC 7323 5.2
TEST(TcpTimestampsOffer, ClockOfThePeerMayWrap) {
  Conversation tcp(with_timestamps());
  tcp.is_established_with(syn_ack().timestamps(0xffffffff, 0));
  tcp.peer_sends(ack().seq(301).ack(101).length(100).timestamps(3, 0));
  EXPECT_EQ(tcp.reads().size(), 100U);
}

// verifies RFC 7323 4.1: every ACK of new data gives a sample, and retransmission is no obstacle
TEST_F(TcpTimestamps, RetransmittedSegmentGivesASample) {
  tcp_.writes(100);
  tcp_.advance(1s);  // the time-out: sent again at 1.01 s
  tcp_.ignore_sent();
  tcp_.advance(70ms);
  const std::size_t before = tcp_.events().samples.size();

  tcp_.peer_sends(ack().seq(301).ack(201).timestamps(6000, 1010));

  ASSERT_EQ(tcp_.events().samples.size(), before + 1);
  EXPECT_EQ(tcp_.events().samples.back().sample, 70ms);
}

// verifies RFC 7323 4.1: RTTM rule - an ACK of nothing new gives none
TEST_F(TcpTimestamps, AckOfNothingNewGivesNoSample) {
  tcp_.writes(100);
  tcp_.advance(20ms);
  const std::size_t before = tcp_.events().samples.size();
  tcp_.peer_sends(ack().seq(301).ack(101).timestamps(6000, 10));
  EXPECT_EQ(tcp_.events().samples.size(), before);
}

// verifies RFC 7323 4.2: many samples in a round trip move the average no faster than one would
TEST(TcpRttEstimator, ManySamplesPerRoundTripWeighAccordinglyLess) {
  Config config;
  RttEstimator once(config);
  RttEstimator often(config);
  once.sample(100ms);
  often.sample(100ms);
  once.sample(200ms);
  for (int i = 0; i < 10; ++i) often.sample(200ms, 10);
  EXPECT_LT(std::chrono::abs(once.srtt() - often.srtt()), 1ms);
}

// verifies RFC 7323 5.2: a RST of an established connection carries the option
TEST_F(TcpTimestamps, AbortCarriesTheOption) {
  tcp_.closes(Close::abort);
  tcp_.host_sends(rst_ack().seq(101).timestamps(10, 5000));
}

}  // namespace
}  // namespace strata::tcp::testing
