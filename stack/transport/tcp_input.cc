// SPDX-License-Identifier: MIT
// Arrivals at the TCP layer: segments, ICMP errors, deadlines.
#include <utility>

#include "stack/base/assert.h"
#include "stack/transport/icmp_errors.h"
#include "stack/transport/tcp_arrival.h"
#include "stack/transport/tcp_layer.h"

namespace strata::transport {

void TcpLayer::on_segment(Packet packet, const network::DatagramInfo& info, Instant now) {
  if (info.is_broadcast) {
    // RFC 9293 3.9.2.3 (MUST-57): a segment to a broadcast or multicast address is silently
    // dropped.
    drop(DropReason::broadcast_not_allowed, packet, info, now);
    return;
  }
  const auto header = wire::TcpHeader::parse(packet.bytes(), info.source, info.destination);
  if (!header) {
    drop(header.error(), packet, info, now);
    return;
  }
  const Arrival arrival{
      .packet = packet,
      .info = info,
      .header = *header,
      .flow = {.local = {.address = info.destination, .port = header->destination_port},
               .remote = {.address = info.source, .port = header->source_port}}};
  if (defaults_.persona.ignores_syn_fin && header->has(wire::tcp_flag::kSyn) &&
      header->has(wire::tcp_flag::kFin)) {
    drop(DropReason::tcp_wrong_state, packet, info, now);
    return;
  }
  const Demux::Match match = demux_.find(arrival.flow);
  switch (match.rule) {
    case Demux::Rule::exact:
      on_connection_segment(streams_.at(match.target), arrival, now);
      return;
    case Demux::Rule::address_and_port:
    case Demux::Rule::port_only:
      on_listener_segment(streams_.at(match.target), arrival, now);
      return;
    case Demux::Rule::none:
      // RFC 9293 3.10.7.1: no connection, no listener: the CLOSED state.
      refuse(arrival, now);
      return;
  }
}

void TcpLayer::on_connection_segment(Stream& stream, const Arrival& arrival, Instant now) {
  const TcpState state = stream.connection->state();
  if (state == TcpState::time_wait && reopen_time_wait(stream, arrival, now)) return;
  if (state == TcpState::syn_received && replace_by_cookie(stream, arrival, now)) return;
  if (must_wait_for_accept(stream, arrival)) {
    trace_demux(arrival, stream.descriptor, "backlog full", now);
    drop(DropReason::backlog_full, arrival.packet, arrival.info, now);
    return;
  }
  trace_demux(arrival, stream.descriptor, "delivered", now);
  trace_pulled(arrival, now);
  const std::optional<DropReason> rejection = stream.connection->on_segment(
      arrival.header, arrival.text(), arrival.packet.uid(), arrival.packet.arrival(), now,
      arrival.info.ecn, &arrival.packet);
  if (rejection) {
    drops_.add(*rejection);
  } else if (!stream.return_route.empty()) [[unlikely]] {
    learn_return_route(stream, arrival);
  }
  if (is_in_batch_ && !rejection && stream.is_established &&
      stream.connection->may_answer_later()) {
    if (unsettled_.empty() || unsettled_.back() != stream.id) unsettled_.push_back(stream.id);
    return;
  }
  settle(stream, now);
}

void TcpLayer::end_batch(Instant now) {
  is_in_batch_ = false;
  for (const EndpointId id : unsettled_) {
    Stream* stream = streams_.find(id);
    if (stream != nullptr && stream->connection != nullptr) settle(*stream, now);
  }
  unsettled_.clear();
}

void TcpLayer::refuse(const Arrival& arrival, Instant now) {
  const bool is_reset = arrival.header.has(wire::tcp_flag::kRst);
  const tcp::ClosedPorts habit = defaults_.persona.closed_ports;
  const bool is_ignored =
      habit == tcp::ClosedPorts::ignore_all ||
      (habit == tcp::ClosedPorts::ignore_syns && arrival.header.has(wire::tcp_flag::kSyn));
  trace_demux(arrival, -1, is_reset ? "reset ignored" : is_ignored ? "ignored" : "reset sent", now);
  drop(DropReason::no_socket, arrival.packet, arrival.info, now);
  if (!is_ignored) send_reset(arrival, now);
}

void TcpLayer::send_reset(const Arrival& arrival, Instant now) {
  const auto header = tcp::reset_for(arrival.header, arrival.text().size());
  if (!header) return;
  Packet packet = context_.pool->make(0);
  packet.set_parent(arrival.packet.uid(), Parentage::reply);
  packet.push_front(header->header_bytes(), Protocol::tcp);
  header->emit(packet.mutable_bytes(), arrival.info.destination, arrival.info.source);
  send_alone(arrival, std::move(packet), header->flags, SegmentKind::reset, now);
}

// A segment of no connection, in answer to `arrival`.
void TcpLayer::send_alone(const Arrival& arrival, Packet packet, int flags, SegmentKind kind,
                          Instant now) {
  context_.trace(now, packet, [&] {
    return TcpSegmentSent{.flow = arrival.flow,
                          .flags = static_cast<std::uint8_t>(flags),
                          .kind = kind,
                          .because_of = arrival.packet.uid()};
  });
  context_.trace(now, packet, [&] {
    return HeaderPushed{.protocol = Protocol::tcp,
                        .header_bytes = static_cast<std::uint16_t>(packet.size()),
                        .packet = packet.bytes()};
  });
  // Where there is no way back, nobody waits for it.
  static_cast<void>(network_.send(std::move(packet), IpProtocol::tcp, arrival.info.source,
                                  {.source = arrival.info.destination}, now));
}

void TcpLayer::on_icmp_error(const network::IcmpErrorInfo& error, Instant now) {
  const std::optional<FlowKey> flow = quoted_flow(error);
  const std::uint32_t* index = flow ? demux_.find_flow(*flow) : nullptr;
  if (index == nullptr) return;
  Stream& stream = streams_.at(*index);
  const std::optional<IcmpMeaning> meaning = meaning_for(
      stream.connection->state(), error.type, error.code, defaults_.persona.handshake_errors);
  if (!meaning) return;
  const Seq32 quoted_sequence{load_be32(error.quoted_payload.data() + 4)};
  if (meaning->error == Errc::message_size) {
    on_path_too_narrow(stream, error, quoted_sequence, now);
    return;
  }
  constexpr std::uint8_t kHostUnreachable = 1;
  if (error.type == wire::IcmpType::destination_unreachable && error.code <= kHostUnreachable) {
    stream.connection->on_route_lost(quoted_sequence, now);
  }
  stream.connection->on_icmp_error(meaning->error, meaning->is_hard, quoted_sequence, now);
  settle(stream, now);
}

// RFC 1191 with RFC 5927 4.1: "fragmentation needed" is believed when it is about something in
// flight. The connection then divides what was too large and repeats it at once.
void TcpLayer::on_path_too_narrow(Stream& stream, const network::IcmpErrorInfo& error,
                                  Seq32 quoted_sequence, Instant now) {
  constexpr std::uint32_t kSyn = 1;
  constexpr std::size_t kHeaders = wire::Ipv4Header::kBytesMin + wire::TcpHeader::kBytesMin;
  const tcp::Info info = stream.connection->info();
  const Seq32 oldest = Seq32::wrap(info.snd_una + kSyn, stream.isn);
  const Seq32 next = Seq32::wrap(info.snd_nxt + kSyn, stream.isn);
  const bool is_syn = info.state == TcpState::syn_sent && quoted_sequence == stream.isn;
  if (!is_syn && (quoted_sequence.before(oldest) || !quoted_sequence.before(next))) return;
  const IpAddress remote = stream.connection->flow().remote.address;
  network_.reduce_path_mtu(remote, static_cast<std::uint16_t>(error.rest),
                           error.quoted.total_length, now);
  // At least 68 octets (RFC 791 3.2), so there is room for data.
  const auto mss = static_cast<std::uint16_t>(network_.mtu_for(remote) - kHeaders);
  stream.connection->on_path_mtu(mss, quoted_sequence, now);
  settle(stream, now);
}

void TcpLayer::on_deadline(Instant now) {
  // Each owner at most once per call, however its next deadline comes out.
  for (std::size_t left = deadlines_.size(); left > 0; --left) {
    tcp::Connection* connection = deadlines_.pop_due(now);
    if (connection == nullptr) return;
    const std::uint32_t* index = demux_.find_flow(connection->flow());
    STRATA_ASSERT(index != nullptr);
    connection->on_deadline(now);
    settle(streams_.at(*index), now);
  }
}

void TcpLayer::drop(DropReason reason, const Packet& packet, const network::DatagramInfo& info,
                    Instant now) {
  drops_.add(reason);
  context_.trace(now, packet, [&] {
    return Dropped{
        .layer = Layer::transport, .reason = reason, .port = info.port, .packet = packet.bytes()};
  });
}

void TcpLayer::trace_pulled(const Arrival& arrival, Instant now) {
  context_.trace(now, arrival.packet, [&] {
    return HeaderPulled{.protocol = Protocol::tcp,
                        .header_bytes = static_cast<std::uint16_t>(arrival.header.header_bytes()),
                        .packet = arrival.packet.bytes()};
  });
}

void TcpLayer::trace_demux(const Arrival& arrival, int socket, std::string_view outcome,
                           Instant now) {
  context_.trace(now, arrival.packet, [&] {
    return Demultiplexed{.protocol = Protocol::tcp,
                         .local = arrival.flow.local,
                         .remote = arrival.flow.remote,
                         .steps = demux_.explain(arrival.flow, Protocol::tcp),
                         .socket = socket,
                         .outcome = outcome};
  });
}

}  // namespace strata::transport
