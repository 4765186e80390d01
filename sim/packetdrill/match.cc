// SPDX-License-Identifier: MIT
// Comparing the packet that a script expects with the one that was sent, and showing either.
#include <fmt/format.h>

#include "sim/packetdrill/icmp_names.h"
#include "sim/packetdrill/packets.h"

namespace strata::packetdrill {
namespace {

namespace flag = wire::tcp_flag;
using wire::TcpOptionKind;

std::string flags_text(const TcpSpec& tcp) {
  std::string text;
  const auto put = [&](std::uint8_t bit, char letter) {
    if ((tcp.flags & bit) != 0) text += letter;
  };
  put(flag::kSyn, 'S');
  put(flag::kFin, 'F');
  put(flag::kRst, 'R');
  put(flag::kPsh, 'P');
  put(flag::kUrg, 'U');
  put(flag::kEce, 'E');
  put(flag::kCwr, 'W');
  if (tcp.accurate_ecn) text += 'A';
  put(flag::kAck, '.');
  return text.empty() ? "-" : text;
}

std::string hex(const std::vector<std::uint8_t>& bytes, std::size_t from) {
  std::string text;
  for (std::size_t i = from; i < bytes.size(); ++i) text += fmt::format("{:02x}", bytes[i]);
  return text;
}

std::uint32_t number(const std::vector<std::uint8_t>& bytes, std::size_t from, std::size_t octets) {
  std::uint32_t value = 0;
  for (std::size_t i = from; i < from + octets && i < bytes.size(); ++i) {
    value = (value << 8) | bytes[i];
  }
  return value;
}

std::string accurate_ecn_text(const OptionSpec& option) {
  constexpr std::string_view kNames[2][3] = {{"e0b", "ceb", "e1b"}, {"e1b", "ceb", "e0b"}};
  std::string text = "ECN";
  for (std::size_t i = 0; 3 * i + 3 <= option.payload.size() && i < 3; ++i) {
    text += fmt::format(" {} {}", kNames[option.kind == 174 ? 1 : 0][i],
                        number(option.payload, 3 * i, 3));
  }
  return text;
}

std::string option_text(const OptionSpec& option) {
  const std::vector<std::uint8_t>& payload = option.payload;
  switch (static_cast<TcpOptionKind>(option.kind)) {
    case TcpOptionKind::end:
      return "eol";
    case TcpOptionKind::no_operation:
      return "nop";
    case TcpOptionKind::maximum_segment_size:
      return fmt::format("mss {}", number(payload, 0, 2));
    case TcpOptionKind::window_scale:
      return fmt::format("wscale {}", number(payload, 0, 1));
    case TcpOptionKind::sack_permitted:
      return "sackOK";
    case TcpOptionKind::sack: {
      std::string text = "sack";
      for (std::size_t i = 0; i + 8 <= payload.size(); i += 8) {
        text += fmt::format(" {}:{}", number(payload, i, 4), number(payload, i + 4, 4));
      }
      return text;
    }
    case TcpOptionKind::timestamps:
      return fmt::format("TS val {} ecr {}",
                         option.any_value ? "..." : std::to_string(number(payload, 0, 4)),
                         option.any_echo ? "..." : std::to_string(number(payload, 4, 4)));
    case TcpOptionKind::md5_signature:
      if (option.is_valid) return *option.is_valid ? "md5 valid" : "md5 invalid";
      return "md5 " + hex(payload, 0);
    case TcpOptionKind::fast_open:
      return payload.empty() ? "FO" : "FO " + hex(payload, 0);
    case TcpOptionKind::accurate_ecn_0:
    case TcpOptionKind::accurate_ecn_1:
      return accurate_ecn_text(option);
  }
  if (option.kind == 254 && number(payload, 0, 2) == 0xf989) return "FOEXP " + hex(payload, 2);
  return fmt::format("kind {} {}", option.kind, hex(payload, 0));
}

std::string tcp_text(const TcpSpec& tcp) {
  std::string text = fmt::format("{} {}:{}({})", flags_text(tcp), tcp.sequence,
                                 tcp.sequence + tcp.length, tcp.length);
  if (tcp.acknowledgement) text += fmt::format(" ack {}", *tcp.acknowledgement);
  if (tcp.window) text += fmt::format(" win {}", *tcp.window);
  if (tcp.urgent && *tcp.urgent != 0) text += fmt::format(" urg {}", *tcp.urgent);
  if (tcp.any_options) return text + " <...>";
  std::string options;
  for (const OptionSpec& option : tcp.options) {
    options += (options.empty() ? "" : ",") + option_text(option);
  }
  return options.empty() ? text : fmt::format("{} <{}>", text, options);
}

std::string ip_text(const IpSpec& ip) {
  constexpr std::string_view kEcn[] = {"noecn", "ect1", "ect0", "ce"};
  if (ip.any_ect) return "[ect01] ";
  if (ip.tos && !ip.ecn) return fmt::format("[tos {:#x}] ", *ip.tos);
  if (ip.ecn) return fmt::format("[{}] ", kEcn[*ip.ecn & 3]);
  if (ip.ttl) return fmt::format("[ttl {}] ", *ip.ttl);
  return {};
}

bool options_match(const std::vector<OptionSpec>& expected, const std::vector<OptionSpec>& actual) {
  if (expected.size() != actual.size()) return false;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const OptionSpec& wanted = expected[i];
    if (wanted.kind != actual[i].kind) return false;
    if (wanted.kind == static_cast<std::uint8_t>(TcpOptionKind::timestamps)) {
      // The value of the stack's clock is not foretold; the echo is.
      if (actual[i].payload.size() != 8) return false;
      if (!wanted.any_echo && number(wanted.payload, 4, 4) != number(actual[i].payload, 4, 4)) {
        return false;
      }
    } else if (wanted.is_valid) {
      if (wanted.is_valid != actual[i].is_valid) return false;
    } else if (wanted.payload != actual[i].payload) {
      return false;
    }
  }
  return true;
}

void note(std::string& list, std::string_view what) {
  if (!list.empty()) list += ", ";
  list += what;
}

void compare_tcp(const TcpSpec& expected, const TcpSpec& actual, bool is_merged,
                 std::string& list) {
  const std::uint8_t ignored = is_merged ? flag::kPsh : std::uint8_t{0};
  if (((expected.flags ^ actual.flags) & ~ignored) != 0 ||
      expected.accurate_ecn != actual.accurate_ecn) {
    note(list, "flags");
  }
  if (!expected.any_sequence && expected.sequence != actual.sequence) note(list, "sequence number");
  if (expected.length != actual.length) note(list, "length");
  // Without ACK the field means nothing, whatever the script has there (RFC 9293 3.1).
  const bool has_ack = (expected.flags & flag::kAck) != 0;
  if (has_ack && expected.acknowledgement && expected.acknowledgement != actual.acknowledgement) {
    note(list, "acknowledgment number");
  }
  if (expected.window && expected.window != actual.window) note(list, "window");
  if (expected.urgent && expected.urgent != actual.urgent) note(list, "urgent pointer");
  if (!expected.any_options && !options_match(expected.options, actual.options)) {
    note(list, "options");
  }
}

}  // namespace

std::string to_text(const PacketSpec& packet) {
  std::string text = packet.direction == Direction::inbound ? "< " : "> ";
  text += ip_text(packet.ip);
  if (const auto* udp = std::get_if<UdpSpec>(&packet.body)) {
    return text + fmt::format("udp ({})", udp->length);
  }
  if (const auto* icmp = std::get_if<IcmpSpec>(&packet.body)) {
    text += "icmp " + icmp_text(icmp->type, icmp->code);
    return icmp->mtu ? text + fmt::format(" mtu {}", *icmp->mtu) : text;
  }
  if (packet.ports)
    text += fmt::format("{} > {} ", packet.ports->source, packet.ports->destination);
  return text + tcp_text(std::get<TcpSpec>(packet.body));
}

std::string difference(const PacketSpec& expected, const PacketSpec& actual, bool is_merged) {
  std::string list;
  if (expected.body.index() != actual.body.index()) return "protocol";
  if (expected.ip.ecn && expected.ip.ecn != actual.ip.ecn) note(list, "ECN field");
  if (expected.ip.any_ect && actual.ip.ecn != 1 && actual.ip.ecn != 2) note(list, "ECN field");
  if (expected.ip.tos && expected.ip.tos != actual.ip.tos) note(list, "type of service");
  if (expected.ip.ttl && expected.ip.ttl != actual.ip.ttl) note(list, "time to live");
  if (expected.ports && actual.ports &&
      (expected.ports->source != actual.ports->source ||
       expected.ports->destination != actual.ports->destination)) {
    note(list, "ports");
  }
  if (const auto* tcp = std::get_if<TcpSpec>(&expected.body)) {
    compare_tcp(*tcp, std::get<TcpSpec>(actual.body), is_merged, list);
  } else if (const auto* udp = std::get_if<UdpSpec>(&expected.body)) {
    if (udp->length != std::get<UdpSpec>(actual.body).length) note(list, "length");
  } else {
    const auto& wanted = std::get<IcmpSpec>(expected.body);
    const auto& sent = std::get<IcmpSpec>(actual.body);
    if (wanted.type != sent.type) note(list, "type");
    if (wanted.code != sent.code) note(list, "code");
    if (wanted.mtu && wanted.mtu != sent.mtu) note(list, "MTU");
  }
  return list;
}

}  // namespace strata::packetdrill
