// SPDX-License-Identifier: MIT
// The network layer of a host and of a router over arbitrary datagrams, broadcast frames and jumps
// of time: nothing crashes, memory stays bounded, and no packet is lost without being counted.
//
// The input is a sequence of records: a control octet, two octets of length, the datagram. Unless a
// control bit says otherwise its length and checksums are mended first, so that mutations reach the
// code behind them.
#include <algorithm>

#include "stack/base/checksum.h"
#include "stack/network/network.h"
#include "tests/fuzz/fuzz.h"

namespace strata::fuzz {
namespace {

constexpr std::uint8_t kSecondPort = 0x01;
constexpr std::uint8_t kBroadcastFrame = 0x02;
constexpr std::uint8_t kAsItIs = 0x04;
constexpr std::size_t kReassemblyBytesMax = 64 * 1024;

struct Above final : network::Upper {
  void on_datagram(Packet packet, const network::DatagramInfo& info, Instant now) override {
    layer->send_port_unreachable(packet, info, now);
  }
  void on_icmp_error(const network::IcmpErrorInfo&, Instant) override {}
  void on_echo_reply(const network::EchoReplyInfo&, Instant) override {}
  network::Network* layer = nullptr;
};

struct Below final : link::FrameSink {
  void transmit(PortId, Packet, Instant) override {}
};

// Puts in the total length and the checksums of the IPv4 header and of an ICMP message behind it.
void mend(MutableBytes bytes) {
  if (bytes.size() < wire::Ipv4Header::kBytesMin) return;
  store_be16(&bytes[2], static_cast<std::uint16_t>(bytes.size()));
  const std::size_t header_bytes = std::min<std::size_t>((bytes[0] & 0x0fU) * 4, bytes.size());
  if (header_bytes < wire::Ipv4Header::kBytesMin) return;
  store_be16(&bytes[10], 0);
  store_be16(&bytes[10], internet_checksum(bytes.first(header_bytes)));
  const MutableBytes message = bytes.subspan(header_bytes);
  if (bytes[9] != static_cast<std::uint8_t>(IpProtocol::icmp) || message.size() < 8) return;
  store_be16(&message[2], 0);
  store_be16(&message[2], internet_checksum(message));
}

void run(Bytes input, bool forwarding) {
  PacketPool pool;
  Tracer tracer;
  const NodeContext context{.node = NodeId{1}, .pool = &pool, .tracer = &tracer, .key = {1, 2}};
  Above above;
  Below below;
  network::Network layer(context,
                         {.forwarding = forwarding,
                          .reassembly_bytes_max = kReassemblyBytesMax,
                          .answer_broadcast_echo = true,
                          .forward_directed_broadcast = true,
                          .source_routes = network::SourceRoutePolicy::process},
                         above);
  above.layer = &layer;
  link::Interface left(context, PortId{0}, {.addresses = {Ipv4Address{10, 0, 1, 1}}}, below, layer);
  link::Interface right(context, PortId{1}, {.mtu = 600, .addresses = {Ipv4Address{10, 0, 2, 1}}},
                        below, layer);
  layer.add_interface(left, {Prefix{Ipv4Address{10, 0, 1, 1}, 24}});
  layer.add_interface(right, {Prefix{Ipv4Address{10, 0, 2, 1}, 24}});
  layer.add_route({.destination = Prefix{Ipv4Address{}, 0},
                   .gateway = Ipv4Address{10, 0, 2, 2},
                   .port = PortId{1}},
                  kStart);

  Instant now = kStart;
  while (input.size() >= 3) {
    const std::uint8_t control = input[0];
    const std::size_t length = std::min<std::size_t>(load_be16(&input[1]), input.size() - 3);
    Packet packet = pool.make(input.subspan(3, length));
    input = input.subspan(3 + length);
    if ((control & kAsItIs) == 0) mend(packet.mutable_bytes());
    const bool is_group = (control & kBroadcastFrame) != 0;
    layer.receive(PortId{static_cast<std::uint16_t>(control & kSecondPort)}, std::move(packet),
                  {.type = EtherType::ipv4, .is_broadcast = is_group, .is_group = is_group}, now);
    now += 1s * (control >> 3);
    left.on_deadline(now);
    right.on_deadline(now);
    layer.on_deadline(now);
    // A partial datagram is worth at least a buffer of 512 bytes, and interfaces hold a bounded
    // number of packets per unresolved neighbour.
    STRATA_FUZZ_EXPECT(pool.outstanding() < kReassemblyBytesMax / 512 + 512 * 16 * 2 + 4096);
  }
}

}  // namespace

STRATA_FUZZ_TARGET(network) {
  run(input, /*forwarding=*/false);
  run(input, /*forwarding=*/true);
}

}  // namespace strata::fuzz
