// SPDX-License-Identifier: MIT
// Shared steps of the socket tests: two hosts, and the calls that get a connection going.
#pragma once

#include <gtest/gtest.h>

#include <array>
#include <string>

#include "tests/support/two_hosts.h"

namespace strata::socket {

class SocketTest : public ::testing::Test {
 protected:
  using TwoHosts = test::TwoHosts;
  static inline const Endpoint kServerAt80{TwoHosts::kServer, 80};

  explicit SocketTest(const TwoHosts::Options& options = {}) : net(options) {}

  Instant now() const { return net.now(); }
  Fd open(Sockets& sockets, Type type = Type::stream) {
    return sockets.socket(type, "test", now()).value();
  }
  // A listener of the server on port 80 (or another).
  Fd listen(int backlog = 5, std::uint16_t port = 80) {
    const Fd fd = open(net.s());
    EXPECT_TRUE(net.s().bind(fd, {{}, port}).has_value());
    EXPECT_TRUE(net.s().listen(fd, backlog, now()).has_value());
    return fd;
  }
  // A stream of the client, its SYN on the way.
  Fd connect(const Endpoint& to = kServerAt80) {
    const Fd fd = open(net.c());
    EXPECT_EQ(net.c().connect(fd, to, now()).error(), Errc::in_progress);
    return fd;
  }
  // Both ends of an established connection.
  struct Pair {
    Fd listener;
    Fd client;
    Fd server;
  };
  Pair establish() {
    const Fd listener = listen();
    const Fd client = connect();
    net.settle();
    const Result<Fd> server = net.s().accept(listener, now());
    EXPECT_TRUE(server.has_value());
    return {listener, client, server.value_or(-1)};
  }
  // What one receive() gives: octets as text, or the name of the error.
  std::string read(Sockets& sockets, Fd fd) {
    const auto received = sockets.receive(fd, buffer_, {}, now());
    if (!received) return std::string{to_text(received.error())};
    return std::string{as_text(Bytes{buffer_}.first(*received))};
  }
  std::string write(Sockets& sockets, Fd fd, std::string_view text) {
    const auto sent = sockets.send(fd, as_bytes(text), now());
    return sent ? std::to_string(*sent) : std::string{to_text(sent.error())};
  }
  // "ok" or the name of the error.
  template <typename T>
  static std::string outcome(const Result<T>& result) {
    return result ? "ok" : std::string{to_text(result.error())};
  }
  // The state of the connection behind `fd`, as the table shows it.
  static std::string state(const Sockets& sockets, Fd fd) {
    for (const SocketInfo& row : sockets.table()) {
      if (row.fd == fd) return row.state;
    }
    return "none";
  }

  TwoHosts net;

 private:
  std::array<std::uint8_t, 65536> buffer_{};
};

// Counts wake-ups by descriptor.
class CountingWatcher final : public Watcher {
 public:
  void on_ready(Fd fd) override { ++calls[fd]; }
  std::map<Fd, int> calls;
};

}  // namespace strata::socket
