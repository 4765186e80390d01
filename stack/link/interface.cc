// SPDX-License-Identifier: MIT
#include "stack/link/interface.h"

#include <algorithm>
#include <array>
#include <utility>

#include "stack/base/bytes.h"
#include "stack/physical/framing.h"

namespace strata::link {
namespace {

// RFC 1112 6.4: the low 23 bits of the group address behind 01:00:5e.
MacAddress multicast_mac(Ipv4Address group) {
  const std::uint32_t value = group.value();
  return MacAddress{{0x01, 0x00, 0x5e, static_cast<std::uint8_t>((value >> 16) & 0x7f),
                     static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)}};
}

// RFC 1042: LLC "AA AA 03" and SNAP "00 00 00" before the EtherType.
constexpr std::array<std::uint8_t, 6> kSnap{0xaa, 0xaa, 0x03, 0x00, 0x00, 0x00};
constexpr std::size_t kSnapBytes = kSnap.size() + 2;
// Below it the type field is the length of an 802.3 frame (IEEE 802.3 3.2.6).
constexpr std::uint16_t kFirstType = 0x0600;

// The source address of an IPv4 datagram.
Ipv4Address source_of(const Packet& datagram) {
  constexpr std::size_t kSourceAt = 12;
  if (datagram.size() < kSourceAt + Ipv4Address::kBytes) return {};
  return Ipv4Address::load(datagram.bytes().data() + kSourceAt);
}

// RFC 1122 2.4-2: the type of service of a datagram matters to the link where the link has a use
// for it: its class selector (RFC 2474 4.2.2) becomes the priority of the tag (IEEE 802.1Q 6.9.3).
std::uint8_t priority_of(Bytes packet, EtherType type) {
  if (type != EtherType::ipv4 || packet.size() < 2) return 0;
  return static_cast<std::uint8_t>(packet[1] >> 5);
}

}  // namespace

Interface::Interface(const NodeContext& context, PortId port, InterfaceConfig config,
                     FrameSink& sink, NeighbourListener& listener)
    : context_(context),
      port_(port),
      config_(std::move(config)),
      sink_(sink),
      listener_(listener),
      neighbours_(context, port, config_.mac, config_.addresses, config_.arp, *this) {}

// ---- down --------------------------------------------------------------------------------------

void Interface::send(Packet datagram, Ipv4Address next_hop, Instant now) {
  if (datagram.size() > config_.mtu) {
    drop(datagram, DropReason::frame_too_long, now);
  } else if (config_.arp.probe && !neighbours_.may_use(source_of(datagram))) [[unlikely]] {
    // RFC 5227 2.1: an address is not used before it is known to be free.
    drop(datagram, DropReason::interface_down, now);
  } else if (const MacAddress* mac = neighbours_.find_fresh(next_hop, now)) {
    transmit(std::move(datagram), EtherType::ipv4, *mac, now);
  } else if (next_hop.is_multicast()) {
    transmit(std::move(datagram), EtherType::ipv4, multicast_mac(next_hop), now);
  } else if (next_hop.is_limited_broadcast()) {
    transmit(std::move(datagram), EtherType::ipv4, MacAddress::broadcast(), now);
  } else {
    neighbours_.resolve(std::move(datagram), next_hop, now);
    sink_.on_deadline_moved(port_);
  }
}

void Interface::send_broadcast(Packet datagram, Instant now) {
  send(std::move(datagram), Ipv4Address::limited_broadcast(), now);
}

void Interface::send_arp(Packet message, const MacAddress& destination, Instant now) {
  transmit(std::move(message), EtherType::arp, destination, now);
}

void Interface::send_resolved(Packet datagram, const MacAddress& neighbour, Instant now) {
  transmit(std::move(datagram), EtherType::ipv4, neighbour, now);
}

void Interface::on_unresolved(Packet datagram, Instant now) {
  drop(datagram, DropReason::neighbour_unreachable, now);
  listener_.on_neighbour_unreachable(port_, std::move(datagram), now);
}

void Interface::transmit(Packet packet, EtherType type, const MacAddress& destination,
                         Instant now) {
  push_header(packet, type, destination, now);
  push_trailer(packet, now);
  sink_.transmit(port_, std::move(packet), now);
}

void Interface::push_header(Packet& packet, EtherType type, const MacAddress& destination,
                            Instant now) {
  if (config_.vlan) {
    // The Ethernet header ends with the tag protocol identifier; what is inside it is the rest of
    // the tag and the type that the tag displaced.
    std::array<std::uint8_t, wire::VlanTag::kBytesWithType> tag{};
    wire::VlanTag{
        .priority = priority_of(packet.bytes(), type), .vlan = *config_.vlan, .type = type}
        .emit(tag.data());
    std::ranges::copy(Bytes{tag}.last(wire::VlanTag::kBytes),
                      packet.push_front(wire::VlanTag::kBytes, Protocol::vlan).begin());
    context_.trace(now, packet, [&] {
      return HeaderPushed{Protocol::vlan, wire::VlanTag::kBytes, packet.bytes()};
    });
    type = EtherType::vlan;
  }
  const wire::EthernetHeader header{destination, config_.mac, type};
  header.emit(packet.push_front(wire::EthernetHeader::kBytes, Protocol::ethernet).data());
  context_.trace(now, packet, [&] {
    return HeaderPushed{Protocol::ethernet, wire::EthernetHeader::kBytes, packet.bytes()};
  });
}

void Interface::push_trailer(Packet& packet, Instant now) {
  const std::size_t padding = physical::pad(packet, wire::EthernetHeader::kFrameBytesMin);
  if (padding > 0) {
    context_.trace(now, packet, [&] {
      return HeaderPushed{Protocol::padding, static_cast<std::uint16_t>(padding), packet.bytes()};
    });
  }
  if (trusts_medium_) {
    physical::append_no_fcs(packet);
  } else {
    physical::append_fcs(packet);
  }
  context_.trace(now, packet, [&] {
    return HeaderPushed{Protocol::fcs, physical::kFcsBytes, packet.bytes()};
  });
}

// ---- up ----------------------------------------------------------------------------------------

std::optional<ReceivedFrame> Interface::receive(Packet& packet, Instant now) {
  packet.clear_marks();  // the sender's knowledge; from here on only the bytes count
  std::optional<ReceivedFrame> frame{std::in_place};
  Encapsulation around;
  if (const auto fault = check(packet, *frame, around)) {
    drop(packet, *fault, now);
    frame.reset();
    return frame;
  }
  pull_headers(packet, around, now);
  if (frame->type == EtherType::arp) {
    neighbours_.receive(packet, now);
    sink_.on_deadline_moved(port_);
    frame.reset();
  }
  return frame;
}

// All reasons to refuse a frame, in the order a network card and its driver find them. Fills in
// what it finds; where it refuses, only in part.
std::optional<DropReason> Interface::check(const Packet& packet, ReceivedFrame& frame,
                                           Encapsulation& around) const {
  const Bytes octets = packet.bytes();
  constexpr std::size_t kOverhead =
      wire::EthernetHeader::kBytes + wire::VlanTag::kBytes + physical::kFcsBytes;
  if (octets.size() < physical::kFrameBytesMin) return DropReason::frame_too_short;
  if (!config_.large_receive && octets.size() > config_.mtu + kOverhead) {
    return DropReason::frame_too_long;
  }
  if (config_.verify_fcs && !trusts_medium_ && !packet.has_sound_fcs() &&
      !physical::has_valid_fcs(octets)) {
    return DropReason::fcs_error;
  }
  const auto header = wire::EthernetHeader::parse(octets);
  if (!header) return header.error();

  frame.type = header->type;
  frame.source = header->source;
  frame.destination = header->destination;
  frame.is_broadcast = header->destination.is_broadcast();
  frame.is_group = header->destination.is_group();
  // All group addresses are let in; the network layer knows which groups it belongs to.
  frame.is_for_other = !frame.is_group && header->destination != config_.mac;
  if (frame.is_for_other && !config_.promiscuous) return DropReason::not_for_me;
  std::uint16_t vlan = 0;
  if (frame.type == EtherType::vlan) {
    const auto tag = wire::VlanTag::parse(octets.subspan(wire::VlanTag::kOffset));
    if (!tag) return tag.error();
    vlan = tag->vlan;
    around.tag_bytes = wire::VlanTag::kBytes;
    frame.type = tag->type;
  }
  // IEEE 802.1Q 9.6: VLAN 0 is a priority tag; the frame belongs where an untagged one would.
  if (vlan != config_.vlan.value_or(0)) return DropReason::vlan_mismatch;
  if (!open_snap(octets, frame.type, around)) return DropReason::unknown_ethertype;
  if (frame.type == EtherType::arp && frame.is_for_other) return DropReason::not_for_me;
  if (frame.type != EtherType::ipv4 && frame.type != EtherType::arp) {
    return DropReason::unknown_ethertype;
  }
  return std::nullopt;
}

// RFC 1122 2.3.3 (SHOULD): IP in 802.3 frames with LLC and SNAP headers is received as well. True
// also for a frame that has none; false for an 802.3 frame that carries something else.
bool Interface::open_snap(Bytes frame, EtherType& type, Encapsulation& around) {
  const auto length = static_cast<std::uint16_t>(type);
  if (length >= kFirstType) return true;
  Bytes body = frame.subspan(wire::EthernetHeader::kBytes + around.tag_bytes);
  body = body.first(body.size() - physical::kFcsBytes);
  if (length < kSnapBytes || length > body.size()) return false;
  if (!std::ranges::equal(body.first(kSnap.size()), kSnap)) return false;
  type = static_cast<EtherType>(load_be16(body.data() + kSnap.size()));
  around.snap_payload_bytes = length - kSnapBytes;
  around.is_snap = true;
  return true;
}

// Strips what check() has found, outermost first.
void Interface::pull_headers(Packet& packet, const Encapsulation& around, Instant now) {
  const auto pulled = [&](Protocol protocol, std::size_t bytes) {
    context_.trace(now, packet, [&] {
      return HeaderPulled{protocol, static_cast<std::uint16_t>(bytes), packet.bytes()};
    });
  };
  pulled(Protocol::fcs, physical::kFcsBytes);
  packet.trim_back(physical::kFcsBytes);
  pulled(Protocol::ethernet, wire::EthernetHeader::kBytes);
  packet.pull_front(wire::EthernetHeader::kBytes);
  if (around.tag_bytes > 0) {
    pulled(Protocol::vlan, around.tag_bytes);
    packet.pull_front(around.tag_bytes);
  }
  if (around.is_snap) {  // LLC and SNAP count as more of the Ethernet header
    pulled(Protocol::ethernet, kSnapBytes);
    packet.pull_front(kSnapBytes);
    packet.trim_back(packet.size() - around.snap_payload_bytes);
  }
}

void Interface::drop(const Packet& packet, DropReason reason, Instant now) {
  drops_.add(reason);
  context_.trace(now, packet, [&] {
    return Dropped{.layer = Layer::link, .reason = reason, .port = port_, .packet = packet.bytes()};
  });
}

}  // namespace strata::link
