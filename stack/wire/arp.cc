// SPDX-License-Identifier: MIT
#include "stack/wire/arp.h"

#include "stack/base/protocol.h"

namespace strata::wire {
namespace {

constexpr std::uint16_t kHardwareEthernet = 1;  // RFC 826, ares_hrd$Ethernet

}  // namespace

Parsed<ArpMessage> ArpMessage::parse(Bytes bytes) {
  if (bytes.size() < kBytes) return tl::unexpected(DropReason::arp_malformed);
  const std::uint8_t* message = bytes.data();
  const bool is_ipv4_over_ethernet =
      read<arp_field::kHardwareType>(message) == kHardwareEthernet &&
      static_cast<EtherType>(read<arp_field::kProtocolType>(message)) == EtherType::ipv4 &&
      read<arp_field::kHardwareSize>(message) == MacAddress::kBytes &&
      read<arp_field::kProtocolSize>(message) == Ipv4Address::kBytes;
  if (!is_ipv4_over_ethernet) return tl::unexpected(DropReason::arp_malformed);
  return ArpMessage{.operation = static_cast<ArpOperation>(read<arp_field::kOperation>(message)),
                    .sender_mac = MacAddress::load(message + arp_field::kSenderMac.bit_offset / 8),
                    .sender_ip = Ipv4Address::load(message + arp_field::kSenderIp.bit_offset / 8),
                    .target_mac = MacAddress::load(message + arp_field::kTargetMac.bit_offset / 8),
                    .target_ip = Ipv4Address::load(message + arp_field::kTargetIp.bit_offset / 8)};
}

void ArpMessage::emit(std::uint8_t* target) const {
  write<arp_field::kHardwareType>(target, kHardwareEthernet);
  write<arp_field::kProtocolType>(target, static_cast<std::uint16_t>(EtherType::ipv4));
  write<arp_field::kHardwareSize>(target, MacAddress::kBytes);
  write<arp_field::kProtocolSize>(target, Ipv4Address::kBytes);
  write<arp_field::kOperation>(target, static_cast<std::uint16_t>(operation));
  sender_mac.store(target + arp_field::kSenderMac.bit_offset / 8);
  sender_ip.store(target + arp_field::kSenderIp.bit_offset / 8);
  target_mac.store(target + arp_field::kTargetMac.bit_offset / 8);
  target_ip.store(target + arp_field::kTargetIp.bit_offset / 8);
}

}  // namespace strata::wire
