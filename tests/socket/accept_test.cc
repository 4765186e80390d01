// SPDX-License-Identifier: MIT
// Listening and accepting: the backlog, the accept queue and what its connections inherit.
#include "tests/socket/socket_fixture.h"

namespace strata::socket {
namespace {

class Accepting : public SocketTest {};

TEST_F(Accepting, WithoutConnectionsWouldBlock) {
  const Fd listener = listen();

  EXPECT_EQ(outcome(net.s().accept(listener, now())), "EAGAIN");
  EXPECT_FALSE(net.s().readiness(listener).readable);
}

TEST_F(Accepting, DeferredWaitsForTheFirstText) {
  const Fd listener = listen();
  net.s().set_option(listener, Option::defer_accept, Duration{5s}, now());
  const Fd client = connect();
  net.settle();
  EXPECT_EQ(outcome(net.s().accept(listener, now())), "EAGAIN");

  write(net.c(), client, "x");
  net.settle();
  EXPECT_EQ(outcome(net.s().accept(listener, now())), "ok");
}

TEST_F(Accepting, DeferredGivesAQuietConnectionAfterItsTime) {
  const Fd listener = listen();
  net.s().set_option(listener, Option::defer_accept, Duration{5s}, now());
  connect();
  net.settle();

  net.run_for(4s);
  EXPECT_EQ(outcome(net.s().accept(listener, now())), "EAGAIN");
  net.run_for(1s + 1ms);
  EXPECT_EQ(outcome(net.s().accept(listener, now())), "ok");
}

TEST_F(Accepting, FromWhatDoesNotListenFails) {
  const Fd stream = open(net.s());
  const Fd datagram = open(net.s(), Type::datagram);

  EXPECT_EQ(outcome(net.s().accept(stream, now())), "EINVAL");
  EXPECT_EQ(outcome(net.s().accept(datagram, now())), "EOPNOTSUPP");
  EXPECT_EQ(outcome(net.s().listen(datagram, 1, now())), "EOPNOTSUPP");
}

TEST_F(Accepting, TakesConnectionsInTheOrderTheyWereEstablished) {
  const Fd listener = listen();
  std::vector<Endpoint> clients;
  for (int i = 0; i < 3; ++i) {
    clients.push_back(net.c().local_name(connect()).value());
    net.settle();
  }
  EXPECT_TRUE(net.s().readiness(listener).readable);

  for (const Endpoint& client : clients) {
    const Fd fd = net.s().accept(listener, now()).value();
    EXPECT_EQ(net.s().peer_name(fd).value(), client);
  }
  EXPECT_EQ(outcome(net.s().accept(listener, now())), "EAGAIN");
}

// verifies RFC 9293 MUST-41, MUST-42
TEST_F(Accepting, ConnectionsOfOneServerPortAreToldApart) {
  const Fd listener = listen();
  const std::array<Fd, 3> clients{connect(), connect(), connect()};
  net.settle();
  std::array<Fd, 3> servers{};
  for (Fd& server : servers) server = net.s().accept(listener, now()).value();
  for (std::size_t i = 0; i < 3; ++i) write(net.c(), clients[i], "from " + std::to_string(i));
  net.settle();

  for (std::size_t i = 0; i < 3; ++i) {
    const Endpoint client = net.c().local_name(clients[i]).value();
    for (const Fd server : servers) {
      if (net.s().peer_name(server).value() != client) continue;
      EXPECT_EQ(read(net.s(), server), "from " + std::to_string(i));
    }
  }
}

TEST_F(Accepting, BeyondTheBacklogSynsAreDroppedSilentlyAndCounted) {
  const Fd listener = listen(2);
  for (int i = 0; i < 4; ++i) connect();
  net.settle();

  EXPECT_EQ(net.server.drops().count(DropReason::backlog_full), 2U);
  EXPECT_EQ(net.s().table().front().receive_queue, 2U);
  EXPECT_EQ(net.s().table().front().send_queue, 2U);

  // The repeated SYN of a client finds room once somebody accepts.
  EXPECT_EQ(outcome(net.s().accept(listener, now())), "ok");
  net.run_for(std::chrono::seconds{5});
  EXPECT_EQ(outcome(net.s().accept(listener, now())), "ok");
  EXPECT_EQ(outcome(net.s().accept(listener, now())), "ok");
}

TEST_F(Accepting, AHandshakeThatDiesMakesRoomInTheBacklog) {
  listen(1);
  // The third packet of the handshake never comes: the client is gone.
  net.set_frame_hook([](TwoHosts::From from, Packet& frame) {
    const bool is_tcp = frame.bytes()[13] == 0;
    const bool is_syn = is_tcp && (frame.bytes()[14 + 20 + 13] & 0x02) != 0;
    return !(from == TwoHosts::From::client && is_tcp && !is_syn) &&
           !(from == TwoHosts::From::server && is_tcp);
  });
  const Fd lost = connect();
  net.settle();
  net.c().close(lost, now());
  EXPECT_EQ(net.s().table().size(), 2U);
  net.run_for(std::chrono::minutes{10});
  EXPECT_EQ(net.s().table().size(), 1U);
  net.set_frame_hook({});

  const Fd client = connect();
  net.settle();
  EXPECT_EQ(state(net.c(), client), "ESTABLISHED");
}

TEST_F(Accepting, InheritsTheOptionsOfTheListener) {
  const Fd listener = open(net.s());
  net.s().set_option(listener, Option::ttl, std::int64_t{9}, now());
  net.s().set_option(listener, Option::no_delay, true, now());
  net.s().set_option(listener, Option::receive_buffer, std::int64_t{4096}, now());
  net.s().set_option(listener, Option::linger, Duration{std::chrono::seconds{3}}, now());
  net.s().bind(listener, {{}, 80});
  net.s().listen(listener, 5, now());
  connect();
  net.settle();
  const Fd fd = net.s().accept(listener, now()).value();

  EXPECT_EQ(std::get<std::int64_t>(net.s().option(fd, Option::ttl).value()), 9);
  EXPECT_EQ(std::get<bool>(net.s().option(fd, Option::no_delay).value()), true);
  EXPECT_EQ(std::get<std::int64_t>(net.s().option(fd, Option::receive_buffer).value()), 4096);
  EXPECT_EQ(std::get<Duration>(net.s().option(fd, Option::linger).value()),
            std::chrono::seconds{3});
}

TEST_F(Accepting, WithoutFreeDescriptorsLeavesTheConnectionInTheQueue) {
  const Fd listener = listen();
  connect();
  net.settle();
  net.s().set_descriptor_limit(1);
  EXPECT_EQ(outcome(net.s().accept(listener, now())), "EMFILE");

  net.s().set_descriptor_limit(2);
  EXPECT_EQ(outcome(net.s().accept(listener, now())), "ok");
}

TEST_F(Accepting, AConnectionThatWasResetMeanwhileIsAcceptedAndReportsIt) {
  const Fd listener = listen();
  const Fd client = connect();
  net.settle();
  net.c().set_option(client, Option::linger, Duration::zero(), now());
  net.c().close(client, now());
  net.settle();

  const Fd fd = net.s().accept(listener, now()).value();
  EXPECT_EQ(read(net.s(), fd), "ECONNRESET");
  EXPECT_EQ(read(net.s(), fd), "");
}

TEST_F(Accepting, ClosingTheListenerResetsWhatNobodyAccepted) {
  const Fd listener = listen();
  const Fd waiting = connect();
  net.settle();
  net.s().close(listener, now());
  net.settle();

  EXPECT_EQ(read(net.c(), waiting), "ECONNRESET");
  EXPECT_TRUE(net.s().table().empty());
}

// verifies RFC 9293 MUST-41
TEST_F(Accepting, ClosingTheListenerLeavesAcceptedConnectionsAlone) {
  const Pair pair = establish();
  net.s().close(pair.listener, now());
  write(net.c(), pair.client, "still here");
  net.settle();

  EXPECT_EQ(read(net.s(), pair.server), "still here");
}

// verifies RFC 9293 MUST-42, MUST-43
TEST_F(Accepting, AnAddressBeatsTheWildcard) {
  const Fd wildcard = listen();
  const Fd addressed = open(net.s());
  EXPECT_EQ(outcome(net.s().bind(addressed, {TwoHosts::kServer, 80})), "EADDRINUSE");
  net.s().close(wildcard, now());

  const Fd first = open(net.s());
  const Fd second = open(net.s());
  for (const Fd fd : {first, second}) net.s().set_option(fd, Option::reuse_address, true, now());
  EXPECT_EQ(outcome(net.s().bind(first, {{}, 80})), "ok");
  EXPECT_EQ(outcome(net.s().bind(second, {TwoHosts::kServer, 80})), "ok");
  EXPECT_EQ(outcome(net.s().listen(first, 5, now())), "ok");
  EXPECT_EQ(outcome(net.s().listen(second, 5, now())), "ok");
  connect();
  net.settle();

  EXPECT_FALSE(net.s().readiness(first).readable);
  EXPECT_TRUE(net.s().readiness(second).readable);
}

TEST_F(Accepting, ASecondListenerOnTheSameAddressIsRefused) {
  const Fd first = open(net.s());
  const Fd second = open(net.s());
  for (const Fd fd : {first, second}) {
    net.s().set_option(fd, Option::reuse_address, true, now());
    EXPECT_EQ(outcome(net.s().bind(fd, {{}, 80})), "ok");
  }
  EXPECT_EQ(outcome(net.s().listen(first, 5, now())), "ok");

  EXPECT_EQ(outcome(net.s().listen(second, 5, now())), "EADDRINUSE");
  EXPECT_EQ(outcome(net.s().listen(first, 9, now())), "ok");
  EXPECT_EQ(net.s().table().front().send_queue, 9U);
}

TEST_F(Accepting, EveryDecisionIsTold) {
  test::EventLog log;
  net.observe(log);
  const Pair pair = establish();
  write(net.c(), pair.client, "x");
  net.settle();

  ASSERT_FALSE(log.demuxed.empty());
  const Demultiplexed& syn = log.demuxed.front();
  EXPECT_EQ(syn.outcome, "new connection");
  EXPECT_EQ(syn.socket, pair.listener);
  EXPECT_EQ(syn.steps[0].outcome, DemuxOutcome::miss);
  EXPECT_EQ(syn.steps[1].outcome, DemuxOutcome::miss);
  EXPECT_EQ(syn.steps[2].outcome, DemuxOutcome::hit);
  bool is_data_seen = false;
  for (const Demultiplexed& decision : log.demuxed) {
    is_data_seen |= decision.socket == pair.server && decision.outcome == "delivered" &&
                    decision.steps[0].outcome == DemuxOutcome::hit;
  }
  EXPECT_TRUE(is_data_seen);
}

}  // namespace
}  // namespace strata::socket
