// SPDX-License-Identifier: MIT
// Dissectors below the network layer: preamble, Ethernet, 802.1Q tag, ARP.
#include <fmt/format.h>

#include "stack/base/crc32.h"
#include "stack/wire/arp.h"
#include "stack/wire/dissector.h"
#include "stack/wire/ethernet.h"
#include "stack/wire/physical.h"
#include "stack/wire/registry.h"

namespace strata::wire {
namespace {

// Below it, the type field is a length (IEEE 802.3 3.2.6).
constexpr std::uint16_t kTypeMin = 0x0600;

// IEEE 802.3 3.2.9: the FCS goes out with its highest-order coefficient first, which in octets that
// go out least significant bit first makes it little endian.
void add_fcs(DissectContext& context, Range covered) {
  const Range range{covered.end, covered.end + EthernetHeader::kFcsBytes};
  const Bytes octets = context.bytes(range);
  std::uint32_t received = 0;
  for (std::size_t i = octets.size(); i-- > 0;) received = (received << 8) | octets[i];
  const std::uint32_t expected = crc32(context.bytes(covered));
  const bool good = received == expected;
  DissectedLayer layer{.protocol = Protocol::fcs,
                       .offset = range.begin,
                       .header_bytes = range.size(),
                       .total_bytes = range.size(),
                       .summary = good ? "good" : "bad"};
  layer.fields.push_back({.name = "frame check sequence",
                          .abbreviation = "eth.fcs",
                          .section = "IEEE 802.3 3.2.9",
                          .bit_offset = range.begin * 8,
                          .bit_width = range.size() * 8,
                          .raw = received,
                          .value = fmt::format("0x{:08x}", received),
                          .note = good ? "CRC-32" : fmt::format("should be 0x{:08x}", expected),
                          .status = good ? FieldStatus::good : FieldStatus::bad});
  context.trailers.push_back(std::move(layer));
}

// What a type field says is inside `range`; a length field is checked against it.
Inner by_type(DissectContext& context, LayerWriter& layer, const Field& field, Range range) {
  DissectedField& type = layer.at(field);
  const auto number = static_cast<std::uint16_t>(type.raw);
  if (number < kTypeMin) {
    type.note = "802.3 length";
    if (number > range.size()) {
      if (context.bytes_left_out > 0) return {Protocol::data, range};
      layer.set_problem(fmt::format("length {} but {} bytes are here", number, range.size()));
      return {Protocol::data, range};
    }
    const std::size_t end = range.begin + number;
    context.add_padding({end, range.end});
    return {Protocol::data, {range.begin, end}};
  }
  const auto ether_type = static_cast<EtherType>(number);
  type.note = name_of(ether_type);
  return {protocol_of(ether_type), range};
}

std::string address_text(const MacAddress& address) {
  return address.is_broadcast() ? "broadcast" : to_text(address);
}

std::string type_text(EtherType type) {
  const auto number = static_cast<std::uint16_t>(type);
  if (number < kTypeMin) return "802.3";
  const std::string_view name = name_of(type);
  return fmt::format("ethertype {} (0x{:04x})", name.empty() ? "unknown" : name, number);
}

}  // namespace

Inner dissect_physical(DissectContext& context, Range range) {
  LayerWriter layer(context, Protocol::physical, range);
  const bool whole = layer.add_table(physical_field::kAll);
  const std::size_t end = whole ? range.begin + kPreambleAndSfdBytes : range.end;
  layer.end_header(end);
  if (whole) {
    layer.judge(physical_field::kPreamble, kPreamble);
    layer.judge(physical_field::kSfd, kStartFrameDelimiter);
  }
  return {Protocol::ethernet, {end, range.end}};
}

Inner dissect_ethernet(DissectContext& context, Range range) {
  LayerWriter layer(context, Protocol::ethernet, range);
  const bool has_fcs =
      context.has_fcs && range.size() >= EthernetHeader::kBytes + EthernetHeader::kFcsBytes;
  Range inside{range.begin, has_fcs ? range.end - EthernetHeader::kFcsBytes : range.end};
  if (!layer.add_table(ethernet_field::kAll)) return {};
  const std::size_t end = range.begin + EthernetHeader::kBytes;
  layer.end_header(end);
  // Trailers are listed from the inside out, so the FCS comes last: see dissect().
  if (has_fcs) add_fcs(context, inside);
  if (context.has_fcs && !has_fcs) layer.set_problem("no room for the frame check sequence");
  const auto header = EthernetHeader::parse(context.bytes(range));
  layer.set_summary(fmt::format("to {}", address_text(header->destination)));
  context.set_line(fmt::format("{} > {}, {}, length {}", to_text(header->source),
                               address_text(header->destination), type_text(header->type),
                               range.size()));
  inside.begin = end;
  return by_type(context, layer, ethernet_field::kType, inside);
}

Inner dissect_vlan(DissectContext& context, Range range) {
  LayerWriter layer(context, Protocol::vlan, range);
  // The tag's first field, 0x8100, was the type of the header before; its table starts there.
  const std::size_t base = range.begin - vlan_field::kTpid.bit_width / 8;
  const auto table = std::span{vlan_field::kAll}.subspan(1);
  if (!layer.add_table(table, base)) return {};
  const std::size_t end = range.begin + VlanTag::kBytes;
  layer.end_header(end);
  layer.set_summary(fmt::format("VLAN {}", layer.at(vlan_field::kVlan).raw));
  return by_type(context, layer, vlan_field::kType, {end, range.end});
}

Inner dissect_arp(DissectContext& context, Range range) {
  LayerWriter layer(context, Protocol::arp, range);
  const auto message = ArpMessage::parse(context.bytes(range));
  if (!message && range.size() >= ArpMessage::kBytes) {
    // Other hardware or protocol: the sizes of the addresses, and so their places, differ.
    constexpr std::size_t kFixedFields = 5;
    layer.add_table(std::span{arp_field::kAll}.first(kFixedFields));
    const std::size_t end = range.begin + arp_field::kSenderMac.bit_offset / 8;
    layer.end_header(end);
    layer.set_problem("not ARP for IPv4 over Ethernet");
    return {Protocol::data, {end, range.end}};
  }
  if (!layer.add_table(arp_field::kAll)) return {};
  const std::size_t end = range.begin + ArpMessage::kBytes;
  layer.end_header(end);
  layer.layer().total_bytes = ArpMessage::kBytes;
  context.add_padding({end, range.end});
  layer.at(arp_field::kHardwareType).note = "Ethernet";
  layer.at(arp_field::kProtocolType).note = "IPv4";
  std::string what;
  switch (message->operation) {
    case ArpOperation::request:
      layer.at(arp_field::kOperation).note = "request";
      layer.set_summary(fmt::format("who has {}?", to_text(message->target_ip)));
      what = fmt::format("Request who-has {} tell {}", to_text(message->target_ip),
                         to_text(message->sender_ip));
      break;
    case ArpOperation::reply:
      layer.at(arp_field::kOperation).note = "reply";
      what = fmt::format("{} is-at {}", to_text(message->sender_ip), to_text(message->sender_mac));
      layer.set_summary(what);
      what.insert(0, "Reply ");
      break;
    default:
      what = fmt::format("operation {}", static_cast<std::uint16_t>(message->operation));
      layer.set_summary(what);
      break;
  }
  context.set_line(fmt::format("ARP, {}, length {}", what, ArpMessage::kBytes));
  return {};
}

}  // namespace strata::wire
