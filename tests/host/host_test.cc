// SPDX-License-Identifier: MIT
// A host as its driver sees it: frames and time in, frames and a deadline out.
#include "stack/host/host.h"

#include <gtest/gtest.h>

#include "stack/application/process.h"
#include "tests/support/two_hosts.h"

namespace strata::host {
namespace {

using socket::Type;
using test::TwoHosts;

class HostTest : public ::testing::Test {
 protected:
  socket::Fd bound_datagram(socket::Sockets& sockets, std::uint16_t port) {
    const socket::Fd fd = sockets.socket(Type::datagram, "test", net.now()).value();
    EXPECT_TRUE(sockets.bind(fd, {{}, port}).has_value());
    return fd;
  }
  void send(socket::Fd fd, std::string_view text) {
    EXPECT_TRUE(net.c().send_to(fd, as_bytes(text), {TwoHosts::kServer, 53}, net.now()));
  }

  TwoHosts net;
};

TEST_F(HostTest, ThatHasNothingToDoHasNoDeadline) {
  EXPECT_EQ(net.client.next_deadline(), kNever);
  EXPECT_FALSE(net.client.poll_transmit(kStart).has_value());
  EXPECT_TRUE(net.client.is_idle());
  EXPECT_TRUE(net.client.waiting().empty());
  EXPECT_TRUE(net.client.figures().empty());
}

TEST_F(HostTest, AsksForTheNeighbourFirstAndThenSendsWhatWaited) {
  const socket::Fd fd = bound_datagram(net.c(), 4000);
  send(fd, "x");
  const auto first = net.client.poll_transmit(net.now());
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(load_be16(&first->packet.bytes()[12]), 0x0806);  // ARP
  EXPECT_FALSE(net.client.poll_transmit(net.now()).has_value());
  EXPECT_NE(net.client.next_deadline(), kNever);
}

TEST_F(HostTest, KnowsItsNeighboursAfterAConversation) {
  const socket::Fd server = bound_datagram(net.s(), 53);
  send(bound_datagram(net.c(), 4000), "x");
  net.settle();

  ASSERT_EQ(net.client.neighbours().size(), 1U);
  EXPECT_EQ(net.client.neighbours().front().address, IpAddress{TwoHosts::kServer});
  EXPECT_TRUE(net.s().readiness(server).readable);
}

TEST(HostShortOfMemory, DropsWhatComesInAndWhatGoesOut) {
  PacketPool pool;
  Tracer tracer;
  HostConfig config{.name = "client"};
  config.ports.push_back({.interface = {.name = "eth0"}, .addresses = {{TwoHosts::kClient, 24}}});
  config.allocation_failure = {Probability::always(), RandomStream(1, "allocation")};
  Host host({.node = NodeId{0}, .pool = &pool, .tracer = &tracer}, std::move(config));

  host.receive(PortId{0}, pool.make(64), kStart);
  EXPECT_EQ(host.drops().count(DropReason::memory_limit), 1U);

  const socket::Fd fd = host.sockets().socket(Type::datagram, "test", kStart).value();
  EXPECT_TRUE(host.sockets().send_to(fd, as_bytes("x"), {TwoHosts::kServer, 53}, kStart));
  EXPECT_FALSE(host.poll_transmit(kStart).has_value());
  EXPECT_EQ(host.drops().count(DropReason::memory_limit), 2U);
}

TEST_F(HostTest, WithThePortDownNeitherSendsNorReceives) {
  const socket::Fd server = bound_datagram(net.s(), 53);
  const socket::Fd client = bound_datagram(net.c(), 4000);
  send(client, "before");
  net.settle();
  net.server.set_port_up(PortId{0}, false, net.now());
  send(client, "lost");
  net.settle();
  EXPECT_EQ(net.server.drops().count(DropReason::interface_down), 1U);
  EXPECT_EQ(net.s().send_to(server, as_bytes("x"), {TwoHosts::kClient, 4000}, net.now()).error(),
            Errc::network_unreachable);
  EXPECT_TRUE(net.server.neighbours().empty());

  net.server.set_port_up(PortId{0}, true, net.now());
  send(client, "after");
  net.settle();
  EXPECT_EQ(net.s().table().front().receive_queue, 11U);
}

TEST_F(HostTest, SumsTheDropsOfAllLayers) {
  Packet runt = net.pool().make(10);
  std::ranges::fill(runt.mutable_bytes(), std::uint8_t{0});
  net.inject(TwoHosts::From::client, std::move(runt));
  send(bound_datagram(net.c(), 4000), "nobody there");
  net.settle();

  EXPECT_EQ(net.server.drops().count(DropReason::frame_too_short), 1U);
  EXPECT_EQ(net.server.drops().count(DropReason::no_socket), 1U);
  EXPECT_EQ(net.server.drops().total(), 2U);
}

TEST_F(HostTest, LateDeadlinesDoNoHarm) {
  for (int i = 0; i < 3; ++i) net.client.on_deadline(net.now() + std::chrono::hours{1});

  EXPECT_FALSE(net.client.poll_transmit(net.now()).has_value());
}

TEST_F(HostTest, GivesEveryPacketBackWhenItEnds) {
  PacketPool pool;
  Tracer tracer;
  {
    HostConfig config;
    config.name = "lonely";
    config.ports.resize(1);
    config.ports[0].interface.mac = MacAddress{{2, 0, 0, 0, 0, 1}};
    config.ports[0].addresses = {{Ipv4Address{10, 0, 0, 1}, 24}};
    Host host({.node = NodeId{0}, .pool = &pool, .tracer = &tracer}, std::move(config));
    const socket::Fd fd = host.sockets().socket(Type::datagram, "test", kStart).value();
    for (const Ipv4Address to : {Ipv4Address{10, 0, 0, 2}, Ipv4Address{10, 0, 0, 1}}) {
      EXPECT_TRUE(host.sockets().send_to(fd, as_bytes("x"), {to, 9}, kStart).has_value());
    }
    const socket::Fd stream = host.sockets().socket(Type::stream, "test", kStart).value();
    EXPECT_FALSE(host.sockets().connect(stream, {Ipv4Address{10, 0, 0, 2}, 9}, kStart).has_value());
    EXPECT_GT(pool.outstanding(), 0U);
  }
  EXPECT_EQ(pool.outstanding(), 0U);
}

application::Task<void> accept_one(application::Process process, application::Arguments) {
  const Result<socket::Fd> listener = process.socket(Type::stream);
  static_cast<void>(process.bind(*listener, {{}, 5000}));
  static_cast<void>(process.listen(*listener, 1));
  const Result<socket::Fd> accepted = co_await process.accept(*listener);
  process.count("accepted", accepted.has_value() ? 1 : 0);
}

TEST_F(HostTest, RunsProcessesAndTellsWhatTheyWaitFor) {
  const application::Program program{
      .name = "accept-one", .help = "", .parameters = {}, .start = accept_one};
  net.server.spawn("server", program, {}, net.now() + std::chrono::milliseconds{100});
  net.run_for(std::chrono::milliseconds{99});
  EXPECT_TRUE(net.s().table().empty());
  net.settle();
  EXPECT_FALSE(net.server.is_idle());
  EXPECT_EQ(net.server.waiting(), std::vector<std::string>{"server: accept(3)"});
  EXPECT_EQ(net.s().table().front().process, "server");

  const socket::Fd client = net.c().socket(Type::stream, "client", net.now()).value();
  EXPECT_FALSE(net.c().connect(client, {TwoHosts::kServer, 5000}, net.now()).has_value());
  net.settle();
  EXPECT_TRUE(net.server.is_idle());
  EXPECT_EQ(net.server.figures().at("server.accepted"), 1);
}

// verifies RFC 1122 3.1-5, 3.2.2.9-2, 3.3.1.6-1
TEST(Router, ForwardsBetweenItsPorts) {
  PacketPool pool;
  Tracer tracer;
  const auto make = [&](std::string name, std::uint32_t node, bool forwards,
                        std::vector<Prefix> addresses, std::vector<network::Route> routes) {
    HostConfig config;
    config.name = std::move(name);
    config.network.forwarding = forwards;
    config.routes = std::move(routes);
    for (const Prefix& address : addresses) {
      PortConfig port;
      port.interface.mac = MacAddress{{2, 0, 0, 0, static_cast<std::uint8_t>(node),
                                       static_cast<std::uint8_t>(config.ports.size())}};
      port.addresses = {address};
      config.ports.push_back(std::move(port));
    }
    return std::make_unique<Host>(
        NodeContext{.node = NodeId{node}, .pool = &pool, .tracer = &tracer}, std::move(config));
  };
  const auto default_route = [](Ipv4Address gateway) {
    return network::Route{.destination = {}, .gateway = gateway, .port = PortId{0}};
  };
  const auto left = make("left", 1, false, {{Ipv4Address{10, 0, 1, 2}, 24}},
                         {default_route(Ipv4Address{10, 0, 1, 1})});
  const auto router =
      make("router", 2, true, {{Ipv4Address{10, 0, 1, 1}, 24}, {Ipv4Address{10, 0, 2, 1}, 24}}, {});
  const auto right = make("right", 3, false, {{Ipv4Address{10, 0, 2, 2}, 24}},
                          {default_route(Ipv4Address{10, 0, 2, 1})});
  const socket::Fd fd = left->sockets().socket(Type::icmp_echo, "ping", kStart).value();
  ASSERT_TRUE(left->sockets().send_to(fd, as_bytes("data"), {Ipv4Address{10, 0, 2, 2}, 0}, kStart));
  // Three cables without delay: frames go round until nobody has any left.
  for (bool is_moving = true; is_moving;) {
    is_moving = false;
    while (auto out = left->poll_transmit(kStart)) {
      router->receive(PortId{0}, std::move(out->packet), kStart);
      is_moving = true;
    }
    while (auto out = right->poll_transmit(kStart)) {
      router->receive(PortId{1}, std::move(out->packet), kStart);
      is_moving = true;
    }
    while (auto out = router->poll_transmit(kStart)) {
      Host& host = out->port == PortId{0} ? *left : *right;
      host.receive(PortId{0}, std::move(out->packet), kStart);
      is_moving = true;
    }
  }
  std::array<std::uint8_t, 10> buffer{};
  const auto reply = left->sockets().receive_from(fd, buffer, {}, kStart);

  ASSERT_TRUE(reply.has_value());
  EXPECT_EQ(reply->ttl, 63);
  EXPECT_EQ(reply->from.address, IpAddress(Ipv4Address{10, 0, 2, 2}));
}

}  // namespace
}  // namespace strata::host
