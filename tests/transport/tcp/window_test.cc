// SPDX-License-Identifier: MIT
// Windows: zero-window probes, silly windows on both sides, windows that shrink, scaling and its
// rounding, which segment may change the window.
#include <gtest/gtest.h>

#include "tests/transport/tcp/conversation.h"

namespace strata::tcp::testing {
namespace {

constexpr std::uint16_t kNone = 0;

// --- the sender and a closed window ---

// verifies RFC 9293 MUST-36, SHLD-29, SHLD-30
TEST(TcpPersist, ZeroWindowIsProbedAfterOneRtoThenWithDoublingIntervals) {
  Conversation tcp;
  tcp.is_established(kNone);
  tcp.writes("hello");
  tcp.is_silent();

  for (const Duration wait : {1s, 2s, 4s, 8s, 16s, 32s, 60s, 60s}) {
    tcp.advance(wait - 1ns);
    tcp.is_silent();
    tcp.advance(1ns);
    tcp.host_sends(ack().seq(101).text("h"));
    tcp.peer_sends(ack().seq(301).ack(101).window(kNone));
    tcp.is_silent();
  }
}

// verifies RFC 9293 MUST-37
TEST(TcpPersist, ProbesNeverGiveUpWhileTheyAreAnswered) {
  Conversation tcp;
  tcp.is_established(kNone);
  tcp.writes("hello");

  for (int i = 0; i < 100; ++i) {
    tcp.advance_to_deadline();
    EXPECT_EQ(tcp.ignore_sent(), 1U);
    tcp.peer_sends(ack().seq(301).ack(101).window(kNone));
  }

  tcp.is_in(TcpState::established);
}

TEST(TcpPersist, UnansweredProbesTimeOut) {
  Conversation tcp;
  tcp.is_established(kNone);
  tcp.writes("hello");

  tcp.advance(3600s);

  tcp.is_in(TcpState::closed);
  EXPECT_EQ(tcp.connection().take_error(), Errc::timed_out);
  EXPECT_EQ(tcp.ignore_sent(), 15U);
}

TEST(TcpPersist, OpeningWindowReleasesTheTextAtOnce) {
  Conversation tcp;
  tcp.is_established(kNone);
  tcp.writes("hello");
  tcp.advance(1s);
  tcp.ignore_sent();

  tcp.peer_sends(ack().seq(301).ack(101).window(1000));

  tcp.host_sends(ack().seq(101).text("hello").psh());
  tcp.peer_sends(ack().seq(301).ack(106).window(1000));
  EXPECT_EQ(tcp.connection().next_deadline(), kNever);
}

// The probe's octet may be taken: then it counts.
TEST(TcpPersist, OctetOfAnAcceptedProbeIsNotSentAgain) {
  Conversation tcp;
  tcp.is_established(kNone);
  tcp.writes("hello");
  tcp.advance(1s);
  tcp.host_sends(ack().seq(101).text("h"));

  tcp.peer_sends(ack().seq(301).ack(102).window(1000));

  tcp.host_sends(ack().seq(102).text("ello").psh());
  EXPECT_EQ(tcp.connection().info().snd_una, 1U);
}

TEST(TcpPersist, LostProbeIsRepeatedWithTheSameOctet) {
  Conversation tcp;
  tcp.is_established(kNone);
  tcp.writes("hello");

  tcp.advance(1s);
  tcp.host_sends(ack().seq(101).text("h"));
  tcp.advance(2s);

  tcp.host_sends(ack().seq(101).text("h"));
  EXPECT_EQ(tcp.events().sent.back().body.kind, SegmentKind::probe);
  EXPECT_EQ(tcp.events().sent.back().body.cause, RetransmitCause::window_probe);
}

TEST(TcpPersist, FinAloneIsTheProbeWhenNothingElseWaits) {
  Conversation tcp;
  tcp.is_established(kNone);
  tcp.shuts_down_sending();
  tcp.is_silent();

  tcp.advance(1s);
  tcp.host_sends(fin_ack().seq(101));
  tcp.peer_sends(ack().seq(301).ack(102).window(kNone));

  tcp.is_in(TcpState::fin_wait_2);
  EXPECT_EQ(tcp.connection().next_deadline(), kNever);
}

// Both windows shut, both ends probing: each probe's ACK field must be read.
// verifies RFC 9293 MUST-66
TEST(TcpPersist, AckOfAProbeThatFindsOurWindowShutIsProcessed) {
  Config config = Conversation::plain_config();
  config.receive_buffer_bytes = 4;
  Conversation tcp(config);
  tcp.is_established(kNone);
  tcp.peer_sends(ack().seq(301).ack(101).window(kNone).text("full"));
  tcp.advance(40ms);
  tcp.host_sends(ack().ack(305).window(kNone));
  tcp.writes("hello");

  tcp.peer_sends(ack().seq(305).ack(101).window(2000).text("p"));  // probe and window update

  tcp.host_sends(ack().seq(101).ack(305).text("hello"));
}

// --- windows that shrink ---

// verifies RFC 9293 MUST-34, SHLD-15: a usable window below zero stops new data
TEST(TcpShrink, ShrunkenWindowHoldsBackNewData) {
  Conversation tcp;
  tcp.is_established(3000);
  tcp.writes(6000);
  EXPECT_EQ(tcp.ignore_sent(), 3U);

  tcp.peer_sends(ack().seq(301).ack(1101).window(500));

  tcp.is_silent();
  EXPECT_EQ(tcp.connection().info().flight, 2000U);
}

// verifies RFC 9293 SHLD-16: what lies in the new window is retransmitted normally
TEST(TcpShrink, RetransmissionAfterShrinkingStaysInTheWindowFromTheSecondOn) {
  Conversation tcp;
  tcp.is_established(3000);
  tcp.writes(3000);
  tcp.peer_sends(ack().seq(301).ack(1101).window(500));
  tcp.ignore_sent();

  tcp.advance(1s);
  tcp.host_sends(ack().seq(1101).length(1000));  // RFC 7323 2.4 (4)
  tcp.advance(2s);
  tcp.host_sends(ack().seq(1101).length(500));  // RFC 7323 2.4 (5)
}

// verifies RFC 9293 MUST-35, SHLD-17
TEST(TcpShrink, WindowShrunkToZeroOverDataInFlightIsProbedAndNeverTimesOut) {
  Conversation tcp;
  tcp.is_established(3000);
  tcp.writes(3000);
  tcp.ignore_sent();
  tcp.peer_sends(ack().seq(301).ack(1101).window(kNone));

  for (int i = 0; i < 40; ++i) {
    tcp.advance_to_deadline();
    tcp.host_sends(ack().seq(1101).length(1));
    tcp.peer_sends(ack().seq(301).ack(1101).window(kNone));
  }
  tcp.is_in(TcpState::established);
  tcp.peer_sends(ack().seq(301).ack(1101).window(3000));

  tcp.host_sends(ack().seq(1101).length(1000));
  tcp.host_sends(ack().seq(2101).length(1000));
}

TEST(TcpShrink, PartialAckWithAZeroWindowKeepsATimer) {
  Conversation tcp;
  tcp.is_established(3000);
  tcp.writes(3000);
  tcp.ignore_sent();

  tcp.peer_sends(ack().seq(301).ack(601).window(kNone));

  EXPECT_NE(tcp.connection().next_deadline(), kNever);
  tcp.advance_to_deadline();
  tcp.host_sends(ack().seq(601).length(1));
}

// --- which segments set the window ---

// verifies RFC 9293 3.10.7.4 fifth (SND.WL1, SND.WL2)
TEST(TcpWindowUpdate, OlderSegmentDoesNotOverwriteTheWindow) {
  Conversation tcp;
  tcp.is_established(3000);
  tcp.peer_sends(ack().seq(303).ack(101).window(5000).text("c"));
  EXPECT_EQ(tcp.connection().info().snd_wnd, 5000U);

  tcp.peer_sends(ack().seq(301).ack(101).window(1000).text("a"));

  EXPECT_EQ(tcp.connection().info().snd_wnd, 5000U);
}

// The window of a retransmission is no older than its ACK. Found by the swarm (seed 169).
TEST(TcpWindowUpdate, ARetransmissionThatAcknowledgesNewTextSetsTheWindow) {
  Conversation tcp;
  tcp.is_established(3000);
  tcp.writes(2000);
  tcp.host_sends(ack().seq(101).length(1000));
  tcp.ignore_sent();
  tcp.peer_sends(ack().seq(303).ack(101).window(3000));

  tcp.peer_sends(ack().seq(301).ack(1101).window(2000).text("ab"));

  EXPECT_EQ(tcp.connection().info().snd_wnd, 2000U);  // its right edge is the same: 3101
}

TEST(TcpWindowUpdate, SameSegmentNumbersMayChangeTheWindow) {
  Conversation tcp;
  tcp.is_established(3000);
  tcp.peer_sends(ack().seq(301).ack(101).window(4000));
  EXPECT_EQ(tcp.connection().info().snd_wnd, 4000U);
}

// --- the sender and silly windows (RFC 9293 3.8.6.2.1, MUST-38) ---

// verifies RFC 9293 MUST-38
TEST(TcpSillyWindow, SenderWaitsForAFullSegmentOrHalfTheLargestWindow) {
  Conversation tcp;
  tcp.is_established(1000);
  tcp.writes(5000);
  tcp.host_sends(ack().seq(101).length(1000));

  tcp.peer_sends(ack().seq(301).ack(1101).window(300));
  tcp.is_silent();
  tcp.peer_sends(ack().seq(301).ack(1101).window(499));
  tcp.is_silent();
  tcp.peer_sends(ack().seq(301).ack(1101).window(500));

  tcp.host_sends(ack().seq(1101).length(500));
}

// verifies RFC 9293 3.8.6.2.1 rule (4): the override time-out lies between 0.1 and 1 s
TEST(TcpSillyWindow, OverrideTimeoutSendsWhatFits) {
  Conversation tcp;
  tcp.is_established(1000);
  tcp.writes(5000);
  tcp.peer_sends(ack().seq(301).ack(1101).window(300));
  tcp.ignore_sent();

  tcp.advance(1s);

  tcp.host_sends(ack().seq(1101).length(300));
}

// --- the receiver and silly windows (RFC 9293 3.8.6.2.2, MUST-39) ---

// verifies RFC 9293 MUST-39, SHLD-14
TEST(TcpSillyWindow, ReceiverKeepsTheEdgeUntilASegmentFits) {
  Config config = Conversation::plain_config();
  config.receive_buffer_bytes = 4000;
  Conversation tcp(config);
  tcp.is_established();
  for (std::uint32_t at = 301; at < 4301; at += 1000) {
    tcp.peer_sends(ack().seq(at).ack(101).length(1000));
  }
  tcp.ignore_sent();
  EXPECT_EQ(tcp.connection().info().rcv_wnd, 0U);

  tcp.reads(1);
  tcp.is_silent();
  tcp.reads(998);
  tcp.is_silent();
  tcp.reads(1);

  tcp.host_sends(ack().ack(4301).window(1000));
}

// A probe that arrives after the user has read one octet must not learn of a window of one.
TEST(TcpSillyWindow, AckAfterATinyReadStillSaysThatTheWindowIsShut) {
  Config config = Conversation::plain_config();
  config.receive_buffer_bytes = 2000;
  Conversation tcp(config);
  tcp.is_established();
  tcp.peer_sends(ack().seq(301).ack(101).length(1000));
  tcp.peer_sends(ack().seq(1301).ack(101).length(1000));
  tcp.ignore_sent();

  tcp.reads(1);
  tcp.peer_sends(ack().seq(2301).ack(101).text("p"));

  tcp.host_sends(ack().ack(2301).window(0));
}

TEST(TcpSillyWindow, SmallBufferOpensWhenHalfOfItIsFree) {
  Config config = Conversation::plain_config();
  config.receive_buffer_bytes = 600;
  Conversation tcp(config);
  tcp.is_established();
  tcp.peer_sends(ack().seq(301).ack(101).length(600));
  tcp.advance(40ms);
  tcp.host_sends(ack().window(0));

  tcp.reads(299);
  tcp.is_silent();
  tcp.reads(1);

  tcp.host_sends(ack().window(300));
}

// verifies RFC 9293 3.10.7.4: RCV.WND is adjusted "to the current buffer availability"
TEST(TcpReceiveWindow, RoomThatAWaitingReaderMakesIsOfferedWithTheAck) {
  Config config = Conversation::plain_config();
  config.receive_buffer_bytes = 4000;
  Conversation tcp(config);
  tcp.is_established();
  EXPECT_EQ(tcp.reads(), "");
  tcp.peer_sends(ack().seq(1301).ack(101).text(std::string(1000, 'b')));
  EXPECT_EQ(tcp.ignore_sent(), 1U);
  tcp.peer_sends(ack().seq(301).ack(101).text(std::string(1000, 'a')));
  tcp.host_sends(ack().seq(101).ack(2301).window(4000));
  EXPECT_EQ(tcp.reads().size(), 2000U);
  // Without the reader half of the buffer would have been shut: told twice, one may be lost.
  tcp.host_sends(ack().seq(101).ack(2301).window(4000));
}

TEST(TcpReceiveWindow, WhoWaitsWithASmallBufferMakesNoMoreRoomThanThat) {
  Config config = Conversation::plain_config();
  config.receive_buffer_bytes = 4000;
  config.delayed_ack = Duration{};
  Conversation tcp(config);
  tcp.is_established();
  EXPECT_EQ(tcp.reads(1200), "");
  tcp.peer_sends(ack().seq(301).ack(101).text(std::string(1000, 'a')));
  tcp.host_sends(ack().seq(101).ack(1301).window(4000));
  tcp.peer_sends(ack().seq(1301).ack(101).text(std::string(1000, 'b')));
  tcp.host_sends(ack().seq(101).ack(2301).window(3000));
}

TEST(TcpReceiveWindow, ABufferOfManySegmentsOffersWhatItHas) {
  Config config = Conversation::plain_config();
  config.receive_buffer_bytes = 16'000;
  config.delayed_ack = Duration{};
  Conversation tcp(config);
  tcp.is_established();
  EXPECT_EQ(tcp.reads(), "");
  tcp.peer_sends(ack().seq(301).ack(101).text(std::string(1000, 'a')));
  tcp.host_sends(ack().seq(101).ack(1301).window(15'000));
}

TEST(TcpReceiveWindow, AReaderThatDoesNotComeTakesNothingBackAndIsNotCountedOnAgain) {
  Config config = Conversation::plain_config();
  config.receive_buffer_bytes = 4000;
  config.delayed_ack = Duration{};
  Conversation tcp(config);
  tcp.is_established();
  EXPECT_EQ(tcp.reads(), "");
  tcp.peer_sends(ack().seq(301).ack(101).text(std::string(1000, 'a')));
  tcp.host_sends(ack().seq(101).ack(1301).window(4000));
  tcp.advance(1ms);
  tcp.peer_sends(ack().seq(1301).ack(101).text(std::string(1000, 'b')));
  tcp.host_sends(ack().seq(101).ack(2301).window(3000));
}

TEST(TcpReceiveWindow, TextBeyondTheWindowIsCutOff) {
  Config config = Conversation::plain_config();
  config.receive_buffer_bytes = 600;
  Conversation tcp(config);
  tcp.is_established();

  tcp.peer_sends(ack().seq(301).ack(101).length(1000));

  tcp.host_sends(ack().ack(901).window(0));
  EXPECT_EQ(tcp.reads(), pattern(600));
}

TEST(TcpReceiveWindow, ProbeOfAShutWindowIsAnsweredEveryTime) {
  Config config = Conversation::plain_config();
  config.receive_buffer_bytes = 600;
  Conversation tcp(config);
  tcp.is_established();
  tcp.peer_sends(ack().seq(301).ack(101).length(600));
  tcp.advance(40ms);
  tcp.ignore_sent();

  for (int i = 0; i < 30; ++i) {
    tcp.peer_sends(ack().seq(901).ack(101).text("x"));
    tcp.host_sends(ack().ack(901).window(0));
  }
}

// --- scaling ---

TEST(TcpWindowScale, ShiftIsTheSmallestThatFitsTheBuffer) {
  EXPECT_EQ(window_shift_for(65535), 0);
  EXPECT_EQ(window_shift_for(65536), 1);
  EXPECT_EQ(window_shift_for(256 * 1024), 3);
  EXPECT_EQ(window_shift_for(16 * 1024 * 1024), 9);
  EXPECT_EQ(window_shift_for(0xffffffffU), 14);
}

// verifies RFC 7323 2.4: rounding to the scale's unit never moves the right edge to the left
// verifies RFC 9293 SHLD-14
TEST(TcpWindowScale, RoundingNeverRetractsTheRightEdge) {
  Config config;
  config.receive_buffer_bytes = 1 << 20;  // a unit of 32 octets
  Conversation tcp(config);
  tcp.opens_actively();
  tcp.peer_sends(syn_ack().seq(300).ack(101).mss(1000).scale(0));
  tcp.ignore_sent();

  std::uint32_t next = 301;
  std::uint32_t edge = 0;
  for (int i = 0; i < 400; ++i) {
    const std::size_t size = 1 + static_cast<std::size_t>(i * 37 % 999);
    tcp.peer_sends(ack().seq(next).ack(101).length(size));
    next += static_cast<std::uint32_t>(size);
    if (tcp.sent_count() == 0) tcp.advance(40ms);
    const wire::TcpHeader& sent = tcp.newest_sent();
    const std::uint32_t promised = sent.acknowledgement.raw() + (std::uint32_t{sent.window} << 5);
    EXPECT_GE(promised, edge);
    edge = promised;
    tcp.ignore_sent();
  }
  EXPECT_LE(edge, 301U + (1U << 20) + (1U << 17));  // the buffer and what rounding may add
}

}  // namespace
}  // namespace strata::tcp::testing
