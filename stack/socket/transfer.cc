// SPDX-License-Identifier: MIT
// Sending and receiving: send, sendto, sendmsg, recv, recvfrom, recvmsg, and what ioctl tells of
// the queues.
#include <algorithm>

#include "stack/socket/sockets.h"

namespace strata::socket {

using transport::EndpointOptions;

Result<std::size_t> Sockets::send(Fd fd, Bytes data, MessageFlags flags, Instant now) {
  return send_message(fd, data, {}, flags, now);
}

Result<std::size_t> Sockets::send(Fd fd, StaticBytes data, MessageFlags flags, Instant now) {
  const Socket* socket = find(fd);
  if (socket == nullptr || socket->type != Type::stream || !flags.empty()) {
    return send(fd, data.bytes, flags, now);
  }
  return transport_.tcp().send(socket->endpoint, data.bytes, {.keep = tcp::Keep::reference}, now);
}

Result<std::size_t> Sockets::send_to(Fd fd, Bytes data, const Endpoint& to, MessageFlags flags,
                                     Instant now) {
  const Socket* socket = find(fd);
  if (socket == nullptr) return unexpected(Errc::bad_descriptor);
  if (socket->type == Type::datagram && to.port == 0 && !peer_name(fd)) {
    return unexpected(Errc::invalid_argument);
  }
  SendRequest request;
  request.to = to;
  return send_message(fd, data, request, flags, now);
}

Result<std::size_t> Sockets::send_message(Fd fd, Bytes data, SendRequest request,
                                          MessageFlags flags, Instant now) {
  const Socket* socket = find(fd);
  if (socket == nullptr) return unexpected(Errc::bad_descriptor);
  // POSIX sendto(): a destination belongs to sockets that have none yet.
  if (request.to != Endpoint{} && peer_name(fd)) return unexpected(Errc::is_connected);
  request.more = flags.has(msg::kMore);
  // A SYN that waits for text takes as much as one that is yet to be made.
  const auto may_open = [&] {
    return !is_connection(*socket) ||
           transport_.tcp().find(socket->endpoint)->connection->fast_open().is_held;
  };
  switch (socket->type) {
    case Type::stream:
      if (flags.has(msg::kFastOpen) && may_open()) {
        return transport_.tcp().send_fast_open(socket->endpoint, request.to, data, now);
      }
      if (request.to != Endpoint{}) return unexpected(Errc::not_connected);
      return transport_.tcp().send(socket->endpoint, data,
                                   {.more = request.more,
                                    .urgent = flags.has(msg::kOutOfBand),
                                    .ends_record = flags.has(msg::kEndOfRecord)},
                                   now);
    case Type::datagram:
      if (flags.has(msg::kOutOfBand)) return unexpected(Errc::not_supported);
      return transport_.udp().send(socket->endpoint, data, request, now);
    case Type::icmp_echo:
      if (flags.has(msg::kOutOfBand | msg::kMore)) return unexpected(Errc::not_supported);
      return transport_.echo().send(socket->endpoint, data, request, now);
  }
  return 0;
}

Result<std::size_t> Sockets::receive(Fd fd, MutableBytes into, MessageFlags flags, Instant now) {
  // The usual case without the record of where the octets came from.
  if (const Socket* socket = find(fd);
      socket != nullptr && socket->type == Type::stream && flags.empty()) {
    return transport_.tcp().receive(socket->endpoint, into, /*peek=*/false, now);
  }
  const Result<Received> received = receive_from(fd, into, flags, now);
  if (!received) return unexpected(received.error());
  return flags.has(msg::kTruncated) ? received->datagram : received->bytes;
}

Result<Received> Sockets::receive_from(Fd fd, MutableBytes into, MessageFlags flags, Instant now) {
  const Socket* socket = find(fd);
  if (socket == nullptr) return unexpected(Errc::bad_descriptor);
  if (!flags.has(msg::kErrorQueue)) return receive_any(*socket, into, flags, now);
  const Result<ReceivedMessage> error = receive_error(*socket, into);
  if (!error) return unexpected(error.error());
  Received received;
  received.from = error->from;
  received.bytes = error->bytes;
  received.datagram = error->datagram;
  return received;
}

Result<Received> Sockets::receive_any(const Socket& socket, MutableBytes into, MessageFlags flags,
                                      Instant now) {
  const bool peek = flags.has(msg::kPeek);
  if (flags.has(msg::kOutOfBand) && socket.type != Type::stream) {
    return unexpected(Errc::not_supported);
  }
  switch (socket.type) {
    case Type::stream: {
      transport::TcpLayer& tcp = transport_.tcp();
      const auto bytes = flags.has(msg::kOutOfBand)
                             ? tcp.receive_urgent(socket.endpoint, into, peek)
                             : tcp.receive(socket.endpoint, into, peek, now);
      if (!bytes) return unexpected(bytes.error());
      Received received;
      received.from = tcp.find(socket.endpoint)->connection->flow().remote;
      received.bytes = received.datagram = *bytes;
      return received;
    }
    case Type::datagram:
      return transport_.udp().receive(socket.endpoint, into, peek);
    case Type::icmp_echo:
      return transport_.echo().receive(socket.endpoint, into, peek);
  }
  return Received{};
}

Result<ReceivedMessage> Sockets::receive_message(Fd fd, MutableBytes into, MessageFlags flags,
                                                 Instant now) {
  const Socket* socket = find(fd);
  if (socket == nullptr) return unexpected(Errc::bad_descriptor);
  if (flags.has(msg::kErrorQueue)) return receive_error(*socket, into);
  const Result<Received> received = receive_any(*socket, into, flags, now);
  if (!received) return unexpected(received.error());
  ReceivedMessage message{
      .bytes = received->bytes, .datagram = received->datagram, .from = received->from};
  if (flags.has(msg::kOutOfBand)) message.flags = message.flags | msg::kOutOfBand;
  if (received->datagram > received->bytes) message.flags = message.flags | msg::kTruncated;
  if (socket->type == Type::stream) return message;
  const EndpointOptions options = endpoint_options(socket->endpoint);
  if (options.receive_ttl) message.ttl = received->ttl;
  if (options.receive_tos) message.type_of_service = received->type_of_service;
  if (options.receive_options && !received->options.empty()) message.options = received->options;
  if (options.packet_info) {
    message.packet_info =
        PacketInfo{.destination = received->destination,
                   .interface = transport_.network().interface_name(received->port)};
  }
  return message;
}

Result<ReceivedMessage> Sockets::receive_error(const Socket& socket, MutableBytes into) {
  std::optional<ErrorReport> report = take_error_report(socket);
  if (!report) return unexpected(Errc::would_block);
  const Bytes data = as_bytes(report->data);
  ReceivedMessage message{.bytes = std::min(data.size(), into.size()),
                          .datagram = data.size(),
                          .from = report->destination,
                          .flags = msg::kErrorQueue};
  std::copy_n(data.begin(), message.bytes, into.begin());
  if (message.datagram > message.bytes) message.flags = message.flags | msg::kTruncated;
  message.error = std::move(report);
  return message;
}

std::optional<ErrorReport> Sockets::take_error_report(Fd fd) {
  const Socket* socket = find(fd);
  return socket == nullptr ? std::nullopt : take_error_report(*socket);
}

std::optional<ErrorReport> Sockets::take_error_report(const Socket& socket) {
  switch (socket.type) {
    case Type::stream:
      return std::nullopt;
    case Type::datagram:
      return transport_.udp().take_error_report(socket.endpoint);
    case Type::icmp_echo:
      return transport_.echo().take_error_report(socket.endpoint);
  }
  return std::nullopt;
}

Duration Sockets::receive_timeout(Fd fd) const {
  const Socket* socket = find(fd);
  return socket == nullptr ? Duration{} : endpoint_options(socket->endpoint).receive_timeout;
}

Duration Sockets::send_timeout(Fd fd) const {
  const Socket* socket = find(fd);
  return socket == nullptr ? Duration{} : endpoint_options(socket->endpoint).send_timeout;
}

bool Sockets::holds_less_than_low_water(Fd fd, std::size_t wanted) const {
  const Socket* socket = find(fd);
  if (socket == nullptr || socket->type != Type::stream) return false;
  const transport::Stream& stream = *transport_.tcp().find(socket->endpoint);
  if (stream.connection == nullptr || stream.options.receive_low_water <= 1) return false;
  return !readiness(fd).readable && stream.connection->readable_octets() < wanted;
}

Result<std::int64_t> Sockets::ioctl(Fd fd, Ioctl request) const {
  const Socket* socket = find(fd);
  if (socket == nullptr) return unexpected(Errc::bad_descriptor);
  if (socket->type != Type::stream) {
    if (request == Ioctl::at_mark) return unexpected(Errc::invalid_argument);
    if (request != Ioctl::input_queue) return 0;  // a datagram leaves at once
    const transport::MessageQueue& queue = socket->type == Type::datagram
                                               ? transport_.udp().find(socket->endpoint)->queue
                                               : transport_.echo().find(socket->endpoint)->queue;
    return static_cast<std::int64_t>(queue.next_bytes());
  }
  const transport::Stream& stream = *transport_.tcp().find(socket->endpoint);
  if (stream.listener != nullptr) return unexpected(Errc::invalid_argument);
  if (stream.connection == nullptr) return 0;
  switch (request) {
    case Ioctl::input_queue:
      return static_cast<std::int64_t>(stream.connection->readable_octets());
    case Ioctl::output_queue:
      return static_cast<std::int64_t>(stream.connection->unacknowledged_octets());
    case Ioctl::output_not_sent:
      return static_cast<std::int64_t>(stream.connection->unsent_octets());
    case Ioctl::at_mark:
      return stream.connection->is_at_mark() ? 1 : 0;
  }
  return 0;
}

}  // namespace strata::socket
