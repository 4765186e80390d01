// SPDX-License-Identifier: MIT
#include "sim/packetdrill/machine.h"

#include <algorithm>

#include "stack/physical/framing.h"
#include "stack/transport/tcp/signature.h"
#include "stack/wire/arp.h"
#include "stack/wire/ethernet.h"

namespace strata::packetdrill {
namespace {

const MacAddress kHostMac{{0x02, 0, 0, 0, 0, 0x01}};
const MacAddress kPeerMac{{0x02, 0, 0, 0, 0, 0x02}};

host::HostConfig host_config(const MachineConfig& config) {
  host::HostConfig host;
  host.name = "stack";
  host::PortConfig port;
  port.interface.name = "tun0";
  port.interface.mac = kHostMac;
  port.interface.mtu = config.mtu;
  port.interface.large_receive = true;
  port.addresses = {{config.local, config.prefix_bits}};
  host.ports.push_back(std::move(port));
  host.routes.push_back({.destination = {Ipv4Address{}, 0}, .gateway = config.gateway});
  host.network = config.network;
  host.tcp = config.tcp;
  return host;
}

}  // namespace

Machine::Machine(const MachineConfig& config)
    : host_({.node = kStackNode,
             .pool = &pool_,
             .tracer = &tracer_,
             .key = derive_key(config.seed, "packetdrill")},
            host_config(config)),
      signature_key_(config.signature_key) {}

void Machine::put_frame(EtherType type, Bytes payload) {
  std::vector<std::uint8_t> frame(wire::EthernetHeader::kBytes);
  wire::EthernetHeader{.destination = kHostMac, .source = kPeerMac, .type = type}.emit(
      frame.data());
  frame.insert(frame.end(), payload.begin(), payload.end());
  frame.resize(std::max(frame.size(), wire::EthernetHeader::kFrameBytesMin));
  Packet packet = pool_.make(frame);
  physical::append_fcs(packet);
  packet.set_arrival(now_);
  cable_.carry(Direction::inbound, packet, now_);
  host_.receive(PortId{0}, std::move(packet), now_);
}

void Machine::inject(Bytes datagram) {
  put_frame(EtherType::ipv4, datagram);
  transmit();
}

void Machine::transmit() {
  while (auto frame = host_.poll_transmit(now_)) on_frame(*frame);
}

void Machine::advance(Instant instant) {
  while (host_.next_deadline() < instant) {
    now_ = std::max(now_, host_.next_deadline());
    host_.on_deadline(now_);
    transmit();
  }
  now_ = std::max(now_, instant);
}

bool Machine::step(Instant limit) {
  const Instant next = host_.next_deadline();
  if (next > limit || next == kNever) return false;
  now_ = std::max(now_, next);
  host_.on_deadline(now_);
  transmit();
  return true;
}

trace::Directory Machine::directory(Ipv4Address remote) const {
  constexpr int kPeerPrefixBits = 24;
  trace::PortEntry stack{.name = "tun0", .mac = kHostMac};
  stack.addresses = host_.network().addresses();
  trace::PortEntry peer{.name = "script", .mac = kPeerMac};
  peer.addresses.push_back({remote, kPeerPrefixBits});
  return directory_of(std::move(stack), std::move(peer));
}

void Machine::note_call(int socket, std::string call, std::string result) {
  const NodeContext context{.node = kStackNode, .tracer = &tracer_};
  context.trace(now_, [&] {
    return SocketCalled{.process = "script",
                        .socket = socket,
                        .call = std::move(call),
                        .result = std::move(result)};
  });
}

void Machine::on_frame(const OutgoingFrame& frame) {
  cable_.carry(Direction::outbound, frame.packet, now_);
  const Bytes bytes = frame.packet.bytes();
  const auto ethernet = wire::EthernetHeader::parse(bytes);
  if (!ethernet) return;
  const Bytes payload = bytes.subspan(wire::EthernetHeader::kBytes);
  if (ethernet->type == EtherType::arp) {
    answer_arp(payload);
    return;
  }
  const auto ip = wire::Ipv4Header::parse(payload);
  if (!ip) return;
  Sniffed packet{.at = now_, .ip = *ip};
  const Bytes segment = payload.subspan(ip->header_bytes(), ip->payload_bytes());
  packet.payload_bytes = static_cast<std::uint32_t>(segment.size());
  if (ip->protocol == IpProtocol::tcp) {
    const auto tcp = wire::TcpHeader::parse(segment, ip->source, ip->destination);
    if (!tcp) return;
    packet.tcp = *tcp;
    packet.is_signed =
        !signature_key_.empty() && tcp::is_signed(*tcp, segment.subspan(tcp->header_bytes()),
                                                  ip->source, ip->destination, signature_key_);
    packet.payload_bytes -= static_cast<std::uint32_t>(tcp->header_bytes());
  } else if (ip->protocol == IpProtocol::udp) {
    const auto udp = wire::UdpHeader::parse(segment, ip->source, ip->destination);
    if (!udp) return;
    packet.udp = *udp;
    packet.payload_bytes -= static_cast<std::uint32_t>(wire::UdpHeader::kBytes);
  } else if (ip->protocol == IpProtocol::icmp) {
    const auto icmp = wire::Icmpv4Message::parse(segment);
    if (!icmp) return;
    packet.icmp = *icmp;
    packet.payload_bytes -= static_cast<std::uint32_t>(wire::Icmpv4Message::kHeaderBytes);
  }
  sniffed_.push_back(std::move(packet));
}

// Whoever is asked for, it is us.
void Machine::answer_arp(Bytes message) {
  const auto request = wire::ArpMessage::parse(message);
  if (!request || request->operation != wire::ArpOperation::request) return;
  if (request->target_ip == request->sender_ip) return;  // an announcement
  std::array<std::uint8_t, wire::ArpMessage::kBytes> reply{};
  wire::ArpMessage{.operation = wire::ArpOperation::reply,
                   .sender_mac = kPeerMac,
                   .sender_ip = request->target_ip,
                   .target_mac = request->sender_mac,
                   .target_ip = request->sender_ip}
      .emit(reply.data());
  put_frame(EtherType::arp, reply);
}

}  // namespace strata::packetdrill
