// SPDX-License-Identifier: MIT
// Multicast on the connected networks (RFC 1112): joined, sent, received.
#include <gtest/gtest.h>

#include "tests/network/bench.h"

namespace strata::network {
namespace {

class Multicast : public testing::Test {
 protected:
  Multicast() {
    bench.add_port({net("10.0.1.10/24")}, {"10.0.1.99"});
    bench.add_port({net("10.0.9.10/24")}, {"10.0.9.99"});
  }
  void receives(const char* to, PortId port, const char* from = "10.0.1.99") {
    bench.receives_broadcast_frame(datagram({.from = from, .to = to, .ttl = 1}, payload), port);
  }
  Bench bench;
  const Octets payload = udp(1000, 2000, counting(20));
  const Ipv4Address group = ip("239.1.2.3");
};

// verifies RFC 1122 3.3.7-3, RFC 1112 7.2
TEST_F(Multicast, EveryInterfaceListensToTheAllHostsGroupFromTheStart) {
  receives("224.0.0.1", PortId{0});
  receives("224.0.0.1", PortId{1}, "10.0.9.99");

  ASSERT_EQ(bench.delivered.size(), 2U);
  EXPECT_TRUE(bench.delivered[0].info.is_broadcast);
  EXPECT_EQ(bench.delivered[0].info.destination, IpAddress{ip("224.0.0.1")});
}

// verifies RFC 1122 3.3.7-1, RFC 1112 7.2
TEST_F(Multicast, AGroupIsHeardOnTheInterfaceItWasJoinedOn) {
  receives("239.1.2.3", PortId{0});
  EXPECT_TRUE(bench.network().join_group(group, PortId{0}));
  receives("239.1.2.3", PortId{0});
  receives("239.1.2.3", PortId{1}, "10.0.9.99");

  EXPECT_EQ(bench.delivered.size(), 1U);
  EXPECT_EQ(bench.drops(DropReason::not_local), 2U);
  EXPECT_TRUE(bench.is_silent());
}

// verifies RFC 1112 7.2
TEST_F(Multicast, AGroupJoinedTwiceIsLeftTwice) {
  EXPECT_TRUE(bench.network().join_group(group, PortId{0}));
  EXPECT_TRUE(bench.network().join_group(group, PortId{0}));
  EXPECT_TRUE(bench.network().leave_group(group, PortId{0}));
  receives("239.1.2.3", PortId{0});
  EXPECT_EQ(bench.delivered.size(), 1U);

  EXPECT_TRUE(bench.network().leave_group(group, PortId{0}));
  receives("239.1.2.3", PortId{0});
  EXPECT_EQ(bench.delivered.size(), 1U);
  EXPECT_EQ(bench.network().leave_group(group, PortId{0}).error(), Errc::address_not_available);
}

// verifies RFC 1112 4
TEST_F(Multicast, OnlyGroupsCanBeJoined) {
  EXPECT_EQ(bench.network().join_group(ip("10.0.1.10"), PortId{0}).error(), Errc::invalid_argument);
  EXPECT_EQ(bench.network().join_group(ip("224.0.0.0"), PortId{0}).error(), Errc::invalid_argument);
  EXPECT_EQ(bench.network().join_group(group, PortId{7}).error(), Errc::invalid_argument);
}

// verifies RFC 1122 3.3.7-1, RFC 1112 6.1, 6.2, 6.4
TEST_F(Multicast, ADatagramToAGroupNeedsNoRouteAndGoesNoFurtherThanTheLink) {
  ASSERT_TRUE(bench.sends("239.1.2.3", payload));

  const auto sent = bench.take_only_sent();
  EXPECT_EQ(to_text(sent.to), "01:00:5e:01:02:03");
  EXPECT_EQ(sent.port, PortId{0});
  EXPECT_EQ(sent.source(), ip("10.0.1.10"));
  EXPECT_EQ(sent.at(8), 1);  // TTL
  bench.settle();
  EXPECT_TRUE(bench.delivered.empty());
}

// verifies RFC 1112 6.1
TEST_F(Multicast, TheSenderChoosesInterfaceAndTtl) {
  ASSERT_TRUE(bench.sends("239.1.2.3", payload, {.source = ip("10.0.9.10"), .ttl = 5}));

  const auto sent = bench.take_only_sent();
  EXPECT_EQ(sent.port, PortId{1});
  EXPECT_EQ(sent.at(8), 5);
}

// verifies RFC 1112 6.2
TEST_F(Multicast, AMemberHearsItself) {
  EXPECT_TRUE(bench.network().join_group(group, PortId{0}));
  ASSERT_TRUE(bench.sends("239.1.2.3", payload));
  bench.settle();

  EXPECT_EQ(bench.take_only_sent().destination(), group);
  ASSERT_EQ(bench.delivered.size(), 1U);
  EXPECT_EQ(bench.delivered[0].payload, payload);
  EXPECT_TRUE(bench.delivered[0].info.is_broadcast);
}

// verifies RFC 1122 3.2.2-7, RFC 1112 7.2
TEST_F(Multicast, NothingSentToAGroupProvokesAnError) {
  bench.answer_port_unreachable = true;
  receives("224.0.0.1", PortId{0});
  bench.receives_broadcast_frame(datagram({.to = "224.0.0.1", .protocol = 132}, counting(8)));

  EXPECT_EQ(bench.delivered.size(), 1U);
  EXPECT_TRUE(bench.is_silent());
}

TEST(MulticastRouter, DoesNotForwardToOtherNetworks) {
  Bench bench{{.forwarding = true}};
  bench.add_port({net("10.0.1.1/24")}, {"10.0.1.99"});
  bench.add_port({net("10.0.2.1/24")}, {});
  bench.receives_broadcast_frame(datagram({.to = "239.1.2.3"}, counting(8)));
  bench.receives_broadcast_frame(datagram({.to = "224.0.0.1"}, udp(1, 2, {})));

  EXPECT_TRUE(bench.is_silent());
  EXPECT_EQ(bench.delivered.size(), 1U);
}

}  // namespace
}  // namespace strata::network
