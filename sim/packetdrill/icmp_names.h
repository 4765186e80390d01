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
std::optional<std::uint8_t> icmp_code(std::uint8_t type, std::string_view name);
// "unreachable port_unreachable"; numbers where there is no name.
std::string icmp_text(std::uint8_t type, std::uint8_t code);

}  // namespace strata::packetdrill
