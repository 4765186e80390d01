// SPDX-License-Identifier: MIT
#include "stack/network/routes.h"

#include <gtest/gtest.h>

#include "stack/base/random.h"
#include "tests/network/bench.h"

namespace strata::network {
namespace {

Route route(std::string_view prefix, std::string_view gateway = "", int port = 0,
            std::uint32_t metric = 0) {
  Route made{.destination = net(prefix),
             .port = PortId{static_cast<std::uint16_t>(port)},
             .metric = metric};
  if (!gateway.empty()) made.gateway = ip(gateway);
  return made;
}

TEST(RouteTable, TheLongestPrefixWins) {  // verifies RFC 1812 5.2.4.3
  RouteTable table;
  table.add(route("0.0.0.0/0", "10.0.0.1"));
  table.add(route("10.1.0.0/16", "10.0.0.2"));
  table.add(route("10.1.2.0/24", "10.0.0.3"));
  table.add(route("10.1.2.3/32", "10.0.0.4"));

  EXPECT_EQ(table.lookup(ip("10.1.2.3"))->gateway, ip("10.0.0.4"));
  EXPECT_EQ(table.lookup(ip("10.1.2.4"))->gateway, ip("10.0.0.3"));
  EXPECT_EQ(table.lookup(ip("10.1.3.4"))->gateway, ip("10.0.0.2"));
  EXPECT_EQ(table.lookup(ip("11.1.2.3"))->gateway, ip("10.0.0.1"));
}

TEST(RouteTable, WithoutAMatchThereIsNoRoute) {
  RouteTable table;
  table.add(route("10.1.0.0/16"));

  EXPECT_EQ(table.lookup(ip("10.2.0.1")), nullptr);
}

// verifies RFC 1122 3.3.1.2-4
TEST(RouteTable, AmongEqualPrefixesTheLowestMetricWinsThenTheEarliest) {
  RouteTable table;
  table.add(route("10.1.0.0/16", "10.0.0.1", 0, 20));
  table.add(route("10.1.0.0/16", "10.0.0.2", 0, 10));
  table.add(route("10.1.0.0/16", "10.0.0.3", 0, 10));

  EXPECT_EQ(table.lookup(ip("10.1.0.1"))->gateway, ip("10.0.0.2"));
}

TEST(RouteTable, ListsLongestPrefixFirst) {
  RouteTable table;
  table.add(route("0.0.0.0/0"));
  table.add(route("10.1.2.3/32"));
  table.add(route("10.1.0.0/16"));

  ASSERT_EQ(table.all().size(), 3U);
  EXPECT_EQ(table.all()[0].destination.length, 32);
  EXPECT_EQ(table.all()[1].destination.length, 16);
  EXPECT_EQ(table.all()[2].destination.length, 0);
}

TEST(RouteTable, HostBitsOfAPrefixDoNotMatter) {
  RouteTable table;
  table.add(route("10.1.2.3/16"));

  EXPECT_EQ(table.all()[0].destination, net("10.1.0.0/16"));
  EXPECT_NE(table.lookup(ip("10.1.200.1")), nullptr);
}

TEST(RouteTable, TheSameRouteIsKeptOnce) {
  RouteTable table;

  EXPECT_TRUE(table.add(route("10.1.0.0/16")));
  EXPECT_FALSE(table.add(route("10.1.0.0/16")));
  EXPECT_EQ(table.all().size(), 1U);
}

TEST(RouteTable, RefusesIpv6) {
  RouteTable table;

  EXPECT_FALSE(table.add({.destination = Prefix::parse("2001:db8::/32").value()}));
}

TEST(RouteTable, ARemovedRouteIsNotFoundAgainThroughTheCache) {
  RouteTable table;
  table.add(route("0.0.0.0/0", "10.0.0.1"));
  table.add(route("10.1.0.0/16", "10.0.0.2"));
  EXPECT_EQ(table.lookup(ip("10.1.0.1"))->gateway, ip("10.0.0.2"));

  EXPECT_TRUE(table.remove(net("10.1.0.0/16")).has_value());

  EXPECT_EQ(table.lookup(ip("10.1.0.1"))->gateway, ip("10.0.0.1"));
  EXPECT_FALSE(table.remove(net("10.1.0.0/16")).has_value());
}

TEST(RouteTable, RoutesOfAPortThatIsDownAreSkipped) {
  RouteTable table;
  table.add(route("10.1.0.0/16", "", 1));
  table.add(route("0.0.0.0/0", "10.0.0.1", 0));
  EXPECT_EQ(table.lookup(ip("10.1.0.1"))->port, PortId{1});

  table.set_port_up(PortId{1}, false);
  EXPECT_EQ(table.lookup(ip("10.1.0.1"))->port, PortId{0});

  table.set_port_up(PortId{1}, true);
  EXPECT_EQ(table.lookup(ip("10.1.0.1"))->port, PortId{1});
}

// verifies RFC 1122 3.3.1.5-1
TEST(RouteTable, ADeadGatewayIsAvoidedForAWhile) {
  RouteTable table;
  table.add(route("0.0.0.0/0", "10.0.0.1"));
  table.add(route("0.0.0.0/0", "10.0.0.2"));

  table.mark_unreachable(PortId{0}, ip("10.0.0.1"), kStart + 30s);
  EXPECT_EQ(table.lookup(ip("10.1.0.1"))->gateway, ip("10.0.0.2"));

  table.age(kStart + 29s);
  EXPECT_EQ(table.lookup(ip("10.1.0.1"))->gateway, ip("10.0.0.2"));
  table.age(kStart + 30s);
  EXPECT_EQ(table.lookup(ip("10.1.0.1"))->gateway, ip("10.0.0.1"));
}

TEST(RouteTable, WithAllGatewaysDeadTheBestIsTriedOn) {
  RouteTable table;
  table.add(route("0.0.0.0/0", "10.0.0.1"));
  table.add(route("0.0.0.0/0", "10.0.0.2"));

  table.mark_unreachable(PortId{0}, ip("10.0.0.1"), kStart + 30s);
  table.mark_unreachable(PortId{0}, ip("10.0.0.2"), kStart + 30s);

  EXPECT_EQ(table.lookup(ip("10.1.0.1"))->gateway, ip("10.0.0.1"));
}

// Reads the whole list for every question.
const Route* naive_lookup(const std::vector<Route>& routes, Ipv4Address destination) {
  const Route* best = nullptr;
  for (const Route& candidate : routes) {
    const int length = candidate.destination.length;
    const std::uint64_t block = std::uint64_t{1} << (32 - length);
    if (destination.value() / block != candidate.destination.address.v4().value() / block) continue;
    const bool is_better = best == nullptr || length > best->destination.length ||
                           (length == best->destination.length && candidate.metric < best->metric);
    if (is_better) best = &candidate;
  }
  return best;
}

TEST(RouteTable, AgreesWithANaiveSearchOnRandomTables) {
  RandomStream random{7, "routes"};
  for (int round = 0; round < 20; ++round) {
    RouteTable table;
    std::vector<Route> added;
    for (int i = 0; i < 300; ++i) {
      // Few distinct bits, so that prefixes nest and meet.
      const auto bits = static_cast<std::uint32_t>(random.below(1 << 10)) << 20;
      const Route made{
          .destination = Prefix{Ipv4Address{bits | static_cast<std::uint32_t>(random.below(16))},
                                static_cast<std::uint8_t>(random.below(33))}
                             .network(),
          .gateway = Ipv4Address{static_cast<std::uint32_t>(i + 1)},
          .metric = static_cast<std::uint32_t>(random.below(3))};
      if (table.add(made)) added.push_back(made);
    }
    for (int i = 0; i < 500; ++i) {
      const Ipv4Address wanted{static_cast<std::uint32_t>(random.below(1 << 10)) << 20 |
                               static_cast<std::uint32_t>(random.below(16))};
      const Route* expected = naive_lookup(added, wanted);
      const Route* found = table.lookup(wanted);
      ASSERT_EQ(found == nullptr, expected == nullptr) << to_text(wanted);
      if (found != nullptr) {
        ASSERT_EQ(*found, *expected) << to_text(wanted);
      }
    }
  }
}

}  // namespace
}  // namespace strata::network
