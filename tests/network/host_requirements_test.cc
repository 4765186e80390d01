// SPDX-License-Identifier: MIT
// What RFC 1122 asks of a host beyond sending and receiving: no forwarding, ways without gateways,
// the largest datagrams, messages that stay unanswered.
#include <gtest/gtest.h>

#include "tests/network/bench.h"

namespace strata::network {
namespace {

const Octets kPayload = udp(1000, 2000, counting(20));

// verifies RFC 1122 3.3.1.1-2
TEST(HostRequirements, WithoutAnyGatewayNeighboursAreReached) {
  Bench bench;
  bench.add_port({net("10.0.1.10/24")}, {"10.0.1.99"});

  EXPECT_TRUE(bench.sends("10.0.1.99", kPayload));
  EXPECT_EQ(bench.take_only_sent().to, Bench::mac_of("10.0.1.99"));
  EXPECT_EQ(bench.sends("192.0.2.1", kPayload).error(), Errc::network_unreachable);
}

// verifies RFC 1122 3.1-5, 3.1-6, 3.1-7, 3.2.2.2-1
TEST(HostRequirements, SeveralInterfacesMakeNoRouter) {
  EXPECT_FALSE(NetworkConfig{}.forwarding);
  Bench bench;
  bench.add_port({net("10.0.1.10/24")}, {"10.0.1.1", "10.0.1.99"});
  bench.add_port({net("10.0.9.10/24")}, {"10.0.9.99"});
  bench.network().add_route({.destination = net("0.0.0.0/0"), .gateway = ip("10.0.1.1")}, kStart);

  bench.receives(datagram({.to = "10.0.9.99"}, kPayload));
  bench.receives(datagram({.to = "192.0.2.1"}, kPayload));  // a router would send a redirect

  EXPECT_TRUE(bench.is_silent());
  EXPECT_EQ(bench.drops(DropReason::not_local), 2U);
}

// verifies RFC 1122 3.2.1.7-4
TEST(HostRequirements, TheDefaultTtlIsConfigurable) {
  Bench bench{{.default_ttl = 17}};
  bench.add_port({net("10.0.1.10/24")}, {"10.0.1.99"});

  ASSERT_TRUE(bench.sends("10.0.1.99", kPayload));
  EXPECT_EQ(bench.take_only_sent().at(8), 17);
}

// verifies RFC 1122 3.3.2-2, 3.3.2-3, 3.3.2-4
TEST(HostRequirements, TheLargestDatagramOfAllIsReassembled) {
  EXPECT_EQ(Network::kMmsR, 65515);
  Bench bench;
  bench.add_port({net("10.0.1.10/24")}, {"10.0.1.99"});
  const Octets message = counting(Network::kMmsR);
  for (int at = 0; at < static_cast<int>(message.size()); at += 1480) {
    const auto begin = static_cast<std::size_t>(at);
    bench.receives(datagram({.mf = begin + 1480 < message.size(), .offset = at},
                            slice(message, begin, std::min(begin + 1480, message.size()))));
  }

  ASSERT_EQ(bench.delivered.size(), 1U);
  EXPECT_EQ(bench.delivered[0].payload, message);
}

// verifies RFC 1122 3.2.2.7-1, 3.2.2.9-9
TEST(HostRequirements, InformationAndAddressMaskRequestsStayUnanswered) {
  Bench bench;
  bench.add_port({net("10.0.1.10/24")}, {"10.0.1.99"});
  for (const int type : {15, 16, 17, 18}) {
    bench.receives(datagram({.protocol = 1}, icmp(type, 0, 1, counting(4))));
  }

  EXPECT_TRUE(bench.is_silent());
  EXPECT_EQ(bench.drops(DropReason::unknown_protocol), 4U);
}

// verifies RFC 1122 3.2.2.6-4
TEST(HostRequirements, AnEchoRequestToAGroupStaysUnanswered) {
  Bench bench;
  bench.add_port({net("10.0.1.10/24")}, {"10.0.1.99"});
  bench.receives_broadcast_frame(datagram({.to = "224.0.0.1", .protocol = 1}, icmp(8, 0, 1, {})));

  EXPECT_TRUE(bench.is_silent());
}

}  // namespace
}  // namespace strata::network
