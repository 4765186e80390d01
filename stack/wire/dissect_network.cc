// SPDX-License-Identifier: MIT
// Dissectors of the network layer: IPv4 and ICMP.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "stack/wire/dissector.h"
#include "stack/wire/icmpv4.h"
#include "stack/wire/ipv4.h"
#include "stack/wire/registry.h"
#include "stack/wire/udp.h"

namespace strata::wire {
namespace {

// How deep an ICMP error that quotes an ICMP error that quotes ... is taken apart.
constexpr std::size_t kQuotesMax = 3;

std::string_view ecn_name(std::uint64_t codepoint) {  // RFC 3168 5
  switch (codepoint) {
    case 1:
      return "ECT(1)";
    case 2:
      return "ECT(0)";
    case 3:
      return "CE";
    default:
      return "not ECN-capable";
  }
}

std::string flags_text(std::uint64_t flags) {
  std::string text;
  const auto name = [&](std::uint8_t bit, std::string_view label) {
    if ((flags & bit) == 0) return;
    if (!text.empty()) text += ' ';
    text += label;
  };
  name(ipv4_flag::kReserved, "reserved");
  name(ipv4_flag::kDontFragment, "DF");
  name(ipv4_flag::kMoreFragments, "MF");
  return text.empty() ? "none" : text;
}

std::string name_or_number(IpProtocol protocol) {
  const std::string_view name = name_of(protocol);
  return name.empty() ? fmt::format("ip-proto-{}", static_cast<unsigned>(protocol))
                      : std::string{name};
}

// What the numbers of the fixed header mean.
void annotate(LayerWriter& layer) {
  DissectedField& length = layer.at(ipv4_field::kHeaderLength);
  length.note = fmt::format("{} bytes", length.raw * 4);
  DissectedField& ecn = layer.at(ipv4_field::kEcn);
  ecn.note = ecn_name(ecn.raw);
  DissectedField& flags = layer.at(ipv4_field::kFlags);
  flags.value = flags_text(flags.raw);
  DissectedField& offset = layer.at(ipv4_field::kFragmentOffset);
  if (offset.raw != 0) offset.note = fmt::format("byte {}", offset.raw * 8);
  DissectedField& protocol = layer.at(ipv4_field::kProtocol);
  protocol.note = name_of(static_cast<IpProtocol>(protocol.raw));
}

// The end of a well-formed header; 0, and the problem said, for any other.
std::size_t check_lengths(LayerWriter& layer, DissectContext& context, Range range) {
  const std::uint64_t version = layer.at(ipv4_field::kVersion).raw;
  const std::size_t header_bytes = layer.at(ipv4_field::kHeaderLength).raw * 4;
  const std::size_t total = layer.at(ipv4_field::kTotalLength).raw;
  if (version != 4) {
    layer.set_problem(fmt::format("version is {}, not 4", version));
    return 0;
  }
  if (header_bytes < Ipv4Header::kBytesMin) {
    layer.set_problem(fmt::format("header length of {} bytes is below 20", header_bytes));
    return 0;
  }
  if (header_bytes > range.size() && context.bytes_left_out > 0) return 0;
  if (header_bytes > range.size() || header_bytes > total) {
    layer.set_problem(fmt::format("header length of {} bytes is beyond the {} there are",
                                  header_bytes, std::min(total, range.size())));
    return 0;
  }
  context.network.is_cut = total > range.size();
  context.network.bytes_left_out =
      context.network.is_cut ? std::min<std::size_t>(total - range.size(), context.bytes_left_out)
                             : 0;
  if (context.network.is_cut && context.network.quotes == 0 &&
      total > range.size() + context.bytes_left_out) {
    layer.set_problem(fmt::format("total length is {} but {} bytes are here", total, range.size()));
  }
  return range.begin + header_bytes;
}

std::string fragment_text(const Ipv4Header& header) {
  return fmt::format("{} fragment (id {}, offset {}, length {}{})", name_or_number(header.protocol),
                     header.identification, header.fragment_offset, header.payload_bytes(),
                     header.more_fragments ? ", more" : "");
}

std::string_view unreachable_text(
    std::uint8_t code) {  // RFC 792, RFC 1122 3.2.2.1, RFC 1812 5.2.7.1
  constexpr std::array<std::string_view, 16> kTexts{
      "net unreachable",
      "host unreachable",
      "protocol unreachable",
      "port unreachable",
      "unreachable - need to frag",
      "unreachable - source route failed",
      "net unreachable - unknown",
      "host unreachable - unknown",
      "unreachable - source host isolated",
      "net unreachable - admin prohibited",
      "host unreachable - admin prohibited",
      "net unreachable - tos prohibited",
      "host unreachable - tos prohibited",
      "unreachable - admin prohibited filter",
      "unreachable - host precedence violation",
      "unreachable - precedence cutoff",
  };
  return code < kTexts.size() ? kTexts[code] : "unreachable - unknown code";
}

std::string_view redirect_text(std::uint8_t code) {
  constexpr std::array<std::string_view, 4> kTexts{"net", "host", "tos and net", "tos and host"};
  return code < kTexts.size() ? kTexts[code] : "unknown code";
}

// What is unreachable, as tcpdump says it: from the datagram quoted in the error.
std::string unreachable_line(const Icmpv4Message& message, Bytes quote) {
  const auto code = static_cast<UnreachableCode>(message.code);
  const auto quoted = Ipv4Header::parse_quoted(quote);
  if (!quoted) return std::string{unreachable_text(message.code)};
  const std::string address = to_text(quoted->destination);
  const Bytes payload = quote.subspan(quoted->header_bytes());
  if (code == UnreachableCode::network || code == UnreachableCode::host) {
    const bool is_host = code == UnreachableCode::host;
    return fmt::format("{} {} unreachable", is_host ? "host" : "net", address);
  }
  if (code == UnreachableCode::port && payload.size() >= 4) {
    const Protocol protocol = protocol_of(quoted->protocol);
    return fmt::format("{} {} port {} unreachable", address, to_text(protocol),
                       read(udp_field::kDestinationPort, payload));
  }
  if (code == UnreachableCode::protocol) {
    return fmt::format("{} protocol {} unreachable", address,
                       static_cast<unsigned>(quoted->protocol));
  }
  if (code == UnreachableCode::fragmentation_needed) {
    return fmt::format("{} unreachable - need to frag (mtu {})", address, message.next_hop_mtu());
  }
  return fmt::format("{} {}", address, unreachable_text(message.code));
}

std::string icmp_text(const Icmpv4Message& message, Bytes quote) {
  switch (message.type) {
    case IcmpType::echo_request:
      return fmt::format("echo request, id {}, seq {}", message.identifier(), message.sequence());
    case IcmpType::echo_reply:
      return fmt::format("echo reply, id {}, seq {}", message.identifier(), message.sequence());
    case IcmpType::destination_unreachable:
      return unreachable_line(message, quote);
    case IcmpType::source_quench:
      return "source quench";
    case IcmpType::redirect: {
      const auto quoted = Ipv4Header::parse_quoted(quote);
      return fmt::format("redirect {} to {} {}",
                         quoted ? to_text(quoted->destination) : std::string{"?"},
                         redirect_text(message.code), to_text(message.gateway()));
    }
    case IcmpType::time_exceeded:
      return message.code == 0 ? "time exceeded in-transit" : "ip reassembly time exceeded";
    case IcmpType::parameter_problem:
      return fmt::format("parameter problem - octet {}", message.pointer());
  }
  return fmt::format("type-#{}", static_cast<unsigned>(message.type));
}

std::string_view type_name(IcmpType type) {
  switch (type) {
    case IcmpType::echo_reply:
      return "echo reply";
    case IcmpType::destination_unreachable:
      return "destination unreachable";
    case IcmpType::source_quench:
      return "source quench";
    case IcmpType::redirect:
      return "redirect";
    case IcmpType::echo_request:
      return "echo request";
    case IcmpType::time_exceeded:
      return "time exceeded";
    case IcmpType::parameter_problem:
      return "parameter problem";
  }
  return {};
}

std::string_view code_name(const Icmpv4Message& message) {
  switch (message.type) {
    case IcmpType::destination_unreachable:
      return unreachable_text(message.code);
    case IcmpType::redirect:
      return redirect_text(message.code);
    case IcmpType::time_exceeded:
      return message.code == 0 ? "in transit" : "in reassembly";
    case IcmpType::source_quench:
    case IcmpType::echo_reply:
    case IcmpType::echo_request:
    case IcmpType::parameter_problem:
      return {};
  }
  return {};
}

}  // namespace

Inner dissect_ipv4(DissectContext& context, Range range) {
  LayerWriter layer(context, Protocol::ipv4, range);
  if (!layer.add_table(ipv4_field::kAll)) return {};
  layer.end_header(range.begin + Ipv4Header::kBytesMin);
  annotate(layer);
  const std::size_t end = check_lengths(layer, context, range);
  if (end == 0) return {Protocol::data, {range.begin + Ipv4Header::kBytesMin, range.end}};
  layer.end_header(end);
  const Bytes header_bytes = context.bytes({range.begin, end});
  if (context.network.quotes == 0) {
    layer.judge_checksum(ipv4_field::kChecksum, {}, header_bytes);
  } else {
    layer.at(ipv4_field::kChecksum).note = context.network.why_unverified();
  }
  dissect_ipv4_options(layer, context, {range.begin + Ipv4Header::kBytesMin, end});

  // It parses: the lengths are right, and a quoted one's checksum does not matter.
  const Ipv4Header header = *Ipv4Header::parse_quoted(context.bytes(range));
  Range inside{end, std::min(range.end, range.begin + header.total_length)};
  layer.layer().total_bytes = inside.end - range.begin;
  context.add_padding({inside.end, range.end});
  layer.set_summary(fmt::format("TTL {}", header.ttl));
  context.network.source = header.source;
  context.network.destination = header.destination;
  context.network.is_fragment = header.is_fragment();
  context.set_line(fmt::format("IP {} > {}: {}, length {}", to_text(header.source),
                               to_text(header.destination), name_or_number(header.protocol),
                               header.payload_bytes()));
  if (header.is_fragment()) {
    layer.set_summary(
        fmt::format("TTL {}, fragment at byte {}", header.ttl, header.fragment_offset));
    context.set_line(fmt::format("IP {} > {}: {}", to_text(header.source),
                                 to_text(header.destination), fragment_text(header)));
    // Only the first fragment begins with a transport header.
    if (header.fragment_offset != 0) return {Protocol::data, inside};
  }
  return {protocol_of(header.protocol), inside};
}

Inner dissect_icmpv4(DissectContext& context, Range range) {
  LayerWriter layer(context, Protocol::icmpv4, range);
  const Bytes bytes = context.bytes(range);
  const auto type = static_cast<IcmpType>(bytes[0]);  // the loop never asks for an empty range
  if (!layer.add_table(icmpv4_fields(type))) return {};
  const std::size_t end = range.begin + Icmpv4Message::kHeaderBytes;
  layer.end_header(end);
  const Icmpv4Message message{
      .type = type,
      .code = static_cast<std::uint8_t>(layer.at(icmpv4_field::kCode).raw),
      .checksum = static_cast<std::uint16_t>(layer.at(icmpv4_field::kChecksum).raw),
      .rest = static_cast<std::uint32_t>(read(icmpv4_field::kRest, bytes))};
  layer.at(icmpv4_field::kType).note = type_name(type);
  layer.at(icmpv4_field::kCode).note = code_name(message);
  if (context.network.can_verify()) {
    layer.judge_checksum(icmpv4_field::kChecksum, {}, bytes);
  } else {
    layer.at(icmpv4_field::kChecksum).note = context.network.why_unverified();
  }
  const std::string text = icmp_text(message, bytes.subspan(Icmpv4Message::kHeaderBytes));
  layer.set_summary(text);
  if (!context.network.is_fragment) {
    context.set_line(fmt::format("IP {} > {}: ICMP {}, length {}", to_text(context.network.source),
                                 to_text(context.network.destination), text,
                                 range.size() + context.network.bytes_left_out));
  }
  const Range inside{end, range.end};
  if (!message.is_error() || context.network.quotes == kQuotesMax) return {Protocol::data, inside};
  ++context.network.quotes;
  return {Protocol::ipv4, inside};
}

}  // namespace strata::wire
