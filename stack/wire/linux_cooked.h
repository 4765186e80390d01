// SPDX-License-Identifier: MIT
// The headers that Linux puts in front of packets captured where there is no common link header,
// as on the pseudo-interface "any": LINKTYPE_LINUX_SLL and LINKTYPE_LINUX_SLL2 of tcpdump.org.
// They exist in captures only, never on a wire.
//
//     SLL    packet type 16 | ARPHRD_ 16 | address length 16 | address 64 | protocol 16
//     SLL2   protocol 16 | reserved 16 | interface index 32 | ARPHRD_ 16 | packet type 8 |
//            address length 8 | address 64
#pragma once

#include <array>
#include <cstddef>

#include "stack/wire/field.h"

namespace strata::wire {

namespace linux_cooked_field {
inline constexpr Field kPacketType{"packet type", "sll.pkttype", 0, 16, "LINKTYPE_LINUX_SLL"};
inline constexpr Field kHardwareType{"hardware type", "sll.hatype", 16, 16, "LINKTYPE_LINUX_SLL"};
inline constexpr Field kAddressLength{"address length", "sll.halen", 32, 16, "LINKTYPE_LINUX_SLL"};
inline constexpr Field kAddress{"sender address",  "", 48, 64, "LINKTYPE_LINUX_SLL",
                                FieldFormat::bytes};
inline constexpr Field kProtocol{"protocol", "sll.etype",          112,
                                 16,         "LINKTYPE_LINUX_SLL", FieldFormat::hex};
inline constexpr std::array kAll{kPacketType, kHardwareType, kAddressLength, kAddress, kProtocol};
inline constexpr std::size_t kBytes = 16;
}  // namespace linux_cooked_field

namespace linux_cooked_v2_field {
inline constexpr Field kProtocol{"protocol", "sll.etype",           0,
                                 16,         "LINKTYPE_LINUX_SLL2", FieldFormat::hex};
inline constexpr Field kReserved{"reserved", "sll.unused", 16, 16, "LINKTYPE_LINUX_SLL2"};
inline constexpr Field kInterface{"interface index", "sll.ifindex", 32, 32, "LINKTYPE_LINUX_SLL2"};
inline constexpr Field kHardwareType{"hardware type", "sll.hatype", 64, 16, "LINKTYPE_LINUX_SLL2"};
inline constexpr Field kPacketType{"packet type", "sll.pkttype", 80, 8, "LINKTYPE_LINUX_SLL2"};
inline constexpr Field kAddressLength{"address length", "sll.halen", 88, 8, "LINKTYPE_LINUX_SLL2"};
inline constexpr Field kAddress{"sender address",  "", 96, 64, "LINKTYPE_LINUX_SLL2",
                                FieldFormat::bytes};
inline constexpr std::array kAll{kProtocol,   kReserved,      kInterface, kHardwareType,
                                 kPacketType, kAddressLength, kAddress};
inline constexpr std::size_t kBytes = 20;
}  // namespace linux_cooked_v2_field

}  // namespace strata::wire
