// SPDX-License-Identifier: MIT
#include "stack/transport/udp.h"

#include <utility>

#include "stack/base/assert.h"
#include "stack/transport/icmp_errors.h"
#include "stack/wire/udp.h"

namespace strata::transport {
namespace {

tcp::Readiness readiness_of(const Datagram& endpoint) {
  return {.readable = endpoint.queue.has_message() || endpoint.queue.has_pending_error() ||
                      endpoint.is_read_shut,
          .writable = true,
          .error = endpoint.queue.has_error(),
          .hangup = endpoint.is_read_shut && endpoint.is_write_shut};
}

FlowKey flow_of(const Datagram& endpoint) {
  return {.local = endpoint.local, .remote = endpoint.remote};
}

}  // namespace

UdpLayer::UdpLayer(const NodeContext& context, network::Network& network)
    : context_(context), network_(network), ephemeral_(context.key) {}

Datagram& UdpLayer::endpoint(EndpointId id) {
  Datagram* found = endpoints_.find(id);
  STRATA_ASSERT(found != nullptr);
  return *found;
}

EndpointId UdpLayer::open() {
  Datagram& endpoint = endpoints_.emplace();
  endpoint.options.ttl = network_.config().default_ttl;
  return endpoint.id;
}

Result<void> UdpLayer::bind(EndpointId id, const Endpoint& local) {
  Datagram& endpoint = this->endpoint(id);
  if (endpoint.is_bound()) return unexpected(Errc::invalid_argument);
  if (!local.address.is_unspecified() && !network_.is_local(local.address) &&
      !network_.is_broadcast(local.address)) {
    return unexpected(Errc::address_not_available);
  }
  if (local.port == 0) return bind_ephemeral(endpoint, local.address, Endpoint{});
  if (!ports_.can_bind(local, endpoint.options.reuse_address)) {
    return unexpected(Errc::address_in_use);
  }
  if (!demux_.add_local(local, Slots<Datagram>::index_of(id))) {
    return unexpected(Errc::address_in_use);
  }
  claim(endpoint, local);
  return {};
}

// The caller has made the demultiplexer agree.
void UdpLayer::claim(Datagram& endpoint, const Endpoint& local) {
  endpoint.local = local;
  endpoint.hold = {.local = local, .is_exclusive = !endpoint.options.reuse_address};
  ports_.hold(endpoint.hold);
}

Result<void> UdpLayer::bind_ephemeral(Datagram& endpoint, const IpAddress& address,
                                      const Endpoint& remote) {
  const std::optional<std::uint16_t> port =
      ephemeral_.choose(address, remote, [&](std::uint16_t candidate) {
        return ports_.is_free({.address = address, .port = candidate});
      });
  if (!port) return unexpected(Errc::address_in_use);
  const Endpoint local{.address = address, .port = *port};
  const bool is_routed = demux_.add_local(local, Slots<Datagram>::index_of(endpoint.id));
  STRATA_ASSERT(is_routed);  // nobody holds the port
  claim(endpoint, local);
  return {};
}

Result<void> UdpLayer::connect(EndpointId id, const Endpoint& remote) {
  Datagram& endpoint = this->endpoint(id);
  if (remote.address.is_unspecified() && remote.port == 0) {
    if (!endpoint.is_connected()) return {};
    return reroute(endpoint, endpoint.hold.local, Endpoint{});
  }
  if (remote.address.is_unspecified() || remote.port == 0) {
    return unexpected(Errc::invalid_argument);
  }
  if (network_.is_broadcast(remote.address) && !endpoint.options.broadcast) {
    return unexpected(Errc::permission_denied);
  }
  IpAddress source = endpoint.is_bound() ? endpoint.hold.local.address : IpAddress{};
  if (source.is_unspecified()) {
    const Result<IpAddress> chosen = network_.source_for(remote.address);
    if (!chosen) return unexpected(chosen.error());
    source = *chosen;
  }
  if (!endpoint.is_bound()) {
    if (const auto bound = bind_ephemeral(endpoint, IpAddress{}, remote); !bound) return bound;
  }
  return reroute(endpoint, {.address = source, .port = endpoint.local.port}, remote);
}

// Moves a bound endpoint to another place in the demultiplexer; where that is taken, nothing
// changes.
Result<void> UdpLayer::reroute(Datagram& endpoint, const Endpoint& local, const Endpoint& remote) {
  const std::uint32_t index = Slots<Datagram>::index_of(endpoint.id);
  const FlowKey flow{.local = local, .remote = remote};
  const bool is_connecting = remote.port != 0;
  if (endpoint.is_connected() && flow == flow_of(endpoint)) return {};
  const bool is_routed =
      is_connecting ? demux_.add_flow(flow, index) : demux_.add_local(local, index);
  if (!is_routed) return unexpected(Errc::address_in_use);
  leave_demux(endpoint);
  endpoint.local = local;
  endpoint.remote = remote;
  return {};
}

void UdpLayer::leave_demux(const Datagram& endpoint) {
  if (endpoint.is_connected()) {
    demux_.remove_flow(flow_of(endpoint));
  } else {
    demux_.remove_local(endpoint.local);
  }
}

Result<std::size_t> UdpLayer::send(EndpointId id, Bytes data, const Endpoint& to, Instant now) {
  Datagram& endpoint = this->endpoint(id);
  if (endpoint.is_write_shut) return unexpected(Errc::broken_pipe);
  if (const auto error = take_error(id)) return unexpected(*error);
  if (to.port == 0 && !endpoint.is_connected()) return unexpected(Errc::destination_required);
  const Endpoint remote = to.port == 0 ? endpoint.remote : to;
  if (data.size() > wire::UdpHeader::kPayloadBytesMax) return unexpected(Errc::message_size);
  IpAddress source = endpoint.local.address;
  if (source.is_unspecified() || network_.is_broadcast(source)) {
    const Result<IpAddress> chosen = network_.source_for(remote.address);
    if (!chosen) return unexpected(chosen.error());
    source = *chosen;
  }
  if (!endpoint.is_bound()) {
    if (const auto bound = bind_ephemeral(endpoint, IpAddress{}, remote); !bound) {
      return unexpected(bound.error());
    }
  }

  Packet packet = context_.pool->make(data);
  packet.push_front(wire::UdpHeader::kBytes, Protocol::udp);
  wire::UdpHeader{.source_port = endpoint.local.port, .destination_port = remote.port}.emit(
      packet.mutable_bytes(), source, remote.address);
  context_.trace(now, packet, [&] {
    return HeaderPushed{.protocol = Protocol::udp,
                        .header_bytes = wire::UdpHeader::kBytes,
                        .packet = packet.bytes()};
  });
  const Result<void> sent = network_.send(std::move(packet), IpProtocol::udp, remote.address,
                                          send_options(endpoint.options, source), now);
  if (!sent) return unexpected(sent.error());
  return data.size();
}

Result<Received> UdpLayer::receive(EndpointId id, MutableBytes into, bool peek) {
  Datagram& endpoint = this->endpoint(id);
  Result<Received> received = endpoint.queue.receive(into, peek);
  if (!received && received.error() == Errc::would_block && endpoint.is_read_shut) {
    received = Received{};
  }
  endpoint.reported = readiness_of(endpoint);
  return received;
}

Result<void> UdpLayer::shutdown(EndpointId id, bool read, bool write, Instant now) {
  Datagram& endpoint = this->endpoint(id);
  if (!endpoint.is_connected()) return unexpected(Errc::not_connected);
  endpoint.is_read_shut |= read;
  endpoint.is_write_shut |= write;
  notify(endpoint, now);
  return {};
}

void UdpLayer::close(EndpointId id) {
  const Datagram& endpoint = this->endpoint(id);
  if (endpoint.is_bound()) {
    leave_demux(endpoint);
    ports_.release(endpoint.hold);
  }
  endpoints_.erase(id);
}

std::optional<Errc> UdpLayer::take_error(EndpointId id) {
  Datagram& endpoint = this->endpoint(id);
  const std::optional<Errc> error = endpoint.queue.take_error();
  endpoint.reported = readiness_of(endpoint);
  return error;
}

std::optional<ErrorReport> UdpLayer::take_error_report(EndpointId id) {
  Datagram& endpoint = this->endpoint(id);
  const std::optional<ErrorReport> report = endpoint.queue.take_report();
  endpoint.reported = readiness_of(endpoint);
  return report;
}

tcp::Readiness UdpLayer::readiness(EndpointId id) const {
  const Datagram* endpoint = endpoints_.find(id);
  STRATA_ASSERT(endpoint != nullptr);
  return readiness_of(*endpoint);
}

void UdpLayer::set_options(EndpointId id, const EndpointOptions& options) {
  Datagram& endpoint = this->endpoint(id);
  if (endpoint.is_bound() && options.reuse_address != endpoint.options.reuse_address) {
    ports_.release(endpoint.hold);
    endpoint.hold.is_exclusive = !options.reuse_address;
    ports_.hold(endpoint.hold);
  }
  endpoint.options = options;
  endpoint.queue.set_bytes_max(options.receive_buffer_bytes);
}

void UdpLayer::on_datagram(Packet packet, const network::DatagramInfo& info, Instant now) {
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
  Datagram& endpoint = endpoints_.at(match.target);
  deliver(endpoint, std::move(packet), *header, flow, info, now);
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
  packet.trim_back(packet.size() - header.length);  // RFC 768 counts less than IP carried
  packet.pull_front(wire::UdpHeader::kBytes);
  endpoint.queue.push(std::move(packet), flow.remote, info.ttl, 0);
  notify(endpoint, now);
}

void UdpLayer::on_icmp_error(const network::IcmpErrorInfo& error, Instant now) {
  const std::optional<IcmpMeaning> meaning = meaning_of(error.type, error.code);
  const std::optional<FlowKey> flow = quoted_flow(error);
  if (!meaning || !flow) return;
  const Demux::Match match = demux_.find(*flow);
  if (match.rule == Demux::Rule::none) return;
  Datagram& endpoint = endpoints_.at(match.target);
  if (endpoint.options.receive_errors) {
    endpoint.queue.push_report({.error = meaning->error,
                                .reporter = error.reporter,
                                .type = error.type,
                                .code = error.code,
                                .destination = flow->remote});
  }
  // RFC 1122 4.1.3.3: errors are passed to the application. Without an error queue only a connected
  // endpoint can tell which peer an error is about; a datagram that merely was fragmented on the
  // way is no error to who did not forbid it.
  const bool is_wanted =
      endpoint.options.receive_errors ||
      (match.rule == Demux::Rule::exact && error.type == wire::IcmpType::destination_unreachable);
  if (is_wanted && (meaning->error != Errc::message_size || endpoint.options.dont_fragment)) {
    endpoint.queue.set_error(meaning->error);
  }
  notify(endpoint, now);
}

void UdpLayer::notify(Datagram& endpoint, Instant now) {
  const tcp::Readiness before = std::exchange(endpoint.reported, readiness_of(endpoint));
  if (listener_ != nullptr && has_risen(before, endpoint.reported)) {
    listener_->on_readiness(endpoint.id, now);
  }
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
