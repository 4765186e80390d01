// SPDX-License-Identifier: MIT
// Dissectors of link headers that exist in captures only: Linux cooked, null and loopback.
#include <fmt/format.h>

#include <algorithm>

#include "stack/base/address.h"
#include "stack/wire/dissector.h"
#include "stack/wire/linux_cooked.h"
#include "stack/wire/loopback.h"
#include "stack/wire/registry.h"

namespace strata::wire {
namespace {

std::string_view packet_type_text(std::uint64_t type) {
  switch (type) {
    case 0:
      return "to us";
    case 1:
      return "broadcast";
    case 2:
      return "multicast";
    case 3:
      return "to somebody else";
    case 4:
      return "sent by us";
    default:
      return {};
  }
}

// `size` of the eight octets are the address.
std::string address_text(Bytes octets, std::uint64_t size) {
  if (size == MacAddress::kBytes) return to_text(MacAddress::load(octets.data()));
  return size == 0 ? "none" : to_hex(octets.first(std::min<std::size_t>(size, octets.size())));
}

struct CookedFields {
  const Field& packet_type;
  const Field& address_length;
  const Field& address;
  const Field& protocol;
};

// Both versions say the same in another order.
Inner describe(DissectContext& context, LayerWriter& layer, const CookedFields& fields,
               std::size_t end, Range range) {
  layer.end_header(end);
  DissectedField& type = layer.at(fields.packet_type);
  type.note = packet_type_text(type.raw);
  layer.set_summary(std::string{type.note});
  DissectedField& address = layer.at(fields.address);
  address.value = address_text(context.bytes({address.bit_offset / 8, address.bit_offset / 8 + 8}),
                               layer.at(fields.address_length).raw);
  DissectedField& protocol = layer.at(fields.protocol);
  const auto ether_type = static_cast<EtherType>(protocol.raw);
  protocol.note = name_of(ether_type);
  context.set_line(fmt::format("{}, ethertype {} (0x{:04x}), length {}", address.value,
                               protocol.note.empty() ? "unknown" : protocol.note, protocol.raw,
                               range.size()));
  return {protocol_of(ether_type), {end, range.end}};
}

}  // namespace

Inner dissect_linux_cooked(DissectContext& context, Range range) {
  namespace field = linux_cooked_field;
  LayerWriter layer(context, Protocol::linux_cooked, range);
  if (!layer.add_table(field::kAll)) return {};
  return describe(context, layer,
                  {field::kPacketType, field::kAddressLength, field::kAddress, field::kProtocol},
                  range.begin + field::kBytes, range);
}

Inner dissect_linux_cooked_v2(DissectContext& context, Range range) {
  namespace field = linux_cooked_v2_field;
  LayerWriter layer(context, Protocol::linux_cooked_v2, range);
  if (!layer.add_table(field::kAll)) return {};
  return describe(context, layer,
                  {field::kPacketType, field::kAddressLength, field::kAddress, field::kProtocol},
                  range.begin + field::kBytes, range);
}

Inner dissect_loopback(DissectContext& context, Range range) {
  LayerWriter layer(context, Protocol::loopback, range);
  if (!layer.add_table(loopback_field::kAll)) return {};
  const std::size_t end = range.begin + loopback_field::kBytes;
  layer.end_header(end);
  DissectedField& field = layer.at(loopback_field::kFamily);
  const std::uint32_t family = address_family(static_cast<std::uint32_t>(field.raw));
  const Protocol inside = protocol_of_family(family);
  field.value = fmt::format("{}", family);
  if (inside != Protocol::data) field.note = entry_of(inside).name;
  layer.set_summary(fmt::format("family {}", family));
  context.set_line(fmt::format("address family {}, length {}", family, range.size()));
  return {inside, {end, range.end}};
}

}  // namespace strata::wire
