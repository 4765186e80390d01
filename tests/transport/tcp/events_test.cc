// SPDX-License-Identifier: MIT
// What a connection reports about itself.
#include <gtest/gtest.h>

#include "tests/transport/tcp/conversation.h"

namespace strata::tcp::testing {
namespace {

using Texts = std::vector<std::string>;

TEST(TcpEvents, StatesAreReportedInOrder) {
  Conversation tcp;
  tcp.is_established();
  tcp.shuts_down_sending();
  tcp.peer_sends(ack().seq(301).ack(102));
  tcp.peer_sends(fin_ack().seq(301).ack(102));
  tcp.advance(60s);

  EXPECT_EQ(tcp.events().states,
            (Texts{"SYN-SENT", "ESTABLISHED", "FIN-WAIT-1", "FIN-WAIT-2", "TIME-WAIT", "CLOSED"}));
  tcp.ignore_sent();
}

TEST(TcpEvents, PassiveOpenComesFromListen) {
  Conversation tcp;
  tcp.is_established_passively();
  EXPECT_EQ(tcp.events().states, (Texts{"SYN-RECEIVED", "ESTABLISHED"}));
}

TEST(TcpEvents, EachSegmentSentSaysItsKindAndWhatProvokedIt) {
  Conversation tcp;
  tcp.is_established();
  tcp.writes(10);
  tcp.peer_sends(ack().seq(301).ack(111).length(1000));
  tcp.peer_sends(ack().seq(1301).ack(111).length(1000));
  tcp.ignore_sent();

  const auto& sent = tcp.events().sent;
  ASSERT_EQ(sent.size(), 4U);
  EXPECT_EQ(sent[0].body.kind, SegmentKind::control);
  EXPECT_EQ(sent[0].body.because_of, kNoPacket);
  EXPECT_EQ(sent[1].body.kind, SegmentKind::pure_ack);
  EXPECT_EQ(sent[1].body.because_of, PacketUid{1'000'001});
  EXPECT_EQ(sent[2].body.kind, SegmentKind::data);
  EXPECT_EQ(sent[2].body.offset, 0U);
  EXPECT_EQ(sent[2].body.length, 10U);
  EXPECT_EQ(sent[2].body.because_of, kNoPacket);
  EXPECT_EQ(sent[3].body.kind, SegmentKind::pure_ack);
  EXPECT_EQ(sent[3].body.ack_offset, 2000U);
  EXPECT_EQ(sent[3].body.because_of, PacketUid{1'000'003});
}

TEST(TcpEvents, VerdictsTellWhatBecameOfEachSegment) {
  Conversation tcp;
  tcp.is_established();
  tcp.peer_sends(ack().seq(301).ack(101).text("ab"));
  tcp.peer_sends(ack().seq(305).ack(101).text("ef"));
  tcp.peer_sends(ack().seq(301).ack(101).text("ab"));
  tcp.peer_sends(ack().seq(303).ack(101));
  tcp.peer_sends(ack().seq(303).ack(999));
  tcp.peer_sends(ack().seq(303).ack(101).text("cd"));
  tcp.peer_sends(fin_ack().seq(307).ack(101));
  tcp.ignore_sent();

  std::vector<SegmentVerdict> verdicts;
  for (const auto& received : tcp.events().received) verdicts.push_back(received.verdict);
  EXPECT_EQ(verdicts, (std::vector{SegmentVerdict::control, SegmentVerdict::in_order,
                                   SegmentVerdict::out_of_order, SegmentVerdict::duplicate,
                                   SegmentVerdict::acknowledgement, SegmentVerdict::rejected,
                                   SegmentVerdict::in_order, SegmentVerdict::control}));
  EXPECT_EQ(tcp.events().received[2].offset, 4U);
}

TEST(TcpEvents, TimersAreReportedUnderTheirNames) {
  Conversation tcp;
  tcp.is_established();
  tcp.events().timers.clear();

  tcp.peer_sends(ack().seq(301).ack(101).text("x"));
  tcp.advance(40ms);
  tcp.writes(10);
  tcp.peer_sends(ack().seq(302).ack(111));
  tcp.ignore_sent();

  EXPECT_EQ(tcp.events().timers, (Texts{"delayed-ack set", "delayed-ack fired",
                                        "retransmission set", "retransmission cancelled"}));
}

TEST(TcpEvents, VariablesAreReportedOnlyWhenOneOfThemChanged) {
  Conversation tcp;
  tcp.is_established();
  const std::size_t before = tcp.events().variables.size();

  tcp.peer_sends(ack().seq(301).ack(101));
  EXPECT_EQ(tcp.events().variables.size(), before);
  tcp.writes(10);

  ASSERT_GT(tcp.events().variables.size(), before);
  EXPECT_EQ(tcp.events().variables.back().flight, 10U);
  EXPECT_EQ(tcp.events().variables.back().snd_nxt, 10U);
  tcp.ignore_sent();
}

TEST(TcpEvents, DuplicateAcksAreCounted) {
  Conversation tcp;
  tcp.is_established();
  tcp.writes(5000);
  for (int i = 0; i < 3; ++i) tcp.peer_sends(ack().seq(301).ack(101));
  tcp.ignore_sent();

  EXPECT_EQ(tcp.events().received.back().duplicate_acks, 3U);
}

TEST(TcpEvents, InfoNamesTheArmedTimers) {
  Conversation tcp;
  tcp.is_established();
  tcp.writes(10);
  tcp.ignore_sent();
  EXPECT_EQ(tcp.connection().info().timers, "retransmission at 1 s");
}

}  // namespace
}  // namespace strata::tcp::testing
