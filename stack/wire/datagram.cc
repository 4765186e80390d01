// SPDX-License-Identifier: MIT
#include "stack/wire/datagram.h"

#include <algorithm>
#include <array>

#include "stack/wire/ethernet.h"
#include "stack/wire/ipv4.h"
#include "stack/wire/ipv6.h"
#include "stack/wire/linux_cooked.h"
#include "stack/wire/loopback.h"
#include "stack/wire/options.h"
#include "stack/wire/physical.h"
#include "stack/wire/registry.h"

namespace strata::wire {
namespace {

std::optional<LinkHeader> ethernet_header(Bytes frame, std::size_t begin) {
  if (begin > frame.size()) return std::nullopt;
  const auto ethernet = EthernetHeader::parse(frame.subspan(begin));
  if (!ethernet) return std::nullopt;
  LinkHeader header{ethernet->source, ethernet->destination, ethernet->type,
                    begin + EthernetHeader::kBytes};
  // Tags may stand one inside the other.
  while (protocol_of(header.type) == Protocol::vlan) {
    const Bytes tag = frame.subspan(header.bytes);
    if (tag.size() < VlanTag::kBytes) return std::nullopt;
    header.type = static_cast<EtherType>(load_be16(tag.data() + 2));
    header.bytes += VlanTag::kBytes;
  }
  return header;
}

EtherType type_of(Protocol protocol) {
  return protocol == Protocol::ipv4   ? EtherType::ipv4
         : protocol == Protocol::ipv6 ? EtherType::ipv6
                                      : EtherType{};
}

// The sender's address of a cooked header that says how long it is.
MacAddress cooked_address(Bytes octets, std::size_t size) {
  return size == MacAddress::kBytes ? MacAddress::load(octets.data()) : MacAddress{};
}

std::optional<Datagram> ipv4_datagram(Bytes bytes, std::size_t left_out) {
  const auto header = Ipv4Header::parse_quoted(bytes);
  if (!header || header->total_length > bytes.size() + left_out) return std::nullopt;
  const std::size_t end = std::min<std::size_t>(bytes.size(), header->total_length);
  return Datagram{.source = header->source,
                  .destination = header->destination,
                  .protocol = header->protocol,
                  .identification = header->identification,
                  .is_fragment = header->is_fragment(),
                  .fragment_offset = header->fragment_offset,
                  .payload_bytes = header->payload_bytes(),
                  .payload = bytes.subspan(header->header_bytes(), end - header->header_bytes())};
}

std::optional<Datagram> ipv6_datagram(Bytes bytes, std::size_t left_out) {
  if (bytes.size() < ipv6_field::kBytes || bytes[0] >> 4 != 6) return std::nullopt;
  const Ipv6Payload payload = ipv6_payload(bytes, [](const Ipv6ExtensionHeader&) {});
  if (payload.is_cut || payload.end > bytes.size() + left_out) return std::nullopt;
  const std::size_t end = std::min(bytes.size(), payload.end);
  return Datagram{
      .source = Ipv6Address::load(bytes.data() + ipv6_field::kSource.bit_offset / 8),
      .destination = Ipv6Address::load(bytes.data() + ipv6_field::kDestination.bit_offset / 8),
      .protocol = static_cast<IpProtocol>(payload.protocol),
      .is_fragment = payload.is_fragment,
      .fragment_offset = payload.fragment_offset,
      .payload_bytes = payload.end - payload.begin,
      .payload = bytes.subspan(payload.begin, end - payload.begin)};
}

}  // namespace

std::string_view name_of(LinkType link_type) {
  switch (link_type) {
    case LinkType::null:
      return "null";
    case LinkType::ethernet:
      return "Ethernet";
    case LinkType::raw_ip:
      return "raw IP";
    case LinkType::loopback:
      return "loopback";
    case LinkType::linux_cooked:
      return "Linux cooked";
    case LinkType::linux_cooked_v2:
      return "Linux cooked v2";
    case LinkType::ethernet_physical:
      return "Ethernet with preamble";
  }
  return {};
}

std::optional<LinkHeader> link_header_of(Bytes frame, LinkType link_type) {
  switch (link_type) {
    case LinkType::ethernet:
      return ethernet_header(frame, 0);
    case LinkType::ethernet_physical:
      return ethernet_header(frame, kPreambleAndSfdBytes);
    case LinkType::raw_ip:
      if (frame.empty()) return std::nullopt;
      return LinkHeader{.type = frame[0] >> 4 == 6 ? EtherType::ipv6 : EtherType::ipv4};
    case LinkType::null:
    case LinkType::loopback: {
      if (frame.size() < loopback_field::kBytes) return std::nullopt;
      const std::uint32_t family = address_family(load_be32(frame.data()));
      return LinkHeader{.type = type_of(protocol_of_family(family)),
                        .bytes = loopback_field::kBytes};
    }
    case LinkType::linux_cooked: {
      namespace field = linux_cooked_field;
      if (frame.size() < field::kBytes) return std::nullopt;
      return LinkHeader{.source = cooked_address(frame.subspan(field::kAddress.bit_offset / 8),
                                                 read<field::kAddressLength>(frame.data())),
                        .type = static_cast<EtherType>(read<field::kProtocol>(frame.data())),
                        .bytes = field::kBytes};
    }
    case LinkType::linux_cooked_v2: {
      namespace field = linux_cooked_v2_field;
      if (frame.size() < field::kBytes) return std::nullopt;
      return LinkHeader{.source = cooked_address(frame.subspan(field::kAddress.bit_offset / 8),
                                                 read<field::kAddressLength>(frame.data())),
                        .type = static_cast<EtherType>(read<field::kProtocol>(frame.data())),
                        .bytes = field::kBytes};
    }
  }
  return std::nullopt;
}

std::optional<Datagram> datagram_in(Bytes frame, const DissectOptions& options) {
  const auto header = link_header_of(frame, options.link_type);
  if (!header) return std::nullopt;
  const Bytes inside = frame.subspan(header->bytes);
  if (header->type == EtherType::ipv4) return ipv4_datagram(inside, options.bytes_left_out);
  if (header->type == EtherType::ipv6) return ipv6_datagram(inside, options.bytes_left_out);
  return std::nullopt;
}

Parsed<TcpHeader> captured_tcp_header(Bytes beginning, std::size_t segment_bytes) {
  const auto parse = [](Bytes segment) {
    return TcpHeader::parse(segment, {}, {}, /*verify=*/false);
  };
  constexpr std::size_t kFixed = TcpHeader::kBytesMin;
  if (beginning.size() < kFixed || beginning.size() >= segment_bytes) return parse(beginning);
  std::array<std::uint8_t, TcpHeader::kBytesMax> header{};
  // An option that is not whole says nothing.
  OptionWalker walk(beginning.subspan(kFixed, std::min(beginning.size(), header.size()) - kFixed));
  while (walk.next()) {
  }
  std::copy_n(beginning.begin(), kFixed + walk.offset(), header.begin());
  return parse(Bytes{header}.first(std::min(segment_bytes, header.size())));
}

}  // namespace strata::wire
