// SPDX-License-Identifier: MIT
// ARP for IPv4 over Ethernet (RFC 826).
//
//      0                   1                   2                   3
//      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//     +-------------------------------+-------------------------------+
//     |       hardware type = 1       |    protocol type = 0x0800     |
//     +---------------+---------------+-------------------------------+
//     |  hw size = 6  | proto size = 4|           operation           |
//     +---------------+---------------+-------------------------------+
//     |                    sender hardware address                    |
//     +                               +-------------------------------+
//     |                               |    sender protocol address    |
//     +-------------------------------+-------------------------------+
//     |  sender protocol address      |    target hardware address    |
//     +-------------------------------+                               +
//     |                                                               |
//     +---------------------------------------------------------------+
//     |                    target protocol address                    |
//     +---------------------------------------------------------------+
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "stack/base/address.h"
#include "stack/wire/field.h"
#include "stack/wire/parse.h"

namespace strata::wire {

namespace arp_field {
inline constexpr Field kHardwareType{"hardware type", "arp.hw.type", 0, 16, "RFC 826"};
inline constexpr Field kProtocolType{"protocol type", "arp.proto.type", 16, 16,
                                     "RFC 826",       FieldFormat::hex};
inline constexpr Field kHardwareSize{"hardware size", "arp.hw.size", 32, 8, "RFC 826"};
inline constexpr Field kProtocolSize{"protocol size", "arp.proto.size", 40, 8, "RFC 826"};
inline constexpr Field kOperation{"operation", "arp.opcode", 48, 16, "RFC 826"};
inline constexpr Field kSenderMac{"sender hardware address", "arp.src.hw_mac", 64, 48, "RFC 826",
                                  FieldFormat::mac};
inline constexpr Field kSenderIp{
    "sender protocol address", "arp.src.proto_ipv4", 112, 32, "RFC 826", FieldFormat::ipv4};
inline constexpr Field kTargetMac{"target hardware address", "arp.dst.hw_mac", 144, 48, "RFC 826",
                                  FieldFormat::mac};
inline constexpr Field kTargetIp{
    "target protocol address", "arp.dst.proto_ipv4", 192, 32, "RFC 826", FieldFormat::ipv4};
inline constexpr std::array kAll{kHardwareType, kProtocolType, kHardwareSize,
                                 kProtocolSize, kOperation,    kSenderMac,
                                 kSenderIp,     kTargetMac,    kTargetIp};
}  // namespace arp_field

// Other values survive parsing; what to do with them is the receiver's decision.
enum class ArpOperation : std::uint16_t { request = 1, reply = 2 };

struct ArpMessage {
  static constexpr std::size_t kBytes = 28;

  ArpOperation operation{};
  MacAddress sender_mac;
  Ipv4Address sender_ip;
  MacAddress target_mac;
  Ipv4Address target_ip;

  // Fails with arp_malformed: short, or not Ethernet/IPv4 (hardware 1, protocol 0x0800, 6, 4).
  static Parsed<ArpMessage> parse(Bytes bytes);
  void emit(std::uint8_t* target) const;  // writes exactly kBytes
  friend bool operator==(const ArpMessage&, const ArpMessage&) = default;
};

}  // namespace strata::wire
