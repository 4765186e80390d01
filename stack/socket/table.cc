// SPDX-License-Identifier: MIT
// The socket table, as ss(8) shows it.
#include <algorithm>
#include <tuple>

#include "stack/socket/sockets.h"

namespace strata::socket {
namespace {

bool is_listener(const SocketInfo& info) { return info.state == to_text(TcpState::listen); }

bool comes_before(const SocketInfo& a, const SocketInfo& b) {
  if (is_listener(a) != is_listener(b)) return is_listener(a);
  return std::tie(a.type, a.local, a.remote, a.fd) < std::tie(b.type, b.local, b.remote, b.fd);
}

}  // namespace

std::string Sockets::process_of(Fd fd) const {
  const Socket* socket = find_even_closing(fd);
  return socket == nullptr ? std::string{} : socket->process;
}

SocketInfo Sockets::describe(const transport::Stream& stream) const {
  SocketInfo info{.fd = stream.descriptor,
                  .process = process_of(stream.descriptor),
                  .type = Type::stream,
                  .local = stream.bound};
  if (stream.listener != nullptr) {
    info.state = to_text(TcpState::listen);
    info.receive_queue = stream.listener->waiting();
    info.send_queue = stream.listener->backlog();
  } else if (stream.connection != nullptr) {
    info.tcp = stream.connection->info();
    info.local = stream.connection->flow().local;
    info.remote = stream.connection->flow().remote;
    info.state = to_text(info.tcp->state);
    info.receive_queue = info.tcp->receive_queue_bytes;
    info.send_queue = info.tcp->send_queue_bytes;
  } else {
    info.state = stream.bound.port != 0 ? "bound" : "unbound";
  }
  return info;
}

SocketInfo Sockets::describe(const transport::Datagram& datagram) const {
  return {
      .fd = datagram.descriptor,
      .process = process_of(datagram.descriptor),
      .type = Type::datagram,
      .local = datagram.local,
      .remote = datagram.remote,
      .state = datagram.is_connected() ? "connected" : (datagram.is_bound() ? "bound" : "unbound"),
      .receive_queue = datagram.queue.bytes(),
      .send_queue = 0,
      .tcp = std::nullopt};
}

SocketInfo Sockets::describe(const transport::EchoEndpoint& echo) const {
  const bool is_connected = !echo.remote.is_unspecified();
  return {.fd = echo.descriptor,
          .process = process_of(echo.descriptor),
          .type = Type::icmp_echo,
          .local = echo.local,
          .remote = {.address = echo.remote, .port = 0},
          .state = is_connected ? "connected" : (echo.local.port != 0 ? "bound" : "unbound"),
          .receive_queue = echo.queue.bytes(),
          .send_queue = 0,
          .tcp = std::nullopt};
}

std::vector<SocketInfo> Sockets::table() const {
  std::vector<SocketInfo> rows;
  const auto add = [&](const auto& endpoint) { rows.push_back(describe(endpoint)); };
  transport_.tcp().for_each(add);
  transport_.udp().for_each(add);
  transport_.echo().for_each(add);
  std::ranges::sort(rows, comes_before);
  return rows;
}

}  // namespace strata::socket
