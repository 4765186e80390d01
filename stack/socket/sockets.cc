// SPDX-License-Identifier: MIT
#include "stack/socket/sockets.h"

#include <algorithm>
#include <utility>

#include "stack/base/assert.h"

namespace strata::socket {

using transport::EndpointId;
using transport::EndpointKind;

std::string_view to_text(Ioctl request) {
  switch (request) {
    case Ioctl::input_queue:
      return "SIOCINQ";
    case Ioctl::output_queue:
      return "SIOCOUTQ";
    case Ioctl::output_not_sent:
      return "SIOCOUTQNSD";
    case Ioctl::at_mark:
      return "SIOCATMARK";
  }
  return "";
}

std::string_view to_text(Type type) {
  switch (type) {
    case Type::stream:
      return "stream";
    case Type::datagram:
      return "datagram";
    case Type::icmp_echo:
      return "icmp-echo";
  }
  return "";
}

Sockets::Sockets(transport::Transport& transport) : transport_(transport) {
  transport_.set_readiness_listener(this);
}

Sockets::~Sockets() { transport_.set_readiness_listener(nullptr); }

// ---- descriptors ----

Sockets::Socket* Sockets::find_even_closing(Fd fd) const {
  if (fd < kFirstFd) return nullptr;
  const auto index = static_cast<std::size_t>(fd - kFirstFd);
  return index < sockets_.size() ? sockets_[index].get() : nullptr;
}

Sockets::Socket* Sockets::find(Fd fd) const {
  Socket* socket = find_even_closing(fd);
  return socket != nullptr && !socket->is_closing ? socket : nullptr;
}

Result<Fd> Sockets::install(Socket socket) {
  if (open_ >= limit_) return unexpected(Errc::too_many_files);
  const EndpointId endpoint = socket.endpoint;
  std::size_t index = lowest_free_;
  while (index < sockets_.size() && sockets_[index] != nullptr) ++index;
  if (index == sockets_.size()) sockets_.emplace_back();
  sockets_[index] = std::make_unique<Socket>(std::move(socket));
  lowest_free_ = index + 1;
  ++open_;
  const Fd fd = kFirstFd + static_cast<Fd>(index);
  set_descriptor(endpoint, fd);
  return fd;
}

void Sockets::release(Fd fd) {
  const auto index = static_cast<std::size_t>(fd - kFirstFd);
  sockets_[index].reset();
  lowest_free_ = std::min(lowest_free_, index);
  --open_;
}

void Sockets::set_descriptor(EndpointId endpoint, Fd fd) {
  switch (kind_of(endpoint)) {
    case EndpointKind::stream:
      transport_.tcp().set_descriptor(endpoint, fd);
      return;
    case EndpointKind::datagram:
      transport_.udp().set_descriptor(endpoint, fd);
      return;
    case EndpointKind::echo:
      transport_.echo().set_descriptor(endpoint, fd);
      return;
    case EndpointKind::none:
      return;
  }
}

Fd Sockets::descriptor_of(EndpointId endpoint) const {
  switch (kind_of(endpoint)) {
    case EndpointKind::stream:
      return transport_.tcp().find(endpoint)->descriptor;
    case EndpointKind::datagram:
      return transport_.udp().find(endpoint)->descriptor;
    case EndpointKind::echo:
      return transport_.echo().find(endpoint)->descriptor;
    case EndpointKind::none:
      break;
  }
  return -1;
}

void Sockets::on_readiness(EndpointId endpoint, Instant /*now*/) {
  const Fd fd = descriptor_of(endpoint);
  const Socket* socket = find_even_closing(fd);
  if (socket != nullptr && socket->watcher != nullptr) socket->watcher->on_ready(fd);
}

void Sockets::watch(Fd fd, Watcher* watcher) {
  if (Socket* socket = find_even_closing(fd)) socket->watcher = watcher;
}

// ---- calls ----

Result<Fd> Sockets::socket(Type type, const std::string& process, Instant /*now*/) {
  if (open_ >= limit_) return unexpected(Errc::too_many_files);
  EndpointId endpoint{};
  switch (type) {
    case Type::stream:
      endpoint = transport_.tcp().open();
      break;
    case Type::datagram:
      endpoint = transport_.udp().open();
      break;
    case Type::icmp_echo:
      endpoint = transport_.echo().open();
      break;
  }
  return install({.type = type, .endpoint = endpoint, .process = process});
}

Result<void> Sockets::bind(Fd fd, const Endpoint& local) {
  const Socket* socket = find(fd);
  if (socket == nullptr) return unexpected(Errc::bad_descriptor);
  switch (socket->type) {
    case Type::stream:
      return transport_.tcp().bind(socket->endpoint, local);
    case Type::datagram:
      return transport_.udp().bind(socket->endpoint, local);
    case Type::icmp_echo:
      return transport_.echo().bind(socket->endpoint, local);
  }
  return {};
}

Result<void> Sockets::listen(Fd fd, int backlog, Instant now) {
  const Socket* socket = find(fd);
  if (socket == nullptr) return unexpected(Errc::bad_descriptor);
  if (socket->type != Type::stream) return unexpected(Errc::not_supported);
  return transport_.tcp().listen(socket->endpoint, backlog, now);
}

Result<Fd> Sockets::accept(Fd fd, Instant /*now*/) {
  const Socket* listener = find(fd);
  if (listener == nullptr) return unexpected(Errc::bad_descriptor);
  if (listener->type != Type::stream) return unexpected(Errc::not_supported);
  if (open_ >= limit_) return unexpected(Errc::too_many_files);
  const Result<EndpointId> child = transport_.tcp().accept(listener->endpoint);
  if (!child) return unexpected(child.error());
  return install({.type = Type::stream, .endpoint = *child, .process = listener->process});
}

Result<void> Sockets::connect(Fd fd, const Endpoint& remote, Instant now) {
  const Socket* socket = find(fd);
  if (socket == nullptr) return unexpected(Errc::bad_descriptor);
  switch (socket->type) {
    case Type::stream:
      return transport_.tcp().connect(socket->endpoint, remote, now);
    case Type::datagram:
      return transport_.udp().connect(socket->endpoint, remote);
    case Type::icmp_echo:
      return transport_.echo().connect(socket->endpoint, remote);
  }
  return {};
}

Result<void> Sockets::shutdown(Fd fd, How how, Instant now) {
  const Socket* socket = find(fd);
  if (socket == nullptr) return unexpected(Errc::bad_descriptor);
  const bool read = how != How::write;
  const bool write = how != How::read;
  switch (socket->type) {
    case Type::stream:
      return transport_.tcp().shutdown(socket->endpoint, read, write, now);
    case Type::datagram:
      return transport_.udp().shutdown(socket->endpoint, read, write, now);
    case Type::icmp_echo:
      return unexpected(Errc::not_supported);
  }
  return {};
}

Result<void> Sockets::close(Fd fd, Instant now) {
  Socket* socket = find_even_closing(fd);
  if (socket == nullptr) return unexpected(Errc::bad_descriptor);
  switch (socket->type) {
    case Type::stream:
      return close_stream(fd, *socket, now);
    case Type::datagram:
      transport_.udp().close(socket->endpoint);
      break;
    case Type::icmp_echo:
      transport_.echo().close(socket->endpoint);
      break;
  }
  release(fd);
  return {};
}

Result<void> Sockets::close_stream(Fd fd, Socket& socket, Instant now) {
  transport::TcpLayer& tcp = transport_.tcp();
  const Duration linger = tcp.find(socket.endpoint)->options.linger;
  if (linger > Duration::zero()) {
    if (!socket.is_closing) {
      socket.is_closing = true;
      socket.linger_deadline = after(now, linger);
      tcp.start_linger(socket.endpoint, now);
    }
    if (!tcp.is_drained(socket.endpoint) && now < socket.linger_deadline) {
      return unexpected(Errc::would_block);
    }
  }
  const bool resets = linger == Duration::zero();
  tcp.close(socket.endpoint, resets ? tcp::Close::abort : tcp::Close::graceful, now);
  release(fd);
  return {};
}

Instant Sockets::linger_deadline(Fd fd) const {
  const Socket* socket = find_even_closing(fd);
  return socket == nullptr ? kNever : socket->linger_deadline;
}

// ---- questions ----

std::optional<Errc> Sockets::take_error(Fd fd) {
  const Socket* socket = find(fd);
  if (socket == nullptr) return Errc::bad_descriptor;
  switch (socket->type) {
    case Type::stream:
      return transport_.tcp().take_error(socket->endpoint);
    case Type::datagram:
      return transport_.udp().take_error(socket->endpoint);
    case Type::icmp_echo:
      return transport_.echo().take_error(socket->endpoint);
  }
  return std::nullopt;
}

Result<Endpoint> Sockets::local_name(Fd fd) const {
  const Socket* socket = find(fd);
  if (socket == nullptr) return unexpected(Errc::bad_descriptor);
  switch (socket->type) {
    case Type::stream: {
      const transport::Stream& stream = *transport_.tcp().find(socket->endpoint);
      return stream.connection != nullptr ? stream.connection->flow().local : stream.bound;
    }
    case Type::datagram:
      return transport_.udp().find(socket->endpoint)->local;
    case Type::icmp_echo:
      return transport_.echo().find(socket->endpoint)->local;
  }
  return Endpoint{};
}

Result<Endpoint> Sockets::peer_name(Fd fd) const {
  const Socket* socket = find(fd);
  if (socket == nullptr) return unexpected(Errc::bad_descriptor);
  Endpoint remote;
  switch (socket->type) {
    case Type::stream: {
      const transport::Stream& stream = *transport_.tcp().find(socket->endpoint);
      const bool has_peer = stream.is_established && stream.connection->state() != TcpState::closed;
      if (!has_peer) return unexpected(Errc::not_connected);
      return stream.connection->flow().remote;
    }
    case Type::datagram:
      remote = transport_.udp().find(socket->endpoint)->remote;
      break;
    case Type::icmp_echo:
      remote.address = transport_.echo().find(socket->endpoint)->remote;
      break;
  }
  if (remote.address.is_unspecified()) return unexpected(Errc::not_connected);
  return remote;
}

Result<void> Sockets::set_non_blocking(Fd fd, bool is_non_blocking) {
  Socket* socket = find(fd);
  if (socket == nullptr) return unexpected(Errc::bad_descriptor);
  socket->is_non_blocking = is_non_blocking;
  return {};
}

bool Sockets::is_non_blocking(Fd fd) const {
  const Socket* socket = find(fd);
  return socket != nullptr && socket->is_non_blocking;
}

Readiness Sockets::readiness(Fd fd) const {
  const Socket* socket = find_even_closing(fd);
  if (socket == nullptr) return {.error = true};
  switch (socket->type) {
    case Type::stream:
      return transport_.tcp().readiness(socket->endpoint);
    case Type::datagram:
      return transport_.udp().readiness(socket->endpoint);
    case Type::icmp_echo:
      return transport_.echo().readiness(socket->endpoint);
  }
  return {};
}

}  // namespace strata::socket
