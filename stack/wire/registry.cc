// SPDX-License-Identifier: MIT
#include "stack/wire/registry.h"

#include <array>

#include "stack/wire/arp.h"
#include "stack/wire/ethernet.h"
#include "stack/wire/http.h"
#include "stack/wire/icmpv4.h"
#include "stack/wire/ipv4.h"
#include "stack/wire/ipv6.h"
#include "stack/wire/linux_cooked.h"
#include "stack/wire/loopback.h"
#include "stack/wire/physical.h"
#include "stack/wire/tcp.h"
#include "stack/wire/udp.h"

namespace strata::wire {
namespace {

constexpr std::span<const Field> kNoFields;

constexpr std::array kRegistry{
    ProtocolEntry{Protocol::physical, "Preamble", physical_field::kAll, dissect_physical},
    ProtocolEntry{Protocol::ethernet, "Ethernet II", ethernet_field::kAll, dissect_ethernet},
    ProtocolEntry{Protocol::vlan, "802.1Q", vlan_field::kAll, dissect_vlan, EtherType::vlan},
    ProtocolEntry{Protocol::linux_cooked, "Linux cooked", linux_cooked_field::kAll,
                  dissect_linux_cooked},
    ProtocolEntry{Protocol::linux_cooked_v2, "Linux cooked v2", linux_cooked_v2_field::kAll,
                  dissect_linux_cooked_v2},
    ProtocolEntry{Protocol::loopback, "Null/loopback", loopback_field::kAll, dissect_loopback},
    ProtocolEntry{Protocol::arp, "ARP", arp_field::kAll, dissect_arp, EtherType::arp},
    ProtocolEntry{Protocol::ipv4, "IPv4", ipv4_field::kAll, dissect_ipv4, EtherType::ipv4},
    ProtocolEntry{Protocol::ipv6, "IPv6", ipv6_field::kAll, dissect_ipv6, EtherType::ipv6},
    ProtocolEntry{
        Protocol::icmpv6, "ICMPv6", icmpv6_field::kAll, dissect_icmpv6, {}, IpProtocol::icmpv6},
    ProtocolEntry{
        Protocol::icmpv4, "ICMP", icmpv4_field::kAll, dissect_icmpv4, {}, IpProtocol::icmp},
    ProtocolEntry{Protocol::udp, "UDP", udp_field::kAll, dissect_udp, {}, IpProtocol::udp},
    ProtocolEntry{Protocol::tcp, "TCP", tcp_field::kAll, dissect_tcp, {}, IpProtocol::tcp},
    ProtocolEntry{Protocol::http, "HTTP", kNoFields, dissect_http, {}, {}, is_http_start},
    ProtocolEntry{Protocol::data, "Data", kNoFields, dissect_data},  // last: the answer to "none"
};

template <typename Predicate>
const ProtocolEntry& find(Predicate matches) {
  for (const ProtocolEntry& entry : kRegistry) {
    if (matches(entry)) return entry;
  }
  return kRegistry.back();
}

}  // namespace

std::span<const ProtocolEntry> registry() { return kRegistry; }

const ProtocolEntry& entry_of(Protocol protocol) {
  return find([&](const ProtocolEntry& entry) { return entry.protocol == protocol; });
}

Protocol protocol_of(EtherType type) {
  if (type == kServiceTag) return Protocol::vlan;
  return find([&](const ProtocolEntry& entry) { return entry.ether_type == type; }).protocol;
}

Protocol protocol_of(IpProtocol number) {
  return find([&](const ProtocolEntry& entry) { return entry.ip_protocol == number; }).protocol;
}

Protocol protocol_of_payload(Bytes payload) {
  return find([&](const ProtocolEntry& entry) {
           return entry.recognises != nullptr && entry.recognises(payload);
         })
      .protocol;
}

std::string_view name_of(EtherType type) {
  const Protocol protocol = protocol_of(type);
  return protocol == Protocol::data ? std::string_view{} : entry_of(protocol).name;
}

std::string_view name_of(IpProtocol number) {
  const Protocol protocol = protocol_of(number);
  return protocol == Protocol::data ? std::string_view{} : entry_of(protocol).name;
}

}  // namespace strata::wire
