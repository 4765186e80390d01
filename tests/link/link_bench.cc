// SPDX-License-Identifier: MIT
#include "tests/link/link_bench.h"

#include <gtest/gtest.h>

#include "stack/physical/framing.h"

namespace strata::link {

Octets from_hex(std::string_view text) {
  std::string digits;
  for (const char c : text) {
    if (c != ' ') digits += c;
  }
  Octets octets;
  for (std::size_t i = 0; i + 1 < digits.size(); i += 2) {
    octets.push_back(static_cast<std::uint8_t>(std::stoi(digits.substr(i, 2), nullptr, 16)));
  }
  return octets;
}

Octets concat(std::initializer_list<Octets> parts) {
  Octets whole;
  for (const Octets& part : parts) whole.insert(whole.end(), part.begin(), part.end());
  return whole;
}

Octets sealed(Octets frame) {
  if (frame.size() < 60) frame.resize(60);
  const std::uint32_t fcs = physical::compute_fcs(frame);
  for (int shift = 0; shift < 32; shift += 8) {
    frame.push_back(static_cast<std::uint8_t>(fcs >> shift));
  }
  return frame;
}

Octets ethernet_frame(const MacAddress& destination, const MacAddress& source, std::uint16_t type,
                      const Octets& payload) {
  Octets frame(14);
  destination.store(frame.data());
  source.store(frame.data() + 6);
  store_be16(frame.data() + 12, type);
  return sealed(concat({frame, payload}));
}

Octets arp_message(std::uint16_t operation, const MacAddress& sender_mac, Ipv4Address sender_ip,
                   const MacAddress& target_mac, Ipv4Address target_ip) {
  Octets message = from_hex("0001 0800 06 04");
  message.resize(28);
  store_be16(message.data() + 6, operation);
  sender_mac.store(message.data() + 8);
  sender_ip.store(message.data() + 14);
  target_mac.store(message.data() + 18);
  target_ip.store(message.data() + 24);
  return message;
}

void EventLog::on_event(const Event& event) {
  Octets bytes;
  const auto copy = [&](Bytes span) { bytes.assign(span.begin(), span.end()); };
  if (const auto* pushed = std::get_if<HeaderPushed>(&event.body)) copy(pushed->packet);
  if (const auto* pulled = std::get_if<HeaderPulled>(&event.body)) copy(pulled->packet);
  if (const auto* dropped = std::get_if<Dropped>(&event.body)) copy(dropped->packet);
  entries_.push_back({event, std::move(bytes)});
}

InterfaceBench::InterfaceBench(InterfaceConfig config) {
  tracer_.attach(log_);
  const NodeContext context{.node = NodeId{1}, .pool = &pool_, .tracer = &tracer_};
  interface_ = std::make_unique<Interface>(context, PortId{0}, std::move(config), *this, *this);
}

InterfaceConfig InterfaceBench::default_config() {
  return {.name = "eth0", .mac = kOwnMac, .addresses = {kOwnIp}};
}

PacketUid InterfaceBench::send(Ipv4Address next_hop, Instant now, Octets datagram) {
  Packet packet = pool_.make(datagram);
  const PacketUid uid = packet.uid();
  interface_->send(std::move(packet), next_hop, now);
  return uid;
}

std::optional<ReceivedFrame> InterfaceBench::receive(const Octets& frame, Instant now) {
  Packet packet = pool_.make(frame);
  const auto result = interface_->receive(packet, now);
  received_.assign(packet.bytes().begin(), packet.bytes().end());
  return result;
}

std::optional<ReceivedFrame> InterfaceBench::receive_arp(const Octets& message, Instant now) {
  return receive(ethernet_frame(MacAddress::broadcast(), kPeerMac, 0x0806, message), now);
}

void InterfaceBench::run(Instant until) {
  for (int steps = 0; interface_->next_deadline() <= until; ++steps) {
    ASSERT_LT(steps, 1000) << "the interface does not get on";
    interface_->on_deadline(interface_->next_deadline());
  }
}

std::vector<Octets> InterfaceBench::take_frames() {
  std::vector<Octets> frames;
  for (const Packet& packet : sent_) {
    frames.emplace_back(packet.bytes().begin(), packet.bytes().end());
  }
  sent_.clear();
  return frames;
}

std::vector<std::string> InterfaceBench::take_neighbour_events() {
  std::vector<std::string> lines;
  for (const NeighbourChanged& change : log_.all<NeighbourChanged>()) {
    lines.push_back(std::string{to_text(change.state)} + ": " + std::string{change.cause});
  }
  log_.clear();
  return lines;
}

void InterfaceBench::transmit(PortId /*port*/, Packet frame, Instant /*now*/) {
  sent_.push_back(std::move(frame));
}

void InterfaceBench::on_neighbour_unreachable(PortId /*port*/, Packet datagram, Instant /*now*/) {
  unreachable_.push_back(std::move(datagram));
}

}  // namespace strata::link
