// SPDX-License-Identifier: MIT
// Several sockets on one address and port: SO_REUSEADDR, SO_REUSEPORT, broadcasts.
#include "tests/socket/socket_fixture.h"

namespace strata::socket {
namespace {

class SharedPort : public SocketTest {
 protected:
  static inline const Endpoint kDns{TwoHosts::kServer, 53};

  Fd bound(Option sharing, Type type = Type::datagram, const Endpoint& local = {{}, 53}) {
    const Fd fd = open(net.s(), type);
    net.s().set_option(fd, sharing, true, now());
    EXPECT_EQ(outcome(net.s().bind(fd, local)), "ok");
    return fd;
  }
  std::size_t queued(Fd fd) {
    std::size_t count = 0;
    while (read(net.s(), fd) != "EAGAIN") ++count;
    return count;
  }
  // So that no packets wait for ARP later, where their number is limited.
  void resolve() {
    net.c().send_to(open(net.c(), Type::datagram), as_bytes("x"), {TwoHosts::kServer, 9}, now());
    net.settle();
  }
  // One datagram from each of many ports of the client.
  void send_from_many_ports(int count) {
    for (int i = 0; i < count; ++i) {
      net.c().send_to(open(net.c(), Type::datagram), as_bytes("x"), kDns, now());
    }
    net.settle();
  }
};

TEST_F(SharedPort, ReuseAddressGivesDatagramsToWhoCameLast) {
  const Fd first = bound(Option::reuse_address);
  const Fd second = bound(Option::reuse_address);
  send_from_many_ports(3);
  EXPECT_EQ(queued(first), 0U);
  EXPECT_EQ(queued(second), 3U);
  net.s().close(second, now());
  send_from_many_ports(2);

  EXPECT_EQ(queued(first), 2U);
}

TEST_F(SharedPort, ReusePortSpreadsDatagramsByTheirFlow) {
  std::array<Fd, 4> fds{};
  for (Fd& fd : fds) fd = bound(Option::reuse_port);
  resolve();
  send_from_many_ports(200);

  std::size_t sum = 0;
  for (const Fd fd : fds) {
    const std::size_t count = queued(fd);
    EXPECT_GT(count, 25U);
    EXPECT_LT(count, 75U);
    sum += count;
  }
  EXPECT_EQ(sum, 200U);
}

TEST_F(SharedPort, ReusePortKeepsAFlowAtOneSocket) {
  const std::array<Fd, 3> fds{bound(Option::reuse_port), bound(Option::reuse_port),
                              bound(Option::reuse_port)};
  const Fd client = open(net.c(), Type::datagram);
  for (int i = 0; i < 5; ++i) net.c().send_to(client, as_bytes("x"), kDns, now());
  net.settle();

  std::size_t holders = 0;
  for (const Fd fd : fds) holders += queued(fd) > 0 ? 1U : 0U;
  EXPECT_EQ(holders, 1U);
}

TEST_F(SharedPort, ReusePortSpreadsConnectionsOverListeners) {
  std::array<Fd, 2> listeners{};
  for (Fd& fd : listeners) {
    fd = bound(Option::reuse_port, Type::stream, {{}, 80});
    EXPECT_EQ(outcome(net.s().listen(fd, 64, now())), "ok");
  }
  resolve();
  for (int i = 0; i < 40; ++i) connect();
  net.settle();

  std::size_t sum = 0;
  for (const Fd fd : listeners) {
    std::size_t accepted = 0;
    while (net.s().accept(fd, now())) ++accepted;
    EXPECT_GT(accepted, 8U);
    sum += accepted;
  }
  EXPECT_EQ(sum, 40U);
}

TEST_F(SharedPort, BothSidesMustAgree) {
  bound(Option::reuse_port);
  const Fd other = open(net.s(), Type::datagram);
  EXPECT_EQ(outcome(net.s().bind(other, {{}, 53})), "EADDRINUSE");
  net.s().set_option(other, Option::reuse_address, true, now());
  EXPECT_EQ(outcome(net.s().bind(other, {{}, 53})), "EADDRINUSE");
  net.s().set_option(other, Option::reuse_port, true, now());
  EXPECT_EQ(outcome(net.s().bind(other, {{}, 53})), "ok");
}

TEST_F(SharedPort, OnlyOneMayListenWithReuseAddress) {
  const Fd first = bound(Option::reuse_address, Type::stream, {{}, 80});
  const Fd second = bound(Option::reuse_address, Type::stream, {{}, 80});
  EXPECT_EQ(outcome(net.s().listen(first, 5, now())), "ok");

  EXPECT_EQ(outcome(net.s().listen(second, 5, now())), "EADDRINUSE");
}

TEST_F(SharedPort, EverySocketGetsABroadcast) {
  const Fd wildcard = bound(Option::reuse_address);
  const Fd another = bound(Option::reuse_address);
  const Fd addressed = bound(Option::reuse_address, Type::datagram, {TwoHosts::kBroadcast, 53});
  const Fd other_port = bound(Option::reuse_address, Type::datagram, {{}, 54});
  const Fd client = open(net.c(), Type::datagram);
  net.c().set_option(client, Option::broadcast, true, now());
  net.c().send_to(client, as_bytes("everybody"), {TwoHosts::kBroadcast, 53}, now());
  net.settle();

  for (const Fd fd : {wildcard, another, addressed}) EXPECT_EQ(read(net.s(), fd), "everybody");
  EXPECT_EQ(read(net.s(), other_port), "EAGAIN");
}

}  // namespace
}  // namespace strata::socket
