// SPDX-License-Identifier: MIT
#include "stack/wire/ethernet.h"

namespace strata::wire {

Parsed<EthernetHeader> EthernetHeader::parse(Bytes frame) {
  Parsed<EthernetHeader> header;
  if (frame.size() < kBytes) {
    header = tl::unexpected(DropReason::frame_too_short);
    return header;
  }
  const std::uint8_t* p = frame.data();
  header->destination = MacAddress::load(p + ethernet_field::kDestination.bit_offset / 8);
  header->source = MacAddress::load(p + ethernet_field::kSource.bit_offset / 8);
  header->type = static_cast<EtherType>(read<ethernet_field::kType>(p));
  return header;
}

void EthernetHeader::emit(std::uint8_t* target) const {
  destination.store(target + ethernet_field::kDestination.bit_offset / 8);
  source.store(target + ethernet_field::kSource.bit_offset / 8);
  write<ethernet_field::kType>(target, static_cast<std::uint16_t>(type));
}

Parsed<VlanTag> VlanTag::parse(Bytes bytes) {
  if (bytes.size() < kBytesWithType) return tl::unexpected(DropReason::frame_too_short);
  const std::uint8_t* tag = bytes.data();
  if (static_cast<EtherType>(read<vlan_field::kTpid>(tag)) != EtherType::vlan) {
    return tl::unexpected(DropReason::vlan_mismatch);
  }
  return VlanTag{.priority = static_cast<std::uint8_t>(read<vlan_field::kPriority>(tag)),
                 .drop_eligible = read<vlan_field::kDropEligible>(tag) != 0,
                 .vlan = static_cast<std::uint16_t>(read<vlan_field::kVlan>(tag)),
                 .type = static_cast<EtherType>(read<vlan_field::kType>(tag))};
}

void VlanTag::emit(std::uint8_t* target) const {
  write<vlan_field::kTpid>(target, static_cast<std::uint16_t>(EtherType::vlan));
  write<vlan_field::kPriority>(target, priority);
  write<vlan_field::kDropEligible>(target, drop_eligible ? 1 : 0);
  write<vlan_field::kVlan>(target, vlan);
  write<vlan_field::kType>(target, static_cast<std::uint16_t>(type));
}

}  // namespace strata::wire
