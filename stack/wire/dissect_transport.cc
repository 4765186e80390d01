// SPDX-License-Identifier: MIT
// Dissectors of the transport layer: UDP and TCP.
#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "stack/wire/datagram.h"
#include "stack/wire/dissector.h"
#include "stack/wire/registry.h"
#include "stack/wire/tcp.h"
#include "stack/wire/udp.h"

namespace strata::wire {
namespace {

struct FlagName {
  std::uint8_t bit;
  std::string_view name;
  char letter;  // as tcpdump prints it
};
constexpr std::array kFlagNames{
    FlagName{tcp_flag::kFin, "FIN", 'F'}, FlagName{tcp_flag::kSyn, "SYN", 'S'},
    FlagName{tcp_flag::kRst, "RST", 'R'}, FlagName{tcp_flag::kPsh, "PSH", 'P'},
    FlagName{tcp_flag::kAck, "ACK", '.'}, FlagName{tcp_flag::kUrg, "URG", 'U'},
    FlagName{tcp_flag::kEce, "ECE", 'E'}, FlagName{tcp_flag::kCwr, "CWR", 'W'},
};

std::string flags_text(std::uint8_t flags) {
  std::string text;
  for (const FlagName& flag : kFlagNames) {
    if ((flags & flag.bit) == 0) continue;
    if (!text.empty()) text += ' ';
    text += flag.name;
  }
  return text.empty() ? "none" : text;
}

std::string flag_letters(std::uint8_t flags) {
  std::string text;
  for (const FlagName& flag : kFlagNames) {
    if ((flags & flag.bit) != 0) text += flag.letter;
  }
  return text.empty() ? "none" : text;
}

// As tcpdump begins the line.
std::string_view ip_name(const DissectContext& context) {
  return context.network.source.is_v4() ? "IP" : "IP6";
}

// "10.0.1.10.40000 > 10.0.2.20.80", as tcpdump writes endpoints.
std::string endpoints(const DissectContext& context, std::uint64_t source_port,
                      std::uint64_t destination_port) {
  return fmt::format("{}.{} > {}.{}", to_text(context.network.source), source_port,
                     to_text(context.network.destination), destination_port);
}

void judge_transport_checksum(LayerWriter& layer, DissectContext& context, const Field& field,
                              IpProtocol protocol, Bytes covered) {
  if (!context.network.can_verify()) {
    layer.at(field).note = context.network.why_unverified();
    return;
  }
  InternetChecksum sum;
  sum.add_pseudo_header(context.network.source, context.network.destination,
                        static_cast<std::uint8_t>(protocol),
                        static_cast<std::uint32_t>(covered.size()));
  layer.judge_checksum(field, sum, covered);
}

std::string tcp_line(const DissectContext& context, const TcpHeader& header, std::size_t length,
                     const std::string& options) {
  std::string line = fmt::format("{} {}: Flags [{}]", ip_name(context),
                                 endpoints(context, header.source_port, header.destination_port),
                                 flag_letters(header.flags));
  const std::uint32_t sequence = header.sequence.raw();
  constexpr std::uint8_t kNumbered = tcp_flag::kSyn | tcp_flag::kFin | tcp_flag::kRst;
  if (length > 0) {
    line += fmt::format(", seq {}:{}", sequence, sequence + static_cast<std::uint32_t>(length));
  } else if (header.has(kNumbered)) {
    line += fmt::format(", seq {}", sequence);
  }
  if (header.has(tcp_flag::kAck)) line += fmt::format(", ack {}", header.acknowledgement.raw());
  line += fmt::format(", win {}", header.window);
  if (header.has(tcp_flag::kUrg)) line += fmt::format(", urg {}", header.urgent_pointer);
  if (!options.empty()) line += fmt::format(", options [{}]", options);
  return line + fmt::format(", length {}", length);
}

// Of a segment whose header the capture left out in part, behind its ports or within its options.
void set_cut_line(DissectContext& context, std::uint64_t source, std::uint64_t destination) {
  if (context.network.quotes > 0) return;
  context.set_line(fmt::format("{} {}: TCP, the capture ends in its header", ip_name(context),
                               endpoints(context, source, destination)));
}

Inner payload_of(const DissectContext& context, Range range) {
  // What follows a first fragment's header or a quote's may be cut anywhere; it is still payload.
  const bool is_start = context.network.quotes == 0;
  return {is_start ? protocol_of_payload(context.bytes(range)) : Protocol::data, range};
}

}  // namespace

Inner dissect_udp(DissectContext& context, Range range) {
  LayerWriter layer(context, Protocol::udp, range);
  if (!layer.add_table(udp_field::kAll)) return {};
  const std::size_t end = range.begin + UdpHeader::kBytes;
  layer.end_header(end);
  const std::uint64_t source = layer.at(udp_field::kSourcePort).raw;
  const std::uint64_t destination = layer.at(udp_field::kDestinationPort).raw;
  layer.set_summary(fmt::format("{} > {}", source, destination));
  const std::size_t length = layer.at(udp_field::kLength).raw;
  const bool is_whole = context.network.can_verify();
  if (length < UdpHeader::kBytes || (is_whole && length > range.size())) {
    layer.at(udp_field::kLength).status = FieldStatus::bad;
    layer.set_problem(fmt::format("length is {} but {} bytes are here", length, range.size()));
    return {Protocol::data, {end, range.end}};
  }
  const Range datagram{range.begin, range.begin + std::min(length, range.size())};
  layer.layer().total_bytes = datagram.size();
  context.add_padding({datagram.end, range.end}, "beyond the UDP length");
  if (layer.at(udp_field::kChecksum).raw == 0) {
    layer.at(udp_field::kChecksum).note = "none: the sender computed no checksum";
  } else {
    judge_transport_checksum(layer, context, udp_field::kChecksum, IpProtocol::udp,
                             context.bytes(datagram));
  }
  if (!context.network.is_fragment) {
    context.set_line(fmt::format("{} {}: UDP, length {}", ip_name(context),
                                 endpoints(context, source, destination),
                                 length - UdpHeader::kBytes));
  }
  return payload_of(context, {end, datagram.end});
}

Inner dissect_tcp(DissectContext& context, Range range) {
  LayerWriter layer(context, Protocol::tcp, range);
  if (!layer.add_table(tcp_field::kAll)) {
    // RFC 792 quotes 64 bits: the ports and the sequence number.
    const std::uint64_t source = layer.at(tcp_field::kSourcePort).raw;
    const std::uint64_t destination = layer.at(tcp_field::kDestinationPort).raw;
    layer.set_summary(fmt::format("{} > {}", source, destination));
    const bool has_ports = range.size() >= 2 * sizeof(std::uint16_t);
    if (has_ports && context.bytes_left_out > 0) set_cut_line(context, source, destination);
    return {};
  }
  layer.end_header(range.begin + TcpHeader::kBytesMin);
  DissectedField& flags = layer.at(tcp_field::kFlags);
  flags.value = fmt::format("0x{:02x}", flags.raw);
  flags.note = flags_text(static_cast<std::uint8_t>(flags.raw));
  layer.set_summary(flags.note);
  DissectedField& offset = layer.at(tcp_field::kDataOffset);
  const std::size_t header_bytes = offset.raw * 4;
  offset.note = fmt::format("{} bytes", header_bytes);
  const bool is_short = header_bytes > range.size();
  if (header_bytes < TcpHeader::kBytesMin || (is_short && context.network.quotes == 0)) {
    const bool is_left_out = is_short && header_bytes <= range.size() + context.bytes_left_out;
    if (is_left_out) {
      const std::size_t whole = range.size() + context.network.bytes_left_out;
      const auto header = captured_tcp_header(context.bytes(range), whole);
      if (header) context.set_line(tcp_line(context, *header, whole - header_bytes, "cut off"));
      return {Protocol::data, {range.begin + TcpHeader::kBytesMin, range.end}};
    }
    offset.status = FieldStatus::bad;
    layer.set_problem(
        fmt::format("data offset of {} bytes, but {} are here", header_bytes, range.size()));
    return {Protocol::data, {range.begin + TcpHeader::kBytesMin, range.end}};
  }
  judge_transport_checksum(layer, context, tcp_field::kChecksum, IpProtocol::tcp,
                           context.bytes(range));
  const std::size_t end = range.begin + std::min(header_bytes, range.size());
  layer.end_header(end);
  const std::string options =
      dissect_tcp_options(layer, context, {range.begin + TcpHeader::kBytesMin, end});
  const auto header =
      TcpHeader::parse(context.bytes(range), context.network.source, context.network.destination,
                       /*verify=*/false);
  if (header && !context.network.is_fragment) {
    context.set_line(
        tcp_line(context, *header, range.end - end + context.network.bytes_left_out, options));
  }
  return payload_of(context, {end, range.end});
}

}  // namespace strata::wire
