// SPDX-License-Identifier: MIT
// The registry: one line per protocol - its name, its field table, its dissector and how it is
// recognised in the layer below. A new protocol is a file pair and a line here.
#pragma once

#include <optional>
#include <span>
#include <string_view>

#include "stack/base/bytes.h"
#include "stack/base/protocol.h"
#include "stack/wire/dissector.h"
#include "stack/wire/field.h"

namespace strata::wire {

struct ProtocolEntry {
  Protocol protocol{};
  std::string_view name;          // for people: "Ethernet II"
  std::span<const Field> fields;  // the fixed part of its header; empty where there is none
  Inner (*dissect)(DissectContext& context, Range range) = nullptr;
  // How the layer below names it; none where it does not.
  std::optional<EtherType> ether_type;
  std::optional<IpProtocol> ip_protocol;
  // Whether the payload of a transport protocol, whatever its ports, begins like this protocol.
  bool (*recognises)(Bytes payload) = nullptr;
};

std::span<const ProtocolEntry> registry();
// The entry of a protocol; that of data for one that has none.
const ProtocolEntry& entry_of(Protocol protocol);

// The tag of a provider's bridges, around that of its customers: the same format as a VLAN tag.
inline constexpr EtherType kServiceTag{0x88a8};  // IEEE 802.1Q 9.4 (once 802.1ad)

// The protocol inside; data when nobody here knows it.
Protocol protocol_of(EtherType type);
Protocol protocol_of(IpProtocol number);
Protocol protocol_of_payload(Bytes payload);

// "IPv4", "ARP"; empty for an unknown number.
std::string_view name_of(EtherType type);
std::string_view name_of(IpProtocol number);

}  // namespace strata::wire
