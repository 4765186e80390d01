// SPDX-License-Identifier: MIT
// The names that packetdrill gives to ICMP types and codes (RFC 792, RFC 1122 3.2.2.1, RFC 1812).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace strata::packetdrill {

std::optional<std::uint8_t> icmp_type(std::string_view name);
std::string icmp_type_names();  // "echo_reply, unreachable, ..."
// A message by its type and the name of its code. What ICMPv6 alone has stands for what says the
// same in IPv4, perhaps of another type.
struct IcmpKind {
  std::uint8_t type = 0;
  std::uint8_t code = 0;
};
std::optional<IcmpKind> icmp_kind(std::uint8_t type, std::string_view name);
// "unreachable port_unreachable"; numbers where there is no name.
std::string icmp_text(std::uint8_t type, std::uint8_t code);

}  // namespace strata::packetdrill
