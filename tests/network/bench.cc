// SPDX-License-Identifier: MIT
#include "tests/network/bench.h"

#include <algorithm>

#include "stack/wire/arp.h"

namespace strata::network {

std::uint16_t plain_checksum(const Octets& bytes) {
  std::uint32_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    sum += static_cast<std::uint32_t>(bytes[i] << 8);
    if (i + 1 < bytes.size()) sum += bytes[i + 1];
    sum = (sum & 0xffff) + (sum >> 16);
  }
  return static_cast<std::uint16_t>(~sum);
}

namespace {

void put16(Octets& bytes, std::size_t at, std::size_t value) {
  bytes[at] = static_cast<std::uint8_t>(value >> 8);
  bytes[at + 1] = static_cast<std::uint8_t>(value);
}

void put_address(Octets& bytes, std::size_t at, std::string_view text) {
  ip(text).store(&bytes[at]);
}

}  // namespace

Octets datagram(const Ip& header, const Octets& payload) {
  Octets bytes(20);
  bytes.insert(bytes.end(), header.options.begin(), header.options.end());
  const std::size_t header_bytes = bytes.size();
  bytes[0] = static_cast<std::uint8_t>(0x40 | (header_bytes / 4));
  bytes[1] = static_cast<std::uint8_t>(header.tos);
  put16(bytes, 2, header_bytes + payload.size());
  put16(bytes, 4, static_cast<std::size_t>(header.id));
  put16(bytes, 6,
        (header.df ? 0x4000U : 0U) | (header.mf ? 0x2000U : 0U) |
            static_cast<unsigned>(header.offset / 8));
  bytes[8] = static_cast<std::uint8_t>(header.ttl);
  bytes[9] = static_cast<std::uint8_t>(header.protocol);
  put_address(bytes, 12, header.from);
  put_address(bytes, 16, header.to);
  put16(bytes, 10, plain_checksum(bytes));
  return bytes + payload;
}

Octets counting(std::size_t size, std::uint8_t first) {
  Octets bytes(size);
  for (std::uint8_t& byte : bytes) byte = first++;
  return bytes;
}

Octets icmp(int type, int code, std::uint32_t rest, const Octets& body) {
  Octets bytes(8);
  bytes[0] = static_cast<std::uint8_t>(type);
  bytes[1] = static_cast<std::uint8_t>(code);
  put16(bytes, 4, rest >> 16);
  put16(bytes, 6, rest & 0xffff);
  bytes = bytes + body;
  put16(bytes, 2, plain_checksum(bytes));
  return bytes;
}

Octets udp(std::uint16_t from, std::uint16_t to, const Octets& data) {
  Octets bytes(8);
  put16(bytes, 0, from);
  put16(bytes, 2, to);
  put16(bytes, 4, 8 + data.size());
  return bytes + data;
}

Octets operator+(Octets left, const Octets& right) {
  left.insert(left.end(), right.begin(), right.end());
  return left;
}

Octets octets(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

Octets slice(const Octets& bytes, std::size_t begin, std::size_t end) {
  const auto at = [&](std::size_t i) {
    return bytes.begin() + static_cast<std::ptrdiff_t>(std::min(i, bytes.size()));
  };
  return {at(begin), at(end)};
}

Bench::Bench(NetworkConfig config) {
  tracer_.attach(*this);
  context_ = {.node = NodeId{1}, .pool = &pool_, .tracer = &tracer_, .key = {1, 2}};
  network_ = std::make_unique<Network>(context_, config, static_cast<Upper&>(*this));
}

Bench::~Bench() {
  interfaces_.clear();
  network_.reset();
  EXPECT_EQ(pool_.outstanding(), 0U);
}

PortId Bench::add_port(std::vector<Prefix> addresses,
                       std::initializer_list<std::string_view> neighbours, std::uint16_t mtu) {
  const PortId port{static_cast<std::uint16_t>(interfaces_.size())};
  link::InterfaceConfig config{
      .name = "eth" + std::to_string(raw(port)),
      .mac = MacAddress{{2, 0xff, 0, 0, 0, static_cast<std::uint8_t>(raw(port))}},
      .mtu = mtu,
      .verify_fcs = false};
  config.arp.reachable_time = 24h;
  for (const Prefix& prefix : addresses) config.addresses.push_back(prefix.address.v4());
  interfaces_.push_back(std::make_unique<link::Interface>(
      context_, port, config, static_cast<link::FrameSink&>(*this), *network_));
  network_->add_interface(*interfaces_.back(), std::move(addresses));
  for (const std::string_view station : neighbours) introduce(*interfaces_.back(), station);
  sent_.clear();
  return port;
}

MacAddress Bench::mac_of(std::string_view station) {
  std::array<std::uint8_t, 6> mac{2, 0};
  ip(station).store(&mac[2]);
  return MacAddress{mac};
}

// The station asks for our address, and so tells us its own.
void Bench::introduce(link::Interface& interface, std::string_view station) {
  const Ipv4Address ours = interface.config().addresses.at(0);
  Packet frame = pool_.make(64);
  std::ranges::fill(frame.mutable_bytes(), std::uint8_t{0});
  wire::EthernetHeader{
      .destination = MacAddress::broadcast(), .source = mac_of(station), .type = EtherType::arp}
      .emit(frame.mutable_bytes().data());
  wire::ArpMessage{.operation = wire::ArpOperation::request,
                   .sender_mac = mac_of(station),
                   .sender_ip = ip(station),
                   .target_ip = ours}
      .emit(frame.mutable_bytes().subspan(wire::EthernetHeader::kBytes).data());
  interface.receive(frame, now_);
}

void Bench::advance(Duration by) {
  const Instant end = now_ + by;
  for (;;) {
    Instant next = network_->next_deadline();
    for (const auto& interface : interfaces_) next = std::min(next, interface->next_deadline());
    if (next > end) break;
    now_ = std::max(now_, next);
    for (const auto& interface : interfaces_) interface->on_deadline(now_);
    network_->on_deadline(now_);
  }
  now_ = end;
}

void Bench::settle() { advance(0s); }

void Bench::receives(const Octets& bytes, PortId port, const link::ReceivedFrame& frame) {
  Packet packet = pool_.make(Bytes{bytes});
  packet.set_arrival(now_);
  network_->receive(port, std::move(packet), frame, now_);
}

void Bench::receives(const Octets& bytes, PortId port) {
  receives(bytes, port, link::ReceivedFrame{.type = EtherType::ipv4});
}

void Bench::receives_broadcast_frame(const Octets& bytes, PortId port) {
  receives(bytes, port,
           link::ReceivedFrame{.type = EtherType::ipv4,
                               .destination = MacAddress::broadcast(),
                               .is_broadcast = true,
                               .is_group = true});
}

Result<void> Bench::sends(std::string_view to, const Octets& payload, const SendOptions& options,
                          IpProtocol protocol) {
  return network_->send(pool_.make(Bytes{payload}), protocol, ip(to), options, now_);
}

std::vector<Bench::Sent> Bench::take_sent() { return std::exchange(sent_, {}); }

Bench::Sent Bench::take_only_sent() {
  std::vector<Sent> all = take_sent();
  EXPECT_EQ(all.size(), 1U);
  return all.size() == 1 ? all[0] : Sent{.bytes = Octets(64)};
}

void Bench::transmit(PortId port, Packet frame, Instant) {
  const Octets bytes = octets(frame.bytes());
  if (bytes.at(12) != 0x08 || bytes.at(13) != 0x00) return;  // ARP
  const std::size_t length = static_cast<std::size_t>((bytes.at(16) << 8) | bytes.at(17));
  sent_.push_back(
      {.port = port, .to = MacAddress::load(bytes.data()), .bytes = slice(bytes, 14, 14 + length)});
}

void Bench::on_datagram(Packet packet, const DatagramInfo& info, Instant now) {
  delivered.push_back({info, octets(info.header), octets(packet.bytes()), packet.uid(),
                       packet.parent(), packet.parentage()});
  if (answer_port_unreachable) network_->send_port_unreachable(packet, info, now);
}

void Bench::on_icmp_error(const IcmpErrorInfo& error, Instant) {
  icmp_errors.push_back({error, octets(error.quoted_payload)});
}

void Bench::on_echo_reply(const EchoReplyInfo& reply, Instant) {
  echo_replies.push_back({reply, octets(reply.data)});
}

}  // namespace strata::network
