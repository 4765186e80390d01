// SPDX-License-Identifier: MIT
// The rules of Wireshark's TCP analysis, one by one. That the results are Wireshark's own is what
// tests/strata/cli_dissect_test.cc sees to, with tshark as the judge.
#include "sim/inference/tcp_segments.h"

#include <gtest/gtest.h>

#include "stack/wire/tcp.h"

namespace strata::inference {
namespace {

using wire::tcp_flag::kAck;
using wire::tcp_flag::kSyn;

constexpr Side kClient = Side::first;
constexpr Side kServer = Side::second;

class TcpSegmentsTest : public testing::Test {
 protected:
  Findings send(Side side, Duration at, std::uint32_t sequence, std::uint32_t acknowledged,
                std::uint32_t length, std::uint8_t flags = kAck) {
    return segments_.take(side, {.uid = PacketUid{++uid_},
                                 .time = kStart + at,
                                 .sequence = Seq32{sequence},
                                 .acknowledgement = Seq32{acknowledged},
                                 .flags = flags,
                                 .window = 500,
                                 .scale = std::nullopt,
                                 .length = length});
  }
  // Initial sequence numbers 1000 and 5000, a round trip of 20 ms.
  void handshake() {
    send(kClient, 0ms, 1000, 0, 0, kSyn);
    send(kServer, 10ms, 5000, 1001, 0, kSyn | kAck);
    send(kClient, 20ms, 1001, 5001, 0);
  }

  TcpSegments segments_;
  std::uint64_t uid_ = 0;
};

TEST_F(TcpSegmentsTest, TextIsCountedFromBehindTheSyn) {
  handshake();
  const Findings first = send(kClient, 21ms, 1001, 5001, 100);
  EXPECT_EQ(first.offset, 0U);
  EXPECT_EQ(first.repetition, Repetition::none);
  const Findings ack = send(kServer, 22ms, 5001, 1101, 0);
  EXPECT_EQ(ack.ack_offset, 100U);
  EXPECT_EQ(ack.newly_acked, 100U);
}

TEST_F(TcpSegmentsTest, TheSameTextLaterIsARetransmissionOfTheFirst) {
  handshake();
  send(kClient, 21ms, 1001, 5001, 100);  // uid 4
  const Findings again = send(kClient, 1s, 1001, 5001, 100);
  EXPECT_EQ(again.repetition, Repetition::retransmission);
  EXPECT_EQ(again.first_sent_as, PacketUid{4});
}

TEST_F(TcpSegmentsTest, AfterTwoDuplicateAcksItIsAFastRetransmission) {
  handshake();
  for (std::uint32_t i = 0; i < 4; ++i) send(kClient, 21ms, 1001 + 100 * i, 5001, 100);
  send(kServer, 31ms, 5001, 1001, 0);
  EXPECT_EQ(send(kServer, 32ms, 5001, 1001, 0).duplicate_acks, 2U);
  EXPECT_EQ(send(kClient, 40ms, 1001, 5001, 100).repetition, Repetition::fast_retransmission);
}

TEST_F(TcpSegmentsTest, TextThatWasAcknowledgedIsSentAgainInVain) {
  handshake();
  send(kClient, 21ms, 1001, 5001, 100);
  send(kServer, 31ms, 5001, 1101, 0);
  EXPECT_EQ(send(kClient, 1s, 1001, 5001, 100).repetition, Repetition::spurious_retransmission);
}

TEST_F(TcpSegmentsTest, WithinARoundTripOfLaterTextItIsReordered) {
  handshake();
  send(kClient, 21ms, 1101, 5001, 100);
  EXPECT_EQ(send(kClient, 22ms, 1201, 5001, 100).repetition, Repetition::none);
  EXPECT_EQ(send(kClient, 23ms, 1001, 5001, 100).repetition, Repetition::reordered);
}

TEST_F(TcpSegmentsTest, AGapSaysThatTextIsMissing) {
  handshake();
  send(kClient, 21ms, 1001, 5001, 100);
  EXPECT_TRUE(send(kClient, 22ms, 1301, 5001, 100).text_missing_before);
  const StreamView seen = segments_.stream(kClient);
  EXPECT_EQ(seen.contiguous, 100U);
  EXPECT_EQ(seen.beyond_gap, 100U);
  EXPECT_EQ(seen.next, 400U);
}

TEST_F(TcpSegmentsTest, AnOctetBeforeTheNextIsAKeepAlive) {
  handshake();
  send(kClient, 21ms, 1001, 5001, 100);
  EXPECT_EQ(send(kClient, 10s, 1100, 5001, 0).repetition, Repetition::keep_alive);
  EXPECT_EQ(send(kServer, 10s, 5001, 1101, 0).duplicate_acks, 0U);
}

TEST_F(TcpSegmentsTest, SequenceNumbersWrapAround) {
  send(kClient, 0ms, 0xffffff00, 0, 0, kSyn);
  send(kServer, 1ms, 1, 0xffffff01, 0, kSyn | kAck);
  send(kClient, 2ms, 0xffffff01, 2, 0);
  EXPECT_EQ(send(kClient, 3ms, 0xffffff01, 2, 0x180).offset, 0U);
  EXPECT_EQ(send(kClient, 4ms, 0x81, 2, 0x100).offset, 0x180U);
  EXPECT_EQ(segments_.stream(kClient).contiguous, 0x280U);
}

TEST_F(TcpSegmentsTest, AnotherSynIsAnotherConnection) {
  handshake();
  send(kClient, 21ms, 1001, 5001, 100);
  EXPECT_EQ(send(kClient, 9s, 90'000, 0, 0, kSyn).repetition, Repetition::none);
  EXPECT_EQ(segments_.stream(kClient).next, 0U);
}

TEST_F(TcpSegmentsTest, ACaptureThatBeginsInTheMiddleCountsFromThere) {
  EXPECT_EQ(send(kClient, 0ms, 70'000, 80'000, 100).offset, 0U);
  EXPECT_EQ(send(kServer, 1ms, 80'000, 70'100, 0).ack_offset, 100U);
}

}  // namespace
}  // namespace strata::inference
