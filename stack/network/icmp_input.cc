// SPDX-License-Identifier: MIT
// Network: ICMP messages received (RFC 1122 3.2.2), and the sending of replies and errors.
#include <algorithm>
#include <utility>

#include "stack/network/network.h"

namespace strata::network {
namespace {

constexpr std::uint8_t kInternetworkControl = 48;  // DSCP CS6: precedence 6, RFC 2474 4.2.2
constexpr std::size_t kRedirectsMax = 64;

}  // namespace

void Network::on_icmp(const Packet& packet, const DatagramInfo& info,
                      const wire::Ipv4Header& header, Instant now) {
  const auto message = wire::Icmpv4Message::parse(packet.bytes());
  if (!message) {
    drops_.drop(packet, message.error(), info.port, now);
    return;
  }
  context_.trace(now, packet, [&] {
    return HeaderPulled{.protocol = Protocol::icmpv4,
                        .header_bytes = wire::Icmpv4Message::kHeaderBytes,
                        .packet = packet.bytes()};
  });
  context_.trace(now, packet, [&] {
    return IcmpReceived{.type = static_cast<std::uint8_t>(message->type),
                        .code = message->code,
                        .source = info.source};
  });
  switch (message->type) {
    case wire::IcmpType::echo_request:
      answer_echo(packet, *message, info, header, now);
      return;
    case wire::IcmpType::echo_reply:
      upper_.on_echo_reply({.source = info.source,
                            .identifier = message->identifier(),
                            .sequence = message->sequence(),
                            .ttl = info.ttl,
                            .data = packet.bytes().subspan(wire::Icmpv4Message::kHeaderBytes)},
                           now);
      return;
    case wire::IcmpType::destination_unreachable:
    case wire::IcmpType::redirect:
    case wire::IcmpType::time_exceeded:
    case wire::IcmpType::parameter_problem:
      on_error_message(packet, *message, info, now);
      return;
    case wire::IcmpType::source_quench:
      return;  // RFC 6633 section 3: MUST be ignored
  }
  // RFC 1122 3.2.2: an unknown type MUST be silently discarded.
  drops_.drop(packet, DropReason::unknown_protocol, info.port, now);
}

// RFC 1122 3.2.2.6.
void Network::answer_echo(const Packet& message, const wire::Icmpv4Message& request,
                          const DatagramInfo& info, const wire::Ipv4Header& header, Instant now) {
  if (info.is_broadcast && !config_.answer_broadcast_echo) {
    drops_.drop(message, DropReason::broadcast_not_allowed, info.port, now);
    return;
  }
  SendOptions options{.dscp = header.dscp};  // RFC 1812 4.3.2.5: those of the request
  // "The IP source address in an ICMP Echo Reply MUST be the same as the specific-destination
  // address"; of a broadcast that is an address of the interface, which the route finds.
  if (!info.is_broadcast) options.source = header.destination;
  if (!header.options.empty()) {
    const auto own = info.is_broadcast ? source_for(header.source) : IpAddress{header.destination};
    if (own) options.options = reply_options(header.options.bytes(), header.source, own->v4());
  }
  const Bytes data = message.bytes().subspan(wire::Icmpv4Message::kHeaderBytes);
  // With no way back there is no reply, and nobody to tell.
  static_cast<void>(send_icmp(make_echo_reply(message, request, data), header.source, options,
                              message.uid(), now));
}

void Network::on_error_message(const Packet& message, const wire::Icmpv4Message& error,
                               const DatagramInfo& info, Instant now) {
  const auto quote = quoted_datagram(message.bytes());
  // Only errors about what this host could have sent mean anything; from a link, only about what
  // could have left it.
  const bool is_about_ours = quote && is_own(quote->header.source) &&
                             (info.port == kNoPort || !is_own(quote->header.destination)) &&
                             !info.is_broadcast;
  if (!is_about_ours) {
    drops_.drop(message, DropReason::icmp_malformed, info.port, now);
    return;
  }
  if (error.type == wire::IcmpType::redirect) {
    on_redirect(error, *quote, info, now);
    return;
  }
  const bool is_fragmentation_needed =
      error.type == wire::IcmpType::destination_unreachable &&
      wire::UnreachableCode{error.code} == wire::UnreachableCode::fragmentation_needed;
  // RFC 1191 section 3; nobody says that of a datagram that may be fragmented. TCP looks at the
  // sequence number before it believes (RFC 5927 section 4).
  if (is_fragmentation_needed && quote->header.dont_fragment &&
      quote->header.protocol != IpProtocol::tcp) {
    path_mtus_.reduce(quote->header.destination, error.next_hop_mtu(), quote->header.total_length,
                      now);
  }
  upper_.on_icmp_error({.reporter = info.source,
                        .type = error.type,
                        .code = error.code,
                        .rest = error.rest,
                        .quoted = quote->header,
                        .quoted_payload = quote->payload},
                       now);
}

// RFC 1122 3.2.2.2 and 3.3.1.2: network redirects count as host redirects.
void Network::on_redirect(const wire::Icmpv4Message& redirect, const QuotedDatagram& quote,
                          const DatagramInfo& info, Instant now) {
  if (config_.forwarding || !config_.accept_redirects) return;  // RFC 1812 5.2.7.2
  const Ipv4Address target = quote.header.destination;
  const Ipv4Address gateway = redirect.gateway();
  const Port* in = find_port(info.port);
  const Route* current = routes_.lookup(target);
  // "SHOULD be silently discarded if the new gateway address it specifies is not on the same
  // connected (sub-)net through which the Redirect arrived, or if the source of the Redirect is not
  // the current first-hop gateway for the specified destination".
  const bool is_connected = in != nullptr && kind_of(gateway) == AddressKind::remote &&
                            std::ranges::any_of(in->addresses, [&](const Prefix& prefix) {
                              return prefix.contains(gateway);
                            });
  const bool is_from_first_hop = current != nullptr && current->port == info.port &&
                                 current->gateway && *current->gateway == info.source;
  if (!is_connected || !is_from_first_hop || redirect.code > 3) return;

  const auto forget = [&](const Route& route) {
    if (routes_.remove(route)) trace_route(TableChange::removed, route, now);
    std::erase(redirects_, route);
  };
  if (current->origin == RouteOrigin::redirect) forget(Route{*current});
  if (redirects_.size() == kRedirectsMax) forget(Route{redirects_.front()});
  const Route learned{.destination = {.address = target, .length = 32},
                      .gateway = gateway,
                      .port = info.port,
                      .origin = RouteOrigin::redirect};
  redirects_.push_back(learned);
  install(learned, now);
}

void Network::send_port_unreachable(const Packet& payload, const DatagramInfo& info, Instant now) {
  const auto header = wire::Ipv4Header::parse_quoted(info.header);
  if (!header || info.is_broadcast) return;
  send_error(payload, *header, info.header, payload.bytes(),
             IcmpError::unreachable(wire::UnreachableCode::port), now);
}

Result<PacketUid> Network::send_echo_request(const IpAddress& destination, std::uint16_t identifier,
                                             std::uint16_t sequence, Bytes data,
                                             const SendOptions& options, Instant now) {
  if (!destination.is_v4() || !options.source.is_v4()) return unexpected(Errc::not_supported);
  Packet message = context_.pool->make(data);
  const PacketUid uid = message.uid();
  message.push_front(wire::Icmpv4Message::kHeaderBytes, Protocol::icmpv4);
  wire::Icmpv4Message{.type = wire::IcmpType::echo_request,
                      .code = 0,
                      .rest = (std::uint32_t{identifier} << 16) | sequence}
      .emit(message.mutable_bytes());
  const auto sent = send_icmp(std::move(message), destination.v4(), options, kNoPacket, now);
  if (!sent) return unexpected(sent.error());
  return uid;
}

// The end of a datagram that its source shall hear of, unless the rules forbid it.
void Network::drop_with_error(const Packet& datagram, const Arrival& arrival, DropReason reason,
                              const IcmpError& error, Instant now) {
  drops_.drop(datagram, reason, arrival.port, now);
  if (arrival.is_broadcast) return;  // RFC 1122 3.2.2: also if only the frame was broadcast
  const std::size_t header_bytes = arrival.header.header_bytes();
  send_error(datagram, arrival.header, datagram.bytes().first(header_bytes),
             datagram.bytes().subspan(header_bytes), error, now);
}

// Sends `error` about the datagram `cause` to its source, if RFC 1122 3.2.2 and RFC 1812 4.3.2.7
// allow it and the rate limit (4.3.2.8) has room.
void Network::send_error(const Packet& cause, const wire::Ipv4Header& header, Bytes header_bytes,
                         Bytes payload, const IcmpError& error, Instant now) {
  if (!may_provoke_error(header, payload)) return;
  if (kind_of(header.destination) == AddressKind::broadcast) return;
  if (kind_of(header.source) == AddressKind::broadcast) return;
  if (!error_allowance_.take(now)) return;
  SendOptions options;
  if (config_.forwarding) {
    // RFC 1812 4.3.2.5: precedence 6. 4.3.2.4: the source is an address of the outgoing interface.
    options.dscp = kInternetworkControl;
  } else if (is_own(header.destination)) {
    options.source = header.destination;
  }
  // With no way back there is nobody to tell.
  static_cast<void>(send_icmp(make_error(cause, error, header_bytes, payload), header.source,
                              options, cause.uid(), now));
}

Result<void> Network::send_icmp(Packet message, Ipv4Address destination, const SendOptions& options,
                                PacketUid because_of, Instant now) {
  // Nothing is reported as sent that has nowhere to go.
  if (const auto path = choose_path(destination, options); !path) return unexpected(path.error());
  context_.trace(now, message, [&] {
    return HeaderPushed{.protocol = Protocol::icmpv4,
                        .header_bytes = wire::Icmpv4Message::kHeaderBytes,
                        .packet = message.bytes()};
  });
  context_.trace(now, message, [&] {
    return IcmpSent{.type = message.bytes()[0],
                    .code = message.bytes()[1],
                    .destination = destination,
                    .because_of = because_of};
  });
  return send_v4(std::move(message), IpProtocol::icmp, destination, options, now);
}

}  // namespace strata::network
