// SPDX-License-Identifier: MIT
// Building what arrives and describing what was sent; comparing is in match.cc.
#include "sim/packetdrill/packets.h"

#include <algorithm>
#include <utility>

#include "stack/transport/tcp/signature.h"
#include "stack/wire/options.h"

namespace strata::packetdrill {
namespace {

constexpr std::uint8_t kTtl = 255;
constexpr std::uint8_t kSack = static_cast<std::uint8_t>(wire::TcpOptionKind::sack);
constexpr std::uint8_t kTimestamps = static_cast<std::uint8_t>(wire::TcpOptionKind::timestamps);
constexpr std::uint8_t kSignature = static_cast<std::uint8_t>(wire::TcpOptionKind::md5_signature);
constexpr std::uint8_t kFiller = 'z';

// The option as it stands on the wire: numbers of the stack are translated.
std::vector<std::uint8_t> wire_payload(const OptionSpec& option, const Flow& flow) {
  std::vector<std::uint8_t> payload = option.payload;
  if (option.kind == kSack) {
    for (std::size_t i = 0; i + 4 <= payload.size(); i += 4) {
      store_be32(&payload[i], load_be32(&payload[i]) + flow.shift());
    }
  } else if (option.kind == kTimestamps && payload.size() == 8 && load_be32(&payload[4]) != 0) {
    store_be32(&payload[4], flow.stamp_on_wire(load_be32(&payload[4])));
  }
  return payload;
}

wire::OptionBytes option_bytes(const TcpSpec& tcp, const Flow& flow) {
  std::vector<std::uint8_t> bytes;
  for (const OptionSpec& option : tcp.options) {
    bytes.push_back(option.kind);
    if (option.kind <= 1) continue;
    const std::vector<std::uint8_t> payload = wire_payload(option, flow);
    bytes.push_back(static_cast<std::uint8_t>(2 + payload.size()));
    bytes.insert(bytes.end(), payload.begin(), payload.end());
  }
  bytes.resize((bytes.size() + 3) / 4 * 4);
  return wire::OptionBytes(bytes);
}

// The options of `tcp` with the signature that stands in one of them.
wire::OptionBytes signed_options(TcpSpec tcp, const Flow& flow,
                                 const strata::tcp::Signature& signature) {
  for (OptionSpec& option : tcp.options) {
    if (!option.is_valid) continue;
    option.payload.assign(signature.begin(), signature.end());
    if (!*option.is_valid) option.payload.front() ^= 1;
  }
  return option_bytes(tcp, flow);
}

std::vector<std::uint8_t> build_tcp(const TcpSpec& tcp, const Flow& flow, std::string_view key) {
  wire::TcpHeader header{.source_port = flow.remote.port,
                         .destination_port = flow.local.port,
                         .sequence = Seq32{tcp.sequence},
                         .reserved = static_cast<std::uint8_t>(tcp.accurate_ecn ? 1 : 0),
                         .flags = tcp.flags,
                         .window = tcp.window.value_or(0),
                         .urgent_pointer = tcp.urgent.value_or(0),
                         .options = option_bytes(tcp, flow)};
  if ((tcp.flags & wire::tcp_flag::kSyn) == 0 && !tcp.absolute_sequence) {
    header.sequence = header.sequence + flow.peer_offset;
  }
  // With the flag and without a number it is that of our SYN.
  if (tcp.acknowledgement || (tcp.flags & wire::tcp_flag::kAck) != 0) {
    const bool on_syn = (tcp.flags & wire::tcp_flag::kSyn) != 0;
    const std::uint32_t shift = tcp.absolute_acknowledgement ? 0 : flow.shift(on_syn);
    header.acknowledgement = Seq32{tcp.acknowledgement.value_or(0) + shift};
  }
  std::vector<std::uint8_t> segment(header.header_bytes() + tcp.length, kFiller);
  const OptionSpec* signature = tcp.find(wire::TcpOptionKind::md5_signature);
  if (signature != nullptr && signature->is_valid) {
    const Bytes text = Bytes{segment}.subspan(header.header_bytes());
    header.options = signed_options(
        tcp, flow,
        strata::tcp::signature_of(header, text, flow.remote.address, flow.local.address, key));
  }
  header.emit(segment, flow.remote.address, flow.local.address);
  return segment;
}

std::vector<std::uint8_t> build_udp(const UdpSpec& udp, const Flow& flow) {
  std::vector<std::uint8_t> datagram(wire::UdpHeader::kBytes + udp.length, kFiller);
  wire::UdpHeader{.source_port = flow.remote.port, .destination_port = flow.local.port}.emit(
      datagram, flow.remote.address, flow.local.address);
  return datagram;
}

std::vector<std::uint8_t> datagram(const wire::Ipv4Header& header, Bytes payload) {
  wire::Ipv4Header complete = header;
  complete.total_length = static_cast<std::uint16_t>(header.header_bytes() + payload.size());
  std::vector<std::uint8_t> bytes(header.header_bytes());
  complete.emit(bytes.data());
  bytes.insert(bytes.end(), payload.begin(), payload.end());
  return bytes;
}

// What the stack had sent: an IP header and at least the first eight octets behind it.
std::vector<std::uint8_t> quoted_packet(const IcmpSpec& icmp, const Flow& flow) {
  wire::Ipv4Header ip{.identification = 1,
                      .ttl = kTtl,
                      .protocol = icmp.quoted,
                      .source = flow.local.address.v4(),
                      .destination = flow.remote.address.v4()};
  std::vector<std::uint8_t> transport;
  if (icmp.quoted == IpProtocol::udp) {
    transport.resize(wire::UdpHeader::kBytes + icmp.quoted_length);
    wire::UdpHeader{.source_port = flow.local.port, .destination_port = flow.remote.port}.emit(
        transport, flow.local.address, flow.remote.address);
  } else {
    transport.resize(wire::TcpHeader::kBytesMin + icmp.quoted_length);
    wire::TcpHeader{.source_port = flow.local.port,
                    .destination_port = flow.remote.port,
                    .sequence = Seq32{icmp.quoted_sequence + flow.shift()}}
        .emit(transport, flow.local.address, flow.remote.address);
  }
  // A router that names an MTU had a datagram that was larger.
  if (!icmp.has_quote && icmp.mtu)
    transport.resize(std::max<std::size_t>(*icmp.mtu, transport.size()));
  std::vector<std::uint8_t> whole = datagram(ip, transport);
  whole.resize(std::min<std::size_t>(whole.size(), 20 + wire::TcpHeader::kBytesMin));
  return whole;
}

std::vector<std::uint8_t> build_icmp(const IcmpSpec& icmp, const Flow& flow) {
  wire::Icmpv4Message message{.type = static_cast<wire::IcmpType>(icmp.type), .code = icmp.code};
  message.rest = icmp.mtu.value_or(0);
  std::vector<std::uint8_t> bytes(wire::Icmpv4Message::kHeaderBytes);
  if (message.is_error()) {
    const std::vector<std::uint8_t> quoted = quoted_packet(icmp, flow);
    bytes.insert(bytes.end(), quoted.begin(), quoted.end());
  } else {
    message.rest = static_cast<std::uint32_t>(icmp.identifier) << 16;
    bytes.resize(bytes.size() + icmp.quoted_length, kFiller);
  }
  message.emit(bytes);
  return bytes;
}

TcpSpec describe_tcp(const wire::TcpHeader& header, std::uint32_t payload, const Flow& flow) {
  TcpSpec tcp;
  tcp.flags = header.flags;
  tcp.accurate_ecn = (header.reserved & 1) != 0;
  tcp.sequence = header.sequence.raw() - flow.shift(header.has(wire::tcp_flag::kSyn));
  tcp.length = payload;
  // The acknowledgement of a SYN is the number itself.
  const std::uint32_t peer_offset = header.has(wire::tcp_flag::kSyn) ? 0 : flow.peer_offset;
  if (header.has(wire::tcp_flag::kAck)) {
    tcp.acknowledgement = header.acknowledgement.raw() - peer_offset;
  }
  tcp.window = header.window;
  tcp.urgent = header.urgent_pointer;
  wire::OptionWalker walk(header.options.bytes());
  while (const auto option = walk.next()) {
    const Bytes content = option->payload();
    tcp.options.push_back({.kind = option->kind, .payload = {content.begin(), content.end()}});
    if (option->kind == kSack) {
      std::vector<std::uint8_t>& blocks = tcp.options.back().payload;
      for (std::size_t i = 0; i + 4 <= blocks.size(); i += 4) {
        store_be32(&blocks[i], load_be32(&blocks[i]) - peer_offset);
      }
    }
    if (option->kind != wire::Option::kEnd) continue;
    // Padding after the end is part of the header and shown.
    const std::size_t padding = header.options.size() - option->offset - 1;
    tcp.options.insert(tcp.options.end(), padding, OptionSpec{});
  }
  return tcp;
}

}  // namespace

std::vector<std::uint8_t> build(const PacketSpec& packet, const Flow& flow, std::string_view key) {
  wire::Ipv4Header ip{.ttl = packet.ip.ttl.value_or(kTtl),
                      .source = flow.remote.address.v4(),
                      .destination = flow.local.address.v4()};
  const std::uint8_t tos = packet.ip.tos.value_or(packet.ip.ecn.value_or(0));
  ip.dscp = static_cast<std::uint8_t>(tos >> 2);
  ip.ecn = tos & 3;
  if (const auto* tcp = std::get_if<TcpSpec>(&packet.body)) {
    ip.protocol = IpProtocol::tcp;
    return datagram(ip, build_tcp(*tcp, flow, key));
  }
  if (const auto* udp = std::get_if<UdpSpec>(&packet.body)) {
    ip.protocol = IpProtocol::udp;
    return datagram(ip, build_udp(*udp, flow));
  }
  ip.protocol = IpProtocol::icmp;
  return datagram(ip, build_icmp(std::get<IcmpSpec>(packet.body), flow));
}

PacketSpec describe(const Sniffed& packet, const Flow& flow) {
  PacketSpec spec;
  spec.direction = Direction::outbound;
  spec.ip.ecn = packet.ip.ecn;
  spec.ip.tos = static_cast<std::uint8_t>((packet.ip.dscp << 2) | packet.ip.ecn);
  spec.ip.ttl = packet.ip.ttl;
  if (packet.tcp || packet.udp) {
    spec.ports = {flow.script_local_port.value_or(flow.local.port),
                  flow.script_remote_port.value_or(flow.remote.port)};
  }
  if (packet.tcp) {
    TcpSpec tcp = describe_tcp(*packet.tcp, packet.payload_bytes, flow);
    for (OptionSpec& option : tcp.options) {
      if (option.kind == kSignature) option.is_valid = packet.is_signed;
    }
    spec.body = std::move(tcp);
  } else if (packet.udp) {
    spec.body = UdpSpec{static_cast<std::uint16_t>(packet.payload_bytes)};
  } else {
    IcmpSpec icmp;
    if (packet.icmp) {
      icmp.type = static_cast<std::uint8_t>(packet.icmp->type);
      icmp.code = packet.icmp->code;
      if (packet.icmp->next_hop_mtu() != 0) icmp.mtu = packet.icmp->next_hop_mtu();
    }
    spec.body = icmp;
  }
  return spec;
}

}  // namespace strata::packetdrill
