// SPDX-License-Identifier: MIT
// Segment sizes that follow the path: RFC 1191 (reports are in retransmission_test.cc), RFC 4821.
#include "stack/transport/tcp/path_mtu.h"

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

Config searching_config() {
  Config config = probing_config();
  config.path_mtu_probing = PathMtuProbing::search;
  config.tail_loss_probe = false;
  return config;
}

// 500 octets pass where 1000 were agreed. The host's next octet is 4601, everything before is
// acknowledged, and 10,000 octets wait with a window that is open wide enough for a probe.
void begins_to_search(Conversation& tcp, Segment answer) {
  tcp.is_established_with(answer);
  tcp.writes(1000);
  tcp.advance(7s);
  for (std::uint32_t una = 601; una <= 4601; una += 500) {
    if (una < 4101) tcp.writes(500);
    tcp.peer_sends(ack().seq(301).ack(una));
  }
  tcp.ignore_sent();
  tcp.writes(pattern(10'000));
  tcp.host_sends(ack().seq(4601).length(750));  // halfway to 999: the probe
  tcp.host_sends(ack().seq(5351).length(500));
  tcp.host_sends(ack().seq(5851).length(500));
  tcp.host_sends(ack().seq(6351).length(500));
  EXPECT_EQ(tcp.connection().info().mss, 500U);
}

// verifies RFC 4821 7.6.1
TEST(TcpPathMtu, ProbeThatArrivesRaisesTheSegmentSize) {
  Conversation tcp(searching_config());
  begins_to_search(tcp, syn_ack());

  tcp.peer_sends(ack().seq(301).ack(5351));

  EXPECT_EQ(tcp.connection().info().mss, 750U);
}

// verifies RFC 4821 7.6.2
TEST(TcpPathMtu, ProbeThatIsLostAloneIsSentAgainInPiecesAndIsNoCongestion) {
  for (const bool has_sack : {false, true}) {
    Conversation tcp(searching_config());
    begins_to_search(tcp, has_sack ? syn_ack().sack_permitted() : syn_ack());
    const std::uint32_t cwnd = tcp.connection().info().cwnd;

    for (std::uint32_t end = 5851; end <= 6851; end += 500) {
      tcp.ignore_sent();
      Segment duplicate = ack().seq(301).ack(4601);
      if (has_sack) duplicate.sack(5351, end);
      tcp.peer_sends(duplicate);
    }

    tcp.host_sends(ack().seq(4601).length(500));
    tcp.peer_sends(ack().seq(301).ack(5101));
    tcp.host_sends(ack().seq(5101).length(250));
    EXPECT_GE(tcp.connection().info().cwnd, cwnd);
    EXPECT_EQ(tcp.connection().info().mss, 500U);
  }
}

// verifies RFC 4821 7.6.2: a router may say that the probe was too large
TEST(TcpPathMtu, ReportAboutAProbeSendsOnlyTheProbeAgain) {
  Conversation tcp(searching_config());
  begins_to_search(tcp, syn_ack());
  tcp.ignore_sent();
  tcp.peer_sends(ack().seq(301).ack(5351));     // 750 pass; the next probe has 875
  tcp.host_sends(ack().seq(7851).length(875));  // 2500 octets before it are in flight
  tcp.ignore_sent();

  tcp.connection().on_path_mtu(800, Seq32{7851}, tcp.now());
  tcp.peer_sends(ack().seq(301).ack(5351).window(59000));

  tcp.host_sends(ack().seq(7851).length(750));
  tcp.host_sends(ack().seq(8601).length(125));
  tcp.is_silent();
}

// verifies RFC 4821 7.6.4: lost with what was sent before it, it has shown nothing
TEST(TcpPathMtu, ProbeThatIsLostAmongOthersIsCongestion) {
  Conversation tcp(searching_config());
  begins_to_search(tcp, syn_ack().sack_permitted());
  const std::uint32_t cwnd = tcp.connection().info().cwnd;

  tcp.advance(10ms);
  for (std::uint32_t end = 6351; end <= 7351; end += 500) {
    tcp.peer_sends(ack().seq(301).ack(4601).sack(5851, end));
  }

  EXPECT_LT(tcp.connection().info().ssthresh, cwnd);
  EXPECT_EQ(tcp.connection().info().mss, 500U);
}

// verifies RFC 4821 7.3
TEST(PathMtu, HalvesTheRangeUntilItIsNotWorthAProbeAndTriesAgainTenMinutesLater) {
  constexpr std::uint32_t kFits = 1360;
  PathMtu path;
  path.on_agreed(1460);
  ASSERT_TRUE(path.on_silence());
  Instant now = kStart;
  int lost = 0;
  while (const std::uint32_t size = path.probe_size(now)) {
    path.on_probe_sent({.begin = 1, .end = 1 + size, .size = size});
    EXPECT_EQ(path.probe_size(now), 0U) << "one at a time";
    if (size <= kFits) {
      path.on_probe_delivered(now);
    } else {
      ++lost;
      path.on_probe_lost(now, now + 1s);
      EXPECT_EQ(path.probe_size(now), 0U);
      now += 1s;
    }
  }

  EXPECT_LE(path.limit(), kFits);
  EXPECT_GT(path.limit(), kFits - PathMtu::kCloseEnough);
  EXPECT_LE(lost, 5);
  EXPECT_EQ(path.probe_size(now + 9min), 0U);
  EXPECT_GT(path.probe_size(now + 10min), kFits) << "the path may have become wider";
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
