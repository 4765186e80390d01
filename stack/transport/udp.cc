// SPDX-License-Identifier: MIT
// The user's calls of UDP.
#include "stack/transport/udp.h"

#include <utility>

#include "stack/base/assert.h"
#include "stack/wire/udp.h"

namespace strata::transport {
namespace {

tcp::Readiness readiness_of(const Datagram& endpoint) {
  return {.readable = endpoint.queue.has_message() || endpoint.queue.has_pending_error() ||
                      endpoint.is_read_shut,
          .writable = true,
          .error = endpoint.queue.has_error(),
          .hangup = endpoint.is_read_shut && endpoint.is_write_shut,
          .peer_closed = endpoint.is_read_shut};
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
  if (!ports_.can_bind(hold_for(local, endpoint.options))) {
    return unexpected(Errc::address_in_use);
  }
  if (!demux_.add_local(local, Slots<Datagram>::index_of(id), sharing_of(endpoint))) {
    return unexpected(Errc::address_in_use);
  }
  claim(endpoint, local);
  return {};
}

Sharing UdpLayer::sharing_of(const Datagram& endpoint) const {
  if (endpoint.options.reuse_port) return Sharing::balanced;
  return endpoint.options.reuse_address ? Sharing::newest : Sharing::none;
}

// The caller has made the demultiplexer agree.
void UdpLayer::claim(Datagram& endpoint, const Endpoint& local) {
  endpoint.local = local;
  endpoint.hold = hold_for(local, endpoint.options);
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
  const bool is_routed =
      demux_.add_local(local, Slots<Datagram>::index_of(endpoint.id), sharing_of(endpoint));
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
  const bool is_routed = is_connecting ? demux_.add_flow(flow, index)
                                       : demux_.add_local(local, index, sharing_of(endpoint));
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
    demux_.remove_local(endpoint.local, Slots<Datagram>::index_of(endpoint.id));
  }
}

Result<std::size_t> UdpLayer::send(EndpointId id, Bytes data, const SendRequest& request,
                                   Instant now) {
  Datagram& endpoint = this->endpoint(id);
  if (endpoint.is_write_shut) return unexpected(Errc::broken_pipe);
  if (const auto error = take_error(id)) return unexpected(*error);
  const bool goes_on = !endpoint.unfinished.empty();
  if (!goes_on) endpoint.unfinished_request = request;
  if (endpoint.unfinished_request.to.port == 0 && !endpoint.is_connected()) {
    return unexpected(Errc::destination_required);
  }
  // RFC 768: the length field counts 65535 octets with the header, and IP needs 20 of them.
  if (endpoint.unfinished.size() + data.size() > wire::UdpHeader::kPayloadBytesMax) {
    return unexpected(Errc::message_size);
  }
  if (request.more) {
    endpoint.unfinished += as_text(data);
    return data.size();
  }
  const SendRequest whole = endpoint.unfinished_request;
  std::string gathered = std::exchange(endpoint.unfinished, {});
  if (goes_on) gathered += as_text(data);
  const auto sent = transmit(endpoint, goes_on ? as_bytes(gathered) : data, whole, now);
  if (!sent) return unexpected(sent.error());
  return data.size();
}

Result<void> UdpLayer::transmit(Datagram& endpoint, Bytes data, const SendRequest& request,
                                Instant now) {
  const Endpoint remote = request.to.port == 0 ? endpoint.remote : request.to;
  // RFC 1122 4.1.3.5: the application names the source address or leaves it open.
  IpAddress source = request.source.is_unspecified() ? endpoint.local.address : request.source;
  if (source.is_unspecified() || network_.is_broadcast(source)) {
    const Result<IpAddress> chosen = network_.source_for(remote.address);
    if (!chosen) return unexpected(chosen.error());
    source = *chosen;
  }
  if (!endpoint.is_bound()) {
    if (const auto bound = bind_ephemeral(endpoint, IpAddress{}, remote); !bound) return bound;
  }
  EndpointOptions options = endpoint.options;
  options.ttl = request.ttl.value_or(options.ttl);
  options.type_of_service = request.type_of_service.value_or(options.type_of_service);
  network::SendOptions send = send_options(options, source);
  // RFC 1112 6.1: a TTL of 1 unless this datagram asks for more.
  if (!request.ttl && remote.address.is_v4() && remote.address.v4().is_multicast()) send.ttl = 1;
  send.dont_fragment_if_fits = options.mtu_discovery == MtuDiscovery::want;

  Packet packet = context_.pool->make(data);
  packet.push_front(wire::UdpHeader::kBytes, Protocol::udp);
  const wire::UdpHeader header{.source_port = endpoint.local.port, .destination_port = remote.port};
  // RFC 1122 4.1.3.4: checksums are on unless the application says otherwise.
  if (options.no_check) {
    header.emit_without_checksum(packet.mutable_bytes());
  } else {
    header.emit(packet.mutable_bytes(), source, remote.address);
  }
  context_.trace(now, packet, [&] {
    return HeaderPushed{.protocol = Protocol::udp,
                        .header_bytes = wire::UdpHeader::kBytes,
                        .packet = packet.bytes()};
  });
  context_.trace(now, packet, [&] {
    return UdpDatagramSent{
        .flow = {.local = {.address = source, .port = endpoint.local.port}, .remote = remote},
        .length = static_cast<std::uint32_t>(data.size())};
  });
  const Result<void> sent =
      network_.send(std::move(packet), IpProtocol::udp, remote.address, send, now);
  if (!sent && sent.error() == Errc::message_size) report_too_long(endpoint, data, remote, now);
  return sent;
}

// A datagram that this host itself found too long for the path also stands in the error queue, with
// what would fit: that is how an application discovers the path MTU (RFC 8085 3.2).
void UdpLayer::report_too_long(Datagram& endpoint, Bytes data, const Endpoint& remote,
                               Instant now) {
  if (!endpoint.options.receive_errors) return;
  endpoint.queue.push_report({.error = Errc::message_size,
                              .mtu = network_.mtu_for(remote.address),
                              .destination = remote,
                              .data = std::string(as_text(data))});
  notify(endpoint, now);
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
  if (endpoint.is_bound()) {
    ports_.release(endpoint.hold);
    endpoint.hold = hold_for(endpoint.hold.local, options);
    ports_.hold(endpoint.hold);
  }
  endpoint.options = options;
  endpoint.queue.set_bytes_max(options.receive_buffer_bytes);
}

void UdpLayer::notify(Datagram& endpoint, Instant now) {
  const tcp::Readiness before = std::exchange(endpoint.reported, readiness_of(endpoint));
  if (listener_ != nullptr && has_risen(before, endpoint.reported)) {
    listener_->on_readiness(endpoint.id, now);
  }
}

}  // namespace strata::transport
