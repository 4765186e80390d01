// SPDX-License-Identifier: MIT
#include "stack/transport/echo.h"

#include <utility>

#include "stack/base/assert.h"
#include "stack/transport/icmp_errors.h"

namespace strata::transport {
namespace {

// An identifier is claimed on all addresses at once.
Endpoint key_of(std::uint16_t identifier) { return {.address = {}, .port = identifier}; }

tcp::Readiness readiness_of(const EchoEndpoint& endpoint) {
  return {.readable = endpoint.queue.has_message() || endpoint.queue.has_pending_error(),
          .writable = true,
          .error = endpoint.queue.has_error(),
          .hangup = false};
}

}  // namespace

EchoLayer::EchoLayer(const NodeContext& context, network::Network& network)
    : context_(context), network_(network), ephemeral_(context.key) {}

EchoEndpoint& EchoLayer::endpoint(EndpointId id) {
  EchoEndpoint* found = endpoints_.find(id);
  STRATA_ASSERT(found != nullptr);
  return *found;
}

EchoEndpoint* EchoLayer::find_identifier(std::uint16_t identifier) const {
  const std::uint32_t* index = identifiers_.find(key_of(identifier));
  return index == nullptr ? nullptr : &endpoints_.at(*index);
}

EndpointId EchoLayer::open() {
  EchoEndpoint& endpoint = endpoints_.emplace();
  endpoint.options.ttl = network_.config().default_ttl;
  return endpoint.id;
}

Result<void> EchoLayer::bind(EndpointId id, const Endpoint& local) {
  EchoEndpoint& endpoint = this->endpoint(id);
  if (endpoint.local.port != 0) return unexpected(Errc::invalid_argument);
  if (!local.address.is_unspecified() && !network_.is_local(local.address)) {
    return unexpected(Errc::address_not_available);
  }
  std::uint16_t identifier = local.port;
  if (identifier == 0) {
    const auto chosen = ephemeral_.choose(local.address, Endpoint{}, [&](std::uint16_t candidate) {
      return find_identifier(candidate) == nullptr;
    });
    if (!chosen) return unexpected(Errc::address_in_use);
    identifier = *chosen;
  } else if (find_identifier(identifier) != nullptr) {
    return unexpected(Errc::address_in_use);
  }
  identifiers_[key_of(identifier)] = Slots<EchoEndpoint>::index_of(id);
  endpoint.local = {.address = local.address, .port = identifier};
  return {};
}

Result<void> EchoLayer::connect(EndpointId id, const Endpoint& remote) {
  EchoEndpoint& endpoint = this->endpoint(id);
  if (network_.is_broadcast(remote.address) && !endpoint.options.broadcast) {
    return unexpected(Errc::permission_denied);
  }
  endpoint.remote = remote.address;
  return {};
}

Result<std::size_t> EchoLayer::send(EndpointId id, Bytes data, const SendRequest& request,
                                    Instant now) {
  EchoEndpoint& endpoint = this->endpoint(id);
  if (const auto error = take_error(id)) return unexpected(*error);
  const IpAddress to = request.to.address;
  const IpAddress destination = to.is_unspecified() ? endpoint.remote : to;
  if (destination.is_unspecified()) return unexpected(Errc::destination_required);
  constexpr std::size_t kDataBytesMax = 65535 - wire::Ipv4Header::kBytesMin - 8;
  if (data.size() > kDataBytesMax) return unexpected(Errc::message_size);
  if (endpoint.local.port == 0) {
    if (const auto bound = bind(id, Endpoint{}); !bound) return unexpected(bound.error());
  }
  const auto next = static_cast<std::uint16_t>(endpoint.sequence + 1);
  EndpointOptions options = endpoint.options;
  options.ttl = request.ttl.value_or(options.ttl);
  options.type_of_service = request.type_of_service.value_or(options.type_of_service);
  const bool is_source_given = !request.source.is_unspecified();
  const Result<PacketUid> sent = network_.send_echo_request(
      destination, endpoint.local.port, next, data,
      send_options(options, is_source_given ? request.source : endpoint.local.address), now);
  if (!sent) return unexpected(sent.error());
  endpoint.sequence = next;
  return data.size();
}

Result<Received> EchoLayer::receive(EndpointId id, MutableBytes into, bool peek) {
  EchoEndpoint& endpoint = this->endpoint(id);
  const Result<Received> received = endpoint.queue.receive(into, peek);
  endpoint.reported = readiness_of(endpoint);
  return received;
}

void EchoLayer::close(EndpointId id) {
  const EchoEndpoint& endpoint = this->endpoint(id);
  if (endpoint.local.port != 0) identifiers_.erase(key_of(endpoint.local.port));
  endpoints_.erase(id);
}

std::optional<Errc> EchoLayer::take_error(EndpointId id) {
  EchoEndpoint& endpoint = this->endpoint(id);
  const std::optional<Errc> error = endpoint.queue.take_error();
  endpoint.reported = readiness_of(endpoint);
  return error;
}

std::optional<ErrorReport> EchoLayer::take_error_report(EndpointId id) {
  EchoEndpoint& endpoint = this->endpoint(id);
  const std::optional<ErrorReport> report = endpoint.queue.take_report();
  endpoint.reported = readiness_of(endpoint);
  return report;
}

tcp::Readiness EchoLayer::readiness(EndpointId id) const {
  const EchoEndpoint* endpoint = endpoints_.find(id);
  STRATA_ASSERT(endpoint != nullptr);
  return readiness_of(*endpoint);
}

void EchoLayer::set_options(EndpointId id, const EndpointOptions& options) {
  EchoEndpoint& endpoint = this->endpoint(id);
  endpoint.options = options;
  endpoint.queue.set_bytes_max(options.receive_buffer_bytes);
}

void EchoLayer::on_echo_reply(const network::EchoReplyInfo& reply, Instant now) {
  EchoEndpoint* endpoint = find_identifier(reply.identifier);
  const bool is_expected = endpoint != nullptr &&
                           (endpoint->remote.is_unspecified() || endpoint->remote == reply.source ||
                            network_.is_broadcast(endpoint->remote));
  if (!is_expected || !endpoint->queue.has_room(reply.data.size())) {
    drop(is_expected ? DropReason::receive_buffer_full : DropReason::no_socket, reply.data, now);
    return;
  }
  endpoint->queue.push(
      context_.pool->make(reply.data),
      {.from = {.address = reply.source, .port = 0}, .ttl = reply.ttl, .sequence = reply.sequence});
  notify(*endpoint, now);
}

void EchoLayer::on_icmp_error(const network::IcmpErrorInfo& error, Instant now) {
  const std::optional<IcmpMeaning> meaning = meaning_of(error.type, error.code);
  constexpr std::size_t kEchoHeaderBytes = 8;
  if (!meaning || error.quoted_payload.size() < kEchoHeaderBytes) return;
  const std::uint8_t* quoted = error.quoted_payload.data();
  if (wire::IcmpType{quoted[0]} != wire::IcmpType::echo_request) return;
  EchoEndpoint* endpoint = find_identifier(load_be16(quoted + 4));
  if (endpoint == nullptr) return;
  if (endpoint->options.receive_errors) {
    endpoint->queue.push_report({.error = meaning->error,
                                 .reporter = error.reporter,
                                 .type = error.type,
                                 .code = error.code,
                                 .destination = {.address = error.quoted.destination, .port = 0},
                                 .sequence = load_be16(quoted + 6)});
  }
  if (meaning->error != Errc::message_size || endpoint->options.forbids_fragments()) {
    endpoint->queue.set_error(meaning->error);
  }
  notify(*endpoint, now);
}

void EchoLayer::notify(EchoEndpoint& endpoint, Instant now) {
  const tcp::Readiness before = std::exchange(endpoint.reported, readiness_of(endpoint));
  if (listener_ != nullptr && has_risen(before, endpoint.reported)) {
    listener_->on_readiness(endpoint.id, now);
  }
}

void EchoLayer::drop(DropReason reason, Bytes data, Instant now) {
  drops_.add(reason);
  context_.trace(
      now, [&] { return Dropped{.layer = Layer::transport, .reason = reason, .packet = data}; });
}

}  // namespace strata::transport
