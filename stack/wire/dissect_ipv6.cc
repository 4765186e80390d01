// SPDX-License-Identifier: MIT
// Dissectors of IPv6 with its extension headers, and of what begins every ICMPv6 message.
#include <fmt/format.h>

#include <algorithm>

#include "stack/base/address.h"
#include "stack/wire/dissector.h"
#include "stack/wire/ipv6.h"
#include "stack/wire/registry.h"

namespace strata::wire {
namespace {

std::string_view extension_name(Ipv6Extension extension) {
  switch (extension) {
    case Ipv6Extension::hop_by_hop:
      return "hop-by-hop options";
    case Ipv6Extension::routing:
      return "routing header";
    case Ipv6Extension::fragment:
      return "fragment header";
    case Ipv6Extension::destination:
      return "destination options";
  }
  return "extension header";
}

std::string name_or_number(std::uint8_t number) {
  const std::string_view name = name_of(static_cast<IpProtocol>(number));
  return name.empty() ? fmt::format("ip-proto-{}", number) : std::string{name};
}

std::string_view type_name(std::uint64_t type) {  // RFC 4443, RFC 4861, RFC 3810
  switch (type) {
    case 1:
      return "destination unreachable";
    case 2:
      return "packet too big";
    case 3:
      return "time exceeded";
    case 4:
      return "parameter problem";
    case 128:
      return "echo request";
    case 129:
      return "echo reply";
    case 133:
      return "router solicitation";
    case 134:
      return "router advertisement";
    case 135:
      return "neighbour solicitation";
    case 136:
      return "neighbour advertisement";
    case 137:
      return "redirect";
    case 143:
      return "multicast listener report v2";
    default:
      return {};
  }
}

}  // namespace

Inner dissect_ipv6(DissectContext& context, Range range) {
  LayerWriter layer(context, Protocol::ipv6, range);
  if (!layer.add_table(ipv6_field::kAll)) return {};
  layer.end_header(range.begin + ipv6_field::kBytes);
  const Bytes datagram = context.bytes(range);
  if (const std::uint64_t version = layer.at(ipv6_field::kVersion).raw; version != 6) {
    layer.set_problem(fmt::format("version is {}, not 6", version));
    return {Protocol::data, {range.begin + ipv6_field::kBytes, range.end}};
  }
  const Ipv6Payload payload = ipv6_payload(datagram, [&](const Ipv6ExtensionHeader& header) {
    const std::size_t begin = range.begin + header.begin;
    const Range octets{begin, begin + header.bytes};
    layer.add_bytes(extension_name(header.type), "RFC 8200 4", octets,
                    preview(context.bytes(octets)));
  });
  layer.at(ipv6_field::kNextHeader).note =
      name_or_number(static_cast<std::uint8_t>(layer.at(ipv6_field::kNextHeader).raw));
  const std::size_t begin = range.begin + payload.begin;
  layer.end_header(begin);
  const Range inside{begin, std::max(begin, std::min(range.end, range.begin + payload.end))};
  const std::size_t total = payload.end;
  context.network.is_cut = total > range.size();
  context.network.bytes_left_out =
      context.network.is_cut ? std::min(total - range.size(), context.bytes_left_out) : 0;
  if (total > range.size() + context.bytes_left_out && context.network.quotes == 0) {
    layer.set_problem(fmt::format("payload length is {} but {} bytes are here",
                                  total - ipv6_field::kBytes, range.size() - ipv6_field::kBytes));
  } else if (payload.is_cut && context.bytes_left_out == 0) {
    layer.set_problem("an extension header is cut short");
  }
  layer.layer().total_bytes = inside.end - range.begin;
  context.add_padding({inside.end, range.end});
  layer.set_summary(fmt::format("hop limit {}", layer.at(ipv6_field::kHopLimit).raw));
  context.network.source = Ipv6Address::load(datagram.data() + ipv6_field::kSource.bit_offset / 8);
  context.network.destination =
      Ipv6Address::load(datagram.data() + ipv6_field::kDestination.bit_offset / 8);
  context.network.is_fragment = payload.is_fragment;
  context.set_line(fmt::format(
      "IP6 {} > {}: {}{}, length {}", to_text(context.network.source),
      to_text(context.network.destination), name_or_number(payload.protocol),
      payload.is_fragment ? fmt::format(" fragment (offset {})", payload.fragment_offset) : "",
      inside.size() + context.network.bytes_left_out));
  if (payload.is_cut || payload.fragment_offset != 0) return {Protocol::data, inside};
  return {protocol_of(static_cast<IpProtocol>(payload.protocol)), inside};
}

Inner dissect_icmpv6(DissectContext& context, Range range) {
  LayerWriter layer(context, Protocol::icmpv6, range);
  if (!layer.add_table(icmpv6_field::kAll)) return {};
  const std::size_t end = range.begin + icmpv6_field::kBytes;
  layer.end_header(end);
  DissectedField& type = layer.at(icmpv6_field::kType);
  type.note = type_name(type.raw);
  const std::string text =
      type.note.empty() ? fmt::format("type-#{}", type.raw) : std::string{type.note};
  layer.set_summary(text);
  if (context.network.can_verify()) {
    InternetChecksum sum;  // RFC 4443 2.3: over the pseudo-header too
    sum.add_pseudo_header(context.network.source, context.network.destination,
                          static_cast<std::uint8_t>(IpProtocol::icmpv6),
                          static_cast<std::uint32_t>(range.size()));
    layer.judge_checksum(icmpv6_field::kChecksum, sum, context.bytes(range));
  } else {
    layer.at(icmpv6_field::kChecksum).note = context.network.why_unverified();
  }
  context.set_line(fmt::format("IP6 {} > {}: ICMP6, {}, length {}", to_text(context.network.source),
                               to_text(context.network.destination), text,
                               range.size() + context.network.bytes_left_out));
  return {Protocol::data, {end, range.end}};
}

}  // namespace strata::wire
