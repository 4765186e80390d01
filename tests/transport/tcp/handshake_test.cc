// SPDX-License-Identifier: MIT
// Opening: the figures of RFC 9293 3.5, options of the SYN, lost and repeated SYNs, refusals.
#include <gtest/gtest.h>

#include "stack/transport/tcp/isn.h"
#include "tests/transport/tcp/conversation.h"

namespace strata::tcp::testing {
namespace {

// verifies RFC 9293 figure 6 (active side), MUST-14
// verifies RFC 9293 SHLD-5
TEST(TcpHandshake, ActiveOpenSendsSynAndAcknowledgesTheSynAck) {
  Conversation tcp;

  tcp.opens_actively();
  tcp.host_sends(syn().seq(100).mss(kMss).without_scale());
  tcp.is_in(TcpState::syn_sent);
  tcp.peer_sends(syn_ack().seq(300).ack(101).mss(1460));

  tcp.host_sends(ack().seq(101).ack(301));
  tcp.is_in(TcpState::established);
  tcp.is_silent();
}

// verifies RFC 9293 figure 6 (passive side)
TEST(TcpHandshake, PassiveOpenAnswersSynWithSynAck) {
  Conversation tcp;

  tcp.opens_passively(syn().seq(300).mss(1460));
  tcp.host_sends(syn_ack().seq(100).ack(301).mss(kMss).without_scale());
  tcp.is_in(TcpState::syn_received);
  tcp.peer_sends(ack().seq(301).ack(101));

  tcp.is_in(TcpState::established);
  tcp.is_silent();
}

// verifies RFC 9293 figure 7: data may follow the handshake at once
TEST(TcpHandshake, TextQueuedInSynSentLeavesWithTheAckOfTheSynAck) {
  Conversation tcp;
  tcp.opens_actively();
  tcp.ignore_sent();

  tcp.writes("hello");
  tcp.is_silent();
  tcp.peer_sends(syn_ack().seq(300).ack(101).mss(1460));

  tcp.host_sends(ack().seq(101).ack(301).text("hello").psh());
  tcp.is_silent();
}

// verifies RFC 9293 MUST-10 (figure 8)
TEST(TcpHandshake, SimultaneousOpenEstablishesOneConnection) {
  Conversation tcp;
  tcp.opens_actively();
  tcp.host_sends(syn().seq(100));

  tcp.peer_sends(syn().seq(300).mss(1460));
  tcp.is_in(TcpState::syn_received);
  tcp.host_sends(syn_ack().seq(100).ack(301));
  tcp.peer_sends(syn_ack().seq(300).ack(101).mss(1460));

  tcp.is_in(TcpState::established);
}

TEST(TcpHandshake, TextOfASynThatComesAgainWithItsAckIsTakenOnce) {
  Conversation tcp;
  tcp.opens_actively();
  tcp.peer_sends(syn().seq(300).mss(1460).text("hello"));
  tcp.ignore_sent();

  tcp.peer_sends(syn_ack().seq(300).ack(101).mss(1460).text("hello, you"));

  tcp.is_in(TcpState::established);
  EXPECT_EQ(tcp.reads(), "hello, you");
}

// Neither SYN was lost: the second one is part of the figure.
TEST(TcpHandshake, SimultaneousOpenBeginsWithTheFullInitialWindow) {
  Conversation tcp;
  tcp.opens_actively();
  tcp.peer_sends(syn().seq(300).mss(1000));
  tcp.peer_sends(syn_ack().seq(300).ack(101).mss(1000));
  tcp.is_in(TcpState::established);

  EXPECT_EQ(tcp.connection().info().cwnd, 10U * 1000);
  EXPECT_EQ(tcp.connection().info().rto, 1s);
  EXPECT_EQ(tcp.connection().info().counters.retransmissions, 0U);
}

// verifies RFC 9293 MUST-11: an active open that came to SYN-RECEIVED is refused by a RST
TEST(TcpHandshake, ResetInSynReceivedAfterAnActiveOpenRefusesTheConnection) {
  Conversation tcp;
  tcp.opens_actively();
  tcp.peer_sends(syn().seq(300).mss(1460));
  tcp.ignore_sent();

  tcp.peer_sends(rst().seq(301));

  tcp.is_in(TcpState::closed);
  EXPECT_EQ(tcp.connection().take_error(), Errc::connection_refused);
}

// verifies RFC 9293 MUST-11: one that came from LISTEN goes back there without a word
TEST(TcpHandshake, ResetInSynReceivedAfterAPassiveOpenReturnsToListen) {
  Conversation tcp;
  tcp.opens_passively(syn().seq(300));
  tcp.ignore_sent();

  tcp.peer_sends(rst().seq(301));

  tcp.is_in(TcpState::closed);
  EXPECT_FALSE(tcp.connection().take_error().has_value());
  EXPECT_TRUE(tcp.connection().is_finished());
}

// verifies RFC 9293 MUST-10 (figure 8, the other order of arrival)
TEST(TcpHandshake, SimultaneousOpenAlsoCompletesWithAPlainAck) {
  Conversation tcp;
  tcp.opens_actively();
  tcp.peer_sends(syn().seq(300).mss(1460));
  tcp.ignore_sent();

  tcp.peer_sends(ack().seq(301).ack(101));

  tcp.is_in(TcpState::established);
}

// verifies RFC 9293 figure 9: an old duplicate SYN provokes an ACK whose RST clears it up
TEST(TcpHandshake, OldDuplicateSynOfTheListenerIsClearedByTheReset) {
  Conversation tcp;
  tcp.opens_passively(syn().seq(90));
  tcp.host_sends(syn_ack().seq(100).ack(91));

  tcp.peer_sends(rst().seq(91));

  tcp.is_in(TcpState::closed);
  EXPECT_FALSE(tcp.connection().take_error().has_value());  // "the user need not be informed"
  tcp.is_silent();
}

// verifies RFC 9293 figure 9, line 4: SYN,ACK for something never sent
TEST(TcpHandshake, SynAckOfAnOldSynIsAnsweredWithReset) {
  Conversation tcp;
  tcp.opens_actively();
  tcp.ignore_sent();

  tcp.peer_sends(syn_ack().seq(300).ack(91));

  tcp.host_sends(rst().seq(91));
  tcp.is_in(TcpState::syn_sent);
  tcp.peer_sends(syn_ack().seq(400).ack(101).mss(1460));
  tcp.host_sends(ack().seq(101).ack(401));
  tcp.is_in(TcpState::established);
}

// verifies RFC 9293 figure 10: half-open discovery from the side that crashed
TEST(TcpHandshake, AckOfAHalfOpenConnectionInSynSentIsReset) {
  Conversation tcp;
  tcp.opens_actively();
  tcp.ignore_sent();

  tcp.peer_sends(ack().seq(300).ack(50));

  tcp.host_sends(rst().seq(50));
  tcp.is_in(TcpState::syn_sent);
}

// verifies RFC 9293 figure 10: the side that kept its state answers the new SYN with an ACK
TEST(TcpHandshake, EstablishedConnectionAnswersASynWithAChallengeAck) {
  Conversation tcp;
  tcp.is_established();

  tcp.peer_sends(syn().seq(500));
  tcp.host_sends(ack().seq(101).ack(301));
  tcp.is_in(TcpState::established);
  tcp.peer_sends(rst().seq(301));

  tcp.is_in(TcpState::closed);
  EXPECT_EQ(tcp.connection().take_error(), Errc::connection_reset);
}

// verifies RFC 9293 figure 11 and 12: segments for a connection that does not exist
TEST(TcpHandshake, ResetForAnUnknownConnectionTakesItsNumbersFromTheSegment) {
  wire::TcpHeader segment{.source_port = 1,
                          .destination_port = 2,
                          .sequence = Seq32{300},
                          .acknowledgement = Seq32{100},
                          .flags = wire::tcp_flag::kAck};
  const auto with_ack = reset_for(segment, 10);
  ASSERT_TRUE(with_ack.has_value());
  EXPECT_EQ(with_ack->sequence, Seq32{100});
  EXPECT_EQ(with_ack->flags, wire::tcp_flag::kRst);
  EXPECT_EQ(with_ack->source_port, 2);

  segment.flags = wire::tcp_flag::kSyn;
  const auto without_ack = reset_for(segment, 10);
  ASSERT_TRUE(without_ack.has_value());
  EXPECT_EQ(without_ack->sequence, Seq32{0});
  EXPECT_EQ(without_ack->acknowledgement, Seq32{311});
  EXPECT_EQ(without_ack->flags, wire::tcp_flag::kRst | wire::tcp_flag::kAck);

  segment.flags = wire::tcp_flag::kRst;
  EXPECT_FALSE(reset_for(segment, 0).has_value());
}

TEST(TcpHandshake, ResetInSynSentWithAnAcceptableAckRefusesTheConnection) {
  Conversation tcp;
  tcp.opens_actively();
  tcp.ignore_sent();

  tcp.peer_sends(rst_ack().seq(0).ack(101));

  tcp.is_in(TcpState::closed);
  EXPECT_TRUE(tcp.connection().readiness().error);
  EXPECT_TRUE(tcp.connection().readiness().writable);
  EXPECT_EQ(tcp.connection().take_error(), Errc::connection_refused);
}

TEST(TcpHandshake, ResetInSynSentWithoutAckIsIgnored) {
  Conversation tcp;
  tcp.opens_actively();
  tcp.ignore_sent();

  tcp.peer_sends(rst().seq(300));
  tcp.peer_sends(rst_ack().seq(300).ack(100));

  tcp.is_in(TcpState::syn_sent);
  tcp.is_silent();
}

TEST(TcpHandshake, AckInSynReceivedForSomethingNeverSentIsReset) {
  Conversation tcp;
  tcp.opens_passively(syn().seq(300));
  tcp.ignore_sent();

  tcp.peer_sends(ack().seq(301).ack(102));

  tcp.host_sends(rst().seq(102));
  tcp.is_in(TcpState::syn_received);
}

// verifies RFC 9293 MUST-22
TEST(TcpHandshake, LostSynIsRepeatedWithDoublingTimeouts) {
  Conversation tcp;
  tcp.opens_actively();
  tcp.host_sends(syn().seq(100));

  for (const Duration wait : {1s, 2s, 4s, 8s}) {
    tcp.advance(wait - 1ms);
    tcp.is_silent();
    tcp.advance(1ms);
    tcp.host_sends(syn().seq(100).mss(kMss));
  }
}

// verifies RFC 9293 MUST-23: a SYN is repeated for at least three minutes
TEST(TcpHandshake, UnansweredSynGivesUpAfterThreeMinutes) {
  Conversation tcp;
  tcp.opens_actively();

  tcp.advance(180s);
  tcp.is_in(TcpState::syn_sent);
  tcp.advance(10s);

  tcp.is_in(TcpState::closed);
  EXPECT_EQ(tcp.connection().take_error(), Errc::timed_out);
  EXPECT_EQ(tcp.ignore_sent(), 8U);
}

// verifies RFC 9293 MUST-22
TEST(TcpHandshake, SynAckIsRepeatedUntilAcknowledged) {
  Conversation tcp;
  tcp.opens_passively(syn().seq(300));
  tcp.host_sends(syn_ack().seq(100).ack(301));

  tcp.advance(1s);
  tcp.host_sends(syn_ack().seq(100).ack(301).mss(kMss));
  tcp.peer_sends(ack().seq(301).ack(101));

  tcp.advance(10s);
  tcp.is_silent();
}

TEST(TcpHandshake, DuplicateSynInSynReceivedIsAnsweredWithTheSynAckAgain) {
  Conversation tcp;
  tcp.opens_passively(syn().seq(300));
  tcp.ignore_sent();

  tcp.peer_sends(syn().seq(300));

  tcp.host_sends(syn_ack().seq(100).ack(301));
  tcp.is_in(TcpState::syn_received);
}

// verifies RFC 9293 MUST-11
TEST(TcpHandshake, NewSynInSynReceivedReturnsThePassiveOpenToListen) {
  Conversation tcp;
  tcp.opens_passively(syn().seq(300));
  tcp.ignore_sent();

  tcp.peer_sends(syn().seq(400));

  tcp.is_in(TcpState::closed);
  EXPECT_TRUE(tcp.connection().is_finished());
}

TEST(TcpHandshake, TextOnASynIsDeliveredOnceEstablished) {
  Conversation tcp;
  tcp.opens_passively(syn().seq(300).text("early"));
  tcp.host_sends(syn_ack().seq(100).ack(306));
  EXPECT_FALSE(tcp.connection().readiness().readable);

  tcp.peer_sends(ack().seq(306).ack(101));

  EXPECT_EQ(tcp.reads(), "early");
}

TEST(TcpHandshake, TextOnTheSynAckIsDeliveredAndAcknowledged) {
  Conversation tcp;
  tcp.opens_actively();
  tcp.ignore_sent();

  tcp.peer_sends(syn_ack().seq(300).ack(101).text("early"));

  tcp.host_sends(ack().seq(101).ack(306));
  EXPECT_EQ(tcp.reads(), "early");
}

// verifies RFC 9293 MUST-15: 536 when the peer announces no MSS
TEST(TcpHandshake, MssDefaultsTo536WhenThePeerAnnouncesNone) {
  Conversation tcp;
  tcp.opens_actively();
  tcp.peer_sends(syn_ack().seq(300).ack(101));
  tcp.ignore_sent();

  tcp.writes(2000);

  tcp.host_sends(ack().seq(101).length(536));
}

// verifies RFC 9293 MUST-16: no segment exceeds the peer's MSS or our own
TEST(TcpHandshake, SegmentsKeepToTheSmallerMss) {
  Conversation tcp;
  tcp.is_established(60000, 700);

  tcp.writes(2000);

  tcp.host_sends(ack().seq(101).length(700));
  tcp.host_sends(ack().seq(801).length(700));
}

TEST(TcpHandshake, UnknownAndMalformedOptionsDoNotHinderTheHandshake) {
  PacketPool pool;
  Tracer tracer;
  const NodeContext context{.node = NodeId{1}, .pool = &pool, .tracer = &tracer};
  Connection connection(context, {}, Config{}, Seq32{100}, 1460);
  wire::TcpHeader header{.sequence = Seq32{300}, .flags = wire::tcp_flag::kSyn, .window = 1000};
  // Kind 250, length 4; MSS 600; then an option whose length runs beyond the header.
  const std::uint8_t options[] = {250, 4, 1, 2, 2, 4, 2, 88, 3, 9, 1, 1};
  header.options = wire::OptionBytes{options};

  connection.open_passive(header, {}, PacketUid{1}, kStart, kStart);

  EXPECT_EQ(connection.info().mss, 600U);
  EXPECT_TRUE(connection.poll_segment(kStart).has_value());
}

// verifies RFC 7323 2.2: scaling only if both SYNs carry the option
TEST(TcpHandshake, WindowScaleIsOfferedAndUsedOnlyIfThePeerOffersIt) {
  Config config;
  config.receive_buffer_bytes = 256 * 1024;
  Conversation with(config);
  with.opens_actively();
  with.host_sends(syn().window(65535).scale(3));
  with.peer_sends(syn_ack().seq(300).ack(101).window(1000).scale(4));
  with.host_sends(ack().window(32768));
  EXPECT_EQ(with.connection().info().snd_wnd, 1000U);  // a SYN's window is never scaled
  with.peer_sends(ack().seq(301).ack(101).window(1000));
  EXPECT_EQ(with.connection().info().snd_wnd, 16000U);

  Conversation without(config);
  without.opens_actively();
  without.ignore_sent();
  without.peer_sends(syn_ack().seq(300).ack(101).window(1000));
  without.host_sends(ack().window(65535));
  without.peer_sends(ack().seq(301).ack(101).window(1000));
  EXPECT_EQ(without.connection().info().snd_wnd, 1000U);
}

TEST(TcpHandshake, SynAckCarriesNoScaleWhenTheSynHadNone) {
  Config config;
  Conversation tcp(config);
  tcp.opens_passively(syn().seq(300).mss(1460));
  tcp.host_sends(syn_ack().without_scale());
}

// verifies RFC 7323 2.3: a shift above 14 is taken for 14
TEST(TcpHandshake, WindowShiftAbove14IsTakenFor14) {
  Conversation tcp{Config{}};
  tcp.opens_passively(syn().seq(300).mss(1460).scale(200));
  tcp.ignore_sent();
  tcp.peer_sends(ack().seq(301).ack(101).window(2));
  EXPECT_EQ(tcp.connection().info().snd_wnd, 2U << 14);
}

// verifies RFC 6528 3: numbers of one 4-tuple advance with a 4 microsecond clock
// verifies RFC 9293 MUST-8, MUST-9, SHLD-1
TEST(TcpIsn, RisesByOneEveryFourMicrosecondsAndDiffersBetweenTuples) {
  const SecretKey key = derive_key(1, "host");
  const FlowKey one{.local = {Ipv4Address{10, 0, 0, 1}, 1},
                    .remote = {Ipv4Address{10, 0, 0, 2}, 2}};
  FlowKey other = one;
  other.remote.port = 3;

  const Seq32 start = initial_sequence_number(key, one, kStart);

  EXPECT_EQ(initial_sequence_number(key, one, kStart + 4us) - start, 1);
  EXPECT_EQ(initial_sequence_number(key, one, kStart + 1s) - start, 250000);
  EXPECT_NE(initial_sequence_number(key, other, kStart), start);
  EXPECT_NE(initial_sequence_number(derive_key(2, "host"), one, kStart), start);
}

TEST(TcpIsn, DiffersBetweenIpv6Addresses) {
  const SecretKey key = derive_key(1, "host");
  FlowKey one{.local = {*Ipv6Address::parse("2001:db8::1"), 1},
              .remote = {*Ipv6Address::parse("2001:db8::2"), 2}};
  FlowKey other = one;
  other.remote.address = *Ipv6Address::parse("2001:db8::3");

  EXPECT_EQ(initial_sequence_number(key, one, kStart), initial_sequence_number(key, one, kStart));
  EXPECT_NE(initial_sequence_number(key, one, kStart), initial_sequence_number(key, other, kStart));
}

}  // namespace
}  // namespace strata::tcp::testing
