// SPDX-License-Identifier: MIT
// A conversation with one tcp::Connection in hand-made segments and virtual time. Each call is a
// step; a step that does not hold prints the steps up to it.
//
//     Conversation tcp;
//     tcp.opens_actively();
//     tcp.host_sends(syn().seq(100).mss(1460));
//     tcp.peer_sends(syn_ack().seq(300).ack(101).window(8000).mss(1460));
//     tcp.host_sends(ack().seq(101).ack(301));
//     tcp.advance(1s);
//     tcp.is_silent();
//
// The host under test begins its numbers at 100, the peer (by custom of these tests) at 300, as the
// figures of RFC 9293 do. What the host emits is parsed from its bytes, checksum verified.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "stack/transport/tcp/connection.h"

namespace strata::tcp::testing {

inline constexpr std::uint32_t kHostIsn = 100;
inline constexpr std::uint32_t kPeerIsn = 300;
inline constexpr std::uint16_t kMss = 1000;  // what both ends announce unless a test says otherwise

// A segment to send, or to expect: an expectation compares what has been set. PSH is compared only
// when expected.
struct Segment {
  std::uint8_t flags = 0;
  std::optional<std::uint32_t> sequence;
  std::optional<std::uint32_t> acknowledgement;
  std::optional<std::uint16_t> window_field;
  std::optional<std::uint16_t> mss_option;
  std::optional<std::uint8_t> scale_option;
  bool no_scale_option = false;
  std::optional<std::string> fast_open_cookie;  // "": a request
  bool sack_permitted_option = false;
  std::optional<wire::TcpTimestamps> timestamps_option;
  bool no_timestamps_option = false;
  // Compared when expected; `no_sack_option` says that there must be none.
  std::vector<wire::SackBlock> sack_option;
  bool no_sack_option = false;
  std::optional<std::size_t> length_bytes;
  std::optional<std::string> text_bytes;
  std::optional<std::uint16_t> urgent;
  std::uint8_t codepoint = 0;  // ECN field of the IP header it comes in; not compared

  Segment& seq(std::uint32_t value) { return sequence = value, *this; }
  Segment& ack(std::uint32_t value) { return acknowledgement = value, *this; }
  Segment& window(std::uint16_t value) { return window_field = value, *this; }
  Segment& mss(std::uint16_t value) { return mss_option = value, *this; }
  Segment& scale(std::uint8_t value) { return scale_option = value, *this; }
  Segment& sack_permitted() { return sack_permitted_option = true, *this; }
  Segment& timestamps(std::uint32_t value, std::uint32_t echo) {
    return timestamps_option = wire::TcpTimestamps{value, echo}, *this;
  }
  Segment& without_timestamps() { return no_timestamps_option = true, *this; }
  // Appends a block [left, right).
  Segment& sack(std::uint32_t left, std::uint32_t right) {
    return sack_option.push_back({Seq32{left}, Seq32{right}}), *this;
  }
  Segment& without_sack() { return no_sack_option = true, *this; }
  Segment& without_scale() { return no_scale_option = true, *this; }
  Segment& fast_open(std::string cookie) { return fast_open_cookie = std::move(cookie), *this; }
  Segment& length(std::size_t value) { return length_bytes = value, *this; }
  Segment& text(std::string value) { return text_bytes = std::move(value), *this; }
  Segment& psh() { return flags |= wire::tcp_flag::kPsh, *this; }
  Segment& fin() { return flags |= wire::tcp_flag::kFin, *this; }
  Segment& ece() { return flags |= wire::tcp_flag::kEce, *this; }
  Segment& cwr() { return flags |= wire::tcp_flag::kCwr, *this; }
  Segment& ce() { return codepoint = 3, *this; }
  Segment& urg(std::uint16_t pointer) {
    flags |= wire::tcp_flag::kUrg;
    return urgent = pointer, *this;
  }
};

Segment syn();
Segment syn_ack();
Segment ack();
Segment fin_ack();
Segment rst();
Segment rst_ack();
Segment flags(std::uint8_t bits);

// Everything the connection reported.
class Recorder final : public Observer {
 public:
  void on_event(const Event& event) override;

  struct Sent {
    Event event;
    TcpSegmentSent body;
  };
  std::vector<std::string> states;  // "SYN-SENT", "ESTABLISHED": each state entered
  std::vector<Sent> sent;
  std::vector<TcpSegmentReceived> received;
  std::vector<DropReason> drops;
  std::vector<RttSampled> samples;
  std::vector<std::string> timers;  // "retransmission set"
  std::vector<TcpVariables> variables;
};

class Conversation {
 public:
  // The host's numbers begin at `isn`, those of the peer 200 above.
  explicit Conversation(const Config& config = plain_config(), std::uint32_t isn = kHostIsn);
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;
  ~Conversation();

  // No window scaling, a delayed ACK of 40 ms, IW10, MSS 1000.
  static Config plain_config();

  // --- steps ---
  void opens_actively();
  // The same with Fast Open: `cookie` of a server that announced `mss`.
  void opens_fast(const std::string& cookie, std::uint16_t mss = kMss);
  void opens_passively_fast(Segment syn);
  // The listener hands `syn` to the connection.
  void opens_passively(Segment syn);
  void peer_sends(Segment segment);
  // Several segments arrive before the host gets to send.
  void peer_sends_burst(std::vector<Segment> segments);
  // The next segment the host sent.
  void host_sends(const Segment& expected, int line = __builtin_LINE());
  // The host has sent nothing more.
  void is_silent(int line = __builtin_LINE());
  void advance(Duration duration);
  // Time passes up to the next deadline.
  void advance_to_deadline();
  void is_in(TcpState state, int line = __builtin_LINE());
  void writes(std::size_t octets);
  void writes(const std::string& text);
  void writes_urgent(const std::string& text);
  std::string reads(std::size_t octets_max = 1 << 20);
  void closes(Close how = Close::graceful);
  void shuts_down_sending();

  // Handshakes; afterwards the host's next octet is isn + 1 and the peer's isn + 201.
  void is_established(std::uint16_t peer_window = 60000, std::uint16_t mss = kMss);
  void is_established_passively(std::uint16_t peer_window = 60000, std::uint16_t mss = kMss);
  // The same, the peer's SYN,ACK being `answer` with numbers, window and MSS filled in.
  void is_established_with(Segment answer);
  // Drops what the host has sent and returns how many segments that were.
  std::size_t ignore_sent();

  Connection& connection() { return connection_; }
  Recorder& events() { return recorder_; }
  Instant now() const { return now_; }
  std::size_t sent_count() const { return outbox_.size(); }
  // The ECN codepoint asked for the next segment not yet looked at. Requires one.
  std::uint8_t next_codepoint() const { return outbox_.front().codepoint; }
  // Drops the oldest segment not yet looked at. Requires one.
  void drop_oldest() { outbox_.pop_front(); }
  // The newest segment not yet looked at. Requires one.
  const wire::TcpHeader& newest_sent() const { return outbox_.back().header; }
  void fail(const std::string& message, int line);

 private:
  struct Emitted {
    wire::TcpHeader header;
    std::string text;
    std::uint8_t codepoint = 0;
  };
  void deliver(const Segment& segment);
  void drain();
  void note(const std::string& step);
  static wire::TcpHeader header_of(const Segment& segment);

  std::uint32_t isn_;
  PacketPool pool_;
  Tracer tracer_;
  Recorder recorder_;
  NodeContext context_;
  Connection connection_;
  Instant now_ = kStart;
  std::uint64_t peer_uid_ = 1'000'000;
  std::deque<Emitted> outbox_;
  std::vector<std::string> steps_;
};

// `octets` of a fixed pattern that differs at every position modulo 251.
std::string pattern(std::size_t octets, std::size_t from = 0);

}  // namespace strata::tcp::testing
