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
    Type{0, "echo_reply"},
    Type{3, "packet_too_big"},
    Type{3, "unreachable"},
    Type{4, "source_quench"},
    Type{5, "redirect"},
    Type{8, "echo_request"},
    Type{11, "time_exceeded"},
    Type{12, "parameter_problem"},
    Type{13, "timestamp_request"},
    Type{14, "timestamp_reply"},
    Type{15, "information_request"},
    Type{16, "information_reply"},
    Type{17, "address_mask_request"},
    Type{18, "address_mask_reply"},
};

struct IcmpCode {
  std::uint8_t type;
  std::uint8_t code;
  std::string_view name;
};
constexpr std::array kCodes{
    IcmpCode{3, 0, "net_unreachable"},
    IcmpCode{3, 1, "host_unreachable"},
    IcmpCode{3, 2, "protocol_unreachable"},
    IcmpCode{3, 3, "port_unreachable"},
    IcmpCode{3, 4, "frag_needed"},
    IcmpCode{3, 5, "source_route_failed"},
    IcmpCode{3, 6, "net_unknown"},
    IcmpCode{3, 7, "host_unknown"},
    IcmpCode{3, 8, "source_host_isolated"},
    IcmpCode{3, 9, "net_prohibited"},
    IcmpCode{3, 10, "host_prohibited"},
    IcmpCode{3, 11, "net_unreachable_for_tos"},
    IcmpCode{3, 12, "host_unreachable_for_tos"},
    IcmpCode{3, 13, "communication_prohibited"},
    IcmpCode{3, 13, "comm_prohibited"},
    IcmpCode{3, 13, "packet_filtered"},
    IcmpCode{3, 14, "host_precedence_violation"},
    IcmpCode{3, 14, "precedence_violation"},
    IcmpCode{3, 15, "precedence_cutoff"},
    IcmpCode{5, 0, "net"},
    IcmpCode{5, 1, "host"},
    IcmpCode{5, 2, "net_tos"},
    IcmpCode{5, 3, "host_tos"},
    IcmpCode{11, 0, "ttl_exceeded_in_transit"},
    IcmpCode{11, 0, "ttl_exceeded"},
    IcmpCode{11, 1, "fragment_reassembly_time_exceeded"},
    IcmpCode{11, 1, "frag_time_exceeded"},
    IcmpCode{11, 1, "frag_reass_exceeded"},
    // ICMPv6 has other names for the same.
    IcmpCode{3, 0, "no_route"},
    IcmpCode{3, 1, "address_unreachable"},
    IcmpCode{3, 1, "addr_unreachable"},
    IcmpCode{3, 13, "admin_prohibited"},
    IcmpCode{11, 0, "exceed_transit"},
    IcmpCode{11, 0, "hop_limit_exceeded"},
    IcmpCode{12, 0, "pointer"},
    IcmpCode{12, 1, "missing_option"},
    IcmpCode{12, 2, "bad_length"},
    IcmpCode{3, 1, "not_neighbour"},
    IcmpCode{11, 0, "exceeded_hop_limit"},
    IcmpCode{11, 1, "exceeded_frag_time"},
    IcmpCode{12, 0, "header_field"},
    IcmpCode{12, 0, "unknown_option"},
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

std::optional<IcmpKind> icmp_kind(std::uint8_t type, std::string_view name) {
  if (const auto number = numbered(name, "code_")) return IcmpKind{type, *number};
  if (type == 12 && name == "unknown_next_header") return icmp_kind(3, "protocol_unreachable");
  for (const IcmpCode& code : kCodes) {
    if (code.type == type && code.name == name) return IcmpKind{type, code.code};
  }
  return std::nullopt;
}

std::string icmp_text(std::uint8_t type, std::uint8_t code) {
  std::string text = std::to_string(type);
  for (const Type& known : kTypes) {
    if (known.type == type) text = known.name;
  }
  for (const IcmpCode& known : kCodes) {
    if (known.type == type && known.code == code) return fmt::format("{} {}", text, known.name);
  }
  return code == 0 ? text : fmt::format("{} {}", text, code);
}

}  // namespace strata::packetdrill
