// SPDX-License-Identifier: MIT
// Every codec over arbitrary bytes: parsing never reads outside them, and what was parsed, emitted
// and parsed again is the same.
#include <algorithm>
#include <vector>

#include "stack/wire/arp.h"
#include "stack/wire/ethernet.h"
#include "stack/wire/icmpv4.h"
#include "stack/wire/ipv4.h"
#include "stack/wire/tcp.h"
#include "stack/wire/udp.h"
#include "tests/fuzz/fuzz.h"

namespace strata::fuzz {
namespace {

// Headers that emit() exactly `size` bytes and check nothing but the length.
template <typename Header>
void check_fixed(Bytes bytes, std::size_t size) {
  const auto header = Header::parse(bytes);
  if (!header) return;
  std::vector<std::uint8_t> emitted(size);
  header->emit(emitted.data());
  STRATA_FUZZ_EXPECT(Header::parse(emitted) == *header);
  STRATA_FUZZ_EXPECT(std::ranges::equal(emitted, bytes.first(size)));
}

void check_ipv4(Bytes bytes) {
  const auto quoted = wire::Ipv4Header::parse_quoted(bytes);
  const auto header = wire::Ipv4Header::parse(bytes);
  STRATA_FUZZ_EXPECT(!header || quoted == header);
  if (!quoted) return;
  std::vector<std::uint8_t> emitted(quoted->total_length);
  quoted->emit(emitted.data());
  auto again = wire::Ipv4Header::parse(emitted);
  STRATA_FUZZ_EXPECT(again.has_value());
  again->checksum = quoted->checksum;
  STRATA_FUZZ_EXPECT(*again == *quoted);
  if (quoted->ttl == 0) return;
  wire::decrement_ttl(emitted);
  STRATA_FUZZ_EXPECT(wire::Ipv4Header::parse(emitted)->ttl == quoted->ttl - 1);
}

void check_icmp(Bytes bytes) {
  const auto message = wire::Icmpv4Message::parse(bytes);
  if (!message) return;
  std::vector<std::uint8_t> emitted{bytes.begin(), bytes.end()};
  message->emit(emitted);
  STRATA_FUZZ_EXPECT(wire::Icmpv4Message::parse(emitted)->rest == message->rest);
}

void check_udp(Bytes bytes, const IpAddress& address) {
  (void)wire::UdpHeader::parse(bytes, address, address);
  const auto header = wire::UdpHeader::parse(bytes, address, address, /*verify=*/false);
  if (!header) return;
  STRATA_FUZZ_EXPECT(header->length <= bytes.size());
  std::vector<std::uint8_t> emitted{bytes.begin(), bytes.begin() + header->length};
  header->emit(emitted, address, address);
  const auto again = wire::UdpHeader::parse(emitted, address, address);
  STRATA_FUZZ_EXPECT(again && again->length == header->length);
}

void check_tcp(Bytes bytes, const IpAddress& address) {
  (void)wire::TcpHeader::parse(bytes, address, address);
  const auto header = wire::TcpHeader::parse(bytes, address, address, /*verify=*/false);
  if (!header) return;
  STRATA_FUZZ_EXPECT(header->header_bytes() <= bytes.size());
  std::vector<std::uint8_t> emitted{bytes.begin(), bytes.end()};
  header->emit(emitted, address, address);
  auto again = wire::TcpHeader::parse(emitted, address, address);
  STRATA_FUZZ_EXPECT(again.has_value());
  again->checksum = header->checksum;
  STRATA_FUZZ_EXPECT(*again == *header);
}

}  // namespace

// The first byte chooses the codec, the rest is the header.
STRATA_FUZZ_TARGET(wire) {
  InputReader reader(input);
  const std::uint8_t choice = reader.u8();
  const Bytes bytes = reader.rest().first(std::min<std::size_t>(reader.rest().size(), 65535));
  const IpAddress v4 = Ipv4Address{10, 0, 1, 10};
  const IpAddress v6 = Ipv6Address{};
  switch (choice % 9) {
    case 0:
      return check_fixed<wire::EthernetHeader>(bytes, wire::EthernetHeader::kBytes);
    case 1:
      return check_fixed<wire::VlanTag>(bytes, wire::VlanTag::kBytesWithType);
    case 2:
      return check_fixed<wire::ArpMessage>(bytes, wire::ArpMessage::kBytes);
    case 3:
      return check_ipv4(bytes);
    case 4:
      return check_icmp(bytes);
    case 5:
      return check_udp(bytes, v4);
    case 6:
      return check_udp(bytes, v6);
    case 7:
      return check_tcp(bytes, v4);
    default:
      return check_tcp(bytes, v6);
  }
}

}  // namespace strata::fuzz
