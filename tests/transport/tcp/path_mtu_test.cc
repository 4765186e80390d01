// SPDX-License-Identifier: MIT
// Segment sizes that follow the path: RFC 1191 (reports are in retransmission_test.cc), RFC 4821.
#include <gtest/gtest.h>

#include "tests/transport/tcp/conversation.h"

namespace strata::tcp::testing {
namespace {

Config probing_config() {
  Config config = Conversation::plain_config();
  config.path_mtu_probing = PathMtuProbing::black_hole;
  return config;
}

// verifies RFC 4821 7.7
TEST(TcpPathMtu, LargeSegmentsThatVanishAreRepeatedInSmallerPieces) {
  Conversation tcp(probing_config());  // MSS 1000, below the base: halves are tried
  tcp.is_established();
  tcp.writes(1000);
  tcp.ignore_sent();

  tcp.advance(3s);  // the retransmissions at 1 and 3 s are whole
  tcp.host_sends(ack().seq(101).length(1000));
  tcp.host_sends(ack().seq(101).length(1000));
  tcp.advance(4s);
  tcp.host_sends(ack().seq(101).length(500));
  tcp.peer_sends(ack().seq(301).ack(601));

  tcp.host_sends(ack().seq(601).length(500));
  EXPECT_EQ(tcp.connection().info().mss, 500U);
}

TEST(TcpPathMtu, SmallSegmentsThatVanishAreNoBlackHole) {
  Conversation tcp(probing_config());
  tcp.is_established();
  tcp.writes("small");
  tcp.ignore_sent();

  tcp.advance(60s);

  EXPECT_EQ(tcp.connection().info().mss, 1000U);
}

TEST(TcpPathMtu, ProbingIsOffUnlessAskedFor) {
  Conversation tcp;
  tcp.is_established();
  tcp.writes(1000);

  tcp.advance(60s);

  EXPECT_EQ(tcp.connection().info().mss, 1000U);
}

// verifies RFC 1191 6.3: an old report is forgotten
TEST(TcpPathMtu, ExpiredReportLetsSegmentsGrowAgainUpToWhatWasAgreed) {
  Conversation tcp;
  tcp.is_established();
  tcp.writes(1000);
  tcp.connection().on_path_mtu(600, Seq32{101}, tcp.now());
  EXPECT_TRUE(tcp.connection().is_path_narrowed());
  EXPECT_EQ(tcp.connection().info().mss, 600U);

  tcp.connection().on_path_mtu_expired(1460, tcp.now());

  EXPECT_FALSE(tcp.connection().is_path_narrowed());
  EXPECT_EQ(tcp.connection().info().mss, 1000U);
}

TEST(TcpPathMtu, WhatIsSentAgainThroughANarrowerInterfaceIsDivided) {
  Conversation tcp;
  tcp.is_established();
  tcp.writes(pattern(1000));
  tcp.ignore_sent();

  tcp.connection().on_interface_mtu(600, tcp.now());
  tcp.advance(1s);

  tcp.host_sends(ack().seq(101).text(pattern(600)));
  EXPECT_TRUE(tcp.connection().is_path_narrowed());
}

TEST(PathMtu, HalvesDownToAFloorWhereSizeIsNoExplanationAnyMore) {
  PathMtu path;
  path.on_agreed(1460);
  EXPECT_TRUE(path.on_silence());
  EXPECT_EQ(path.limit(), 1024U);
  EXPECT_TRUE(path.on_silence());
  EXPECT_TRUE(path.on_silence());
  EXPECT_EQ(path.limit(), 256U);
  EXPECT_FALSE(path.on_silence());
}

}  // namespace
}  // namespace strata::tcp::testing
