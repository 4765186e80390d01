// SPDX-License-Identifier: MIT
// The states CLOSED and LISTEN against every kind of segment: the exact reply, written from the
// text of RFC 9293 3.10.7.1 and 3.10.7.2. The other states are in
// tests/transport/tcp/matrix_test.cc.
#include <gtest/gtest.h>

#include "stack/base/bytes.h"
#include "stack/wire/ethernet.h"
#include "stack/wire/tcp.h"
#include "tests/support/frame_repair.h"
#include "tests/support/two_hosts.h"

namespace strata {
namespace {

using test::TwoHosts;
namespace flag = wire::tcp_flag;

constexpr std::size_t kTcpAt = 34;
constexpr std::uint32_t kSeq = 1000;
constexpr std::uint32_t kAckField = 7777;

enum class Reply {
  nothing,
  reset,          // <SEQ=SEG.ACK><CTL=RST>
  reset_and_ack,  // <SEQ=0><ACK=SEG.SEQ+SEG.LEN><CTL=RST,ACK>
  syn_ack,        // <SEQ=ISS><ACK=RCV.NXT><CTL=SYN,ACK>
};

struct Case {
  const char* name;
  std::uint8_t flags;
  std::uint32_t text;
  Reply closed;
  Reply listen;
};

constexpr auto kNone = Reply::nothing;
constexpr auto kRst = Reply::reset;
constexpr auto kRstAck = Reply::reset_and_ack;
constexpr auto kSynAck = Reply::syn_ack;

const Case kCases[] = {
    // 3.10.7.1: "An incoming segment containing a RST is discarded." 3.10.7.2 first: likewise.
    {"RST", flag::kRst, 0, kNone, kNone},
    {"RST,ACK", flag::kRst | flag::kAck, 0, kNone, kNone},
    {"RST,SYN", flag::kRst | flag::kSyn, 0, kNone, kNone},
    {"RST with text", flag::kRst, 10, kNone, kNone},
    // Second: "Any acknowledgment is bad if it arrives on a connection still in the LISTEN state."
    {"ACK", flag::kAck, 0, kRst, kRst},
    {"text with ACK", flag::kAck, 10, kRst, kRst},
    {"SYN,ACK", flag::kSyn | flag::kAck, 0, kRst, kRst},
    {"FIN,ACK", flag::kFin | flag::kAck, 0, kRst, kRst},
    {"SYN,FIN,ACK", flag::kSyn | flag::kFin | flag::kAck, 0, kRst, kRst},
    // Third: the SYN bit.
    {"SYN", flag::kSyn, 0, kRstAck, kSynAck},
    {"SYN with text", flag::kSyn, 10, kRstAck, kSynAck},
    {"SYN,FIN", flag::kSyn | flag::kFin, 0, kRstAck, kSynAck},
    {"SYN,URG", flag::kSyn | flag::kUrg, 0, kRstAck, kSynAck},
    // Fourth: "This should not be reached. Drop the segment and return."
    {"FIN", flag::kFin, 0, kRstAck, kNone},
    {"text without ACK", 0, 10, kRstAck, kNone},
    {"nothing at all", 0, 0, kRstAck, kNone},
};

class NoConnection : public testing::Test {
 protected:
  void inject(const Case& c) {
    std::vector<std::uint8_t> frame(std::max<std::size_t>(64, kTcpAt + 20 + c.text + 4));
    wire::EthernetHeader{.destination = MacAddress{{0x02, 0, 0, 0, 0, 0x14}},
                         .source = MacAddress{{0x02, 0, 0, 0, 0, 0x0a}},
                         .type = EtherType::ipv4}
        .emit(frame.data());
    frame[TwoHosts::kIpAt] = 0x45;
    store_be16(&frame[TwoHosts::kIpAt + 2], static_cast<std::uint16_t>(40 + c.text));
    frame[TwoHosts::kIpAt + 8] = 64;
    frame[TwoHosts::kIpAt + 9] = 6;
    TwoHosts::kClient.store(&frame[TwoHosts::kIpAt + 12]);
    TwoHosts::kServer.store(&frame[TwoHosts::kIpAt + 16]);
    store_be16(&frame[kTcpAt], 5000);
    store_be16(&frame[kTcpAt + 2], 80);
    store_be32(&frame[kTcpAt + 4], kSeq);
    store_be32(&frame[kTcpAt + 8], (c.flags & flag::kAck) != 0 ? kAckField : 0);
    frame[kTcpAt + 12] = 0x50;
    frame[kTcpAt + 13] = c.flags;
    store_be16(&frame[kTcpAt + 14], 1000);
    test::repair_frame(frame);
    net_.inject(TwoHosts::From::client, net_.pool().make(frame));
    net_.settle();
  }
  // The server's first TCP segment, or nothing. Nobody answers it for the client.
  std::vector<std::uint8_t> reply_to(const Case& c) {
    std::vector<std::uint8_t> segment;
    net_.set_frame_hook([&segment](TwoHosts::From from, Packet& frame) {
      const Bytes bytes = frame.bytes();
      if (bytes[13] == 6) return true;  // ARP
      if (from == TwoHosts::From::server && segment.empty()) {
        segment.assign(bytes.begin() + kTcpAt, bytes.end());
      }
      return false;
    });
    inject(c);
    return segment;
  }
  void listen() {
    const socket::Fd fd = net_.s().socket(socket::Type::stream, "server", net_.now()).value();
    EXPECT_TRUE(net_.s().bind(fd, {{}, 80}));
    EXPECT_TRUE(net_.s().listen(fd, 5, net_.now()));
  }

 private:
  TwoHosts net_;
};

void expect_reply(const Case& c, Reply expected, const std::vector<std::uint8_t>& segment) {
  if (expected == Reply::nothing) {
    EXPECT_TRUE(segment.empty());
    return;
  }
  ASSERT_FALSE(segment.empty());
  const std::uint32_t sequence = load_be32(&segment[4]);
  const std::uint32_t acknowledgement = load_be32(&segment[8]);
  const std::uint32_t control =
      ((c.flags & flag::kSyn) != 0 ? 1U : 0U) + ((c.flags & flag::kFin) != 0 ? 1U : 0U);
  switch (expected) {
    case Reply::reset:
      EXPECT_EQ(segment[13], flag::kRst);
      EXPECT_EQ(sequence, kAckField);
      break;
    case Reply::reset_and_ack:
      EXPECT_EQ(segment[13], flag::kRst | flag::kAck);
      EXPECT_EQ(sequence, 0U);
      EXPECT_EQ(acknowledgement, kSeq + c.text + control);
      break;
    case Reply::syn_ack:
      EXPECT_EQ(segment[13], flag::kSyn | flag::kAck);
      // Text that is kept for later has been received; a FIN is not.
      EXPECT_GE(acknowledgement, kSeq + 1);
      EXPECT_LE(acknowledgement, kSeq + 1 + c.text);
      break;
    case Reply::nothing:
      break;
  }
}

// verifies RFC 9293 3.10.7.1
TEST_F(NoConnection, ClosedAnswersEverySegmentAsTheRfcSays) {
  for (const Case& c : kCases) {
    SCOPED_TRACE(c.name);
    expect_reply(c, c.closed, reply_to(c));
  }
}

class Listening : public NoConnection, public testing::WithParamInterface<Case> {};

// verifies RFC 9293 3.10.7.2
TEST_P(Listening, AnswersEverySegmentAsTheRfcSays) {
  listen();
  expect_reply(GetParam(), GetParam().listen, reply_to(GetParam()));
}

INSTANTIATE_TEST_SUITE_P(Segments, Listening, testing::ValuesIn(kCases));

}  // namespace
}  // namespace strata
