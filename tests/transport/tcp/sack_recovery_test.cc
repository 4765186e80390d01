// SPDX-License-Identifier: MIT
// Recovery with SACK: RFC 6675 and RACK-TLP (RFC 8985), PRR (RFC 6937), F-RTO (RFC 5682), the
// undoing of spurious reductions (RFC 3522, 4015, 3708). Segments of 1000 octets from 101 on; the
// round trip is 100 ms.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/transport/tcp/conversation.h"

namespace strata::tcp::testing {
namespace {

Config scoreboard_only() {
  Config config = Conversation::plain_config();
  config.rack = false;
  config.tail_loss_probe = false;
  config.prr = ReductionBound::none;
  return config;
}

bool reported(Conversation& tcp, std::string_view cause) {
  return std::any_of(tcp.events().variables.begin(), tcp.events().variables.end(),
                     [&](const TcpVariables& variables) { return variables.cause == cause; });
}

// A conversation with SACK and a round trip of 100 ms, in which `segments` are outstanding; as many
// more are waiting.
class Flight {
 public:
  explicit Flight(const Config& config, std::uint32_t segments = 20, bool timestamps = false)
      : tcp(with_window(config, segments)) {
    tcp.opens_actively();
    tcp.advance(100ms);
    Segment answer = syn_ack().seq(300).ack(101).mss(timestamps ? 1012 : 1000).sack_permitted();
    if (timestamps) answer.timestamps(1, 0);
    tcp.peer_sends(answer);
    tcp.ignore_sent();
    tcp.writes(2000 * segments);
    EXPECT_EQ(tcp.ignore_sent(), segments);
  }
  static Config with_window(Config config, std::uint32_t segments) {
    config.initial_window_segments = static_cast<std::uint8_t>(segments);
    return config;
  }
  // First octet of segment `i`.
  static constexpr std::uint32_t at(std::uint32_t i) { return 101 + 1000 * i; }
  // An ACK that says: everything below segment `una` is in, and segments [first, last).
  void sack(std::uint32_t una, std::uint32_t first, std::uint32_t last) {
    tcp.peer_sends(ack().seq(301).ack(at(una)).sack(at(first), at(last)));
  }
  // How many segments the host has just sent: "R" per retransmission, "N" per new one.
  std::string sent() {
    std::string text;
    while (tcp.sent_count() > 0) {
      const std::size_t index = tcp.events().sent.size() - tcp.sent_count();
      const TcpSegmentSent& body = tcp.events().sent[index].body;
      text += body.kind == SegmentKind::retransmission ? 'R' : 'N';
      tcp.drop_oldest();
    }
    return text;
  }
  RetransmitCause last_cause() { return tcp.events().sent.back().body.cause; }
  Conversation tcp;
};

// The table of RFC 6937 3.1 takes the two segments of limited transmit for a part of FlightSize:
// ssthresh is 11 and RecoverFS 22. Here it is fed with those numbers.
// verifies RFC 6937 3.1: one loss
TEST(TcpPrr, SendsAsTheTableOfTheRfcSays) {
  for (const ReductionBound bound : {ReductionBound::conservative, ReductionBound::slow_start}) {
    Prr prr;
    prr.begin(11, 22);
    std::string sent = "NN";
    std::uint64_t outstanding = 22;  // beyond the first, which is lost
    for (std::uint64_t ack = 3; ack <= 19; ++ack) {
      const bool is_first = ack == 3;
      const std::uint64_t pipe = outstanding - ack - (is_first ? 1 : 0);
      const std::uint64_t more = prr.on_ack(1, pipe, 1, bound, /*is_safe=*/false);
      ASSERT_LE(more, 1U);
      if (more == 1) prr.on_sent(1);
      if (more == 1 && !is_first) ++outstanding;
      sent += more == 0 ? '.' : is_first ? 'R' : 'N';
    }
    EXPECT_EQ(sent, "NNR.N.N.N.N.N.N..NN");
  }
}

// RFC 5681 3.2 does not count them: the window ends one segment lower than in the table.
// verifies RFC 6675 5: (C)
TEST(TcpSackRecovery, OneLossByRfc6675HasHalfAWindowOfSilence) {
  Flight f(scoreboard_only());
  f.tcp.advance(100ms);
  std::string sent;
  for (std::uint32_t i = 1; i <= 19; ++i) {
    f.sack(0, 1, i + 1);
    const std::string now = f.sent();
    sent += now.empty() ? "." : now;
  }
  EXPECT_EQ(sent, "NNR.........NNNNNNN");
}

// verifies RFC 6937 3.1: one loss, PRR with either bound
TEST(TcpSackRecovery, OneLossByPrrSendsForEverySecondAck) {
  for (const ReductionBound bound : {ReductionBound::conservative, ReductionBound::slow_start}) {
    Config config = scoreboard_only();
    config.prr = bound;
    Flight f(config);
    f.tcp.advance(100ms);
    std::string sent;
    for (std::uint32_t i = 1; i <= 19; ++i) {
      f.sack(0, 1, i + 1);
      const std::string now = f.sent();
      sent += now.empty() ? "." : now;
    }
    EXPECT_EQ(sent, "NNR.N.N.N.N.N.N.N..");
  }
}

// verifies RFC 6937 3.1: fifteen segments lost
TEST(TcpSackRecovery, BurstOfLossesIsRepairedAsTheBoundAllows) {
  const auto burst = [](ReductionBound bound) {
    Config config = scoreboard_only();
    config.prr = bound;
    Flight f(config);
    f.tcp.advance(100ms);
    std::string sent;
    for (std::uint32_t i = 15; i <= 19; ++i) {
      f.sack(0, 15, i + 1);
      sent += (sent.empty() ? "" : " ") + f.sent();
    }
    return sent;
  };
  EXPECT_EQ(burst(ReductionBound::none), "N N RRRRRR R R");
  EXPECT_EQ(burst(ReductionBound::conservative), "N N R R R");
  EXPECT_EQ(burst(ReductionBound::slow_start), "N N RR RR RR");
  // RFC 9937: duplicate ACKs do not show that repairs get through.
  EXPECT_EQ(burst(ReductionBound::safe), "N N R R R");
}

// Fall and Floyd 1996: segments 0 and 2 are lost. The third duplicate ACK leaves nine of twelve in
// the network, the lost ones among them; five may be there. A partial ACK says that two have left.
TEST(TcpSackRecovery, CountedPipeGoesDownByOneWithADuplicateAndByTwoWithAPartialAck) {
  Config config = scoreboard_only();
  config.counted_pipe = true;
  Flight f(config, 10);
  f.tcp.advance(100ms);
  std::string sent;
  for (const std::uint32_t i : {1U, 3U, 4U, 5U, 6U, 7U, 8U, 9U}) {
    f.sack(0, i, i + 1);
    const std::string now = f.sent();
    sent += now.empty() ? "." : now;
  }
  EXPECT_EQ(sent, "NNR....R");
  f.sack(2, 3, 10);
  EXPECT_EQ(f.sent(), "NN");
}

// RACK takes the same decisions where nothing is reordered.
TEST(TcpSackRecovery, RackRepairsTheBurstAsFast) {
  Flight f(Conversation::plain_config());
  f.tcp.advance(100ms);
  std::string sent;
  for (std::uint32_t i = 15; i <= 19; ++i) {
    f.sack(0, 15, i + 1);
    sent += (sent.empty() ? "" : " ") + f.sent();
  }
  EXPECT_EQ(sent, "N N RR RR RR");
  EXPECT_EQ(f.last_cause(), RetransmitCause::rack);
}

// verifies RFC 6675 5 (A)
TEST(TcpSackRecovery, EndsWhenEverythingOutstandingThenIsAcknowledged) {
  Flight f(scoreboard_only());
  f.tcp.advance(100ms);
  f.sack(0, 1, 4);
  f.sent();
  EXPECT_EQ(f.tcp.connection().info().ssthresh, 10'000U);
  f.tcp.peer_sends(ack().seq(301).ack(f.at(20)));
  EXPECT_EQ(f.tcp.events().variables.back().phase, "avoidance");
  EXPECT_EQ(f.tcp.connection().info().cwnd, 10'000U);
}

// verifies RFC 6675 4: NextSeg() (4), the rescue retransmission
TEST(TcpSackRecovery, LastSegmentIsRescuedWhenNothingElseCanBeSent) {
  Config config = scoreboard_only();
  Flight f(config, 10);
  f.tcp.peer_sends(ack().seq(301).ack(101).window(10000));  // no room for new data
  f.tcp.advance(100ms);
  f.tcp.peer_sends(ack().seq(301).ack(101).window(10000).sack(f.at(1), f.at(4)));
  EXPECT_EQ(f.sent(), "R");
  f.tcp.peer_sends(ack().seq(301).ack(101).window(10000).sack(f.at(1), f.at(8)));
  EXPECT_EQ(f.sent(), "");
  // The first repair is acknowledged, the tail (8, 9) is not: it was lost too.
  f.tcp.peer_sends(ack().seq(301).ack(f.at(8)).window(2000));
  EXPECT_EQ(f.sent(), "R");
  EXPECT_EQ(f.last_cause(), RetransmitCause::rescue);
}

// verifies RFC 2018 8
TEST(TcpSackRecovery, TimeoutSendsTheLeftEdgeEvenIfItIsSacked) {
  Flight f(Conversation::plain_config(), 4);
  f.tcp.advance(100ms);
  f.sack(0, 1, 2);
  f.sent();
  f.tcp.peer_sends(ack().seq(301).ack(f.at(1)));  // up to the block, not beyond: it was dropped
  f.sent();
  f.tcp.advance(3s);
  EXPECT_NE(f.sent().find('R'), std::string::npos);
  EXPECT_EQ(f.last_cause(), RetransmitCause::timeout);
}

// --- RACK ---

// verifies RFC 8985 9.1 example 1: the tail of an application's flight
TEST(TcpRack, TailIsFoundLostByTheAckOfARetransmission) {
  Flight f(Conversation::plain_config(), 3);
  // P1 and P3 of the first three are lost; P2 is sacked. Nothing else may be sent.
  f.tcp.advance(100ms);
  f.tcp.peer_sends(ack().seq(301).ack(101).window(3000).sack(f.at(1), f.at(2)));
  f.tcp.advance(25ms);  // min_RTT / 4 after the ACK
  EXPECT_EQ(f.sent(), "R");
  EXPECT_EQ(f.last_cause(), RetransmitCause::rack);
  f.tcp.advance(100ms);
  f.tcp.peer_sends(ack().seq(301).ack(f.at(2)).window(1000));
  EXPECT_EQ(f.sent(), "R");
}

// verifies RFC 8985 9.1 example 2: a lost retransmission
TEST(TcpRack, LostRetransmissionIsSentAgain) {
  Flight f(Conversation::plain_config(), 10);
  f.tcp.advance(100ms);
  f.sack(0, 2, 6);  // 0 and 1 are lost
  const std::string first = f.sent();
  EXPECT_EQ(std::count(first.begin(), first.end(), 'R'), 1) << first;
  f.sack(0, 2, 10);
  f.sent();
  f.tcp.advance(100ms);
  const std::size_t before = f.tcp.events().sent.size();
  // The second retransmission (segment 1) arrives, the first does not.
  f.tcp.peer_sends(ack().seq(301).ack(101).sack(f.at(1), f.at(10)));
  ASSERT_GT(f.tcp.events().sent.size(), before);
  const auto& again = f.tcp.events().sent[before].body;
  EXPECT_EQ(again.offset, 0U);
  EXPECT_EQ(again.cause, RetransmitCause::rack);
}

// verifies RFC 8985 6.2 step 4: without reordering seen, a quarter of the round trip
TEST(TcpRack, ReorderingWithinAQuarterOfTheRoundTripIsNoLoss) {
  Flight f(Conversation::plain_config(), 3);
  f.tcp.advance(100ms);
  f.sack(0, 1, 2);
  f.tcp.advance(24ms);
  f.tcp.peer_sends(ack().seq(301).ack(f.at(2)));
  EXPECT_EQ(f.sent().find('R'), std::string::npos);
  f.tcp.advance(10ms);
  EXPECT_EQ(f.tcp.events().variables.back().phase, "slow start");
}

// verifies RFC 8985 6.2 step 3: blocks that lost ACKs would have told of one after the other are no
// reordering, though the option has the latest first
TEST(TcpRack, BlocksToldAtOnceAreNoReordering) {
  Flight f(Conversation::plain_config(), 10);
  f.tcp.advance(100ms);
  f.tcp.peer_sends(ack().seq(301).ack(101).sack(f.at(7), f.at(9)).sack(f.at(2), f.at(4)));
  EXPECT_NE(f.sent().find('R'), std::string::npos);
}

// --- tail loss probe ---

// verifies RFC 8985 7.2, 7.3: after two round trips the last segment goes out again
TEST(TcpTailLossProbe, LastSegmentIsSentAgainAfterTwoRoundTrips) {
  Config config = Conversation::plain_config();
  Conversation tcp(config);
  tcp.opens_actively();
  tcp.advance(100ms);
  tcp.peer_sends(syn_ack().seq(300).ack(101).mss(1000).sack_permitted());
  tcp.ignore_sent();
  tcp.writes(3000);
  EXPECT_EQ(tcp.ignore_sent(), 3U);
  tcp.advance(199ms);
  tcp.is_silent();
  tcp.advance(1ms);
  tcp.host_sends(ack().seq(2101).length(1000));
  EXPECT_EQ(tcp.events().sent.back().body.cause, RetransmitCause::tail_loss_probe);
  tcp.is_silent();
  // The probe shows that the other two are lost: no time-out.
  tcp.advance(100ms);
  tcp.peer_sends(ack().seq(301).ack(101).sack(2101, 3101));
  tcp.host_sends(ack().seq(101).length(1000));
  EXPECT_EQ(tcp.events().sent.back().body.cause, RetransmitCause::rack);
}

// verifies RFC 8985 7.2: a single segment waits for a delayed ACK too
TEST(TcpTailLossProbe, SingleSegmentIsGivenTimeForADelayedAck) {
  Conversation tcp;
  tcp.opens_actively();
  tcp.advance(100ms);
  tcp.peer_sends(syn_ack().seq(300).ack(101).mss(1000).sack_permitted());
  tcp.ignore_sent();
  tcp.writes(500);
  tcp.ignore_sent();
  tcp.advance(399ms);
  tcp.is_silent();
  tcp.advance(1ms);
  tcp.host_sends(ack().seq(101).length(500));
  // verifies RFC 8985 7.3: one probe; then the time-out, counted from it
  tcp.advance(999ms);
  tcp.is_silent();
  tcp.advance(1ms);
  tcp.host_sends(ack().seq(101).length(500));
  EXPECT_EQ(tcp.events().sent.back().body.cause, RetransmitCause::timeout);
}

// A FIN is sent again as any last segment is, and its block shows what is missing in front of it.
// verifies RFC 8985 7.3, 7.4.1
TEST(TcpTailLossProbe, FinSentAgainFindsTheLostTextInFrontOfIt) {
  Conversation tcp;
  tcp.opens_actively();
  tcp.advance(100ms);
  tcp.peer_sends(syn_ack().seq(300).ack(101).mss(1000).sack_permitted());
  tcp.ignore_sent();
  tcp.writes(3000);
  tcp.advance(1ms);
  tcp.closes();
  EXPECT_EQ(tcp.ignore_sent(), 4U);
  tcp.advance(99ms);
  tcp.peer_sends(ack().seq(301).ack(2101));
  tcp.advance(201ms);
  tcp.host_sends(fin_ack().seq(3101));
  tcp.advance(100ms);
  tcp.peer_sends(ack().seq(301).ack(2101).sack(3101, 3102));
  tcp.host_sends(ack().seq(2101).length(1000));
  EXPECT_EQ(tcp.events().sent.back().body.cause, RetransmitCause::rack);
}

// verifies RFC 8985 7.3: new data, if there are any
TEST(TcpTailLossProbe, NewDataArePreferredToARepetition) {
  Flight f(Conversation::plain_config(), 4);
  f.tcp.advance(200ms);
  f.tcp.host_sends(ack().seq(f.at(4)).length(1000));
  f.tcp.is_silent();
}

// RFC 9002 6.2: the repair is lost and nothing else is in flight that would show it; a probe does,
// a round trip and what it varies by later, and others when twice the time has passed. What would
// be later than the time-out is left to it.
TEST(TcpTailLossProbe, InRecoveryRepeatsALostRepairBeforeTheTimeout) {
  Config config = Conversation::plain_config();
  config.probe_in_recovery = true;
  Conversation tcp(config);
  tcp.opens_actively();
  tcp.advance(100ms);
  tcp.peer_sends(syn_ack().seq(300).ack(101).mss(1000).sack_permitted());
  tcp.ignore_sent();
  tcp.writes(4000);
  EXPECT_EQ(tcp.ignore_sent(), 4U);
  tcp.advance(100ms);
  tcp.peer_sends(ack().seq(301).ack(101).sack(1101, 4101));
  tcp.host_sends(ack().seq(101).length(1000));

  tcp.advance(299ms);  // SRTT 100 ms, RTTVAR 50 ms
  tcp.is_silent();
  tcp.advance(1ms);

  tcp.host_sends(ack().seq(101).length(1000));
  EXPECT_EQ(tcp.events().sent.back().body.cause, RetransmitCause::tail_loss_probe);
  for (const auto wait : {300ms, 600ms}) {
    tcp.advance(wait - 1ms);
    tcp.is_silent();
    tcp.advance(1ms);
    tcp.host_sends(ack().seq(101).length(1000));
    EXPECT_EQ(tcp.events().sent.back().body.cause, RetransmitCause::tail_loss_probe);
  }
  tcp.advance(999ms);
  tcp.is_silent();
  tcp.advance(1ms);
  tcp.host_sends(ack().seq(101).length(1000));
  EXPECT_EQ(tcp.events().sent.back().body.cause, RetransmitCause::timeout);
}

// The update of a window that was shut for a moment only may be lost like a repair: it is asked for
// as soon, and then by the time-outs of RFC 9293 3.8.6.1.
TEST(TcpTailLossProbe, InRecoveryAsksForALostWindowUpdateBeforeTheTimeout) {
  Config config = Conversation::plain_config();
  config.probe_in_recovery = true;
  Conversation tcp(config);
  tcp.opens_actively();
  tcp.advance(100ms);
  tcp.peer_sends(syn_ack().seq(300).ack(101).mss(1000).sack_permitted().window(1000));
  tcp.ignore_sent();
  tcp.writes(2000);
  tcp.host_sends(ack().seq(101).length(1000));
  tcp.advance(100ms);
  tcp.peer_sends(ack().seq(301).ack(1101).window(0));

  tcp.advance(249ms);  // SRTT 100 ms, RTTVAR 37.5 ms
  tcp.is_silent();
  tcp.advance(1ms);

  tcp.host_sends(ack().seq(1101).length(1));
  tcp.advance(1999ms);
  tcp.is_silent();
  tcp.advance(1ms);
  tcp.host_sends(ack().seq(1101).length(1));
}

// verifies RFC 8985 7.4.2: the probe repaired a single loss, the window is reduced
TEST(TcpTailLossProbe, RepairedLossReducesTheWindow) {
  Conversation tcp;
  tcp.opens_actively();
  tcp.advance(100ms);
  tcp.peer_sends(syn_ack().seq(300).ack(101).mss(1000).sack_permitted());
  tcp.ignore_sent();
  tcp.writes(4000);
  tcp.advance(200ms);  // the probe
  tcp.advance(100ms);
  const std::uint32_t before = tcp.connection().info().cwnd;
  tcp.peer_sends(ack().seq(301).ack(4101));
  tcp.writes(1000);
  tcp.peer_sends(ack().seq(301).ack(5101));
  EXPECT_LT(tcp.connection().info().cwnd, before);
}

// verifies RFC 8985 7.4.2: case 1, D-SACK tells that nothing was lost
TEST(TcpTailLossProbe, UnnecessaryProbeLeavesTheWindowAlone) {
  Conversation tcp;
  tcp.opens_actively();
  tcp.advance(100ms);
  tcp.peer_sends(syn_ack().seq(300).ack(101).mss(1000).sack_permitted());
  tcp.ignore_sent();
  tcp.writes(4000);
  tcp.advance(200ms);
  tcp.peer_sends(ack().seq(301).ack(4101));
  tcp.peer_sends(ack().seq(301).ack(4101).sack(3101, 4101));
  const std::uint32_t before = tcp.connection().info().cwnd;
  tcp.writes(1000);
  tcp.peer_sends(ack().seq(301).ack(5101));
  EXPECT_GE(tcp.connection().info().cwnd, before);
}

// --- F-RTO ---

Config without_probe() {
  Config config = Conversation::plain_config();
  config.tail_loss_probe = false;
  return config;
}

// verifies RFC 5682 3.1: a delay of two seconds is not a loss
TEST(TcpForwardRto, SpuriousTimeoutIsUndone) {
  Flight f(without_probe(), 10);
  const std::uint32_t cwnd = f.tcp.connection().info().cwnd;
  f.tcp.advance(1s);
  EXPECT_EQ(f.sent(), "R");
  EXPECT_EQ(f.tcp.events().variables.back().phase, "loss");
  f.tcp.advance(500ms);
  // The ACKs of the originals arrive late.
  f.tcp.peer_sends(ack().seq(301).ack(f.at(2)));
  EXPECT_EQ(f.sent(), "NN");
  f.tcp.peer_sends(ack().seq(301).ack(f.at(4)));
  EXPECT_EQ(f.sent().find('R'), std::string::npos);
  EXPECT_TRUE(reported(f.tcp, "spurious time-out undone"));
  EXPECT_NE(f.tcp.events().variables.back().phase, "loss");
  // RFC 4015 3.1 (9): ssthresh is what it was, cwnd as much as is in flight and what was
  // acknowledged.
  EXPECT_GE(f.tcp.connection().info().ssthresh, cwnd);
  EXPECT_EQ(f.tcp.connection().info().cwnd, 10'000U);
}

// verifies RFC 5682 3.1 step 3a: a genuine time-out goes on as usual
TEST(TcpForwardRto, GenuineTimeoutGoesOnInSlowStart) {
  Flight f(without_probe(), 10);
  f.tcp.advance(1s);
  EXPECT_EQ(f.sent(), "R");
  f.tcp.advance(100ms);
  f.tcp.peer_sends(ack().seq(301).ack(f.at(1)));
  EXPECT_EQ(f.sent(), "NN");
  f.tcp.advance(100ms);
  f.sack(1, 10, 11);  // the first of the new ones
  const std::string sent = f.sent();
  EXPECT_EQ(sent, "R");
  EXPECT_EQ(f.tcp.events().variables.back().phase, "loss");
}

// verifies RFC 5682 2.1: the basic algorithm, without SACK
TEST(TcpForwardRto, WorksWithoutSack) {
  Conversation tcp;
  tcp.is_established();
  tcp.writes(20000);
  EXPECT_EQ(tcp.ignore_sent(), 10U);
  tcp.advance(1s);
  EXPECT_EQ(tcp.ignore_sent(), 1U);
  tcp.peer_sends(ack().seq(301).ack(1101));
  tcp.host_sends(ack().seq(10101).length(1000));
  tcp.host_sends(ack().seq(11101).length(1000));
  tcp.is_silent();
  tcp.peer_sends(ack().seq(301).ack(2101));
  EXPECT_TRUE(reported(tcp, "spurious time-out undone"));
}

// verifies RFC 5682 2.1 step 2b: without new data the conventional repair goes on
TEST(TcpForwardRto, WithoutNewDataTheRepairIsConventional) {
  Conversation tcp;
  tcp.is_established();
  tcp.writes(5000);
  EXPECT_EQ(tcp.ignore_sent(), 5U);
  tcp.advance(1s);
  EXPECT_EQ(tcp.ignore_sent(), 1U);
  tcp.peer_sends(ack().seq(301).ack(1101));
  tcp.host_sends(ack().seq(1101).length(1000));
  tcp.host_sends(ack().seq(2101).length(1000));
}

// --- Eifel, D-SACK ---

// verifies RFC 3522 3.2: the first ACK echoes the original, not the repetition
TEST(TcpSpuriousRecovery, TimestampOfTheFirstAckUndoesATimeout) {
  Config config = without_probe();
  config.timestamps = true;
  config.f_rto = false;
  Flight f(config, 10, true);
  f.tcp.advance(1s);
  EXPECT_EQ(f.sent(), "R");
  f.tcp.peer_sends(ack().seq(301).ack(f.at(2)).timestamps(2, 100));
  EXPECT_TRUE(reported(f.tcp, "spurious time-out undone"));
  EXPECT_EQ(f.sent().find('R'), std::string::npos);
}

// verifies RFC 3522 3.2: an ACK of the repetition does not
TEST(TcpSpuriousRecovery, AckOfTheRepetitionUndoesNothing) {
  Config config = without_probe();
  config.timestamps = true;
  config.f_rto = false;
  Flight f(config, 10, true);
  f.tcp.advance(1s);
  EXPECT_EQ(f.sent(), "R");
  f.tcp.peer_sends(ack().seq(301).ack(f.at(1)).timestamps(2, 1100));
  EXPECT_EQ(f.tcp.events().variables.back().phase, "loss");
}

// verifies RFC 3708 3: what was sent again arrived twice
TEST(TcpSpuriousRecovery, DuplicateReportUndoesAFastRetransmit) {
  Flight f(Conversation::plain_config());
  f.tcp.advance(100ms);
  f.sack(0, 1, 4);
  EXPECT_EQ(f.sent(), "RN");
  const std::uint32_t reduced = f.tcp.connection().info().ssthresh;
  // The first had only been overtaken, by far.
  f.tcp.peer_sends(ack().seq(301).ack(f.at(4)));
  f.tcp.peer_sends(ack().seq(301).ack(f.at(4)).sack(f.at(0), f.at(1)));
  EXPECT_TRUE(reported(f.tcp, "spurious retransmission undone"));
  EXPECT_GT(f.tcp.connection().info().ssthresh, reduced);
  EXPECT_EQ(f.tcp.connection().info().cwnd, 20'000U);
}

// verifies RFC 5681 3.2: without fast retransmit only the time-out detects losses
TEST(TcpSackRecovery, TimeoutAloneDetectsLossesWhenFastRetransmitIsOff) {
  Config config = without_probe();
  config.fast_retransmit = false;
  Flight f(config, 10);
  f.tcp.advance(100ms);
  f.sack(0, 1, 10);
  EXPECT_EQ(f.sent().find('R'), std::string::npos);
  f.tcp.advance(1s);
  EXPECT_EQ(f.last_cause(), RetransmitCause::timeout);
}

}  // namespace
}  // namespace strata::tcp::testing
