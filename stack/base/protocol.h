// SPDX-License-Identifier: MIT
// The five layers and the protocols Strata speaks, as names. Numbers that go on the wire
// (EtherType, IP protocol) are enums over the raw integer: an unknown value survives.
#pragma once

#include <cstdint>
#include <string_view>

namespace strata {

enum class Layer : std::uint8_t { physical, link, network, transport, application };
std::string_view to_text(Layer layer);

// Everything that can be one box of an encapsulation view.
enum class Protocol : std::uint8_t {
  physical,  // preamble, SFD
  ethernet,
  vlan,             // 802.1Q tag
  linux_cooked,     // what Linux captures on "any" (SLL)
  linux_cooked_v2,  // the same, second version
  loopback,         // address family alone: BSD's null and loopback captures
  arp,
  ipv4,
  ipv6,
  icmpv4,
  icmpv6,
  udp,
  tcp,
  http,
  data,     // payload nobody dissects further
  padding,  // Ethernet padding to the minimum frame
  fcs,      // frame check sequence
};
// Lower-case short name: "ethernet", "ipv4", "tcp".
std::string_view to_text(Protocol protocol);
Layer layer_of(Protocol protocol);

// IEEE 802 numbers / RFC 7042.
enum class EtherType : std::uint16_t {
  ipv4 = 0x0800,
  arp = 0x0806,
  vlan = 0x8100,
  ipv6 = 0x86dd,
};

// IANA assigned Internet protocol numbers.
enum class IpProtocol : std::uint8_t { icmp = 1, tcp = 6, udp = 17, icmpv6 = 58 };

}  // namespace strata
