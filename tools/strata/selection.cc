// SPDX-License-Identifier: MIT
#include "tools/strata/selection.h"

#include <fmt/format.h>

#include <memory>
#include <set>

#include "tools/filter/filter.h"
#include "tools/strata/terminal.h"

namespace strata::cli {
namespace {

using scenario::PacketKind;

constexpr std::uint8_t kFin = 0x01;
constexpr std::uint8_t kSyn = 0x02;
constexpr std::uint8_t kEchoRequest = 8;
constexpr std::uint8_t kEchoReply = 0;

bool is_segment(const TcpSegmentSent& segment, PacketKind kind) {
  switch (kind) {
    case PacketKind::data:
      return segment.kind == SegmentKind::data && segment.length > 0;
    case PacketKind::retransmission:
      return segment.kind == SegmentKind::retransmission;
    case PacketKind::syn:
      return (segment.flags & kSyn) != 0;
    case PacketKind::fin:
      return (segment.flags & kFin) != 0;
    case PacketKind::reset:
      return segment.kind == SegmentKind::reset;
    case PacketKind::ack:
      return segment.kind == SegmentKind::pure_ack;
    default:
      return false;
  }
}

bool is_pushed(const HeaderPushed& pushed, PacketKind kind) {
  const auto icmp_type = [&] { return pushed.packet.empty() ? 0xff : pushed.packet[0]; };
  switch (kind) {
    case PacketKind::datagram:
      return pushed.protocol == Protocol::udp;
    case PacketKind::arp:
      return pushed.protocol == Protocol::arp;
    case PacketKind::ping:
      return pushed.protocol == Protocol::icmpv4 && icmp_type() == kEchoRequest;
    case PacketKind::pong:
      return pushed.protocol == Protocol::icmpv4 && icmp_type() == kEchoReply;
    default:
      return false;
  }
}

// A switch floods what it does not know where to send; that the others ignore it is no loss.
bool is_loss(const Dropped& dropped) {
  return dropped.reason != DropReason::not_for_me && dropped.reason != DropReason::same_port;
}

bool is_meant(const Event& event, PacketKind kind) {
  if (event.uid == kNoPacket) return false;
  if (const auto* segment = std::get_if<TcpSegmentSent>(&event.body)) {
    return is_segment(*segment, kind);
  }
  if (const auto* pushed = std::get_if<HeaderPushed>(&event.body)) return is_pushed(*pushed, kind);
  if (const auto* dropped = std::get_if<Dropped>(&event.body)) {
    return kind == PacketKind::drop && is_loss(*dropped);
  }
  return false;
}

scenario::Mistake mistake_of(const filter::Mistake& mistake) {
  return {fmt::format("filter, column {}: {}", mistake.column, mistake.what),
          "docs/views.md has the fields"};
}

}  // namespace

scenario::Parsed<std::function<bool(PacketUid)>> packet_filter(const std::string& filter,
                                                               const trace::Recording& recording) {
  if (filter.empty()) return std::function<bool(PacketUid)>{};
  auto read = filter::Filter::parse(filter);
  if (!read) return tl::unexpected(mistake_of(read.error()));
  auto packets = std::make_shared<filter::PacketFilter>(recording, std::move(*read));
  return [packets](PacketUid uid) { return packets->passes(uid); };
}

std::optional<scenario::Mistake> check_filter(const std::string& filter) {
  const auto read = filter::Filter::parse(filter);
  if (!read) return mistake_of(read.error());
  if (!read->hint().empty()) note("strata: " + read->hint());
  return std::nullopt;
}

scenario::Parsed<PacketUid> find_packet(const trace::Recording& recording,
                                        const scenario::PacketSelector& selector,
                                        std::optional<std::uint32_t> flow) {
  if (flow && recording.flow(*flow) == nullptr) {
    return scenario::mistake(fmt::format("there is no flow {}", *flow),
                             fmt::format("the run had {}", recording.flows().size()));
  }
  if (selector.kind == PacketKind::uid) {
    const PacketUid uid{selector.number};
    if (recording.packet(uid).uid != kNoPacket) return uid;
    return scenario::mistake(fmt::format("there is no packet {}", selector.number),
                             fmt::format("the last is uid {}", raw(recording.last_uid())));
  }
  std::set<PacketUid> seen;  // a duplicate may be dropped twice
  std::uint64_t found = 0;
  for (const Event& event : recording.events()) {
    if (!is_meant(event, selector.kind)) continue;
    if (flow && recording.packet(event.uid).flow != *flow) continue;
    if (!seen.insert(event.uid).second) continue;
    if (++found == selector.number) return event.uid;
  }
  return scenario::mistake(
      fmt::format("there is no {}", scenario::in_quotes(to_text(selector))),
      found == 0 ? "the run had none of these" : fmt::format("the run had {} of these", found));
}

}  // namespace strata::cli
