// SPDX-License-Identifier: MIT
#include "sim/packetdrill/icmp_names.h"

#include <fmt/format.h>

#include <array>
#include <charconv>

namespace strata::packetdrill {
namespace {

struct Type {
  std::uint8_t type;
  std::string_view name;
};
constexpr std::array kTypes{
    Type{0, "echo_reply"},          Type{3, "unreachable"},
    Type{4, "source_quench"},       Type{5, "redirect"},
    Type{8, "echo_request"},        Type{11, "time_exceeded"},
    Type{12, "parameter_problem"},  Type{13, "timestamp_request"},
    Type{14, "timestamp_reply"},    Type{15, "information_request"},
    Type{16, "information_reply"},  Type{17, "address_mask_request"},
    Type{18, "address_mask_reply"},
};

struct Code {
  std::uint8_t type;
  std::uint8_t code;
  std::string_view name;
};
constexpr std::array kCodes{
    Code{3, 0, "net_unreachable"},
    Code{3, 1, "host_unreachable"},
    Code{3, 2, "protocol_unreachable"},
    Code{3, 3, "port_unreachable"},
    Code{3, 4, "frag_needed"},
    Code{3, 5, "source_route_failed"},
    Code{3, 6, "net_unknown"},
    Code{3, 7, "host_unknown"},
    Code{3, 8, "source_host_isolated"},
    Code{3, 9, "net_prohibited"},
    Code{3, 10, "host_prohibited"},
    Code{3, 11, "net_unreachable_for_tos"},
    Code{3, 12, "host_unreachable_for_tos"},
    Code{3, 13, "communication_prohibited"},
    Code{3, 13, "comm_prohibited"},
    Code{3, 13, "packet_filtered"},
    Code{3, 14, "host_precedence_violation"},
    Code{3, 14, "precedence_violation"},
    Code{3, 15, "precedence_cutoff"},
    Code{5, 0, "net"},
    Code{5, 1, "host"},
    Code{5, 2, "net_tos"},
    Code{5, 3, "host_tos"},
    Code{11, 0, "ttl_exceeded_in_transit"},
    Code{11, 0, "ttl_exceeded"},
    Code{11, 1, "fragment_reassembly_time_exceeded"},
    Code{11, 1, "frag_time_exceeded"},
    Code{11, 1, "frag_reass_exceeded"},
    // ICMPv6 has other names for the same.
    Code{3, 0, "no_route"},
    Code{3, 1, "address_unreachable"},
    Code{3, 1, "addr_unreachable"},
    Code{3, 13, "admin_prohibited"},
    Code{11, 0, "exceed_transit"},
    Code{11, 0, "hop_limit_exceeded"},
    Code{12, 0, "pointer"},
    Code{12, 1, "missing_option"},
    Code{12, 2, "bad_length"},
};

// "type_12", "code_3": by number.
std::optional<std::uint8_t> numbered(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix)) return std::nullopt;
  name.remove_prefix(prefix.size());
  std::uint8_t value = 0;
  const auto read = std::from_chars(name.data(), name.data() + name.size(), value);
  if (read.ec != std::errc() || read.ptr != name.data() + name.size()) return std::nullopt;
  return value;
}

}  // namespace

std::optional<std::uint8_t> icmp_type(std::string_view name) {
  if (const auto number = numbered(name, "type_")) return number;
  for (const Type& type : kTypes) {
    if (type.name == name) return type.type;
  }
  return std::nullopt;
}

std::string icmp_type_names() {
  std::string text;
  for (const Type& type : kTypes) {
    text += (text.empty() ? "" : ", ") + std::string(type.name);
  }
  return text;
}

std::optional<std::uint8_t> icmp_code(std::uint8_t type, std::string_view name) {
  if (const auto number = numbered(name, "code_")) return number;
  for (const Code& code : kCodes) {
    if (code.type == type && code.name == name) return code.code;
  }
  return std::nullopt;
}

std::string icmp_text(std::uint8_t type, std::uint8_t code) {
  std::string text = std::to_string(type);
  for (const Type& known : kTypes) {
    if (known.type == type) text = known.name;
  }
  for (const Code& known : kCodes) {
    if (known.type == type && known.code == code) return fmt::format("{} {}", text, known.name);
  }
  return code == 0 ? text : fmt::format("{} {}", text, code);
}

}  // namespace strata::packetdrill
