// SPDX-License-Identifier: MIT
// What arrives for UDP: datagrams and ICMP errors.
#include <algorithm>
#include <utility>

#include "stack/base/assert.h"
#include "stack/transport/icmp_errors.h"
#include "stack/transport/udp.h"

namespace strata::transport {

void UdpLayer::on_datagram(Packet packet, const network::DatagramInfo& info, Instant now) {
  // RFC 1122 4.1.3.4: a checksum that is there and wrong: silently discard. None at all is
  // accepted.
  const auto header = wire::UdpHeader::parse(packet.bytes(), info.source, info.destination);
  if (!header) {
    drop(header.error(), packet, info, now);
    return;
  }
  const FlowKey flow{.local = {.address = info.destination, .port = header->destination_port},
                     .remote = {.address = info.source, .port = header->source_port}};
  const Demux::Match match = demux_.find(flow);
  if (match.rule == Demux::Rule::none) {
    trace_demux(packet, flow, -1, info.is_broadcast ? "no socket" : "port unreachable", now);
    drop(DropReason::no_socket, packet, info, now);
    // RFC 1122 4.1.3.1: a host SHOULD send port unreachable; the network layer knows when not.
    network_.send_port_unreachable(packet, info, now);
    return;
  }
  if (info.is_broadcast) {
    // A broadcast is for everybody: whoever else matches gets a copy.
    for (const std::uint32_t target : demux_.find_all(flow)) {
      if (target == match.target) continue;
      deliver(endpoints_.at(target), packet.clone(), *header, flow, info, now);
    }
  }
  deliver(endpoints_.at(match.target), std::move(packet), *header, flow, info, now);
}

void UdpLayer::deliver(Datagram& endpoint, Packet packet, const wire::UdpHeader& header,
                       const FlowKey& flow, const network::DatagramInfo& info, Instant now) {
  const std::size_t payload_bytes = header.length - wire::UdpHeader::kBytes;
  if (endpoint.is_read_shut || !endpoint.queue.has_room(payload_bytes)) {
    trace_demux(packet, flow, endpoint.descriptor, "receive buffer full", now);
    drop(DropReason::receive_buffer_full, packet, info, now);
    return;
  }
  trace_demux(packet, flow, endpoint.descriptor, "delivered", now);
  context_.trace(now, packet, [&] {
    return HeaderPulled{.protocol = Protocol::udp,
                        .header_bytes = wire::UdpHeader::kBytes,
                        .packet = packet.bytes()};
  });
  context_.trace(now, packet, [&] {
    return UdpDatagramReceived{.flow = flow, .length = static_cast<std::uint32_t>(payload_bytes)};
  });
  packet.trim_back(packet.size() - header.length);  // RFC 768 counts less than IP carried
  packet.pull_front(wire::UdpHeader::kBytes);
  // RFC 1122 4.1.3.2, 4.1.3.5, 4.1.4: the IP options, the specific destination and the type of
  // service go up with the datagram.
  DatagramOrigin origin{.from = flow.remote,
                        .destination = info.destination,
                        .port = info.port,
                        .ttl = info.ttl,
                        .type_of_service = static_cast<std::uint8_t>(info.dscp << 2 | info.ecn)};
  if (info.header.size() > wire::Ipv4Header::kBytesMin) [[unlikely]] {
    origin.options = wire::OptionBytes(info.header.subspan(wire::Ipv4Header::kBytesMin));
  }
  endpoint.queue.push(std::move(packet), origin);
  notify(endpoint, now);
}

void UdpLayer::on_icmp_error(const network::IcmpErrorInfo& error, Instant now) {
  const std::optional<IcmpMeaning> meaning = meaning_of(error.type, error.code);
  const std::optional<FlowKey> flow = quoted_flow(error);
  if (!meaning || !flow) return;
  const Demux::Match match = demux_.find(*flow);
  if (match.rule == Demux::Rule::none) return;
  Datagram& endpoint = endpoints_.at(match.target);
  const bool is_too_long = meaning->error == Errc::message_size;
  if (endpoint.options.receive_errors) {
    const Bytes data = error.quoted_payload.subspan(wire::UdpHeader::kBytes);
    constexpr std::uint32_t kMtuMask = 0xffff;  // RFC 1191 4
    endpoint.queue.push_report({.error = meaning->error,
                                .reporter = error.reporter,
                                .type = error.type,
                                .code = error.code,
                                .mtu = is_too_long ? error.rest & kMtuMask : 0,
                                .destination = flow->remote,
                                .data = std::string(as_text(data))});
  }
  // RFC 1122 4.1.3.3: errors are passed to the application. Without an error queue only a connected
  // endpoint can tell which peer an error is about; a datagram that merely was fragmented on the
  // way is no error to who did not forbid it.
  const bool is_wanted =
      endpoint.options.receive_errors ||
      (match.rule == Demux::Rule::exact && error.type == wire::IcmpType::destination_unreachable);
  if (is_wanted && (!is_too_long || endpoint.options.forbids_fragments())) {
    endpoint.queue.set_error(meaning->error);
  }
  notify(endpoint, now);
}

void UdpLayer::drop(DropReason reason, const Packet& packet, const network::DatagramInfo& info,
                    Instant now) {
  drops_.add(reason);
  context_.trace(now, packet, [&] {
    return Dropped{
        .layer = Layer::transport, .reason = reason, .port = info.port, .packet = packet.bytes()};
  });
}

void UdpLayer::trace_demux(const Packet& packet, const FlowKey& flow, int socket,
                           std::string_view outcome, Instant now) {
  context_.trace(now, packet, [&] {
    return Demultiplexed{.protocol = Protocol::udp,
                         .local = flow.local,
                         .remote = flow.remote,
                         .steps = demux_.explain(flow, Protocol::udp),
                         .socket = socket,
                         .outcome = outcome};
  });
}

}  // namespace strata::transport
