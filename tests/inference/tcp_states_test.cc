// SPDX-License-Identifier: MIT
#include "sim/inference/tcp_states.h"

#include <gtest/gtest.h>

#include <utility>

#include "stack/wire/tcp.h"

namespace strata::inference {
namespace {

using wire::tcp_flag::kAck;
using wire::tcp_flag::kFin;
using wire::tcp_flag::kRst;
using wire::tcp_flag::kSyn;

constexpr Side kClient = Side::first;
constexpr Side kServer = Side::second;
using enum TcpState;

class TcpStatesTest : public testing::Test {
 protected:
  std::pair<TcpState, TcpState> after(Side side, std::uint8_t flags, std::uint32_t sequence,
                                      std::uint32_t acknowledged) {
    states_.take(side, {.sequence = Seq32{sequence},
                        .acknowledgement = Seq32{acknowledged},
                        .flags = flags,
                        .scale = std::nullopt});
    return {states_.state(kClient), states_.state(kServer)};
  }
  void open() {
    after(kClient, kSyn, 0, 0);
    after(kServer, kSyn | kAck, 0, 1);
    after(kClient, kAck, 1, 1);
  }
  static std::pair<TcpState, TcpState> both(TcpState client, TcpState server) {
    return {client, server};
  }

  TcpStates states_;
};

// verifies RFC 9293 3.5 figure 6
TEST_F(TcpStatesTest, TheHandshakeOpensBothEnds) {
  EXPECT_EQ(after(kClient, kSyn, 0, 0), both(syn_sent, closed));
  EXPECT_EQ(after(kServer, kSyn | kAck, 0, 1), both(established, syn_received));
  EXPECT_EQ(after(kClient, kAck, 1, 1), both(established, established));
}

// verifies RFC 9293 3.6 figure 12
TEST_F(TcpStatesTest, FinsCloseOneDirectionAfterTheOther) {
  open();
  EXPECT_EQ(after(kClient, kFin | kAck, 1, 1), both(fin_wait_1, close_wait));
  EXPECT_EQ(after(kServer, kAck, 1, 2), both(fin_wait_2, close_wait));
  EXPECT_EQ(after(kServer, kFin | kAck, 1, 2), both(time_wait, last_ack));
  EXPECT_EQ(after(kClient, kAck, 2, 2), both(time_wait, closed));
}

// verifies RFC 9293 3.6 figure 13
TEST_F(TcpStatesTest, AFinThatAcknowledgesTheOtherGoesStraightToTimeWait) {
  open();
  after(kClient, kFin | kAck, 1, 1);
  EXPECT_EQ(after(kServer, kFin | kAck, 1, 2), both(time_wait, last_ack));
}

TEST_F(TcpStatesTest, AResetEndsBoth) {
  after(kClient, kSyn, 0, 0);
  EXPECT_EQ(after(kServer, kRst | kAck, 0, 1), both(closed, closed));
}

TEST_F(TcpStatesTest, ACaptureThatBeginsInTheMiddleFindsItEstablished) {
  EXPECT_EQ(after(kClient, kAck, 700, 800), both(established, established));
}

TEST_F(TcpStatesTest, StragglersOfAConnectionThatEndedChangeNothing) {
  open();
  after(kServer, kRst, 1, 0);
  EXPECT_EQ(after(kClient, kAck, 1, 1), both(closed, closed));
  EXPECT_EQ(after(kClient, kSyn, 900, 0), both(syn_sent, closed));
}

}  // namespace
}  // namespace strata::inference
