// SPDX-License-Identifier: MIT
// Every state of a connection against every kind of segment: the exact reply and the state that
// follows, written from the text of RFC 9293 3.10.7.3 and 3.10.7.4, not from the code. LISTEN and
// CLOSED are in tests/host/no_connection_matrix_test.cc: they are not connections.
//
// A cell is "REPLY" or "REPLY NEXT-STATE"; without a state it stays. Replies:
//   -      none
//   A      <SEQ=SND.NXT><ACK=RCV.NXT><CTL=ACK>; A+n: RCV.NXT is n more than before
//   R      <SEQ=SEG.ACK><CTL=RST>
//   S      <SEQ=ISS><ACK=RCV.NXT><CTL=SYN,ACK>; S+n as A+n
#include <gtest/gtest.h>

#include <sstream>

#include "tests/transport/tcp/conversation.h"

namespace strata::tcp::testing {
namespace {

namespace flag = wire::tcp_flag;

// What a segment's ACK field says; the ISS is 100.
enum class AckField {
  absent,
  nothing_new,  // SND.UNA
  everything,   // SND.NXT
  unsent,       // SND.NXT + 1000
  too_old,      // SND.UNA - MAX.SND.WND - 1
};

struct Incoming {
  const char* name;
  std::uint8_t flags;
  int offset = 0;  // of SEG.SEQ from RCV.NXT
  AckField ack = AckField::absent;
  std::size_t text = 0;
  std::uint16_t window = 60000;
  bool has_option = false;  // a maximum segment size, which belongs on a SYN
};

// The connection before the segment arrives.
struct Before {
  std::uint32_t rcv_nxt = 301;
  std::uint32_t snd_una = 101;
  std::uint32_t snd_nxt = 101;
};

constexpr std::uint32_t kIss = 100;
constexpr std::uint32_t kMaxSndWnd = 60000;

Segment make(const Incoming& in, const Before& before) {
  Segment segment = flags(in.flags);
  segment.seq(before.rcv_nxt + static_cast<std::uint32_t>(in.offset)).length(in.text);
  segment.window(in.window);
  switch (in.ack) {
    case AckField::absent:
      break;
    case AckField::nothing_new:
      segment.ack(before.snd_una);
      break;
    case AckField::everything:
      segment.ack(before.snd_nxt);
      break;
    case AckField::unsent:
      segment.ack(before.snd_nxt + 1000);
      break;
    case AckField::too_old:
      segment.ack(before.snd_una - kMaxSndWnd - 1);
      break;
  }
  if (in.has_option) segment.mss(700);
  return segment;
}

void expect_cell(Conversation& tcp, const Incoming& in, const Before& before, TcpState state,
                 const std::string& cell) {
  SCOPED_TRACE(std::string{in.name} + ", in " + std::string{to_text(state)} + ": " + cell);
  const Segment segment = make(in, before);
  tcp.peer_sends(segment);

  std::istringstream words(cell);
  std::string reply;
  std::string next{to_text(state)};
  words >> reply >> next;
  EXPECT_EQ(to_text(tcp.connection().state()), next);
  if (reply == "-") {
    EXPECT_EQ(tcp.ignore_sent(), 0U);
    return;
  }
  const auto advance =
      static_cast<std::uint32_t>(reply.size() > 1 ? std::stoul(reply.substr(2)) : 0);
  ASSERT_EQ(tcp.sent_count(), 1U);
  const wire::TcpHeader sent = tcp.newest_sent();
  tcp.ignore_sent();
  if (reply[0] == 'R') {
    EXPECT_EQ(sent.flags, flag::kRst);
    EXPECT_EQ(sent.sequence.raw(), segment.acknowledgement.value_or(0));
    return;
  }
  const bool is_syn = reply[0] == 'S';
  EXPECT_EQ(sent.flags, is_syn ? flag::kSyn | flag::kAck : flag::kAck);
  EXPECT_EQ(sent.sequence.raw(), is_syn ? kIss : before.snd_nxt);
  EXPECT_EQ(sent.acknowledgement.raw(), before.rcv_nxt + advance);
}

// Every segment is acknowledged at once, so that a reply is a reply.
Config prompt_config() {
  Config config = Conversation::plain_config();
  config.delayed_ack = Duration{0};
  return config;
}

// ---- SYN-SENT, RFC 9293 3.10.7.3 ----------------------------------------------------------------

struct SynSentCase {
  Incoming in;
  const char* cell;
};

// The peer's first number is 300, the number a SYN of its own would have.
const SynSentCase kSynSent[] = {
    // First: "If SEG.ACK =< ISS or SEG.ACK > SND.NXT, send a reset (unless the RST bit is set)".
    {{"ACK of nothing", flag::kAck, 0, AckField::nothing_new}, "R"},
    {{"ACK of what was never sent", flag::kAck, 0, AckField::unsent}, "R"},
    {{"SYN,ACK of nothing", flag::kSyn | flag::kAck, 0, AckField::nothing_new}, "R"},
    {{"SYN,ACK of what was never sent", flag::kSyn | flag::kAck, 0, AckField::unsent}, "R"},
    {{"FIN,ACK of nothing", flag::kFin | flag::kAck, 0, AckField::nothing_new}, "R"},
    {{"text, ACK of nothing", flag::kAck, 0, AckField::nothing_new, 10}, "R"},
    // Second: the RST bit.
    {{"RST", flag::kRst}, "-"},
    {{"RST,ACK of nothing", flag::kRst | flag::kAck, 0, AckField::nothing_new}, "-"},
    {{"RST,ACK of what was never sent", flag::kRst | flag::kAck, 0, AckField::unsent}, "-"},
    {{"RST,ACK of our SYN", flag::kRst | flag::kAck, 0, AckField::everything}, "- CLOSED"},
    {{"RST,SYN,ACK of our SYN", flag::kRst | flag::kSyn | flag::kAck, 0, AckField::everything},
     "- CLOSED"},
    {{"RST,SYN", flag::kRst | flag::kSyn}, "-"},
    // Fourth: the SYN bit.
    {{"SYN,ACK of our SYN", flag::kSyn | flag::kAck, 0, AckField::everything}, "A+1 ESTABLISHED"},
    {{"SYN,ACK, zero window", flag::kSyn | flag::kAck, 0, AckField::everything, 0, 0},
     "A+1 ESTABLISHED"},
    {{"SYN,ACK with text", flag::kSyn | flag::kAck, 0, AckField::everything, 10},
     "A+11 ESTABLISHED"},
    {{"SYN,ACK,FIN", flag::kSyn | flag::kAck | flag::kFin, 0, AckField::everything},
     "A+2 CLOSE-WAIT"},
    {{"SYN", flag::kSyn}, "S+1 SYN-RECEIVED"},
    // "queue them for processing after the ESTABLISHED state has been reached": kept text is
    // received text, and RCV.NXT says so.
    {{"SYN with text", flag::kSyn, 0, AckField::absent, 10}, "S+11 SYN-RECEIVED"},
    {{"SYN with an option", flag::kSyn, 0, AckField::absent, 0, 60000, true}, "S+1 SYN-RECEIVED"},
    {{"SYN,FIN", flag::kSyn | flag::kFin}, "S+1 SYN-RECEIVED"},
    // Fifth: "if neither of the SYN or RST bits is set, then drop the segment".
    {{"ACK of our SYN", flag::kAck, 0, AckField::everything}, "-"},
    {{"text, ACK of our SYN", flag::kAck, 0, AckField::everything, 10}, "-"},
    {{"FIN,ACK of our SYN", flag::kFin | flag::kAck, 0, AckField::everything}, "-"},
    {{"FIN", flag::kFin}, "-"},
    {{"text without ACK", 0, 0, AckField::absent, 10}, "-"},
    {{"nothing at all", 0}, "-"},
    {{"URG without ACK", flag::kUrg, 0, AckField::absent, 10}, "-"},
};

// verifies RFC 9293 3.10.7.3, MUST-10
TEST(TcpMatrix, SynSentFollowsTheRfcForEverySegment) {
  for (const SynSentCase& c : kSynSent) {
    Conversation tcp{prompt_config()};
    tcp.opens_actively();
    tcp.ignore_sent();
    expect_cell(tcp, c.in, {.rcv_nxt = 300, .snd_una = 100, .snd_nxt = 101}, TcpState::syn_sent,
                c.cell);
  }
}

// ---- the other states, RFC 9293 3.10.7.4 ----

enum class Column {
  syn_received_passive,
  syn_received_active,
  established,
  fin_wait_1,
  fin_wait_2,
  close_wait,
  closing,
  last_ack,
  time_wait,
};
constexpr std::size_t kColumns = 9;

constexpr TcpState kStateOf[kColumns] = {
    TcpState::syn_received, TcpState::syn_received, TcpState::established,
    TcpState::fin_wait_1,   TcpState::fin_wait_2,   TcpState::close_wait,
    TcpState::closing,      TcpState::last_ack,     TcpState::time_wait};

// Brings a fresh conversation into a state by the shortest way.
Before bring_into(Conversation& tcp, Column column) {
  Before before;
  switch (column) {
    case Column::syn_received_passive:
      tcp.opens_passively(syn().seq(300).mss(1460));
      before.snd_una = 100;
      break;
    case Column::syn_received_active:
      tcp.opens_actively();
      tcp.peer_sends(syn().seq(300).mss(1460));
      before.snd_una = 100;
      break;
    case Column::established:
      tcp.is_established();
      break;
    case Column::fin_wait_1:
      tcp.is_established();
      tcp.shuts_down_sending();
      before.snd_nxt = 102;
      break;
    case Column::fin_wait_2:
      tcp.is_established();
      tcp.shuts_down_sending();
      tcp.peer_sends(ack().seq(301).ack(102));
      before.snd_una = before.snd_nxt = 102;
      break;
    case Column::close_wait:
      tcp.is_established();
      tcp.peer_sends(fin_ack().seq(301).ack(101));
      before.rcv_nxt = 302;
      break;
    case Column::closing:
      tcp.is_established();
      tcp.shuts_down_sending();
      tcp.peer_sends(fin_ack().seq(301).ack(101));
      before = {.rcv_nxt = 302, .snd_una = 101, .snd_nxt = 102};
      break;
    case Column::last_ack:
      tcp.is_established();
      tcp.peer_sends(fin_ack().seq(301).ack(101));
      tcp.shuts_down_sending();
      before = {.rcv_nxt = 302, .snd_una = 101, .snd_nxt = 102};
      break;
    case Column::time_wait:
      tcp.is_established();
      tcp.shuts_down_sending();
      tcp.peer_sends(fin_ack().seq(301).ack(102));
      before = {.rcv_nxt = 302, .snd_una = 102, .snd_nxt = 102};
      break;
  }
  tcp.is_in(kStateOf[static_cast<std::size_t>(column)]);
  tcp.ignore_sent();
  return before;
}

struct Row {
  Incoming in;
  std::array<const char*, kColumns> cells;
};

constexpr auto kNew = AckField::everything;
constexpr auto kOld = AckField::nothing_new;

// clang-format off
const Row kRows[] = {
    //                                             SYN-RCVD      SYN-RCVD      ESTAB-        FIN-          FIN-          CLOSE-        CLOSING       LAST-         TIME-
    //                                             (passive)     (active)      LISHED        WAIT-1        WAIT-2        WAIT                        ACK           WAIT
    // First, sequence numbers: "an acknowledgment should be sent in reply (unless the RST bit is set)".
    {{"text beyond the window", flag::kAck, 70000, kNew, 10},
                                                  {"A",          "A",          "A",          "A",          "A",          "A",          "A",          "A",          "A"}},
    {{"text received before", flag::kAck, -20, kNew, 10},
                                                  {"A",          "A",          "A",          "A",          "A",          "A",          "A",          "A",          "A"}},
    {{"empty segment beyond the window", flag::kAck, 70000, kNew},
                                                  {"A",          "A",          "A",          "A",          "A",          "A",          "A",          "A",          "A"}},
    {{"FIN beyond the window", flag::kFin | flag::kAck, 70000, kNew},
                                                  {"A",          "A",          "A",          "A",          "A",          "A",          "A",          "A",          "A"}},
    {{"SYN beyond the window", flag::kSyn, 70000},
                                                  {"A",          "A",          "A",          "A",          "A",          "A",          "A",          "A",          "A"}},
    {{"RST beyond the window", flag::kRst, 70000},
                                                  {"-",          "-",          "-",          "-",          "-",          "-",          "-",          "-",          "-"}},
    {{"RST below the window", flag::kRst, -1},
                                                  {"-",          "-",          "-",          "-",          "-",          "-",          "-",          "-",          "-"}},
    // Second, the RST bit: exact, in the window.
    {{"RST at RCV.NXT", flag::kRst},
                                                  {"- CLOSED",   "- CLOSED",   "- CLOSED",   "- CLOSED",   "- CLOSED",   "- CLOSED",   "- CLOSED",   "- CLOSED",   "- CLOSED"}},
    {{"RST,ACK at RCV.NXT", flag::kRst | flag::kAck, 0, kNew},
                                                  {"- CLOSED",   "- CLOSED",   "- CLOSED",   "- CLOSED",   "- CLOSED",   "- CLOSED",   "- CLOSED",   "- CLOSED",   "- CLOSED"}},
    {{"RST in the window", flag::kRst, 5},
                                                  {"A",          "A",          "A",          "A",          "A",          "A",          "A",          "A",          "A"}},
    // Fourth, the SYN bit: a passive open returns to LISTEN, all else is challenged.
    {{"SYN in the window", flag::kSyn, 5},
                                                  {"- CLOSED",   "A",          "A",          "A",          "A",          "A",          "A",          "A",          "A"}},
    {{"SYN,ACK in the window", flag::kSyn | flag::kAck, 5, kNew},
                                                  {"- CLOSED",   "A",          "A",          "A",          "A",          "A",          "A",          "A",          "A"}},
    {{"SYN,FIN in the window", flag::kSyn | flag::kFin, 5},
                                                  {"- CLOSED",   "A",          "A",          "A",          "A",          "A",          "A",          "A",          "A"}},
    // Fifth, the ACK field: "if the ACK bit is off, drop the segment and return".
    {{"text without ACK", 0, 0, AckField::absent, 10},
                                                  {"-",          "-",          "-",          "-",          "-",          "-",          "-",          "-",          "-"}},
    {{"FIN without ACK", flag::kFin},
                                                  {"-",          "-",          "-",          "-",          "-",          "-",          "-",          "-",          "-"}},
    {{"nothing at all", 0},
                                                  {"-",          "-",          "-",          "-",          "-",          "-",          "-",          "-",          "-"}},
    {{"ACK of everything", flag::kAck, 0, kNew},
                                                  {"- ESTABLISHED", "- ESTABLISHED", "-",    "- FIN-WAIT-2", "-",        "-",          "- TIME-WAIT", "- CLOSED",  "-"}},
    {{"ACK with zero window", flag::kAck, 0, kNew, 0, 0},
                                                  {"- ESTABLISHED", "- ESTABLISHED", "-",    "- FIN-WAIT-2", "-",        "-",          "- TIME-WAIT", "- CLOSED",  "-"}},
    {{"ACK with an option of a SYN", flag::kAck, 0, kNew, 0, 60000, true},
                                                  {"- ESTABLISHED", "- ESTABLISHED", "-",    "- FIN-WAIT-2", "-",        "-",          "- TIME-WAIT", "- CLOSED",  "-"}},
    {{"ACK of nothing new", flag::kAck, 0, kOld},
                                                  {"R",          "R",          "-",          "-",          "-",          "-",          "-",          "-",          "-"}},
    {{"ACK of what was never sent", flag::kAck, 0, AckField::unsent},
                                                  {"R",          "R",          "A",          "A",          "A",          "A",          "A",          "A",          "A"}},
    {{"ACK below SND.UNA - MAX.SND.WND", flag::kAck, 0, AckField::too_old, 10},
                                                  {"R",          "R",          "A",          "A",          "A",          "A",          "A",          "A",          "A"}},
    // Seventh, the segment text.
    {{"text in order", flag::kAck, 0, kNew, 10},
                                                  {"A+10 ESTABLISHED", "A+10 ESTABLISHED", "A+10", "A+10 FIN-WAIT-2", "A+10", "-",     "- TIME-WAIT", "- CLOSED",  "-"}},
    {{"text in order that acknowledges nothing", flag::kAck, 0, kOld, 10},
                                                  {"R",          "R",          "A+10",       "A+10",       "A+10",       "-",          "-",          "-",          "-"}},
    {{"urgent text", flag::kAck | flag::kUrg, 0, kNew, 10},
                                                  {"A+10 ESTABLISHED", "A+10 ESTABLISHED", "A+10", "A+10 FIN-WAIT-2", "A+10", "-",     "- TIME-WAIT", "- CLOSED",  "-"}},
    {{"text half received before", flag::kAck, -5, kNew, 10},
                                                  {"A+5 ESTABLISHED", "A+5 ESTABLISHED", "A+5", "A+5 FIN-WAIT-2", "A+5", "-",          "- TIME-WAIT", "- CLOSED",  "-"}},
    {{"text above a gap", flag::kAck, 20, kNew, 10},
                                                  {"A ESTABLISHED", "A ESTABLISHED", "A",    "A FIN-WAIT-2", "A",        "-",          "- TIME-WAIT", "- CLOSED",  "-"}},
    // Eighth, the FIN bit.
    {{"FIN that acknowledges nothing new", flag::kFin | flag::kAck, 0, kOld},
                                                  {"R",          "R",          "A+1 CLOSE-WAIT", "A+1 CLOSING", "A+1 TIME-WAIT", "-",  "-",          "-",          "A"}},
    {{"FIN that acknowledges everything", flag::kFin | flag::kAck, 0, kNew},
                                                  {"A+1 CLOSE-WAIT", "A+1 CLOSE-WAIT", "A+1 CLOSE-WAIT", "A+1 TIME-WAIT", "A+1 TIME-WAIT", "-", "A TIME-WAIT", "- CLOSED", "A"}},
    {{"FIN with text", flag::kFin | flag::kAck, 0, kNew, 10},
                                                  {"A+11 CLOSE-WAIT", "A+11 CLOSE-WAIT", "A+11 CLOSE-WAIT", "A+11 TIME-WAIT", "A+11 TIME-WAIT", "-", "A TIME-WAIT", "- CLOSED", "A"}},
    {{"FIN above a gap", flag::kFin | flag::kAck, 20, kNew},
                                                  {"A ESTABLISHED", "A ESTABLISHED", "A",    "A FIN-WAIT-2", "A",        "-",          "A TIME-WAIT", "- CLOSED",  "A"}},
    {{"FIN sent again", flag::kFin | flag::kAck, -1, kOld},
                                                  {"A",          "A",          "A",          "A",          "A",          "A",          "A",          "A",          "A"}},
};
// clang-format on

// verifies RFC 9293 3.10.7.4, MUST-11, MUST-66, RFC 5961 3.2, 4.2, 5.2
TEST(TcpMatrix, EveryStateFollowsTheRfcForEverySegment) {
  for (const Row& row : kRows) {
    for (std::size_t i = 0; i < kColumns; ++i) {
      Conversation tcp{prompt_config()};
      const Before before = bring_into(tcp, static_cast<Column>(i));
      expect_cell(tcp, row.in, before, kStateOf[i], row.cells[i]);
    }
  }
}

// verifies RFC 9293 MUST-11
TEST(TcpMatrix, AResetInSynReceivedRefusesOnlyTheActiveOpen) {
  Conversation passive;
  bring_into(passive, Column::syn_received_passive);
  passive.peer_sends(rst().seq(301));
  passive.is_in(TcpState::closed);  // whoever listens goes on; there is no user to tell

  Conversation active;
  bring_into(active, Column::syn_received_active);
  active.peer_sends(rst().seq(301));
  std::array<std::uint8_t, 1> octet{};
  EXPECT_EQ(active.connection().receive(octet, false, active.now()).error(),
            Errc::connection_refused);
}

}  // namespace
}  // namespace strata::tcp::testing
