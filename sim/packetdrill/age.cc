// SPDX-License-Identifier: MIT
#include "sim/packetdrill/age.h"

#include <algorithm>
#include <optional>

#include "stack/base/bytes.h"
#include "stack/wire/tcp.h"

namespace strata::packetdrill {
namespace {

namespace flag = wire::tcp_flag;

constexpr std::uint8_t kMssOption = 2;
constexpr Duration kTolerance = 10ms;

bool is_about(Duration value, Duration wanted) {
  return wanted - kTolerance <= value && value <= wanted + kTolerance;
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
// `sent_only`: what arrives is passed over.
template <typename Visit>
bool any_pair(const Script& script, bool sent_only, Visit&& visit) {
  Duration at{};
  Duration before_at{};
  const PacketSpec* before = nullptr;
  for (const Event& event : script.events) {
    at = nominal_time(event.time, at);
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
  const auto found = std::ranges::find(tcp.options, kMssOption, &OptionSpec::kind);
  if (found == tcp.options.end() || found->payload.size() != 2) return std::nullopt;
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

bool cuts_its_mss(const PacketSpec& before, const PacketSpec& packet, Duration) {
  constexpr std::uint16_t kUsual = 1460;  // of Ethernet
  const TcpSpec* syn = tcp_of(before, Direction::inbound);
  const TcpSpec* answer = tcp_of(packet, Direction::outbound);
  if (syn == nullptr || answer == nullptr) return false;
  const bool is_handshake = syn->flags == flag::kSyn && answer->flags == (flag::kSyn | flag::kAck);
  const auto mss = mss_of(*syn);
  return is_handshake && mss && *mss < kUsual && mss_of(*answer) == mss;
}

// Something else may have set the MSS or the time-out.
bool sets_it_itself(const Event& event) {
  if (const auto* command = std::get_if<Command>(&event.action)) {
    return command->text.find("rexmit_initial") != std::string::npos ||
           command->text.find("mtu") != std::string::npos ||
           command->text.find("route") != std::string::npos;
  }
  const auto* call = std::get_if<Call>(&event.action);
  if (call == nullptr || call->name != "setsockopt") return false;
  return std::ranges::find(call->arguments, "TCP_MAXSEG", &Expression::text) !=
         call->arguments.end();
}

bool asserts_late_time_out(const Event& event) {
  const auto* code = std::get_if<Code>(&event.action);
  return code != nullptr && code->text.find("tcpi_rto == 3000000") != std::string::npos;
}

}  // namespace

bool expects_freebsd_11(const Script& script) {
  const bool has_mtu =
      std::ranges::find(script.options, "mtu", &Option::name) != script.options.end();
  if (has_mtu || std::ranges::any_of(script.events, sets_it_itself)) return false;
  return std::ranges::any_of(script.events, asserts_late_time_out) ||
         any_pair(script, true, repeats_late) || any_pair(script, false, cuts_its_mss);
}

bool expects_long_delay_of_acks(const Script& script) {
  return any_pair(
      script, false, [](const PacketSpec& before, const PacketSpec& packet, Duration gap) {
        const TcpSpec* text = tcp_of(before, Direction::inbound);
        const TcpSpec* ack = tcp_of(packet, Direction::outbound);
        return text != nullptr && ack != nullptr && text->length > 0 && ack->length == 0 &&
               (ack->flags & (flag::kSyn | flag::kFin | flag::kRst)) == 0 && is_about(gap, 100ms);
      });
}

}  // namespace strata::packetdrill
