// SPDX-License-Identifier: MIT
// Echo sockets: ping.
#include "tests/socket/socket_fixture.h"

namespace strata::socket {
namespace {

class EchoSocket : public SocketTest {
 protected:
  std::string ping(Fd fd, std::string_view data, const IpAddress& to = TwoHosts::kServer) {
    return outcome(net.c().send_to(fd, as_bytes(data), {to, 0}, now()));
  }
  Result<Received> reply(Fd fd) { return net.c().receive_from(fd, buffer_, {}, now()); }

  std::array<std::uint8_t, 2000> buffer_{};
};

TEST_F(EchoSocket, GetsTheReplyWithSequenceNumberTtlAndData) {
  const Fd fd = open(net.c(), Type::icmp_echo);
  EXPECT_EQ(ping(fd, "abcdefgh"), "ok");
  EXPECT_EQ(ping(fd, "abcdefgh"), "ok");
  net.settle();

  for (const std::uint16_t sequence : std::to_array<std::uint16_t>({1, 2})) {
    const auto received = reply(fd);
    ASSERT_TRUE(received.has_value());
    EXPECT_EQ(received->sequence, sequence);
    EXPECT_EQ(received->ttl, 64);
    EXPECT_EQ(received->from.address, IpAddress{TwoHosts::kServer});
    EXPECT_EQ(as_text(Bytes{buffer_}.first(received->bytes)), "abcdefgh");
  }
  EXPECT_EQ(outcome(reply(fd)), "EAGAIN");
}

TEST_F(EchoSocket, HearsOnlyRepliesToItsOwnRequests) {
  const Fd one = open(net.c(), Type::icmp_echo);
  const Fd two = open(net.c(), Type::icmp_echo);
  ping(one, "one");
  ping(two, "two");
  net.settle();

  EXPECT_EQ(reply(one)->bytes, 3U);
  EXPECT_EQ(as_text(Bytes{buffer_}.first(3)), "one");
  EXPECT_EQ(outcome(reply(one)), "EAGAIN");
  EXPECT_EQ(reply(two)->bytes, 3U);
}

TEST_F(EchoSocket, PingsItself) {
  const Fd fd = open(net.c(), Type::icmp_echo);
  ping(fd, "me", Ipv4Address{127, 0, 0, 1});
  net.settle();

  EXPECT_EQ(reply(fd)->bytes, 2U);
}

TEST_F(EchoSocket, AHostThatIsNotThereIsReportedUnreachable) {
  const Fd fd = open(net.c(), Type::icmp_echo);
  net.c().set_option(fd, Option::receive_errors, true, now());
  ping(fd, "hello?", Ipv4Address{10, 0, 0, 77});
  net.run_for(std::chrono::seconds{30});

  EXPECT_EQ(outcome(reply(fd)), "EHOSTUNREACH");
  const auto report = net.c().take_error_report(fd);
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->destination.address, IpAddress(Ipv4Address{10, 0, 0, 77}));
  EXPECT_EQ(report->sequence, 1);
}

TEST_F(EchoSocket, ConnectedNeedsNoDestination) {
  const Fd fd = open(net.c(), Type::icmp_echo);
  EXPECT_EQ(write(net.c(), fd, "x"), "EDESTADDRREQ");
  net.c().connect(fd, {TwoHosts::kServer, 0}, now());
  EXPECT_EQ(write(net.c(), fd, "x"), "1");
  net.settle();

  EXPECT_EQ(reply(fd)->bytes, 1U);
}

TEST_F(EchoSocket, AnIdentifierBelongsToOneSocket) {
  const Fd one = open(net.c(), Type::icmp_echo);
  const Fd two = open(net.c(), Type::icmp_echo);
  EXPECT_EQ(outcome(net.c().bind(one, {{}, 7})), "ok");
  EXPECT_EQ(outcome(net.c().bind(two, {{}, 7})), "EADDRINUSE");
  net.c().close(one, now());

  EXPECT_EQ(outcome(net.c().bind(two, {{}, 7})), "ok");
}

TEST_F(EchoSocket, AReplyNobodyAskedForIsACountedDrop) {
  const Fd fd = open(net.c(), Type::icmp_echo);
  ping(fd, "x");
  net.c().close(fd, now());
  net.settle();

  EXPECT_EQ(net.client.drops().count(DropReason::no_socket), 1U);
}

}  // namespace
}  // namespace strata::socket
