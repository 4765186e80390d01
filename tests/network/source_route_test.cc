// SPDX-License-Identifier: MIT
// Source routes: sent, followed, refused, answered.
#include <gtest/gtest.h>

#include "tests/network/bench.h"

namespace strata::network {
namespace {

class SourceRouteTest : public testing::Test {
 protected:
  explicit SourceRouteTest(SourceRoutePolicy policy = SourceRoutePolicy::process,
                           bool forwarding = true)
      : bench{{.forwarding = forwarding, .source_routes = policy}} {
    bench.add_port({net("10.0.1.1/24")}, {"10.0.1.10", "10.0.1.2"});
    bench.add_port({net("10.0.2.1/24")}, {"10.0.2.2", "10.0.2.20"});
    bench.network().add_route(
        {.destination = net("10.0.3.0/24"), .gateway = ip("10.0.2.2"), .port = PortId{1}}, kStart);
  }
  Bench bench;
  const Octets payload = udp(1000, 2000, counting(20));
  // {>>10.0.3.3, 10.0.4.4}
  const Octets loose{131, 11, 4, 10, 0, 3, 3, 10, 0, 4, 4, 0};
};

// verifies RFC 1122 3.3.5-1, 3.3.5-2, 3.3.5-3
TEST_F(SourceRouteTest, AGatewayOfTheRoutePassesTheDatagramOn) {  // verifies RFC 791 3.1
  bench.receives(datagram({.from = "10.0.1.10", .to = "10.0.1.1", .options = loose}, payload));

  const auto sent = bench.take_only_sent();
  EXPECT_EQ(sent.to, Bench::mac_of("10.0.2.2"));
  EXPECT_EQ(sent.bytes, datagram({.from = "10.0.1.10",
                                  .to = "10.0.3.3",
                                  .ttl = 63,
                                  .options = {131, 11, 8, 10, 0, 2, 1, 10, 0, 4, 4, 0}},
                                 payload));
}

TEST_F(SourceRouteTest, AStrictRouteAllowsNoGatewayInBetween) {  // verifies RFC 791 3.1
  Octets strict = loose;
  strict[0] = 137;
  bench.receives(datagram({.from = "10.0.1.10", .to = "10.0.1.1", .options = strict}, payload));

  const auto sent = bench.take_only_sent();
  EXPECT_EQ(sent.at(20), 3);  // destination unreachable
  EXPECT_EQ(sent.at(21), 5);  // source route failed
  EXPECT_EQ(bench.drops(DropReason::bad_option), 1U);
}

TEST_F(SourceRouteTest, AStrictRouteToANeighbourIsFollowed) {
  bench.receives(datagram(
      {.from = "10.0.1.10", .to = "10.0.1.1", .options = {137, 7, 4, 10, 0, 2, 20, 0}}, payload));

  EXPECT_EQ(bench.take_only_sent().to, Bench::mac_of("10.0.2.20"));
}

// verifies RFC 1122 3.2.1.8c-1, 3.2.1.8c-2
TEST_F(SourceRouteTest, ACompletedRouteIsDelivered) {
  const Octets completed{131, 7, 8, 10, 0, 1, 2, 0};
  bench.receives(datagram({.from = "10.0.1.10", .to = "10.0.1.1", .options = completed}, payload));

  ASSERT_EQ(bench.delivered.size(), 1U);
  EXPECT_EQ(slice(bench.delivered[0].header, 20), completed);
}

// verifies RFC 1122 3.3.5-6
TEST_F(SourceRouteTest, RecordRouteAndTimestampOfTheDatagramAreFilledInOnTheWay) {
  const Octets route{131, 7, 4, 10, 0, 3, 3};
  const Octets record{7, 7, 4, 0, 0, 0, 0};
  const Octets time{68, 8, 5, 0, 0, 0, 0, 0};
  bench.receives(datagram(
      {.from = "10.0.1.10", .to = "10.0.1.1", .options = route + record + time + Octets{0, 0}},
      payload));

  const auto sent = bench.take_only_sent();
  EXPECT_EQ(slice(sent.bytes, 20, 44), (Octets{131, 7, 8,  10, 0, 2, 1,    7, 7, 8, 10, 0,
                                               2,   1, 68, 8,  9, 0, 0x80, 0, 0, 1, 0,  0}));
}

// verifies RFC 1122 3.3.5-9
TEST_F(SourceRouteTest, ARouteToWhatIsNoHostIsRefused) {
  for (const char* hop : {"127.0.0.1", "224.0.0.1", "255.255.255.255", "10.0.2.255", "0.0.0.0"}) {
    const std::uint32_t next = ip(hop).value();
    bench.receives(datagram(
        {.from = "10.0.1.10",
         .to = "10.0.1.1",
         .options = {131, 7, 4, static_cast<std::uint8_t>(next >> 24),
                     static_cast<std::uint8_t>(next >> 16), static_cast<std::uint8_t>(next >> 8),
                     static_cast<std::uint8_t>(next), 0}},
        payload));
    EXPECT_EQ(bench.take_only_sent().at(21), 5) << hop;
  }
}

TEST_F(SourceRouteTest, ARouteThroughOurOwnAddressesEnds) {
  // Every hop is this router; the walk consumes the option and delivers.
  bench.receives(datagram({.from = "10.0.1.10",
                           .to = "10.0.1.1",
                           .options = {131, 15, 4, 10, 0, 2, 1, 10, 0, 1, 1, 10, 0, 2, 1, 0}},
                          payload));

  EXPECT_EQ(bench.delivered.size(), 1U);
  EXPECT_TRUE(bench.is_silent());
}

// verifies RFC 1122 3.2.2.6-9
TEST_F(SourceRouteTest, AnEchoRequestIsAnsweredByTheReversedRoute) {
  bench.receives(datagram({.from = "10.0.3.30",
                           .to = "10.0.1.1",
                           .protocol = 1,
                           .options = {131, 11, 12, 10, 0, 3, 3, 10, 0, 2, 2, 0}},
                          icmp(8, 0, 1, {})),
                 PortId{1});

  const auto sent = bench.take_only_sent();
  EXPECT_EQ(sent.destination(), ip("10.0.2.2"));
  EXPECT_EQ(slice(sent.bytes, 20, 32), (Octets{131, 11, 4, 10, 0, 3, 3, 10, 0, 3, 30, 0}));
}

// verifies RFC 1122 3.2.1.8-1, 3.2.1.8c-1
TEST_F(SourceRouteTest, ASourceRouteOfOursStartsAtItsFirstGateway) {
  const SendOptions options{.options =
                                wire::OptionBytes{Octets{131, 11, 4, 10, 0, 1, 2, 10, 0, 3, 3, 0}}};
  ASSERT_TRUE(bench.sends("192.0.2.1", payload, options));

  const auto sent = bench.take_only_sent();
  EXPECT_EQ(sent.to, Bench::mac_of("10.0.1.2"));
  EXPECT_EQ(sent.destination(), ip("10.0.1.2"));
  // Form (A) of the RFC: {>>G2, D}.
  EXPECT_EQ(slice(sent.bytes, 20, 32), (Octets{131, 11, 4, 10, 0, 3, 3, 192, 0, 2, 1, 0}));
}

// verifies RFC 1122 3.2.1.8c-4
TEST_F(SourceRouteTest, TwoSourceRoutesAreNotSent) {
  const SendOptions options{
      .options = wire::OptionBytes{Octets{131, 7, 4, 10, 0, 1, 2, 137, 7, 4, 10, 0, 1, 2, 0, 0}}};

  EXPECT_EQ(bench.sends("192.0.2.1", payload, options).error(), Errc::invalid_argument);
}

TEST_F(SourceRouteTest, NoRedirectIsSentAboutASourceRoutedDatagram) {  // RFC 1812 5.2.7.2
  bench.receives(datagram(
      {.from = "10.0.1.10", .to = "10.0.1.1", .options = {131, 7, 4, 10, 0, 1, 2, 0}}, payload));

  EXPECT_EQ(bench.take_only_sent().destination(), ip("10.0.1.2"));
}

class DroppedSourceRoute : public SourceRouteTest {
 protected:
  DroppedSourceRoute() : SourceRouteTest{SourceRoutePolicy::drop} {}
};

// verifies RFC 1122 3.3.5-7, 3.3.5-8
TEST_F(DroppedSourceRoute, IsDroppedSilentlyByDefault) {  // verifies RFC 7126 4.3.5
  EXPECT_EQ(NetworkConfig{}.source_routes, SourceRoutePolicy::drop);
  bench.receives(datagram({.from = "10.0.1.10", .to = "10.0.1.1", .options = loose}, payload));
  bench.receives(datagram({.from = "10.0.1.10", .to = "10.0.3.3", .options = loose}, payload));

  EXPECT_TRUE(bench.is_silent());
  EXPECT_EQ(bench.drops(DropReason::bad_option), 2U);
}

class RefusedSourceRoute : public SourceRouteTest {
 protected:
  RefusedSourceRoute() : SourceRouteTest{SourceRoutePolicy::refuse} {}
};

// verifies RFC 1122 3.3.5-4, 3.3.5-10
TEST_F(RefusedSourceRoute, IsReported) {
  bench.receives(datagram({.from = "10.0.1.10", .to = "10.0.1.1", .options = loose}, payload));

  const auto sent = bench.take_only_sent();
  EXPECT_EQ(sent.at(sent.at(0) == 0x45 ? 20 : 0), 3);
  EXPECT_EQ(sent.at(21), 5);
}

class SourceRouteAtHost : public SourceRouteTest {
 protected:
  SourceRouteAtHost() : SourceRouteTest{SourceRoutePolicy::process, false} {}
};

// verifies RFC 1122 3.3.5-2
TEST_F(SourceRouteAtHost, IsNotFollowed) {
  bench.receives(datagram({.from = "10.0.1.10", .to = "10.0.1.1", .options = loose}, payload));

  EXPECT_EQ(bench.take_only_sent().at(21), 5);
  EXPECT_TRUE(bench.delivered.empty());
}

}  // namespace
}  // namespace strata::network
