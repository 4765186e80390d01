// SPDX-License-Identifier: MIT
// Packets: direction, IP header, ports, then a TCP segment, a UDP datagram or an ICMP message.
#include "sim/packetdrill/icmp_names.h"
#include "sim/packetdrill/parse_options.h"
#include "sim/packetdrill/reader.h"
#include "stack/wire/tcp.h"

namespace strata::packetdrill {
namespace {

namespace flag = wire::tcp_flag;

// One item of [ect0], [tos 0x10], (ttl 64), [flowlabel 0x1].
bool parse_ip_item(Reader& reader, IpSpec& ip) {
  const Token& token = reader.take();
  std::uint64_t value = 0;
  if (token.is("noecn")) {
    ip.ecn = 0;
  } else if (token.is("ect1")) {
    ip.ecn = 1;
  } else if (token.is("ect0")) {
    ip.ecn = 2;
  } else if (token.is("ce")) {
    ip.ecn = 3;
  } else if (token.is("ect01")) {
    ip.any_ect = true;
  } else if (token.is("tos") || token.is("class") || token.is("tclass") || token.is("tc")) {
    if (!reader.number(255, "a type of service", value)) return false;
    ip.tos = static_cast<std::uint8_t>(value);
  } else if (token.is("ttl") || token.is("hlim")) {
    if (!reader.number(255, "a time to live", value)) return false;
    ip.ttl = static_cast<std::uint8_t>(value);
  } else if (token.is("flowlabel")) {
    return reader.refuse(token, "an IPv6 flow label");
  } else {
    return reader.fail(token, fmt::format("{} is nothing of an IP header", Reader::quoted(token)),
                       "known are noecn, ect0, ect1, ect01, ce, tos N and ttl N");
  }
  return true;
}

// [ip info] or (ip info); `[1:1(0)] icmp ...` begins alike and is left alone.
bool parse_ip(Reader& reader, IpSpec& ip) {
  const bool square = reader.peek().is('[');
  if ((!square && !reader.peek().is('(')) || reader.peek(1).kind != Token::Kind::word) return true;
  if (reader.peek(1).is("udp") || reader.peek(1).is("raw")) return true;
  reader.take();
  do {
    if (!parse_ip_item(reader, ip)) return false;
  } while (reader.take_if(','));
  return reader.expect(square ? ']' : ')', "after the IP header");
}

bool parse_ports(Reader& reader, std::optional<Ports>& ports) {
  if (reader.peek().kind != Token::Kind::number || !reader.peek(1).is('>')) return true;
  std::uint64_t source = 0;
  std::uint64_t destination = 0;
  if (!reader.number(65535, "a source port", source)) return false;
  reader.take();
  if (!reader.number(65535, "a destination port", destination)) return false;
  ports = {static_cast<std::uint16_t>(source), static_cast<std::uint16_t>(destination)};
  return true;
}

// What ACE counts stands in AE, CWR and ECE (RFC 9768 3.2).
void set_ace(TcpSpec& tcp, unsigned value) {
  tcp.accurate_ecn = (value & 4) != 0;
  if ((value & 2) != 0) tcp.flags |= flag::kCwr;
  if ((value & 1) != 0) tcp.flags |= flag::kEce;
}

bool parse_flag_letters(Reader& reader, const Token& token, TcpSpec& tcp) {
  for (const char c : token.text) {
    switch (c) {
      case 'F':
        tcp.flags |= flag::kFin;
        break;
      case 'S':
        tcp.flags |= flag::kSyn;
        break;
      case 'R':
        tcp.flags |= flag::kRst;
        break;
      case 'P':
        tcp.flags |= flag::kPsh;
        break;
      case 'U':
        tcp.flags |= flag::kUrg;
        break;
      case 'E':
        tcp.flags |= flag::kEce;
        break;
      case 'W':
      case 'C':
        tcp.flags |= flag::kCwr;
        break;
      case 'A':
        tcp.accurate_ecn = true;
        break;
      default:
        if (c >= '0' && c <= '7') {  // FreeBSD writes what ACE counts in front of the '.'
          set_ace(tcp, static_cast<unsigned>(c - '0'));
          break;
        }
        return reader.fail(token, fmt::format("'{}' is no TCP flag", c),
                           "the flags are S F R P U E W A, '.' for ACK and '-' for none");
    }
  }
  return true;
}

// SEW. or P.5 or . or -
bool parse_flags(Reader& reader, TcpSpec& tcp) {
  if (reader.take_if('-')) return true;
  bool any = false;
  const bool is_ace = reader.peek().kind == Token::Kind::number && reader.peek(1).is('.');
  if (reader.peek().kind == Token::Kind::word || is_ace) {
    const Token token = reader.take();
    if (!parse_flag_letters(reader, token, tcp)) return false;
    any = true;
  }
  const Token& token = reader.peek();
  if (token.kind == Token::Kind::fraction && token.text.size() == 2 && token.text[1] <= '7') {
    tcp.flags |= flag::kAck;
    set_ace(tcp, static_cast<unsigned>(token.text[1] - '0'));
    reader.take();
    return true;
  }
  if (reader.take_if('.')) {
    tcp.flags |= flag::kAck;
    any = true;
  }
  if (any) return true;
  return reader.fail(token, fmt::format("expected TCP flags, not {}", Reader::quoted(token)),
                     "the flags are S F R P U E W A, '.' for ACK and '-' for none");
}

// first:next(length); absolute after a '!'.
bool parse_sequence(Reader& reader, std::uint32_t& sequence, std::uint32_t& length,
                    bool* absolute) {
  const Token first_token = reader.peek();
  std::uint64_t first = 0;
  std::uint64_t next = 0;
  std::uint64_t size = 0;
  if (!reader.number(kU32, "a sequence number", first) ||
      !reader.expect(':', "between the two sequence numbers") ||
      !reader.number(kU32, "a sequence number", next) || !reader.expect('(', "before the length") ||
      !reader.number(65535, "a length", size) || !reader.expect(')', "after the length")) {
    return false;
  }
  sequence = static_cast<std::uint32_t>(first);
  length = static_cast<std::uint32_t>(size);
  if (sequence + length != static_cast<std::uint32_t>(next)) {
    return reader.fail(first_token, fmt::format("{}:{} is not {} octets long", first, next, size),
                       fmt::format("write {}:{}({})", first, sequence + length, size));
  }
  if (absolute != nullptr) *absolute = reader.take_if('!');
  return true;
}

bool parse_tcp(Reader& reader, Direction direction, TcpSpec& tcp) {
  std::uint64_t value = 0;
  if (!parse_flags(reader, tcp)) return false;
  if (reader.peek().kind == Token::Kind::ellipsis && direction == Direction::outbound) {
    reader.take();
    tcp.any_sequence = true;
    if (!reader.expect('(', "before the length") || !reader.number(kU32, "a length", value) ||
        !reader.expect(')', "after the length")) {
      return false;
    }
    tcp.length = static_cast<std::uint32_t>(value);
  } else if (!parse_sequence(reader, tcp.sequence, tcp.length, &tcp.absolute_sequence)) {
    return false;
  }
  if (reader.take_if("ack")) {
    if (!reader.number(kU32, "an acknowledgment number", value)) return false;
    tcp.acknowledgement = static_cast<std::uint32_t>(value);
    tcp.absolute_acknowledgement = reader.take_if('!');
  }
  if (reader.take_if("win")) {
    if (reader.peek().kind == Token::Kind::ellipsis) {
      reader.take();
    } else {
      if (!reader.number(65535, "a window", value)) return false;
      tcp.window = static_cast<std::uint16_t>(value);
    }
  }
  if (reader.take_if("urg")) {
    if (!reader.number(65535, "an urgent pointer", value)) return false;
    tcp.urgent = static_cast<std::uint16_t>(value);
  }
  if (reader.peek().is('<') && !reader.peek(1).is('[') &&
      !parse_tcp_options(reader, direction, tcp)) {
    return false;
  }
  if (reader.peek().is('/')) return reader.refuse(reader.peek(), "TCP over UDP");
  if (reader.peek().is('{')) return reader.refuse(reader.peek(), "changing packets at random");
  return true;
}

bool parse_udp(Reader& reader, PacketSpec& packet, UdpSpec& udp) {
  std::uint64_t value = 0;
  if (!parse_ports(reader, packet.ports)) return false;
  // What the original fills a datagram with is its own, so that the checksum is another here.
  if (reader.take_if("sum") && !reader.number(0xffff, "a checksum", value)) return false;
  if (!reader.expect('(', "before the length of a datagram") ||
      !reader.number(65507, "a length", value) || !reader.expect(')', "after the length")) {
    return false;
  }
  udp.length = static_cast<std::uint16_t>(value);
  return true;
}

// [1:1001(1000)] or [udp (1000)]: the packet that an ICMP error is about.
bool parse_quoted(Reader& reader, IcmpSpec& icmp) {
  if (!reader.take_if('[')) return true;
  icmp.has_quote = true;
  if (reader.peek().is("raw")) return reader.refuse(reader.peek(), "a quoted raw packet");
  if (reader.take_if("udp")) {
    std::uint64_t value = 0;
    icmp.quoted = IpProtocol::udp;
    if (!reader.expect('(', "before the length of a datagram") ||
        !reader.number(65507, "a length", value) || !reader.expect(')', "after the length")) {
      return false;
    }
    icmp.quoted_length = static_cast<std::uint32_t>(value);
  } else if (!parse_sequence(reader, icmp.quoted_sequence, icmp.quoted_length, nullptr)) {
    return false;
  }
  return reader.expect(']', "after the quoted packet");
}

bool parse_icmp(Reader& reader, IcmpSpec& icmp) {
  const Token type = reader.take();
  const auto type_number = icmp_type(type.text);
  if (type.kind != Token::Kind::word || !type_number) {
    return reader.fail(type, fmt::format("{} is no ICMP type", Reader::quoted(type)),
                       "known are " + icmp_type_names());
  }
  icmp.type = *type_number;
  if (type.is("packet_too_big")) icmp.code = icmp_kind(icmp.type, "frag_needed")->code;
  const bool has_code = reader.peek().kind == Token::Kind::word && !reader.peek().is("mtu") &&
                        !reader.peek().is("id");
  if (has_code) {
    const Token code = reader.take();
    const auto kind = icmp_kind(icmp.type, code.text);
    if (!kind) {
      return reader.fail(code,
                         fmt::format("{} is no code of this ICMP type", Reader::quoted(code)));
    }
    icmp.type = kind->type;
    icmp.code = kind->code;
  }
  std::uint64_t value = 0;
  if (reader.take_if("mtu")) {
    if (!reader.number(65535, "an MTU", value)) return false;
    icmp.mtu = static_cast<std::uint16_t>(value);
  }
  if (reader.take_if("id")) {
    if (!reader.number(65535, "an identifier", value)) return false;
    icmp.identifier = static_cast<std::uint16_t>(value);
  }
  return parse_quoted(reader, icmp);
}

}  // namespace

bool parse_packet(Reader& reader, PacketSpec& packet) {
  packet.direction = reader.take().is('<') ? Direction::inbound : Direction::outbound;
  const Token& first = reader.peek();
  for (const std::string_view encapsulation :
       {"ipv4", "ipv6", "gre", "GREv0", "mpls", "sctp", "udplite", "psp", "PSP"}) {
    if (first.is(encapsulation)) return reader.refuse(first, "the protocol " + first.text);
  }
  if (!parse_ip(reader, packet.ip)) return false;
  if (reader.peek().is("sctp") || reader.peek().is("udplite")) {
    return reader.refuse(reader.peek(), "the protocol " + reader.peek().text);
  }
  if (packet.ip.any_ect && packet.direction == Direction::inbound) {
    return reader.fail(first, "[ect01] describes packets that the stack sends",
                       "write [ect0] or [ect1]");
  }
  if (reader.take_if("udp")) return parse_udp(reader, packet, packet.body.emplace<UdpSpec>());
  if (reader.take_if("icmp")) return parse_icmp(reader, packet.body.emplace<IcmpSpec>());
  if (reader.peek().is('[')) {  // FreeBSD writes the quoted packet first
    IcmpSpec& icmp = packet.body.emplace<IcmpSpec>();
    if (!parse_quoted(reader, icmp)) return false;
    if (reader.take_if("icmp")) return parse_icmp(reader, icmp);
    return reader.fail(reader.peek(), "expected 'icmp' after the quoted packet");
  }
  if (!parse_ports(reader, packet.ports)) return false;
  return parse_tcp(reader, packet.direction, packet.body.emplace<TcpSpec>());
}

}  // namespace strata::packetdrill
