// SPDX-License-Identifier: MIT
// Stream sockets: connecting, moving octets, and every way it fails.
#include "tests/socket/socket_fixture.h"

namespace strata::socket {
namespace {

class StreamSocket : public SocketTest {
 protected:
  StreamSocket() = default;
  using SocketTest::SocketTest;
};

TEST_F(StreamSocket, DescriptorsStartAtThreeAndTheLowestFreeOneComesFirst) {
  EXPECT_EQ(open(net.c()), 3);
  EXPECT_EQ(open(net.c()), 4);
  EXPECT_EQ(open(net.c()), 5);
  EXPECT_EQ(outcome(net.c().close(4, now())), "ok");
  EXPECT_EQ(outcome(net.c().close(3, now())), "ok");

  EXPECT_EQ(open(net.c()), 3);
  EXPECT_EQ(open(net.c()), 4);
  EXPECT_EQ(open(net.c()), 6);
}

TEST_F(StreamSocket, MoreDescriptorsThanAllowedFailWithEmfile) {
  net.c().set_descriptor_limit(2);
  open(net.c());
  open(net.c());

  EXPECT_EQ(outcome(net.c().socket(Type::stream, "test", now())), "EMFILE");
}

TEST_F(StreamSocket, EveryCallOnAClosedDescriptorFailsWithEbadf) {
  std::array<std::uint8_t, 1> byte{};
  for (const Fd fd : {-1, 0, 3, 1000}) {
    EXPECT_EQ(outcome(net.c().bind(fd, {})), "EBADF");
    EXPECT_EQ(outcome(net.c().listen(fd, 1, now())), "EBADF");
    EXPECT_EQ(outcome(net.c().accept(fd, now())), "EBADF");
    EXPECT_EQ(outcome(net.c().connect(fd, kServerAt80, now())), "EBADF");
    EXPECT_EQ(outcome(net.c().send(fd, byte, now())), "EBADF");
    EXPECT_EQ(outcome(net.c().send_to(fd, byte, kServerAt80, now())), "EBADF");
    EXPECT_EQ(outcome(net.c().receive(fd, byte, {}, now())), "EBADF");
    EXPECT_EQ(outcome(net.c().receive_from(fd, byte, {}, now())), "EBADF");
    EXPECT_EQ(outcome(net.c().shutdown(fd, How::both, now())), "EBADF");
    EXPECT_EQ(outcome(net.c().close(fd, now())), "EBADF");
    EXPECT_EQ(outcome(net.c().local_name(fd)), "EBADF");
    EXPECT_EQ(outcome(net.c().peer_name(fd)), "EBADF");
    EXPECT_EQ(outcome(net.c().option(fd, Option::ttl)), "EBADF");
    EXPECT_EQ(outcome(net.c().set_option(fd, Option::no_delay, true, now())), "EBADF");
    EXPECT_EQ(net.c().take_error(fd), Errc::bad_descriptor);
  }
}

TEST_F(StreamSocket, CarriesOctetsBothWays) {
  const Pair pair = establish();

  EXPECT_EQ(write(net.c(), pair.client, "hello"), "5");
  net.settle();
  EXPECT_EQ(read(net.s(), pair.server), "hello");
  EXPECT_EQ(write(net.s(), pair.server, "good day"), "8");
  net.settle();
  EXPECT_EQ(read(net.c(), pair.client), "good day");
}

TEST_F(StreamSocket, ReadingWhatIsNotThereWouldBlock) {
  const Pair pair = establish();

  EXPECT_EQ(read(net.c(), pair.client), "EAGAIN");
  EXPECT_FALSE(net.c().readiness(pair.client).readable);
}

TEST_F(StreamSocket, PeekingLeavesTheOctets) {
  const Pair pair = establish();
  write(net.c(), pair.client, "look");
  net.settle();
  std::array<std::uint8_t, 2> two{};

  EXPECT_EQ(net.s().receive(pair.server, two, msg::kPeek, now()), 2U);
  EXPECT_EQ(read(net.s(), pair.server), "look");
}

TEST_F(StreamSocket, AFullSendBufferWouldBlockUntilThePeerReads) {
  const Pair pair = establish();
  const std::string block(100'000, 'x');
  std::size_t accepted = 0;
  for (int i = 0; i < 100; ++i) {
    const auto sent = net.c().send(pair.client, as_bytes(block), now());
    if (!sent) {
      EXPECT_EQ(sent.error(), Errc::would_block);
      break;
    }
    accepted += *sent;
  }
  EXPECT_FALSE(net.c().readiness(pair.client).writable);
  std::size_t read_in_all = 0;
  for (int i = 0; i < 200 && read_in_all < accepted; ++i) {
    net.settle();
    const std::string part = read(net.s(), pair.server);
    if (part != "EAGAIN") read_in_all += part.size();
  }

  EXPECT_EQ(read_in_all, accepted);
  EXPECT_TRUE(net.c().readiness(pair.client).writable);
}

// A quarter of it would leave as one burst of a thousand segments.
TEST_F(StreamSocket, AWriterWithALargeBufferIsWokenBeforeAQuarterIsFree) {
  constexpr std::size_t kBuffer = 4 << 20;
  const Pair pair = establish();
  ASSERT_TRUE(net.c().set_option(pair.client, Option::send_buffer, std::int64_t{kBuffer}, now()));
  const std::string block(kBuffer, 'x');
  EXPECT_EQ(net.c().send(pair.client, as_bytes(block), now()).value(), kBuffer);
  EXPECT_FALSE(net.c().readiness(pair.client).writable);
  std::int64_t unacknowledged = kBuffer;
  for (int i = 0; i < 200 && !net.c().readiness(pair.client).writable; ++i) {
    net.settle();
    read(net.s(), pair.server);
    unacknowledged = net.c().ioctl(pair.client, Ioctl::output_queue).value();
  }
  EXPECT_TRUE(net.c().readiness(pair.client).writable);
  EXPECT_LE(unacknowledged, std::int64_t{kBuffer} - 256 * 1024);
  EXPECT_GT(unacknowledged, std::int64_t{kBuffer} * 3 / 4);
}

// Text that stays where it is is sent as any other.
TEST_F(StreamSocket, StaticOctetsArriveBetweenCopiedOnes) {
  static const std::string kText(3000, 's');
  const Pair pair = establish();
  write(net.c(), pair.client, "before ");
  EXPECT_EQ(net.c().send(pair.client, StaticBytes{as_bytes(kText)}, {}, now()).value(), 3000U);
  write(net.c(), pair.client, " after");
  net.settle();

  EXPECT_EQ(read(net.s(), pair.server), "before " + kText + " after");
  const Fd datagrams = open(net.c(), Type::datagram);
  EXPECT_EQ(net.c().send(datagrams, StaticBytes{as_bytes(kText)}, {}, now()).error(),
            Errc::destination_required);
}

// verifies RFC 9293 MUST-44
TEST_F(StreamSocket, KnowsItsNames) {
  const Pair pair = establish();
  const Endpoint client = net.c().local_name(pair.client).value();

  EXPECT_EQ(client.address, IpAddress{TwoHosts::kClient});
  EXPECT_GE(client.port, 49152);
  EXPECT_EQ(net.c().peer_name(pair.client).value(), kServerAt80);
  EXPECT_EQ(net.s().local_name(pair.server).value(), kServerAt80);
  EXPECT_EQ(net.s().peer_name(pair.server).value(), client);
  EXPECT_EQ(to_text(net.s().local_name(pair.listener).value()), "0.0.0.0:80");
  EXPECT_EQ(outcome(net.s().peer_name(pair.listener)), "ENOTCONN");
}

TEST_F(StreamSocket, ThatIsNotConnectedFailsWithEnotconn) {
  const Fd fd = open(net.c());

  EXPECT_EQ(write(net.c(), fd, "x"), "ENOTCONN");
  EXPECT_EQ(read(net.c(), fd), "ENOTCONN");
  EXPECT_EQ(outcome(net.c().shutdown(fd, How::both, now())), "ENOTCONN");
  EXPECT_EQ(outcome(net.c().peer_name(fd)), "ENOTCONN");
  EXPECT_EQ(outcome(net.c().send_to(fd, as_bytes("x"), kServerAt80, now())), "ENOTCONN");
}

TEST_F(StreamSocket, ConnectingTellsInProgressThenAlreadyThenIsConnected) {
  listen();
  const Fd fd = connect();
  EXPECT_EQ(outcome(net.c().connect(fd, kServerAt80, now())), "EALREADY");
  EXPECT_FALSE(net.c().readiness(fd).writable);
  net.settle();

  EXPECT_TRUE(net.c().readiness(fd).writable);
  EXPECT_EQ(net.c().take_error(fd), std::nullopt);
  EXPECT_EQ(outcome(net.c().connect(fd, kServerAt80, now())), "EISCONN");
  EXPECT_EQ(outcome(net.c().send_to(fd, as_bytes("x"), kServerAt80, now())), "EISCONN");
}

TEST_F(StreamSocket, AClosedPortRefusesTheConnection) {
  const Fd fd = connect();
  net.settle();

  EXPECT_TRUE(net.c().readiness(fd).error);
  EXPECT_EQ(net.c().take_error(fd), Errc::connection_refused);
  EXPECT_EQ(net.c().take_error(fd), std::nullopt);
}

TEST_F(StreamSocket, MayTryAgainAfterARefusal) {
  const Fd fd = connect();
  net.settle();
  EXPECT_EQ(outcome(net.c().connect(fd, kServerAt80, now())), "ECONNREFUSED");
  listen();

  EXPECT_EQ(outcome(net.c().connect(fd, kServerAt80, now())), "EINPROGRESS");
  net.settle();
  EXPECT_EQ(state(net.c(), fd), "ESTABLISHED");
}

TEST_F(StreamSocket, NobodyAnsweringTimesTheConnectionOut) {
  net.set_frame_hook([](auto, Packet&) { return false; });
  const Fd fd = connect({TwoHosts::kServer, 80});
  net.run_for(std::chrono::minutes{10});

  const std::optional<Errc> error = net.c().take_error(fd);
  // The neighbour never answers ARP, which the host is told of as an unreachable host.
  EXPECT_TRUE(error == Errc::timed_out || error == Errc::host_unreachable);
}

TEST_F(StreamSocket, ASilentServerTimesTheConnectionOut) {
  listen();
  net.set_frame_hook(
      [](auto, Packet& frame) { return frame.bytes()[12] == 8 && frame.bytes()[13] == 6; });
  const Fd fd = connect();
  net.run_for(std::chrono::minutes{10});

  EXPECT_EQ(net.c().take_error(fd), Errc::timed_out);
}

TEST_F(StreamSocket, CannotConnectToWhereNoRouteLeads) {
  const Fd fd = open(net.c());

  EXPECT_EQ(outcome(net.c().connect(fd, {Ipv4Address{192, 0, 2, 1}, 80}, now())), "ENETUNREACH");
}

TEST_F(StreamSocket, CannotConnectToPortZeroBroadcastOrMulticast) {
  const Fd fd = open(net.c());

  // verifies RFC 9293 MUST-46
  EXPECT_EQ(outcome(net.c().connect(fd, {TwoHosts::kServer, 0}, now())), "EINVAL");
  EXPECT_EQ(outcome(net.c().connect(fd, {TwoHosts::kBroadcast, 80}, now())), "EINVAL");
  EXPECT_EQ(outcome(net.c().connect(fd, {Ipv4Address::limited_broadcast(), 80}, now())), "EINVAL");
  EXPECT_EQ(outcome(net.c().connect(fd, {Ipv4Address{224, 0, 0, 1}, 80}, now())), "EINVAL");
  EXPECT_EQ(outcome(net.c().connect(fd, {IpAddress{}, 80}, now())), "EINVAL");
}

TEST_F(StreamSocket, AListenerCannotConnectSendOrReceive) {
  const Fd fd = listen();

  EXPECT_EQ(outcome(net.s().connect(fd, kServerAt80, now())), "EOPNOTSUPP");
  EXPECT_EQ(write(net.s(), fd, "x"), "ENOTCONN");
  EXPECT_EQ(read(net.s(), fd), "ENOTCONN");
}

TEST_F(StreamSocket, TwoSocketsCannotHaveTheSameFourTuple) {
  listen();
  const Fd first = open(net.c());
  const Fd second = open(net.c());
  for (const Fd fd : {first, second}) {
    EXPECT_EQ(outcome(net.c().set_option(fd, Option::reuse_address, true, now())), "ok");
    EXPECT_EQ(outcome(net.c().bind(fd, {TwoHosts::kClient, 5000})), "ok");
  }
  EXPECT_EQ(outcome(net.c().connect(first, kServerAt80, now())), "EINPROGRESS");

  EXPECT_EQ(outcome(net.c().connect(second, kServerAt80, now())), "EADDRINUSE");
  EXPECT_EQ(outcome(net.c().connect(second, {TwoHosts::kServer, 81}, now())), "EINPROGRESS");
}

TEST_F(StreamSocket, BindingFollowsPosix) {
  const Fd fd = open(net.c());
  EXPECT_EQ(outcome(net.c().bind(fd, {TwoHosts::kServer, 80})), "EADDRNOTAVAIL");
  EXPECT_EQ(outcome(net.c().bind(fd, {TwoHosts::kClient, 80})), "ok");
  EXPECT_EQ(outcome(net.c().bind(fd, {TwoHosts::kClient, 81})), "EINVAL");
  const Fd other = open(net.c());
  EXPECT_EQ(outcome(net.c().bind(other, {TwoHosts::kClient, 80})), "EADDRINUSE");
  EXPECT_EQ(outcome(net.c().bind(other, {{}, 80})), "EADDRINUSE");
  EXPECT_EQ(outcome(net.c().bind(other, {{}, 0})), "ok");

  EXPECT_GE(net.c().local_name(other).value().port, 49152);
}

TEST_F(StreamSocket, ListeningWithoutBindingGetsAnEphemeralPort) {
  const Fd fd = open(net.s());
  EXPECT_EQ(outcome(net.s().listen(fd, 1, now())), "ok");

  EXPECT_GE(net.s().local_name(fd).value().port, 49152);
}

TEST_F(StreamSocket, AConnectionInsideOneHostUsesTheLoopback) {
  const Fd listener = listen();
  const Fd fd = open(net.s());
  EXPECT_EQ(outcome(net.s().connect(fd, {Ipv4Address{127, 0, 0, 1}, 80}, now())), "EINPROGRESS");
  net.settle();
  const Fd accepted = net.s().accept(listener, now()).value();
  EXPECT_EQ(write(net.s(), fd, "to myself"), "9");
  net.settle();

  EXPECT_EQ(read(net.s(), accepted), "to myself");
  EXPECT_EQ(net.frames(), 0U);
}

TEST_F(StreamSocket, TheWatcherIsToldOncePerChange) {
  const Pair pair = establish();
  CountingWatcher watcher;
  net.s().watch(pair.server, &watcher);
  EXPECT_EQ(read(net.s(), pair.server), "EAGAIN");
  write(net.c(), pair.client, "one");
  net.settle();
  write(net.c(), pair.client, "two");
  net.settle();
  EXPECT_EQ(watcher.calls[pair.server], 1);

  EXPECT_EQ(read(net.s(), pair.server), "onetwo");
  write(net.c(), pair.client, "three");
  net.settle();
  EXPECT_EQ(watcher.calls[pair.server], 2);

  net.s().watch(pair.server, nullptr);
  EXPECT_EQ(read(net.s(), pair.server), "three");
  write(net.c(), pair.client, "four");
  net.settle();
  EXPECT_EQ(watcher.calls[pair.server], 2);
}

TEST_F(StreamSocket, WatchersHearOfConnectAcceptAndEndOfStream) {
  CountingWatcher client_side;
  CountingWatcher server_side;
  const Fd listener = listen();
  net.s().watch(listener, &server_side);
  const Fd client = connect();
  net.c().watch(client, &client_side);
  net.settle();
  EXPECT_EQ(client_side.calls[client], 1);
  EXPECT_EQ(server_side.calls[listener], 1);

  const Fd server = net.s().accept(listener, now()).value();
  net.s().watch(server, &server_side);
  EXPECT_EQ(read(net.s(), server), "EAGAIN");
  net.c().close(client, now());
  net.settle();
  EXPECT_EQ(server_side.calls[server], 1);
  EXPECT_EQ(read(net.s(), server), "");
}

// The path MTU of loopback and the IP options of a segment come from the socket's options.
// verifies RFC 9293 MUST-48, MUST-49, SHLD-22
TEST_F(StreamSocket, SendsWithTheTtlAndTypeOfServiceOfItsSocket) {
  listen();
  std::uint8_t ttl = 0;
  std::uint8_t tos = 0;
  net.set_frame_hook([&](TwoHosts::From from, Packet& frame) {
    if (from == TwoHosts::From::client && frame.bytes()[13] == 0) {
      tos = frame.bytes()[14 + 1];
      ttl = frame.bytes()[14 + 8];
    }
    return true;
  });
  const Fd fd = open(net.c());
  net.c().set_option(fd, Option::ttl, std::int64_t{7}, now());
  net.c().set_option(fd, Option::type_of_service, std::int64_t{0xb8}, now());
  EXPECT_EQ(outcome(net.c().connect(fd, kServerAt80, now())), "EINPROGRESS");
  net.settle();

  EXPECT_EQ(ttl, 7);
  EXPECT_EQ(tos, 0xb8);
}

}  // namespace
}  // namespace strata::socket
