// SPDX-License-Identifier: MIT
// Every state against every kind of segment: the state that follows and the kind of answer, as
// RFC 9293 3.10.7.3 and 3.10.7.4 prescribe.
#include <gtest/gtest.h>

#include <functional>

#include "tests/transport/tcp/conversation.h"

namespace strata::tcp::testing {
namespace {

namespace flag = wire::tcp_flag;

enum class Answer { nothing, ack, rst };

// Brings a conversation into `state` by the shortest way; afterwards the peer's next number is
// `next` and everything the host sent is acknowledged, except what the state itself waits for.
struct Numbers {
  std::uint32_t next = 301;  // the peer's next sequence number
  std::uint32_t ack = 101;   // acknowledges nothing new
  std::uint32_t una = 101;   // acknowledges all that is outstanding
};

Numbers bring_into(Conversation& tcp, TcpState state) {
  Numbers n;
  switch (state) {
    case TcpState::syn_received:
      tcp.opens_passively(syn().seq(300).mss(1460));
      n.ack = 100;
      break;
    case TcpState::established:
      tcp.is_established();
      break;
    case TcpState::fin_wait_1:
      tcp.is_established();
      tcp.shuts_down_sending();
      n.una = 102;
      break;
    case TcpState::fin_wait_2:
      tcp.is_established();
      tcp.shuts_down_sending();
      tcp.peer_sends(ack().seq(301).ack(102));
      n.ack = n.una = 102;
      break;
    case TcpState::close_wait:
      tcp.is_established();
      tcp.peer_sends(fin_ack().seq(301).ack(101));
      n.next = 302;
      break;
    case TcpState::closing:
      tcp.is_established();
      tcp.shuts_down_sending();
      tcp.peer_sends(fin_ack().seq(301).ack(101));
      n.next = 302;
      n.una = 102;
      break;
    case TcpState::last_ack:
      tcp.is_established();
      tcp.peer_sends(fin_ack().seq(301).ack(101));
      tcp.shuts_down_sending();
      n.next = 302;
      n.una = 102;
      break;
    case TcpState::time_wait:
      tcp.is_established();
      tcp.shuts_down_sending();
      tcp.peer_sends(fin_ack().seq(301).ack(102));
      n.next = 302;
      n.ack = n.una = 102;
      break;
    case TcpState::closed:
    case TcpState::listen:
    case TcpState::syn_sent:
      break;
  }
  tcp.is_in(state);
  tcp.ignore_sent();
  return n;
}

struct Case {
  const char* name;
  std::function<Segment(const Numbers&)> segment;
  // One entry per state of kStates.
  std::array<TcpState, 8> next;
  std::array<Answer, 8> answer;
};

constexpr std::array kStates{TcpState::syn_received, TcpState::established, TcpState::fin_wait_1,
                             TcpState::fin_wait_2,   TcpState::close_wait,  TcpState::closing,
                             TcpState::last_ack,     TcpState::time_wait};

constexpr auto kSyr = TcpState::syn_received;
constexpr auto kEst = TcpState::established;
constexpr auto kFw1 = TcpState::fin_wait_1;
constexpr auto kFw2 = TcpState::fin_wait_2;
constexpr auto kClw = TcpState::close_wait;
constexpr auto kCls = TcpState::closing;
constexpr auto kLas = TcpState::last_ack;
constexpr auto kTiw = TcpState::time_wait;
constexpr auto kEnd = TcpState::closed;
constexpr auto kNone = Answer::nothing;
constexpr auto kAck = Answer::ack;
constexpr auto kRst = Answer::rst;

const Case kCases[] = {
    {"a RST at RCV.NXT ends the connection",
     [](const Numbers& n) { return rst().seq(n.next); },
     {kEnd, kEnd, kEnd, kEnd, kEnd, kEnd, kEnd, kEnd},
     {kNone, kNone, kNone, kNone, kNone, kNone, kNone, kNone}},
    {"a RST elsewhere in the window is challenged",
     [](const Numbers& n) { return rst().seq(n.next + 5); },
     {kSyr, kEst, kFw1, kFw2, kClw, kCls, kLas, kTiw},
     {kAck, kAck, kAck, kAck, kAck, kAck, kAck, kAck}},
    {"a RST outside the window is dropped silently",
     [](const Numbers& n) { return rst().seq(n.next + 70000); },
     {kSyr, kEst, kFw1, kFw2, kClw, kCls, kLas, kTiw},
     {kNone, kNone, kNone, kNone, kNone, kNone, kNone, kNone}},
    {"a SYN in the window is challenged, or returns SYN-RECEIVED to LISTEN",
     [](const Numbers& n) { return syn().seq(n.next + 5); },
     {kEnd, kEst, kFw1, kFw2, kClw, kCls, kLas, kTiw},
     {kNone, kAck, kAck, kAck, kAck, kAck, kAck, kAck}},
    {"text without ACK is dropped",
     [](const Numbers& n) { return flags(0).seq(n.next).text("x"); },
     {kSyr, kEst, kFw1, kFw2, kClw, kCls, kLas, kTiw},
     {kNone, kNone, kNone, kNone, kNone, kNone, kNone, kNone}},
    {"text outside the window is acknowledged and dropped",
     [](const Numbers& n) { return ack().seq(n.next + 70000).ack(n.una).text("x"); },
     {kSyr, kEst, kFw1, kFw2, kClw, kCls, kLas, kTiw},
     {kAck, kAck, kAck, kAck, kAck, kAck, kAck, kAck}},
    {"an ACK of something never sent is answered, and changes nothing",
     [](const Numbers& n) { return ack().seq(n.next).ack(n.una + 1000); },
     {kSyr, kEst, kFw1, kFw2, kClw, kCls, kLas, kTiw},
     {kRst, kAck, kAck, kAck, kAck, kAck, kAck, kAck}},
    {"the ACK of all that is outstanding",
     [](const Numbers& n) { return ack().seq(n.next).ack(n.una); },
     {kEst, kEst, kFw2, kFw2, kClw, kTiw, kEnd, kTiw},
     {kNone, kNone, kNone, kNone, kNone, kNone, kNone, kNone}},
    {"a FIN that acknowledges nothing new",
     [](const Numbers& n) { return fin_ack().seq(n.next).ack(n.ack); },
     {kSyr, kClw, kCls, kTiw, kClw, kCls, kLas, kTiw},
     {kRst, kAck, kAck, kAck, kNone, kNone, kNone, kNone}},
    {"a FIN that acknowledges everything",
     [](const Numbers& n) { return fin_ack().seq(n.next).ack(n.una); },
     {kClw, kClw, kTiw, kTiw, kClw, kTiw, kEnd, kTiw},
     {kAck, kAck, kAck, kAck, kNone, kNone, kNone, kNone}},
};

TEST(TcpStateMatrix, EverySegmentInEveryStateLeadsWhereTheRfcSays) {
  for (const Case& c : kCases) {
    for (std::size_t i = 0; i < kStates.size(); ++i) {
      Conversation tcp;
      const Numbers numbers = bring_into(tcp, kStates[i]);

      tcp.peer_sends(c.segment(numbers));

      EXPECT_EQ(to_text(tcp.connection().state()), to_text(c.next[i]))
          << c.name << ", in " << to_text(kStates[i]);
      const auto& sent = tcp.events().sent;
      const bool answered = tcp.sent_count() > 0;
      EXPECT_EQ(answered, c.answer[i] != Answer::nothing)
          << c.name << ", in " << to_text(kStates[i]);
      if (!answered) continue;
      const std::uint8_t expected = c.answer[i] == Answer::rst ? flag::kRst : flag::kAck;
      EXPECT_EQ(sent.back().body.flags, expected) << c.name << ", in " << to_text(kStates[i]);
      tcp.ignore_sent();
    }
  }
}

}  // namespace
}  // namespace strata::tcp::testing
