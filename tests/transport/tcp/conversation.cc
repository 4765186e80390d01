// SPDX-License-Identifier: MIT
#include "tests/transport/tcp/conversation.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

namespace strata::tcp::testing {
namespace {

namespace flag = wire::tcp_flag;

const FlowKey kFlow{.local = {Ipv4Address{10, 0, 0, 1}, 4000},
                    .remote = {Ipv4Address{10, 0, 0, 2}, 80}};

std::string flag_text(std::uint8_t bits) {
  static constexpr std::string_view kNames[] = {"FIN", "SYN", "RST", "PSH",
                                                "ACK", "URG", "ECE", "CWR"};
  std::string text;
  for (std::size_t i = 0; i < 8; ++i) {
    if ((bits >> i & 1) == 0) continue;
    if (!text.empty()) text += ',';
    text += kNames[i];
  }
  return text;
}

std::string describe(const Segment& s) {
  std::string text = "<" + flag_text(s.flags) + ">";
  if (s.sequence) text += fmt::format(" seq {}", *s.sequence);
  if (s.acknowledgement) text += fmt::format(" ack {}", *s.acknowledgement);
  if (s.window_field) text += fmt::format(" win {}", *s.window_field);
  if (s.length_bytes) text += fmt::format(" len {}", *s.length_bytes);
  if (s.text_bytes && s.text_bytes->size() < 40) text += fmt::format(" \"{}\"", *s.text_bytes);
  if (s.urgent && *s.urgent > 0) text += fmt::format(" urg {}", *s.urgent);
  if (s.mss_option) text += fmt::format(" mss {}", *s.mss_option);
  if (s.scale_option) text += fmt::format(" scale {}", *s.scale_option);
  if (s.sack_permitted_option) text += " sackOK";
  if (s.timestamps_option) {
    text +=
        fmt::format(" TS {} ecr {}", s.timestamps_option->value, s.timestamps_option->echo_reply);
  }
  for (const wire::SackBlock& block : s.sack_option) {
    text += fmt::format(" [{}-{})", block.left.raw(), block.right.raw());
  }
  return text;
}

bool options_match(const Segment& expected, const wire::TcpOptionValues& options) {
  const std::vector<wire::SackBlock> blocks{options.sack_blocks.begin(),
                                            options.sack_blocks.begin() + options.sack_count};
  return (!expected.sack_permitted_option || options.sack_permitted) &&
         (!expected.timestamps_option || options.timestamps == expected.timestamps_option) &&
         !(expected.no_timestamps_option && options.timestamps) &&
         (expected.sack_option.empty() || expected.sack_option == blocks) &&
         !(expected.no_sack_option && options.sack_count > 0);
}

}  // namespace

Segment flags(std::uint8_t bits) {
  Segment segment;
  segment.flags = bits;
  return segment;
}
Segment syn() { return flags(flag::kSyn); }
Segment syn_ack() { return flags(flag::kSyn | flag::kAck); }
Segment ack() { return flags(flag::kAck); }
Segment fin_ack() { return flags(flag::kFin | flag::kAck); }
Segment rst() { return flags(flag::kRst); }
Segment rst_ack() { return flags(flag::kRst | flag::kAck); }

std::string pattern(std::size_t octets, std::size_t from) {
  std::string text(octets, '\0');
  for (std::size_t i = 0; i < octets; ++i) text[i] = static_cast<char>((from + i) % 251);
  return text;
}

void Recorder::on_event(const Event& event) {
  if (const auto* e = std::get_if<TcpStateChanged>(&event.body))
    states.emplace_back(to_text(e->to));
  if (const auto* e = std::get_if<TcpSegmentSent>(&event.body)) sent.push_back({event, *e});
  if (const auto* e = std::get_if<TcpSegmentReceived>(&event.body)) received.push_back(*e);
  if (const auto* e = std::get_if<Dropped>(&event.body)) drops.push_back(e->reason);
  if (const auto* e = std::get_if<RttSampled>(&event.body)) samples.push_back(*e);
  if (const auto* e = std::get_if<TimerChanged>(&event.body)) {
    timers.push_back(fmt::format("{} {}", e->timer, to_text(e->action)));
  }
  if (const auto* e = std::get_if<TcpVariables>(&event.body)) variables.push_back(*e);
}

Config Conversation::plain_config() {
  Config config;
  config.window_scaling = false;
  config.receive_buffer_bytes = 60000;
  return config;
}

Conversation::Conversation(const Config& config, std::uint32_t isn)
    : isn_(isn),
      context_{.node = NodeId{1}, .pool = &pool_, .tracer = &tracer_},
      connection_(context_, kFlow, config, Seq32{isn}, kMss) {
  tracer_.attach(recorder_);
}

Conversation::~Conversation() {
  if (!outbox_.empty()) note(fmt::format("({} segments were never looked at)", outbox_.size()));
}

void Conversation::note(const std::string& step) {
  steps_.push_back(fmt::format("{:>10}  {}", to_text(now_), step));
}

void Conversation::fail(const std::string& message, int line) {
  std::string steps;
  for (const std::string& step : steps_) steps += "\n  " + step;
  ADD_FAILURE_AT("(conversation)", line) << message << "\nsteps so far:" << steps;
}

wire::TcpHeader Conversation::header_of(const Segment& segment) {
  wire::TcpHeader header{.source_port = kFlow.remote.port,
                         .destination_port = kFlow.local.port,
                         .sequence = Seq32{segment.sequence.value_or(0)},
                         .acknowledgement = Seq32{segment.acknowledgement.value_or(0)},
                         .flags = segment.flags,
                         .window = segment.window_field.value_or(60000),
                         .urgent_pointer = segment.urgent.value_or(0)};
  wire::TcpOptionWriter writer;
  if (segment.mss_option) writer.mss(*segment.mss_option);
  if (segment.scale_option) writer.no_operation().window_scale(*segment.scale_option);
  if (segment.fast_open_cookie) writer.raw(34, as_bytes(*segment.fast_open_cookie));
  if (segment.sack_permitted_option) writer.sack_permitted();
  if (segment.timestamps_option) writer.timestamps(*segment.timestamps_option);
  if (!segment.sack_option.empty()) writer.sack(segment.sack_option);
  header.options = writer.finish();
  return header;
}

void Conversation::deliver(const Segment& segment) {
  note("peer: " + describe(segment));
  const std::string text = segment.text_bytes.value_or(pattern(segment.length_bytes.value_or(0)));
  connection_.on_segment(header_of(segment), as_bytes(text), PacketUid{++peer_uid_}, now_, now_,
                         segment.codepoint);
}

void Conversation::drain() {
  while (std::optional<Packet> packet = connection_.poll_segment(now_)) {
    const auto header =
        wire::TcpHeader::parse(packet->bytes(), kFlow.local.address, kFlow.remote.address);
    ASSERT_TRUE(header.has_value()) << "the host sent a malformed segment";
    const Bytes payload = packet->bytes().subspan(header->header_bytes());
    outbox_.push_back({*header, std::string{as_text(payload)}, connection_.ecn_codepoint()});
    Segment sent;
    sent.flags = header->flags;
    sent.seq(header->sequence.raw()).ack(header->acknowledgement.raw()).window(header->window);
    const wire::TcpOptionValues options = wire::TcpOptionValues::from(header->options.bytes());
    sent.timestamps_option = options.timestamps;
    sent.sack_option.assign(options.sack_blocks.begin(),
                            options.sack_blocks.begin() + options.sack_count);
    note("            host: " + describe(sent.length(payload.size())));
    ASSERT_LT(outbox_.size(), 5000U) << "the host does not stop sending";
  }
  connection_.check_invariants();
}

void Conversation::opens_actively() {
  note("host opens actively");
  connection_.open_active(now_);
  drain();
}

void Conversation::opens_fast(const std::string& cookie, std::uint16_t mss) {
  note("host opens actively with Fast Open");
  connection_.request_fast_open(FastOpenCookie{as_bytes(cookie)}, mss);
  connection_.open_active(now_);
  drain();
}

void Conversation::opens_passively_fast(Segment segment) {
  note("peer: " + describe(segment));
  const std::string text = segment.text_bytes.value_or("");
  connection_.open_passive_fast(header_of(segment), as_bytes(text), PacketUid{++peer_uid_}, now_,
                                now_);
  drain();
}

void Conversation::opens_passively(Segment segment) {
  note("peer: " + describe(segment));
  const std::string text = segment.text_bytes.value_or(pattern(segment.length_bytes.value_or(0)));
  connection_.open_passive(header_of(segment), as_bytes(text), PacketUid{++peer_uid_}, now_, now_);
  drain();
}

void Conversation::peer_sends(Segment segment) { peer_sends_burst({std::move(segment)}); }

void Conversation::peer_sends_burst(std::vector<Segment> segments) {
  for (const Segment& segment : segments) deliver(segment);
  drain();
}

void Conversation::host_sends(const Segment& expected, int line) {
  if (outbox_.empty()) return fail("expected " + describe(expected) + ", the host is silent", line);
  const Emitted emitted = std::move(outbox_.front());
  outbox_.pop_front();
  const wire::TcpHeader& header = emitted.header;
  const wire::TcpOptionValues options = wire::TcpOptionValues::from(header.options.bytes());
  const auto compared = static_cast<std::uint8_t>(
      header.flags & ~((expected.flags & flag::kPsh) != 0 ? 0 : flag::kPsh));
  const std::size_t length =
      expected.text_bytes ? expected.text_bytes->size() : expected.length_bytes.value_or(0);
  const bool matches =
      compared == expected.flags &&
      header.sequence.raw() == expected.sequence.value_or(header.sequence.raw()) &&
      header.acknowledgement.raw() ==
          expected.acknowledgement.value_or(header.acknowledgement.raw()) &&
      header.window == expected.window_field.value_or(header.window) &&
      (!expected.mss_option || options.mss == expected.mss_option) &&
      (!expected.scale_option || options.window_scale == expected.scale_option) &&
      !(expected.no_scale_option && options.window_scale) &&
      (!expected.fast_open_cookie ||
       (options.fast_open && as_text(*options.fast_open) == *expected.fast_open_cookie)) &&
      options_match(expected, options) &&
      header.urgent_pointer == expected.urgent.value_or(header.urgent_pointer) &&
      emitted.text.size() == length &&
      (!expected.text_bytes || emitted.text == *expected.text_bytes);
  if (matches) return;
  Segment sent;
  sent.flags = header.flags;
  sent.seq(header.sequence.raw()).ack(header.acknowledgement.raw()).window(header.window);
  sent.mss_option = options.mss;
  sent.urgent = header.urgent_pointer;
  sent.scale_option = options.window_scale;
  sent.sack_permitted_option = options.sack_permitted;
  sent.timestamps_option = options.timestamps;
  sent.sack_option.assign(options.sack_blocks.begin(),
                          options.sack_blocks.begin() + options.sack_count);
  fail("expected " + describe(expected) + ", the host sent " +
           describe(sent.length(emitted.text.size())),
       line);
}

void Conversation::is_silent(int line) {
  if (outbox_.empty()) return;
  fail(fmt::format("the host is not silent: {} segments, first seq {}", outbox_.size(),
                   outbox_.front().header.sequence.raw()),
       line);
  outbox_.clear();
}

void Conversation::advance(Duration duration) {
  const Instant target = now_ + duration;
  while (connection_.next_deadline() <= target) {
    now_ = std::max(now_, connection_.next_deadline());
    connection_.on_deadline(now_);
    drain();
  }
  now_ = target;
}

void Conversation::advance_to_deadline() {
  const std::size_t before = outbox_.size();
  // A wake-up may come early; it is the first that does something that counts.
  for (int i = 0; i < 10 && outbox_.size() == before && connection_.next_deadline() != kNever;
       ++i) {
    advance(connection_.next_deadline() - now_);
  }
}

void Conversation::is_in(TcpState state, int line) {
  if (connection_.state() == state) return;
  fail(fmt::format("expected state {}, it is {}", to_text(state), to_text(connection_.state())),
       line);
}

void Conversation::writes(std::size_t octets) { writes(pattern(octets)); }

void Conversation::writes(const std::string& text) {
  note(fmt::format("user writes {} octets", text.size()));
  const Result<std::size_t> accepted = connection_.send(as_bytes(text), now_);
  if (!accepted || *accepted != text.size()) fail("the write was not accepted in full", 0);
  drain();
}

void Conversation::writes_urgent(const std::string& text) {
  note(fmt::format("user writes {} urgent octets", text.size()));
  const Result<std::size_t> accepted = connection_.send_urgent(as_bytes(text), now_);
  if (!accepted || *accepted != text.size()) fail("the write was not accepted in full", 0);
  drain();
}

std::string Conversation::reads(std::size_t octets_max) {
  std::vector<std::uint8_t> into(octets_max);
  const Result<std::size_t> count = connection_.receive(into, false, now_);
  note(count ? fmt::format("user reads {} octets", *count) : "user reads nothing");
  drain();
  return std::string{as_text(Bytes{into}.first(count.value_or(0)))};
}

void Conversation::closes(Close how) {
  note("user closes");
  connection_.close(how, now_);
  drain();
}

void Conversation::shuts_down_sending() {
  note("user shuts down sending");
  connection_.shutdown_send(now_);
  drain();
}

void Conversation::is_established(std::uint16_t peer_window, std::uint16_t mss) {
  opens_actively();
  peer_sends(syn_ack().seq(isn_ + 200).ack(isn_ + 1).window(peer_window).mss(mss));
  is_in(TcpState::established);
  ignore_sent();
}

void Conversation::is_established_with(Segment answer) {
  opens_actively();
  if (!answer.window_field) answer.window(60000);
  if (!answer.mss_option) answer.mss(kMss);
  peer_sends(answer.seq(isn_ + 200).ack(isn_ + 1));
  is_in(TcpState::established);
  ignore_sent();
}

void Conversation::is_established_passively(std::uint16_t peer_window, std::uint16_t mss) {
  opens_passively(syn().seq(isn_ + 200).window(peer_window).mss(mss));
  peer_sends(ack().seq(isn_ + 200 + 1).ack(isn_ + 1).window(peer_window));
  is_in(TcpState::established);
  ignore_sent();
}

std::size_t Conversation::ignore_sent() {
  const std::size_t count = outbox_.size();
  outbox_.clear();
  return count;
}

}  // namespace strata::tcp::testing
