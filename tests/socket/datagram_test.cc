// SPDX-License-Identifier: MIT
// Datagram sockets between two hosts.
#include "tests/socket/socket_fixture.h"

namespace strata::socket {
namespace {

class DatagramSocket : public SocketTest {
 protected:
  Fd bound(Sockets& sockets, const Endpoint& local) {
    const Fd fd = open(sockets, Type::datagram);
    EXPECT_EQ(outcome(sockets.bind(fd, local)), "ok");
    return fd;
  }
  std::string send_to(Sockets& sockets, Fd fd, std::string_view text, const Endpoint& to) {
    return outcome(sockets.send_to(fd, as_bytes(text), to, now()));
  }
  // "text from address:port", or the name of the error.
  std::string receive_from(Sockets& sockets, Fd fd) {
    std::array<std::uint8_t, 2000> buffer{};
    const auto received = sockets.receive_from(fd, buffer, {}, now());
    if (!received) return std::string{to_text(received.error())};
    return std::string{as_text(Bytes{buffer}.first(received->bytes))} + " from " +
           to_text(received->from);
  }

  static inline const Endpoint kDns{TwoHosts::kServer, 53};
};

TEST_F(DatagramSocket, DeliversOneMessagePerCallWithItsSender) {
  const Fd server = bound(net.s(), {{}, 53});
  const Fd client = bound(net.c(), {{}, 4000});
  send_to(net.c(), client, "first", kDns);
  send_to(net.c(), client, "second", kDns);
  net.settle();

  EXPECT_EQ(receive_from(net.s(), server), "first from 10.0.0.1:4000");
  EXPECT_EQ(receive_from(net.s(), server), "second from 10.0.0.1:4000");
  EXPECT_EQ(receive_from(net.s(), server), "EAGAIN");
}

// verifies RFC 1122 4.1.3.5-3
TEST_F(DatagramSocket, GetsAnEphemeralPortWithTheFirstSend) {
  const Fd client = open(net.c(), Type::datagram);
  EXPECT_EQ(net.c().local_name(client).value().port, 0);
  send_to(net.c(), client, "x", kDns);

  EXPECT_GE(net.c().local_name(client).value().port, 49152);
}

TEST_F(DatagramSocket, OnlyTheDestinationCountsForAnUnconnectedOne) {
  const Fd server = bound(net.s(), {{}, 53});
  const Fd one = bound(net.c(), {{}, 4001});
  const Fd two = bound(net.c(), {{}, 4002});
  send_to(net.c(), one, "one", kDns);
  send_to(net.c(), two, "two", kDns);
  net.settle();

  EXPECT_EQ(receive_from(net.s(), server), "one from 10.0.0.1:4001");
  EXPECT_EQ(receive_from(net.s(), server), "two from 10.0.0.1:4002");
}

TEST_F(DatagramSocket, AConnectedOneHearsOnlyItsPeer) {
  const Fd server = open(net.s(), Type::datagram);
  net.s().bind(server, {{}, 53});
  EXPECT_EQ(outcome(net.s().connect(server, {TwoHosts::kClient, 4001}, now())), "ok");
  const Fd peer = bound(net.c(), {{}, 4001});
  const Fd stranger = bound(net.c(), {{}, 4002});
  send_to(net.c(), stranger, "psst", kDns);
  send_to(net.c(), peer, "hello", kDns);
  net.settle();

  EXPECT_EQ(receive_from(net.s(), server), "hello from 10.0.0.1:4001");
  EXPECT_EQ(receive_from(net.s(), server), "EAGAIN");
}

// verifies RFC 1122 4.1.3.5-2, 4.1.3.5-3
TEST_F(DatagramSocket, AnAddressBeatsTheWildcard) {
  const Fd wildcard = open(net.s(), Type::datagram);
  const Fd addressed = open(net.s(), Type::datagram);
  for (const Fd fd : {wildcard, addressed}) {
    net.s().set_option(fd, Option::reuse_address, true, now());
  }
  EXPECT_EQ(outcome(net.s().bind(wildcard, {{}, 53})), "ok");
  EXPECT_EQ(outcome(net.s().bind(addressed, {TwoHosts::kServer, 53})), "ok");
  send_to(net.c(), open(net.c(), Type::datagram), "x", kDns);
  net.settle();

  EXPECT_FALSE(net.s().readiness(wildcard).readable);
  EXPECT_TRUE(net.s().readiness(addressed).readable);
}

// verifies RFC 1122 4.1.3.5-4
TEST_F(DatagramSocket, ConnectingMayBeUndone) {
  const Fd server = bound(net.s(), {{}, 53});
  net.s().connect(server, {TwoHosts::kClient, 4001}, now());
  EXPECT_EQ(net.s().local_name(server).value(), kDns);
  EXPECT_EQ(outcome(net.s().connect(server, {}, now())), "ok");

  EXPECT_EQ(outcome(net.s().peer_name(server)), "ENOTCONN");
  EXPECT_EQ(to_text(net.s().local_name(server).value()), "0.0.0.0:53");
  send_to(net.c(), bound(net.c(), {{}, 4002}), "x", kDns);
  net.settle();
  EXPECT_EQ(receive_from(net.s(), server), "x from 10.0.0.1:4002");
}

TEST_F(DatagramSocket, SendFollowsPosix) {
  const Fd fd = open(net.c(), Type::datagram);
  EXPECT_EQ(write(net.c(), fd, "x"), "EDESTADDRREQ");
  EXPECT_EQ(send_to(net.c(), fd, "x", {TwoHosts::kServer, 0}), "EINVAL");
  EXPECT_EQ(send_to(net.c(), fd, std::string(65508, 'x'), kDns), "EMSGSIZE");
  EXPECT_EQ(send_to(net.c(), fd, "x", {Ipv4Address{192, 0, 2, 1}, 53}), "ENETUNREACH");
  EXPECT_EQ(outcome(net.c().connect(fd, kDns, now())), "ok");

  EXPECT_EQ(send_to(net.c(), fd, "x", kDns), "EISCONN");
  EXPECT_EQ(write(net.c(), fd, "x"), "1");
}

TEST_F(DatagramSocket, CarriesTheLargestDatagramInFragments) {
  const Fd server = bound(net.s(), {{}, 53});
  const Fd client = open(net.c(), Type::datagram);
  send_to(net.c(), client, "resolve the neighbour first", kDns);
  net.settle();
  read(net.s(), server);
  EXPECT_EQ(send_to(net.c(), client, std::string(65507, 'x'), kDns), "ok");
  net.settle();
  std::array<std::uint8_t, 10> little{};

  const auto received = net.s().receive_from(server, little, {}, now());
  ASSERT_TRUE(received.has_value());
  EXPECT_EQ(received->bytes, 10U);
  EXPECT_EQ(received->datagram, 65507U);
}

TEST_F(DatagramSocket, ThatMustNotBeFragmentedFailsWithEmsgsize) {
  const Fd fd = open(net.c(), Type::datagram);
  net.c().set_option(fd, Option::mtu_discovery, true, now());

  EXPECT_EQ(send_to(net.c(), fd, std::string(1473, 'x'), kDns), "EMSGSIZE");
  EXPECT_EQ(send_to(net.c(), fd, std::string(1472, 'x'), kDns), "ok");
}

// verifies RFC 1112 6.1, 7.2
TEST_F(DatagramSocket, ADatagramToAllHostsReachesThemAndGoesNoFurther) {
  const Fd server = bound(net.s(), {{}, 53});
  const Fd client = open(net.c(), Type::datagram);
  std::uint8_t ttl = 0;
  net.set_frame_hook([&ttl](auto, Packet& frame) {
    if (frame.bytes()[13] == 0) ttl = frame.bytes()[14 + 8];
    return true;
  });
  send_to(net.c(), client, "all", {Ipv4Address{224, 0, 0, 1}, 53});
  net.settle();

  EXPECT_EQ(ttl, 1);
  EXPECT_EQ(read(net.s(), server), "all");
}

TEST_F(DatagramSocket, BroadcastNeedsPermission) {
  const Fd server = bound(net.s(), {{}, 67});
  const Fd client = open(net.c(), Type::datagram);
  const Endpoint everybody{Ipv4Address::limited_broadcast(), 67};
  EXPECT_EQ(send_to(net.c(), client, "x", everybody), "EACCES");
  EXPECT_EQ(outcome(net.c().connect(client, {TwoHosts::kBroadcast, 67}, now())), "EACCES");
  net.c().set_option(client, Option::broadcast, true, now());

  EXPECT_EQ(send_to(net.c(), client, "limited", everybody), "ok");
  EXPECT_EQ(send_to(net.c(), client, "directed", {TwoHosts::kBroadcast, 67}), "ok");
  net.settle();
  EXPECT_EQ(receive_from(net.s(), server).substr(0, 7), "limited");
  EXPECT_EQ(receive_from(net.s(), server).substr(0, 8), "directed");
}

TEST_F(DatagramSocket, ABroadcastToAPortNobodyHasProvokesNoError) {
  // verifies RFC 1122 3.2.2
  const Fd client = open(net.c(), Type::datagram);
  net.c().set_option(client, Option::broadcast, true, now());
  net.c().set_option(client, Option::receive_errors, true, now());
  send_to(net.c(), client, "x", {TwoHosts::kBroadcast, 67});
  net.settle();

  EXPECT_EQ(net.server.drops().count(DropReason::no_socket), 1U);
  EXPECT_EQ(net.c().take_error_report(client), std::nullopt);
}

// verifies RFC 1122 4.1.3.1-1, 4.1.3.3-1, 3.2.2.1-3
TEST_F(DatagramSocket, AClosedPortIsReportedToAConnectedSocketOnce) {
  const Fd client = open(net.c(), Type::datagram);
  net.c().connect(client, kDns, now());
  write(net.c(), client, "anybody?");
  net.settle();

  EXPECT_TRUE(net.c().readiness(client).error);
  EXPECT_EQ(receive_from(net.c(), client), "ECONNREFUSED");
  EXPECT_EQ(receive_from(net.c(), client), "EAGAIN");
  EXPECT_EQ(net.server.drops().count(DropReason::no_socket), 1U);
}

TEST_F(DatagramSocket, AClosedPortIsNotReportedToAnUnconnectedSocket) {
  const Fd client = open(net.c(), Type::datagram);
  send_to(net.c(), client, "anybody?", kDns);
  net.settle();

  EXPECT_EQ(receive_from(net.c(), client), "EAGAIN");
}

// verifies RFC 1122 4.1.3.3-1
TEST_F(DatagramSocket, QueuesErrorsForWhoAskedForThem) {
  const Fd client = open(net.c(), Type::datagram);
  net.c().set_option(client, Option::receive_errors, true, now());
  CountingWatcher watcher;
  net.c().watch(client, &watcher);
  send_to(net.c(), client, "anybody?", kDns);
  net.settle();

  EXPECT_EQ(watcher.calls[client], 1);
  const auto report = net.c().take_error_report(client);
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->error, Errc::connection_refused);
  EXPECT_EQ(report->reporter, IpAddress{TwoHosts::kServer});
  EXPECT_EQ(report->type, wire::IcmpType::destination_unreachable);
  EXPECT_EQ(report->code, 3);
  EXPECT_EQ(report->destination, kDns);
  EXPECT_FALSE(net.c().take_error_report(client).has_value());
}

TEST_F(DatagramSocket, CarriesAnEmptyDatagram) {
  const Fd server = bound(net.s(), {{}, 53});
  const Fd client = bound(net.c(), {{}, 4000});
  send_to(net.c(), client, "", kDns);
  net.settle();

  EXPECT_TRUE(net.s().readiness(server).readable);
  EXPECT_EQ(receive_from(net.s(), server), " from 10.0.0.1:4000");
  EXPECT_EQ(receive_from(net.s(), server), "EAGAIN");
}

TEST_F(DatagramSocket, LosesWhatDoesNotFitIntoTheReceiveBuffer) {
  const Fd server = bound(net.s(), {{}, 53});
  net.s().set_option(server, Option::receive_buffer, std::int64_t{25}, now());
  const Fd client = open(net.c(), Type::datagram);
  for (int i = 0; i < 5; ++i) send_to(net.c(), client, "ten octets", kDns);
  net.settle();

  EXPECT_EQ(net.s().table().front().receive_queue, 20U);
  EXPECT_EQ(net.server.drops().count(DropReason::receive_buffer_full), 3U);
}

// verifies RFC 1122 4.1.3.4-1, 4.1.3.4-2
TEST_F(DatagramSocket, DropsADatagramWithABadChecksum) {
  const Fd server = bound(net.s(), {{}, 53});
  // A socket that talks to itself through a host that verifies the FCS would notice earlier: the
  // damage is done where no FCS protects, in front of the host's own loopback.
  const Fd client = open(net.c(), Type::datagram);
  send_to(net.c(), client, "x", kDns);
  net.set_frame_hook([](auto, Packet& frame) {
    if (frame.bytes()[13] == 0) frame.mutable_bytes()[14 + 20 + 8] ^= 1;
    return true;
  });
  net.settle();

  EXPECT_EQ(receive_from(net.s(), server), "EAGAIN");
  EXPECT_EQ(net.server.drops().count(DropReason::fcs_error), 1U);
}

TEST_F(DatagramSocket, BindingTheSamePortTwiceFails) {
  bound(net.s(), {{}, 53});
  const Fd second = open(net.s(), Type::datagram);

  EXPECT_EQ(outcome(net.s().bind(second, {{}, 53})), "EADDRINUSE");
  EXPECT_EQ(outcome(net.s().bind(second, kDns)), "EADDRINUSE");
  EXPECT_EQ(outcome(net.s().bind(second, {TwoHosts::kClient, 54})), "EADDRNOTAVAIL");
  EXPECT_EQ(outcome(net.s().bind(second, {{}, 54})), "ok");
  EXPECT_EQ(outcome(net.s().bind(second, {{}, 55})), "EINVAL");
}

TEST_F(DatagramSocket, ThePortIsFreeAfterClosing) {
  const Fd fd = bound(net.s(), {{}, 53});
  EXPECT_EQ(outcome(net.s().close(fd, now())), "ok");

  bound(net.s(), {{}, 53});
}

TEST_F(DatagramSocket, UsesThePortOfAStreamWithoutConflict) {
  listen(5, 53);

  bound(net.s(), {{}, 53});
}

TEST_F(DatagramSocket, ShutDownNeedsAPeer) {
  const Fd fd = bound(net.c(), {{}, 4000});
  EXPECT_EQ(outcome(net.c().shutdown(fd, How::both, now())), "ENOTCONN");
  net.c().connect(fd, kDns, now());
  EXPECT_EQ(outcome(net.c().shutdown(fd, How::both, now())), "ok");

  EXPECT_EQ(write(net.c(), fd, "x"), "EPIPE");
  EXPECT_EQ(read(net.c(), fd), "");
  EXPECT_TRUE(net.c().readiness(fd).hangup);
}

TEST_F(DatagramSocket, EveryDecisionIsTold) {
  test::EventLog log;
  net.observe(log);
  const Fd server = bound(net.s(), {TwoHosts::kServer, 53});
  const Fd client = open(net.c(), Type::datagram);
  send_to(net.c(), client, "hit", kDns);
  send_to(net.c(), client, "miss", {TwoHosts::kServer, 54});
  net.settle();

  ASSERT_EQ(log.demuxed.size(), 2U);
  EXPECT_EQ(log.demuxed[0].outcome, "delivered");
  EXPECT_EQ(log.demuxed[0].socket, server);
  EXPECT_EQ(log.demuxed[0].steps[1].rule, "bound address:port");
  EXPECT_EQ(log.demuxed[0].steps[1].outcome, DemuxOutcome::hit);
  EXPECT_EQ(log.demuxed[0].steps[2].outcome, DemuxOutcome::not_tried);
  EXPECT_EQ(log.demuxed[1].outcome, "port unreachable");
  EXPECT_EQ(log.demuxed[1].socket, -1);
}

TEST_F(DatagramSocket, WorksInsideOneHost) {
  const Fd server = bound(net.s(), {{}, 53});
  const Fd client = bound(net.s(), {{}, 4000});
  send_to(net.s(), client, "to myself", {Ipv4Address{127, 0, 0, 1}, 53});
  net.settle();

  EXPECT_EQ(receive_from(net.s(), server), "to myself from 127.0.0.1:4000");
  EXPECT_EQ(net.frames(), 0U);
}

}  // namespace
}  // namespace strata::socket
