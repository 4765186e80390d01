// SPDX-License-Identifier: MIT
#include "sim/packetdrill/age.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <iterator>
#include <optional>
#include <utility>
#include <variant>
#include <vector>

#include "stack/base/bytes.h"
#include "stack/transport/tcp/fast_open.h"
#include "stack/transport/tcp/profile.h"
#include "stack/wire/options.h"
#include "stack/wire/tcp.h"

namespace strata::packetdrill {
namespace {

namespace flag = wire::tcp_flag;

constexpr Duration kTolerance = 10ms;
constexpr std::uint8_t kEcn = flag::kEce | flag::kCwr;

bool is_about(Duration value, Duration wanted) {
  return wanted - kTolerance <= value && value <= wanted + kTolerance;
}

// How much later than it says something may happen.
Duration tolerance_of(const Script& script) {
  const auto option = std::ranges::find(script.options, "tolerance_usecs", &Option::name);
  std::int64_t microseconds = 0;
  if (option != script.options.end()) {
    const char* end = option->value.data() + option->value.size();
    std::from_chars(option->value.data(), end, microseconds);
  }
  return std::max<Duration>(kTolerance, std::chrono::microseconds{microseconds});
}

// When an event is to happen, the one before it having happened at `last`.
Duration nominal_time(const EventTime& time, Duration last) {
  switch (time.kind) {
    case EventTime::Kind::absolute:
    case EventTime::Kind::absolute_range:
      return time.at;
    case EventTime::Kind::relative:
    case EventTime::Kind::relative_range:
      return last + time.at;
    case EventTime::Kind::any:
      break;
  }
  return last;
}

// Two packets of the script, one behind the other, and how long the second comes after the first.
// `sent_only`: what arrives is passed over. `is_quiet`: nor does anything else happen meanwhile.
template <typename Visit>
bool any_pair(const Script& script, bool sent_only, Visit&& visit, bool is_quiet = false) {
  Duration at{};
  Duration before_at{};
  const PacketSpec* before = nullptr;
  for (const Event& event : script.events) {
    const Duration last = at;
    at = nominal_time(event.time, at);
    if (is_quiet && last != before_at) before = nullptr;
    const auto* packet = std::get_if<PacketSpec>(&event.action);
    if (packet == nullptr) continue;
    if (sent_only && packet->direction == Direction::inbound) continue;
    if (before != nullptr && visit(*before, *packet, at - before_at)) return true;
    before = packet;
    before_at = at;
  }
  return false;
}

const TcpSpec* tcp_of(const PacketSpec& packet, Direction direction) {
  return packet.direction == direction ? std::get_if<TcpSpec>(&packet.body) : nullptr;
}

std::optional<std::uint16_t> mss_of(const TcpSpec& tcp) {
  const OptionSpec* found = tcp.find(wire::TcpOptionKind::maximum_segment_size);
  if (found == nullptr || found->payload.size() != 2) return std::nullopt;
  return load_be16(found->payload.data());
}

bool repeats_late(const PacketSpec& before, const PacketSpec& packet, Duration gap) {
  const TcpSpec* first = tcp_of(before, Direction::outbound);
  const TcpSpec* second = tcp_of(packet, Direction::outbound);
  if (first == nullptr || second == nullptr || !is_about(gap, 3s)) return false;
  const bool is_empty = first->length == 0 && (first->flags & (flag::kSyn | flag::kFin)) == 0;
  return !is_empty && first->flags == second->flags && first->sequence == second->sequence &&
         first->length == second->length;
}

// A SYN,ACK that crossed ours is answered by an ACK.
bool challenges_crossing_syn_ack(const Script& script) {
  constexpr std::uint8_t kSynAck = flag::kSyn | flag::kAck;
  bool has_crossed = false;
  const auto answers = [&has_crossed](const PacketSpec& before, const PacketSpec& packet,
                                      Duration gap) {
    const TcpSpec* ours = tcp_of(before, Direction::outbound);
    const TcpSpec* theirs = tcp_of(packet, Direction::inbound);
    if (ours != nullptr && theirs != nullptr) {
      has_crossed = ours->flags == kSynAck && theirs->flags == kSynAck;
      return false;
    }
    const TcpSpec* answer = tcp_of(packet, Direction::outbound);
    return std::exchange(has_crossed, false) && answer != nullptr && gap == Duration{} &&
           answer->flags == flag::kAck && answer->length == 0;
  };
  return any_pair(script, false, answers);
}

// A SYN that the script leaves alone for longer than today's first time-out.
bool repeats_no_syn(const PacketSpec& before, const PacketSpec& packet, Duration gap) {
  const TcpSpec* syn = tcp_of(before, Direction::outbound);
  const TcpSpec* answer = tcp_of(packet, Direction::inbound);
  return syn != nullptr && answer != nullptr && (syn->flags & flag::kSyn) != 0 &&
         (syn->flags & flag::kAck) == 0 && gap > 1300ms && gap < 3s;
}

// The ACK of a FIN, with ours again.
bool repeats_fin(const PacketSpec& before, const PacketSpec& packet, Duration gap) {
  const TcpSpec* first = tcp_of(before, Direction::outbound);
  const TcpSpec* second = tcp_of(packet, Direction::outbound);
  if (first == nullptr || second == nullptr || gap > 100ms) return false;
  return (first->flags & flag::kFin) != 0 && (second->flags & flag::kFin) != 0 &&
         first->sequence == second->sequence && first->acknowledgement &&
         second->acknowledgement == *first->acknowledgement + 1;
}

// The ACK of a FIN, with a window that is the largest but for that.
bool keeps_edge(const PacketSpec& before, const PacketSpec& packet, Duration) {
  const TcpSpec* fin = tcp_of(before, Direction::inbound);
  const TcpSpec* ack = tcp_of(packet, Direction::outbound);
  return fin != nullptr && ack != nullptr && (fin->flags & flag::kFin) != 0 &&
         ack->window == 0xfffe;
}

// SYNs that cross: ours scales windows, the other one does not, and still does the SYN,ACK.
bool repeats_offer(const PacketSpec& before, const PacketSpec& packet, Duration) {
  const TcpSpec* syn = tcp_of(before, Direction::inbound);
  const TcpSpec* answer = tcp_of(packet, Direction::outbound);
  return syn != nullptr && answer != nullptr && (syn->flags & flag::kSyn) != 0 &&
         (syn->flags & flag::kAck) == 0 && answer->flags == (flag::kSyn | flag::kAck) &&
         syn->find(wire::TcpOptionKind::window_scale) == nullptr &&
         answer->find(wire::TcpOptionKind::window_scale) != nullptr;
}

bool names(const Call& call, std::string_view word) {
  return std::ranges::find(call.arguments, word, &Expression::text) != call.arguments.end();
}

bool loses_text_after_shutdown(const Script& script) {
  bool is_shut = false;
  bool has_text = false;
  for (const Event& event : script.events) {
    if (const auto* packet = std::get_if<PacketSpec>(&event.action)) {
      const TcpSpec* tcp = tcp_of(*packet, Direction::inbound);
      has_text = has_text || (is_shut && tcp != nullptr && tcp->length > 0);
    } else if (const auto* call = std::get_if<Call>(&event.action)) {
      const bool is_zero =
          call->result.kind == Expression::Kind::number && call->result.number == 0;
      if (has_text && call->name == "read") return is_zero;
      is_shut = is_shut || (call->name == "shutdown" && names(*call, "SHUT_RD"));
    }
  }
  return false;
}

// A FIN without text before it is acknowledged before the close() that comes at the same instant.
bool acknowledges_fin_at_once(const Script& script) {
  enum class Seen : std::uint8_t { nothing, fin, close };
  Seen seen = Seen::nothing;
  Duration at{};
  Duration fin_at{};
  for (const Event& event : script.events) {
    at = nominal_time(event.time, at);
    if (const auto* call = std::get_if<Call>(&event.action)) {
      const bool is_now = seen == Seen::fin && call->name == "close" && at == fin_at;
      seen = is_now ? Seen::close : Seen::nothing;
    } else if (const auto* packet = std::get_if<PacketSpec>(&event.action)) {
      const TcpSpec* ours = tcp_of(*packet, Direction::outbound);
      if (seen == Seen::close && ours != nullptr) return ours->flags == flag::kAck;
      const TcpSpec* theirs = tcp_of(*packet, Direction::inbound);
      if (theirs == nullptr) continue;
      if (theirs->length > 0) return false;
      seen = (theirs->flags & flag::kFin) != 0 ? Seen::fin : Seen::nothing;
      fin_at = at;
    }
  }
  return false;
}

// The receive buffer of a FreeBSD that nobody has set: 64 KiB.
bool finds_its_receive_buffer(const Script& script) {
  constexpr std::int64_t kOctets = 65536;
  for (const Event& event : script.events) {
    const auto* call = std::get_if<Call>(&event.action);
    if (call == nullptr || call->arguments.size() < 4 || !names(*call, "SO_RCVBUF")) continue;
    const std::vector<Expression>& values = call->arguments[3].items;
    return call->name == "getsockopt" && !values.empty() && values.front().number == kOctets;
  }
  return false;
}

// Of SACK and window scaling Linux offers SACK first; without scaling, behind two NOPs.
bool has_option_order_of_linux(const TcpSpec& syn) {
  const auto place = [&syn](wire::TcpOptionKind kind) {
    return std::ranges::find(syn.options, static_cast<std::uint8_t>(kind), &OptionSpec::kind);
  };
  const auto sack = place(wire::TcpOptionKind::sack_permitted);
  const auto scale = place(wire::TcpOptionKind::window_scale);
  if (sack == syn.options.end()) return false;
  if (scale != syn.options.end()) return sack < scale;
  return sack != syn.options.begin() && std::prev(sack)->kind == wire::Option::kNoOperation;
}

// A SYN with less than the usual MSS is answered with that.
bool cuts_mss(const PacketSpec& before, const PacketSpec& packet, std::uint16_t usual) {
  const TcpSpec* syn = tcp_of(before, Direction::inbound);
  const TcpSpec* answer = tcp_of(packet, Direction::outbound);
  if (syn == nullptr || answer == nullptr) return false;
  const bool is_handshake = syn->flags == flag::kSyn && answer->flags == (flag::kSyn | flag::kAck);
  const auto mss = mss_of(*syn);
  return is_handshake && mss && *mss < usual && mss_of(*answer) == mss &&
         !has_option_order_of_linux(*answer);
}

// What comes without the time stamps that were agreed is taken: text follows the ACK that ends the
// handshake.
bool takes_what_has_no_stamps(const Script& script) {
  constexpr auto kStamps = wire::TcpOptionKind::timestamps;
  bool is_agreed = false;
  bool is_bare = false;  // the ACK came without
  for (const Event& event : script.events) {
    const auto* packet = std::get_if<PacketSpec>(&event.action);
    const auto* tcp = packet != nullptr ? std::get_if<TcpSpec>(&packet->body) : nullptr;
    if (tcp == nullptr) continue;
    const bool is_sent = packet->direction == Direction::outbound;
    if (is_sent && (tcp->flags & flag::kSyn) != 0) {
      is_agreed = (tcp->flags & flag::kAck) != 0 && tcp->find(kStamps) != nullptr;
    } else if (!is_sent && is_agreed) {
      is_bare = (tcp->flags & ~kEcn) == flag::kAck && tcp->find(kStamps) == nullptr;
      is_agreed = false;
    } else if (is_sent && std::exchange(is_bare, false) && tcp->length > 0) {
      return true;
    }
  }
  return false;
}

// What came twice is not told: text that covers a block which was told before makes a larger block,
// and that one stands first (RFC 2883 4 has the part that came twice in front of it).
bool tells_no_duplicates(const Script& script) {
  const auto blocks_of = [](const TcpSpec& tcp) {
    std::vector<std::pair<std::uint32_t, std::uint32_t>> blocks;
    const OptionSpec* sack = tcp.find(wire::TcpOptionKind::sack);
    for (std::size_t at = 0; sack != nullptr && at + 8 <= sack->payload.size(); at += 8) {
      blocks.emplace_back(load_be32(&sack->payload[at]), load_be32(&sack->payload[at + 4]));
    }
    return blocks;
  };
  std::vector<std::pair<std::uint32_t, std::uint32_t>> told;
  const TcpSpec* text = nullptr;
  for (const Event& event : script.events) {
    const auto* packet = std::get_if<PacketSpec>(&event.action);
    const auto* tcp = packet != nullptr ? std::get_if<TcpSpec>(&packet->body) : nullptr;
    if (tcp == nullptr) continue;
    if (packet->direction == Direction::inbound) {
      text = tcp->length > 0 ? tcp : nullptr;
      continue;
    }
    const auto blocks = blocks_of(*tcp);
    const auto is_covered = [text](const auto& block) {
      return text->sequence <= block.first && block.second <= text->sequence + text->length &&
             block.second - block.first < text->length;
    };
    if (text != nullptr && !blocks.empty() && std::ranges::any_of(told, is_covered) &&
        blocks.front().first <= text->sequence &&
        blocks.front().second >= text->sequence + text->length) {
      return true;
    }
    told = blocks;
    text = nullptr;
  }
  return false;
}

// Something else may have set the MSS or the time-out.
bool sets_it_itself(const Event& event) {
  if (const auto* command = std::get_if<Command>(&event.action)) {
    return command->text.find("rexmit_initial") != std::string::npos ||
           command->text.find("mtu") != std::string::npos ||
           command->text.find("route") != std::string::npos;
  }
  const auto* call = std::get_if<Call>(&event.action);
  return call != nullptr && call->name == "setsockopt" && names(*call, "TCP_MAXSEG");
}

bool asserts_late_time_out(const Event& event) {
  const auto* code = std::get_if<Code>(&event.action);
  return code != nullptr && code->text.find("tcpi_rto == 3000000") != std::string::npos;
}

bool expects_freebsd_11(const Script& script) {
  const auto usual = usual_mss(script);
  if (!usual) return false;
  const auto cuts = [usual](const PacketSpec& before, const PacketSpec& packet, Duration) {
    return cuts_mss(before, packet, *usual);
  };
  return std::ranges::any_of(script.events, asserts_late_time_out) ||
         any_pair(script, true, repeats_late) || any_pair(script, false, repeats_no_syn) ||
         any_pair(script, false, cuts);
}

// The first window that the script expects behind the handshake shows it.
bool expects_windows_rounded_down(const Script& script) {
  constexpr std::array<std::uint16_t, 2> kOfWholeSegments{65'700 >> 6, 66'000 >> 6};
  for (const Event& event : script.events) {
    const auto* packet = std::get_if<PacketSpec>(&event.action);
    const TcpSpec* tcp = packet != nullptr ? tcp_of(*packet, Direction::outbound) : nullptr;
    if (tcp == nullptr || (tcp->flags & flag::kSyn) != 0 || !tcp->window) continue;
    return std::ranges::find(kOfWholeSegments, *tcp->window) != kOfWholeSegments.end();
  }
  return false;
}

// An ACK waits for 100 ms, in which nothing happens.
bool expects_long_delay_of_acks(const Script& script) {
  const Duration latest = 100ms + tolerance_of(script);
  const auto waits = [latest](const PacketSpec& before, const PacketSpec& packet, Duration gap) {
    const TcpSpec* text = tcp_of(before, Direction::inbound);
    const TcpSpec* ack = tcp_of(packet, Direction::outbound);
    return text != nullptr && ack != nullptr && text->length > 0 && ack->length == 0 &&
           (ack->flags & (flag::kSyn | flag::kFin | flag::kRst)) == 0 &&
           gap >= 100ms - kTolerance && gap <= latest;
  };
  return any_pair(script, false, waits, true);
}

// In ESTABLISHED an ACK of what was not sent, which is answered at once by what was said before.
bool expects_answer_to_unsent_ack(const Script& script) {
  std::uint32_t sent = 0;  // up to here
  const TcpSpec* premature = nullptr;
  for (const Event& event : script.events) {
    const auto* packet = std::get_if<PacketSpec>(&event.action);
    const auto* tcp = packet != nullptr ? std::get_if<TcpSpec>(&packet->body) : nullptr;
    if (tcp == nullptr) continue;
    const bool is_sent = packet->direction == Direction::outbound;
    const bool is_premature = !is_sent && tcp->acknowledgement > sent;
    if ((tcp->flags & flag::kFin) != 0 && !is_premature) return false;
    if (!is_sent) {
      const bool is_plain = (tcp->flags & (flag::kSyn | flag::kRst)) == 0;
      premature = is_premature && is_plain ? tcp : nullptr;
      continue;
    }
    const bool is_ack = tcp->flags == flag::kAck && tcp->length == 0 && event.time.at == Duration{};
    if (premature != nullptr && is_ack && tcp->acknowledgement <= premature->sequence) return true;
    const bool is_syn = (tcp->flags & flag::kSyn) != 0;
    const std::uint32_t end = tcp->length + (is_syn ? 1 : tcp->sequence);
    sent = is_syn ? end : std::max(sent, end);
    premature = nullptr;
  }
  return false;
}

// A SYN that is repeated a second after it was repeated.
bool repeats_syns_evenly(const Script& script) {
  int seconds = 0;  // between those so far
  const auto is_third = [&seconds](const PacketSpec& before, const PacketSpec& packet,
                                   Duration gap) {
    const TcpSpec* first = tcp_of(before, Direction::outbound);
    const TcpSpec* second = tcp_of(packet, Direction::outbound);
    const bool is_repeated = first != nullptr && second != nullptr && first->flags == flag::kSyn &&
                             second->flags == flag::kSyn && is_about(gap, 1s);
    seconds = is_repeated ? seconds + 1 : 0;
    return seconds == 2;
  };
  return any_pair(script, true, is_third);
}

// A SYN that is repeated though ICMP has told that there is no route.
bool outlives_soft_errors(const Script& script) {
  constexpr std::uint8_t kUnreachable = 3;
  constexpr std::uint8_t kHost = 1;
  bool is_told = false;
  bool is_open = false;  // a SYN waits for its answer
  for (const Event& event : script.events) {
    const auto* packet = std::get_if<PacketSpec>(&event.action);
    if (packet == nullptr) continue;
    if (const auto* icmp = std::get_if<IcmpSpec>(&packet->body)) {
      const bool is_soft = icmp->type == kUnreachable && icmp->code <= kHost;
      is_told = is_told || (is_open && is_soft && packet->direction == Direction::inbound);
    } else if (const auto* tcp = std::get_if<TcpSpec>(&packet->body)) {
      const bool is_syn =
          packet->direction == Direction::outbound && (tcp->flags & ~kEcn) == flag::kSyn;
      if (is_syn && is_told) return true;
      is_open = is_syn;
      is_told = false;
    }
  }
  return false;
}

// A SYN that asks for the cookie that its client has been given.
bool asks_for_known_cookie(const Script& script) {
  bool is_known = false;
  for (const Event& event : script.events) {
    if (const auto* command = std::get_if<Command>(&event.action)) {
      if (command->text.find("tcp_metrics") != std::string::npos) is_known = false;
      continue;
    }
    const auto* packet = std::get_if<PacketSpec>(&event.action);
    const auto* tcp = packet != nullptr ? std::get_if<TcpSpec>(&packet->body) : nullptr;
    if (tcp == nullptr || (tcp->flags & flag::kSyn) == 0) continue;
    const OptionSpec* cookie = tcp->find(wire::TcpOptionKind::fast_open);
    if (cookie == nullptr) continue;
    const bool is_answer = (tcp->flags & flag::kAck) != 0;
    if (packet->direction == Direction::inbound) {
      is_known = is_known || (is_answer && tcp::is_cookie_length(cookie->payload.size()));
    } else if (!is_answer && is_known && cookie->payload.empty()) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::optional<std::uint16_t> usual_mss(const Script& script) {
  const auto given = [&script](std::string_view name) {
    return std::ranges::find(script.options, name, &Option::name);
  };
  if (given("mtu") != script.options.end()) return std::nullopt;
  if (std::ranges::any_of(script.events, sets_it_itself)) return std::nullopt;
  const auto version = given("ip_version");
  return version != script.options.end() && version->value == "ipv6" ? 1440 : 1460;
}

bool expects_freebsd(const Script& script) {
  return any_pair(script, true, repeats_fin) || loses_text_after_shutdown(script) ||
         acknowledges_fin_at_once(script) || finds_its_receive_buffer(script) ||
         expects_freebsd_11(script) || expects_long_delay_of_acks(script);
}

void adopt_linux_age(const Script& script, tcp::Config& config) {
  if (expects_answer_to_unsent_ack(script)) config.persona.answers_unsent_acks = true;
  if (challenges_crossing_syn_ack(script)) config.persona.challenges_crossing_syn_ack = true;
  if (asks_for_known_cookie(script)) config.persona.cookie_needs_text = true;
  if (outlives_soft_errors(script)) {
    config.persona.handshake_errors = tcp::HandshakeErrors::lasting;
  }
  if (repeats_syns_evenly(script))
    config.persona.linear_syn_timeouts = 4;  // tcp_syn_linear_timeouts
}

void adopt_freebsd_age(const Script& script, tcp::Config& config) {
  tcp::Persona& persona = config.persona;
  if (expects_freebsd_11(script)) tcp::make_freebsd_11(config);
  if (any_pair(script, false, repeats_offer)) {
    persona.crossing_options = tcp::CrossingOptions::offered_but_for_sack;
  }
  if (takes_what_has_no_stamps(script)) persona.needs_timestamps = false;
  if (tells_no_duplicates(script)) config.d_sack = false;
  if (expects_windows_rounded_down(script)) persona.rounds_window_up = false;
  if (expects_long_delay_of_acks(script)) config.delayed_ack = 100ms;
  if (any_pair(script, false, keeps_edge)) persona.time_wait_keeps_edge = true;
}

}  // namespace strata::packetdrill
