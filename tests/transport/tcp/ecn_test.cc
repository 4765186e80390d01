// SPDX-License-Identifier: MIT
// Explicit congestion notification: RFC 3168 section 6.1, and what DCTCP (RFC 8257) does otherwise.
#include "stack/transport/tcp/ecn.h"

#include <gtest/gtest.h>

#include "tests/transport/tcp/conversation.h"

namespace strata::tcp::testing {
namespace {

Config with_ecn(EcnUse use = EcnUse::on) {
  Config config = Conversation::plain_config();
  config.ecn = use;
  return config;
}

// ECN agreed, everything acknowledged so far; the host's next octet is 101.
void agree(Conversation& tcp) {
  tcp.opens_actively();
  tcp.host_sends(syn().seq(100).ece().cwr());
  tcp.peer_sends(syn_ack().seq(300).ack(101).mss(kMss).ece());
  tcp.host_sends(ack().seq(101).ack(301));
}

// verifies RFC 3168 6.1.1
// verifies RFC 9293 SHLD-8
TEST(TcpEcn, SynAsksWithBothFlagsAndIsNotEctItself) {
  Conversation tcp(with_ecn());
  tcp.opens_actively();
  EXPECT_EQ(tcp.next_codepoint(), ecn_codepoint::kNotEct);
  tcp.host_sends(syn().seq(100).ece().cwr());
}

// verifies RFC 3168 6.1.1.1
TEST(TcpEcn, RepeatedSynGoesWithout) {
  Conversation tcp(with_ecn());
  tcp.opens_actively();
  tcp.ignore_sent();
  tcp.advance(1s);
  tcp.host_sends(syn().seq(100));
  tcp.peer_sends(syn_ack().seq(300).ack(101).mss(kMss).ece());
  tcp.ignore_sent();
  tcp.writes(1000);
  EXPECT_EQ(tcp.next_codepoint(), ecn_codepoint::kNotEct);
}

// verifies RFC 3168 6.1.1
TEST(TcpEcn, PassiveEndAnswersAnEcnSetupSyn) {
  for (const EcnUse use : {EcnUse::on, EcnUse::passive}) {
    Conversation tcp(with_ecn(use));
    tcp.opens_passively(syn().seq(300).mss(kMss).ece().cwr());
    EXPECT_EQ(tcp.next_codepoint(), ecn_codepoint::kNotEct);
    tcp.host_sends(syn_ack().seq(100).ack(301).ece());
  }
  Conversation off(with_ecn(EcnUse::off));
  off.opens_passively(syn().seq(300).mss(kMss).ece().cwr());
  off.host_sends(syn_ack().seq(100).ack(301));
}

// verifies RFC 3168 6.1.1: a SYN,ACK with both flags comes from a peer that reflects what it gets
TEST(TcpEcn, ReflectedFlagsAreNoAgreement) {
  Conversation tcp(with_ecn());
  tcp.opens_actively();
  tcp.ignore_sent();
  tcp.peer_sends(syn_ack().seq(300).ack(101).mss(kMss).ece().cwr());
  tcp.ignore_sent();
  tcp.writes(1000);
  EXPECT_EQ(tcp.next_codepoint(), ecn_codepoint::kNotEct);
}

// verifies RFC 3168 6.1.2, 6.1.4, 6.1.5
// verifies RFC 9293 SHLD-8
TEST(TcpEcn, OnlyNewDataAreEct) {
  Conversation tcp(with_ecn());
  agree(tcp);
  tcp.writes(1000);
  EXPECT_EQ(tcp.next_codepoint(), ecn_codepoint::kEct0);
  tcp.ignore_sent();
  tcp.advance(1s);  // the time-out
  EXPECT_EQ(tcp.next_codepoint(), ecn_codepoint::kNotEct);
  tcp.host_sends(ack().seq(101).length(1000));
  tcp.peer_sends(ack().seq(301).ack(1101).length(500));
  tcp.advance(40ms);
  EXPECT_EQ(tcp.next_codepoint(), ecn_codepoint::kNotEct);  // a pure ACK
}

// verifies RFC 3168 6.1.3
TEST(TcpEcn, EchoGoesOnUntilCwr) {
  Conversation tcp(with_ecn());
  agree(tcp);
  const auto two_segments = [&](std::uint32_t seq, bool marked, bool cwr) {
    Segment first = ack().seq(seq).ack(101).length(1000);
    if (marked) first.ce();
    if (cwr) first.cwr();
    tcp.peer_sends_burst({first, ack().seq(seq + 1000).ack(101).length(1000)});
  };
  two_segments(301, true, false);
  tcp.host_sends(ack().seq(101).ack(2301).ece());
  two_segments(2301, false, false);
  tcp.host_sends(ack().seq(101).ack(4301).ece());
  two_segments(4301, false, true);
  tcp.host_sends(ack().seq(101).ack(6301));
  two_segments(6301, true, true);  // marked anew in the very segment
  tcp.host_sends(ack().seq(101).ack(8301).ece());
}

// verifies RFC 3168 6.1.5: a mark outside of the window may be forged
TEST(TcpEcn, MarkOutsideTheWindowIsNotEchoed) {
  Conversation tcp(with_ecn());
  agree(tcp);
  tcp.peer_sends(ack().seq(301 + 400'000).ack(101).length(1000).ce());
  tcp.host_sends(ack().seq(101).ack(301));
}

// verifies RFC 3168 6.1.2: as for a loss, once per window of data, and CWR once
TEST(TcpEcn, SenderHalvesOncePerWindowAndSaysSo) {
  Conversation tcp(with_ecn());
  agree(tcp);
  tcp.writes(30000);
  EXPECT_EQ(tcp.ignore_sent(), 10U);  // to 10101

  tcp.peer_sends(ack().seq(301).ack(1101).ece());
  EXPECT_EQ(tcp.connection().info().ssthresh, 5000U);
  EXPECT_EQ(tcp.connection().info().cwnd, 5000U);
  tcp.is_silent();  // 9000 in flight
  tcp.peer_sends(ack().seq(301).ack(7101).ece());
  EXPECT_EQ(tcp.connection().info().cwnd, 5000U);
  tcp.host_sends(ack().seq(10101).ack(301).length(1000).cwr());
  // The window that began with the reduction is through: the next echo is news.
  tcp.peer_sends(ack().seq(301).ack(11101).ece());
  EXPECT_LT(tcp.connection().info().ssthresh, 5000U);
}

// verifies RFC 3168 6.1.2: a window halved for a loss is not halved again for a mark
TEST(TcpEcn, LossAndMarkInOneWindowAreOneReduction) {
  Conversation tcp(with_ecn());
  agree(tcp);
  tcp.writes(30000);
  tcp.ignore_sent();
  tcp.advance(1s);
  const std::uint32_t ssthresh = tcp.connection().info().ssthresh;
  tcp.peer_sends(ack().seq(301).ack(2101).ece());
  EXPECT_EQ(tcp.connection().info().ssthresh, ssthresh);
}

// verifies RFC 8257 3.2: each change of the mark is told at once, with the echo as it was
TEST(TcpEcn, DctcpReceiverAcknowledgesWhenTheMarkChanges) {
  Config config = Conversation::plain_config();
  config.congestion_control = "dctcp";
  Conversation tcp(config);
  agree(tcp);
  tcp.peer_sends(ack().seq(301).ack(101).length(1000));
  tcp.is_silent();  // held back
  tcp.peer_sends(ack().seq(1301).ack(101).length(1000).ce());
  tcp.host_sends(ack().seq(101).ack(1301));
  tcp.host_sends(ack().seq(101).ack(2301).ece());
  tcp.peer_sends(ack().seq(2301).ack(101).length(1000).ce());
  tcp.is_silent();
  tcp.peer_sends(ack().seq(3301).ack(101).length(1000));
  tcp.host_sends(ack().seq(101).ack(3301).ece());
  tcp.host_sends(ack().seq(101).ack(4301));
}

// verifies RFC 7323 2.4: the acknowledgement of less than has arrived does not take back the window
TEST(TcpEcn, DctcpReceiverTellsOneRightEdgeInBothAcknowledgements) {
  Config config = Conversation::plain_config();
  config.congestion_control = "dctcp";
  config.receive_buffer_bytes = 8000;
  Conversation tcp(config);
  agree(tcp);
  tcp.peer_sends(ack().seq(301).ack(101).length(1000));
  tcp.peer_sends(ack().seq(1301).ack(101).length(1000).ce());
  tcp.host_sends(ack().ack(1301).window(7000));
  tcp.host_sends(ack().ack(2301).ece().window(6000));
}

// verifies RFC 8257 3.3: alpha is the share of marked octets, smoothed by 1/16
TEST(TcpEcn, DctcpReducesInProportionToTheMarks) {
  const auto control = make_dctcp();
  const CongestionWindow window{.smss = 1000, .cwnd = 100'000};
  // alpha begins at 1: the first mark halves.
  EXPECT_EQ(control->ssthresh_after(CongestionEvent::ecn, window, 100'000, kStart), 50'000U);
  std::uint64_t una = 1;
  const auto windows = [&](int count, int marked_of_ten) {
    for (int i = 0; i < count; ++i) {
      for (int k = 0; k < 10; ++k) {
        una += 10'000;
        control->observe(
            {.newly_acked = 10'000, .una = una, .nxt = una + 100'000, .ece = k < marked_of_ten});
      }
    }
  };
  windows(200, 0);
  EXPECT_GT(control->ssthresh_after(CongestionEvent::ecn, window, 100'000, kStart), 99'900U);
  windows(200, 2);
  EXPECT_NEAR(control->ssthresh_after(CongestionEvent::ecn, window, 100'000, kStart), 90'000, 100);
  // A loss is answered as ever.
  EXPECT_EQ(control->ssthresh_after(CongestionEvent::loss, window, 100'000, kStart), 50'000U);
}

// verifies RFC 3168 6.1.2: the rate falls further than the window can
TEST(TcpEcn, MarkAtAWindowOfOneSegmentHoldsTheNextForATimeOut) {
  Config config = with_ecn();
  config.initial_window_segments = 1;
  Conversation tcp(config);
  agree(tcp);
  tcp.writes(2000);
  tcp.host_sends(ack().seq(101).length(1000));

  tcp.peer_sends(ack().seq(301).ack(1101).ece());

  tcp.is_silent();
  tcp.advance(999ms);
  tcp.is_silent();
  tcp.advance(1ms);
  tcp.host_sends(ack().seq(1101).length(1000).cwr());
}

// verifies RFC 9768 3.2.2.1
TEST(TcpEcn, ReflectionOfTheSynAckGoesInAPureAckBeforeText) {
  Conversation tcp(with_ecn(EcnUse::accurate));
  tcp.opens_actively();
  tcp.host_sends(syn().seq(100).ece().cwr());
  tcp.writes("hello");

  tcp.peer_sends(syn_ack().seq(300).ack(101).mss(kMss).cwr());  // ACE 2: our SYN came as it went

  tcp.host_sends(ack().seq(101).ack(301).cwr());                // 2: so did the SYN,ACK
  tcp.host_sends(ack().seq(101).ack(301).text("hello").ece());  // 5: the counter, with AE
  tcp.is_silent();
}

}  // namespace
}  // namespace strata::tcp::testing
