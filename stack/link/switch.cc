// SPDX-License-Identifier: MIT
#include "stack/link/switch.h"

#include <algorithm>
#include <array>
#include <utility>

#include "stack/physical/framing.h"
#include "stack/wire/ethernet.h"

namespace strata::link {
namespace {

constexpr std::uint16_t kNoVlan = 0;
constexpr std::uint16_t kVlanReserved = 0xfff;  // IEEE 802.1Q 9.6

// 01:80:c2:00:00:00 to 0f: link-local protocols, never relayed (IEEE 802.1D table 7-10).
bool is_reserved(const MacAddress& address) {
  constexpr std::array<std::uint8_t, 5> kPrefix{0x01, 0x80, 0xc2, 0x00, 0x00};
  const auto& octets = address.octets();
  return std::equal(kPrefix.begin(), kPrefix.end(), octets.begin()) && octets[5] <= 0x0f;
}

template <typename List>
auto at_or_default(const List& list, PortId port) -> typename List::value_type {
  return raw(port) < list.size() ? list[raw(port)] : typename List::value_type{};
}

}  // namespace

LearningSwitch::LearningSwitch(const NodeContext& context, SwitchConfig config)
    : context_(context),
      config_(std::move(config)),
      table_(config_.ageing, config_.entries_max),
      port_up_(config_.ports, true) {}

void LearningSwitch::receive(PortId port, Packet packet, Instant now) {
  STRATA_ASSERT(raw(port) < config_.ports);
  if (!port_up_[raw(port)]) {
    drop(packet, port, DropReason::interface_down, now);
    return;
  }
  Ingress ingress{.port = port};
  if (const auto reason = check(packet, ingress)) {
    drop(packet, port, *reason, now);
    return;
  }
  age(now);
  learn(ingress, now);
  // Learnt from, but not relayed.
  if (is_reserved(ingress.header.destination)) {
    drop(packet, port, DropReason::not_for_me, now);
    return;
  }
  const MacTableEntry* known = ingress.header.destination.is_group()
                                   ? nullptr
                                   : table_.find(ingress.header.destination, ingress.vlan);
  if (known == nullptr) {
    flood(std::move(packet), ingress, now);
  } else if (known->port == port) {
    drop(packet, port, DropReason::same_port, now);
  } else {
    forward(std::move(packet), ingress, known->port, now);
  }
}

std::optional<OutgoingFrame> LearningSwitch::poll_transmit(Instant /*now*/) {
  if (next_output_ == output_.size()) return std::nullopt;
  OutgoingFrame frame = std::move(output_[next_output_]);
  if (++next_output_ == output_.size()) {
    output_.clear();
    next_output_ = 0;
  }
  return frame;
}

void LearningSwitch::set_port_up(PortId port, bool up, Instant now) {
  STRATA_ASSERT(raw(port) < config_.ports);
  port_up_[raw(port)] = up;
  if (up) return;
  for (const MacTableEntry& entry : table_.remove_port(port)) {
    context_.trace(now, [&] {
      return MacTableChanged{TableChange::removed, entry.address, entry.port, entry.vlan};
    });
  }
}

// ---- in ----------------------------------------------------------------------------------------

// Reads what the switch needs to know into `ingress`, or says why the frame ends here.
std::optional<DropReason> LearningSwitch::check(const Packet& packet, Ingress& ingress) const {
  const Bytes frame = packet.bytes();
  if (frame.size() < physical::kFrameBytesMin) return DropReason::frame_too_short;
  if (frame.size() > config_.frame_bytes_max) return DropReason::frame_too_long;
  if (!packet.has_sound_fcs()) {
    const Bytes covered = frame.first(frame.size() - physical::kFcsBytes);
    ingress.damage = physical::compute_fcs(covered) ^ physical::stored_fcs(frame);
  }
  if (config_.verify_fcs && ingress.damage != 0) return DropReason::fcs_error;
  const auto header = wire::EthernetHeader::parse(frame);
  if (!header) return header.error();
  ingress.header = *header;
  return config_.access_vlan.empty() ? std::nullopt : classify(frame, ingress);
}

// IEEE 802.1Q 6.9: the VLAN of a frame is that of its tag, or of the port when it has none.
std::optional<DropReason> LearningSwitch::classify(Bytes frame, Ingress& ingress) const {
  ingress.vlan = at_or_default(config_.access_vlan, ingress.port);
  if (ingress.header.type == EtherType::vlan) {
    const auto tag = wire::VlanTag::parse(frame.subspan(wire::VlanTag::kOffset));
    if (!tag) return tag.error();
    ingress.tag = *tag;
    if (tag->vlan != kNoVlan) {  // otherwise a priority tag: the VLAN of untagged frames
      if (!at_or_default(config_.trunk, ingress.port)) return DropReason::vlan_mismatch;
      ingress.vlan = tag->vlan;
    }
  }
  const bool is_valid = ingress.vlan != kNoVlan && ingress.vlan < kVlanReserved;
  return is_valid ? std::nullopt : std::optional{DropReason::vlan_mismatch};
}

void LearningSwitch::age(Instant now) {
  MacTableEntry expired;
  while (table_.expire_one(now, expired)) {
    context_.trace(now, [&] {
      return MacTableChanged{TableChange::expired, expired.address, expired.port, expired.vlan};
    });
  }
}

// IEEE 802.1D 7.8: from any good frame whose source is one station.
void LearningSwitch::learn(const Ingress& ingress, Instant now) {
  const MacAddress& source = ingress.header.source;
  if (source.is_group()) return;
  const auto changed = [&](TableChange change) {
    context_.trace(now, [&] {
      return MacTableChanged{change, source, ingress.port, ingress.vlan};
    });
  };
  switch (table_.learn(source, ingress.vlan, ingress.port, now)) {
    case MacTable::Learned::added:
      changed(TableChange::added);
      return;
    case MacTable::Learned::moved:
      changed(TableChange::updated);
      return;
    case MacTable::Learned::known:
    case MacTable::Learned::table_full:
      return;
  }
}

// ---- out ---------------------------------------------------------------------------------------

LearningSwitch::Egress LearningSwitch::egress(PortId port, const Ingress& ingress) const {
  if (!port_up_[raw(port)]) return Egress::none;
  if (config_.access_vlan.empty()) return Egress::as_received;
  if (at_or_default(config_.access_vlan, port) == ingress.vlan) return Egress::untagged;
  return at_or_default(config_.trunk, port) ? Egress::tagged : Egress::none;
}

void LearningSwitch::forward(Packet packet, const Ingress& ingress, PortId out, Instant now) {
  trace_forwarded(packet, ingress, {&out, 1}, false, now);
  put(std::move(packet), ingress, out, now);
}

// To every other port of the VLAN. The copies are the same frame on other links: same uid.
void LearningSwitch::flood(Packet packet, const Ingress& ingress, Instant now) {
  flood_ports_.clear();
  for (std::uint16_t i = 0; i < config_.ports; ++i) {
    const PortId out{i};
    if (out != ingress.port && egress(out, ingress) != Egress::none) flood_ports_.push_back(out);
  }
  trace_forwarded(packet, ingress, flood_ports_, true, now);
  if (flood_ports_.empty()) return;
  for (std::size_t i = 0; i + 1 < flood_ports_.size(); ++i) {
    put(packet.clone(), ingress, flood_ports_[i], now);
  }
  put(std::move(packet), ingress, flood_ports_.back(), now);
}

void LearningSwitch::put(Packet packet, const Ingress& ingress, PortId out, Instant now) {
  switch (egress(out, ingress)) {
    case Egress::untagged:
      if (ingress.tag) remove_tag(packet, ingress, now);
      break;
    case Egress::tagged:
      if (!ingress.tag) insert_tag(packet, ingress, now);
      if (ingress.tag && ingress.tag->vlan != ingress.vlan) rewrite_tag(packet, ingress);
      break;
    case Egress::as_received:
    case Egress::none:
      break;
  }
  output_.push_back({out, std::move(packet)});
}

// ---- tags --------------------------------------------------------------------------------------

void LearningSwitch::insert_tag(Packet& packet, const Ingress& ingress, Instant now) {
  packet.trim_back(physical::kFcsBytes);
  packet.push_front(wire::VlanTag::kBytes, Protocol::vlan);
  std::uint8_t* const frame = packet.mutable_bytes().data();
  std::copy_n(frame + wire::VlanTag::kBytes, wire::VlanTag::kOffset, frame);
  wire::VlanTag{.vlan = ingress.vlan, .type = ingress.header.type}.emit(frame +
                                                                        wire::VlanTag::kOffset);
  context_.trace(now, packet, [&] {
    return HeaderPushed{Protocol::vlan, wire::VlanTag::kBytes, packet.bytes()};
  });
  append_fcs(packet, ingress.damage);
}

void LearningSwitch::remove_tag(Packet& packet, const Ingress& ingress, Instant now) {
  context_.trace(now, packet, [&] {
    return HeaderPulled{Protocol::vlan, wire::VlanTag::kBytes, packet.bytes()};
  });
  packet.trim_back(physical::kFcsBytes);
  std::uint8_t* const frame = packet.mutable_bytes().data();
  std::copy_backward(frame, frame + wire::VlanTag::kOffset,
                     frame + wire::VlanTag::kOffset + wire::VlanTag::kBytes);
  packet.pull_front(wire::VlanTag::kBytes);
  // Without its tag a minimum frame would be a runt (IEEE 802.3 4.4.2).
  physical::pad(packet, wire::EthernetHeader::kFrameBytesMin);
  append_fcs(packet, ingress.damage);
}

// A priority tag gets the VLAN the frame was found to belong to.
void LearningSwitch::rewrite_tag(Packet& packet, const Ingress& ingress) {
  packet.trim_back(physical::kFcsBytes);
  wire::VlanTag tag = *ingress.tag;
  tag.vlan = ingress.vlan;
  tag.emit(packet.mutable_bytes().data() + wire::VlanTag::kOffset);
  append_fcs(packet, ingress.damage);
}

// A changed frame gets a new FCS, which is as wrong as the one it had: a switch that does not
// verify must not make damage look sound.
void LearningSwitch::append_fcs(Packet& packet, std::uint32_t damage) {
  const std::uint32_t fcs = physical::compute_fcs(packet.bytes()) ^ damage;
  physical::store_fcs(packet.push_back(physical::kFcsBytes).data(), fcs);
}

// ---- bookkeeping -------------------------------------------------------------------------------

void LearningSwitch::trace_forwarded(const Packet& packet, const Ingress& ingress,
                                     std::span<const PortId> out, bool flooded, Instant now) const {
  context_.trace(now, packet, [&] {
    return SwitchForwarded{.in = ingress.port,
                           .out = {out.begin(), out.end()},
                           .source = ingress.header.source,
                           .destination = ingress.header.destination,
                           .flooded = flooded};
  });
}

void LearningSwitch::drop(const Packet& packet, PortId port, DropReason reason, Instant now) {
  drops_.add(reason);
  context_.trace(now, packet, [&] {
    return Dropped{.layer = Layer::link, .reason = reason, .port = port, .packet = packet.bytes()};
  });
}

}  // namespace strata::link
