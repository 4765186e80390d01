// SPDX-License-Identifier: MIT
// SACK as the receiver generates it: the examples of RFC 2018 4 and RFC 2883 4, octet by octet, and
// the option's place beside timestamps and text.
#include <gtest/gtest.h>

#include "tests/transport/tcp/conversation.h"

namespace strata::tcp::testing {
namespace {

class TcpSackReport : public ::testing::Test {
 protected:
  static Config at_once() {
    Config config = Conversation::plain_config();
    config.delayed_ack = Duration{};
    return config;
  }
  // The peer's next octet is 5000 and the host's 4800.
  void SetUp() override { tcp_.is_established_with(syn_ack().sack_permitted()); }
  void arrives(std::uint32_t sequence) {
    tcp_.peer_sends(ack().seq(sequence).ack(4800).length(500));
  }
  Conversation tcp_{at_once(), 4799};
};

// verifies RFC 2018 4: case 2 of the examples in section 7
TEST_F(TcpSackReport, FirstOfEightSegmentsIsLost) {
  for (std::uint32_t i = 1; i < 8; ++i) {
    arrives(5000 + 500 * i);
    tcp_.host_sends(ack().ack(5000).sack(5500, 6000 + 500 * (i - 1)));
  }
  arrives(5000);
  tcp_.host_sends(ack().ack(9000).without_sack());
}

// verifies RFC 2018 4: case 3 of the examples in section 7
TEST_F(TcpSackReport, SecondFourthSixthAndEighthSegmentAreLost) {
  arrives(5000);
  tcp_.host_sends(ack().ack(5500).without_sack());
  arrives(6000);
  tcp_.host_sends(ack().ack(5500).sack(6000, 6500));
  arrives(7000);
  tcp_.host_sends(ack().ack(5500).sack(7000, 7500).sack(6000, 6500));
  arrives(8000);
  tcp_.host_sends(ack().ack(5500).sack(8000, 8500).sack(7000, 7500).sack(6000, 6500));
  // The fourth arrives after all, then the second.
  arrives(6500);
  tcp_.host_sends(ack().ack(5500).sack(6000, 7500).sack(8000, 8500));
  arrives(5500);
  tcp_.host_sends(ack().ack(7500).sack(8000, 8500));
}

// verifies RFC 2018 3: four blocks fit, three beside timestamps
TEST_F(TcpSackReport, LatestBlocksAreReportedWhenThereIsNoRoomForAll) {
  for (std::uint32_t i = 0; i < 6; ++i) arrives(6000 + 1000 * i);
  for (int i = 0; i < 5; ++i) tcp_.host_sends(ack().ack(5000));
  tcp_.host_sends(
      ack().ack(5000).sack(11000, 11500).sack(10000, 10500).sack(9000, 9500).sack(8000, 8500));
}

TEST(TcpSackReportOptions, ThreeBlocksFitBesideTimestamps) {
  Config config = Conversation::plain_config();
  config.timestamps = true;
  Conversation tcp(config);
  tcp.is_established_with(syn_ack().sack_permitted().timestamps(9, 0));
  for (std::uint32_t i = 0; i < 5; ++i) {
    tcp.peer_sends(ack().seq(401 + 200 * i).ack(101).length(100).timestamps(9, 0));
  }
  for (int i = 0; i < 4; ++i) tcp.host_sends(ack().ack(301));
  tcp.host_sends(ack().ack(301).timestamps(0, 9).sack(1201, 1301).sack(1001, 1101).sack(801, 901));
}

// verifies RFC 2018 2: nothing without permission
TEST(TcpSackReportOptions, NoBlocksWithoutPermission) {
  Conversation tcp;
  tcp.opens_actively();
  tcp.host_sends(syn().sack_permitted());
  tcp.peer_sends(syn_ack().seq(300).ack(101).mss(1000));
  tcp.ignore_sent();
  tcp.peer_sends(ack().seq(401).ack(101).length(100));
  tcp.host_sends(ack().ack(301).without_sack());
}

// verifies RFC 2883 4.1.1
TEST_F(TcpSackReport, DuplicateOfAcknowledgedTextIsReported) {
  arrives(5000);
  arrives(5500);
  tcp_.ignore_sent();
  arrives(5000);
  tcp_.host_sends(ack().ack(6000).sack(5000, 5500));
  // Only once.
  arrives(6000);
  tcp_.host_sends(ack().ack(6500).without_sack());
}

// verifies RFC 2883 4.1.2
TEST_F(TcpSackReport, DuplicateAndABlockAboveTheGap) {
  arrives(5000);
  arrives(6000);
  tcp_.host_sends(ack().ack(5500));
  tcp_.host_sends(ack().ack(5500).sack(6000, 6500));
  arrives(5000);
  tcp_.host_sends(ack().ack(5500).sack(5000, 5500).sack(6000, 6500));
}

// verifies RFC 2883 4.1.3
TEST_F(TcpSackReport, DuplicateOfABlockAboveTheGap) {
  arrives(5500);
  arrives(6000);
  tcp_.ignore_sent();
  arrives(6000);
  tcp_.host_sends(ack().ack(5000).sack(6000, 6500).sack(5500, 6500));
}

// verifies RFC 2883 4.2.1
TEST_F(TcpSackReport, PartOfASegmentIsADuplicate) {
  tcp_.peer_sends(ack().seq(5000).ack(4800).length(500));
  tcp_.ignore_sent();
  tcp_.peer_sends(ack().seq(5000).ack(4800).length(1000));
  tcp_.host_sends(ack().ack(6000).sack(5000, 5500));
}

// verifies RFC 2883 4.2.2
TEST_F(TcpSackReport, PartOfASegmentIsADuplicateAboveTheGap) {
  arrives(5500);
  tcp_.ignore_sent();
  tcp_.peer_sends(ack().seq(5500).ack(4800).length(1000));
  tcp_.host_sends(ack().ack(5000).sack(5500, 6000).sack(5500, 6500));
}

TEST(TcpSackReportOptions, DuplicatesAreNotReportedWhenSwitchedOff) {
  Config config = Conversation::plain_config();
  config.d_sack = false;
  Conversation tcp(config);
  tcp.is_established_with(syn_ack().sack_permitted());
  tcp.peer_sends(ack().seq(301).ack(101).length(100));
  tcp.advance(40ms);
  tcp.ignore_sent();
  tcp.peer_sends(ack().seq(301).ack(101).length(100));
  tcp.host_sends(ack().ack(401).without_sack());
}

// A full segment has no room for blocks: the ACK that carries them follows.
TEST_F(TcpSackReport, FullSegmentIsFollowedByTheBlocks) {
  tcp_.writes(30000);
  tcp_.ignore_sent();
  tcp_.peer_sends_burst({ack().seq(5000).ack(5800), ack().seq(5500).ack(5800).length(500)});
  tcp_.host_sends(ack().length(1000).without_sack());
  tcp_.host_sends(ack().length(1000).without_sack());
  tcp_.host_sends(ack().ack(5000).sack(5500, 6000));
  tcp_.is_silent();
}

// A FIN above the gap is in the block it ends.
TEST_F(TcpSackReport, FinBelongsToTheBlockInFrontOfIt) {
  tcp_.peer_sends(fin_ack().seq(5500).ack(4800).length(500));
  tcp_.host_sends(ack().ack(5000).sack(5500, 6001));
}

TEST_F(TcpSackReport, FinAloneAboveTheGapIsABlock) {
  tcp_.peer_sends(fin_ack().seq(5500).ack(4800));
  tcp_.host_sends(ack().ack(5000).sack(5500, 5501));
}

}  // namespace
}  // namespace strata::tcp::testing
