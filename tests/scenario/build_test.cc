// SPDX-License-Identifier: MIT
// What follows from a scenario without being written in it: MAC addresses, routes, names, ports.
#include "sim/scenario/build.h"

#include "sim/scenario/filter.h"
#include "sim/scenario/routing.h"
#include "tests/scenario/support.h"

namespace strata::scenario {
namespace {

// Two hosts, a switch, and two routers in a row.
constexpr std::string_view kRow = R"(
nodes:
  client: { address: 10.0.1.10/24, gateway: 10.0.1.1 }
  sw0: { kind: switch }
  r1: { kind: router, addresses: { left: 10.0.1.1/24, right: 10.0.2.1/24 } }
  r2: { kind: router, addresses: { left: 10.0.2.2/24, right: 10.0.3.1/24 } }
  server: { address: 10.0.3.20/24, gateway: 10.0.3.1 }
links:
  access: { ends: [client, sw0], rate: 10 Mbit/s, delay: 5 ms, queue: 20 frames, mtu: 1400 }
  uplink: { ends: [sw0, r1:left], length: 100 m }
  middle: { ends: [r1:right, r2:left], rate: unlimited, medium: fibre, length: 1 km }
  lan: { ends: [r2:right, server], physical: manchester }
)";

std::vector<std::string> routes_of(std::string_view text, std::size_t node) {
  const Scenario scenario = load_good(text);
  Diagnostics none;
  const Topology topology = resolve_topology(scenario.model, none);
  std::vector<std::string> lines;
  const auto routes = compute_routes(scenario.model, topology);
  for (const network::Route& route : routes[node]) {
    lines.push_back(to_text(route.destination) + " via " + to_text(*route.gateway) + " port " +
                    std::to_string(raw(route.port)));
  }
  return lines;
}

TEST(Build, NodesPortsAndLinksKeepTheOrderOfTheFile) {
  const Scenario scenario = load_good(kRow);
  const auto world = build(scenario.model);
  ASSERT_EQ(world->node_count(), 5U);
  EXPECT_EQ(world->node_name(NodeId{0}), "client");
  EXPECT_TRUE(world->is_switch(NodeId{1}));
  EXPECT_TRUE(world->is_router(NodeId{2}));
  EXPECT_FALSE(world->is_router(NodeId{4}));
  EXPECT_EQ(world->port_name(NodeId{0}, PortId{0}), "eth0");
  EXPECT_EQ(world->port_name(NodeId{3}, PortId{1}), "right");
  ASSERT_EQ(world->link_count(), 4U);
  EXPECT_EQ(world->link(LinkId{1}).b, (sim::LinkEnd{NodeId{2}, PortId{0}}));
  EXPECT_EQ(world->link(LinkId{1}).a, (sim::LinkEnd{NodeId{1}, PortId{1}}));
}

TEST(Build, LinkValuesReachTheWorld) {
  const Scenario scenario = load_good(kRow);
  const auto world = build(scenario.model);
  const sim::LinkConfig& access = world->link(LinkId{0});
  EXPECT_EQ(access.rate_bps, 10'000'000U);
  EXPECT_EQ(access.delay, Duration{5ms});
  EXPECT_EQ(access.queue.frames_max, 20U);
  EXPECT_EQ(access.queue.bytes_max, 0U);
  EXPECT_EQ(world->host_config(NodeId{0}).ports[0].interface.mtu, 1400);
  EXPECT_EQ(world->link(LinkId{1}).rate_bps, 1'000'000'000U);
  EXPECT_EQ(world->link(LinkId{1}).delay, Duration{521});  // 100 m at 64 % of c
  EXPECT_EQ(world->link(LinkId{2}).rate_bps, 0U);
  EXPECT_EQ(world->link(LinkId{2}).delay, Duration{4979});  // 1 km at 67 % of c
  EXPECT_EQ(world->link(LinkId{3}).line_code, physical::LineCodeKind::manchester);
}

TEST(Build, MacAddressesTellNodeAndPort) {
  const auto world = build(load_good(kRow).model);
  EXPECT_EQ(to_text(world->host_config(NodeId{0}).ports[0].interface.mac), "02:00:00:00:01:01");
  EXPECT_EQ(to_text(world->host_config(NodeId{3}).ports[1].interface.mac), "02:00:00:00:04:02");
  EXPECT_EQ(to_text(mac_of({.node = 299, .port = 9})), "02:00:00:01:2c:0a");
}

TEST(Build, EveryNodeKnowsEveryName) {
  const auto world = build(load_good(kRow).model);
  const auto& names = world->host_config(NodeId{0}).names;
  EXPECT_EQ(to_text(names.at("server")), "10.0.3.20");
  EXPECT_EQ(to_text(names.at("r1")), "10.0.1.1");
  EXPECT_FALSE(names.contains("sw0"));
}

TEST(Routes, RoutersGetTheShortestPathsToEveryNetwork) {
  EXPECT_THAT(routes_of(kRow, 2), testing::ElementsAre("10.0.3.0/24 via 10.0.2.2 port 1"));
  EXPECT_THAT(routes_of(kRow, 3), testing::ElementsAre("10.0.1.0/24 via 10.0.2.1 port 0"));
}

TEST(Routes, HostsGetTheirGatewayAsDefault) {
  EXPECT_THAT(routes_of(kRow, 0), testing::ElementsAre("0.0.0.0/0 via 10.0.1.1 port 0"));
}

TEST(Routes, GivenRoutesReplaceTheComputedOnes) {
  std::string text{kRow};
  const std::string before = "right: 10.0.2.1/24 } }";
  text.replace(text.find(before), before.size(),
               "right: 10.0.2.1/24 }, routes: [ { to: 10.9.0.0/16, via: 10.0.2.2, metric: 3 } ] }");
  EXPECT_THAT(routes_of(text, 2), testing::ElementsAre("10.9.0.0/16 via 10.0.2.2 port 1"));
}

TEST(Routes, OfTwoWaysTheOneWithFewerRoutersIsTaken) {
  // a - r1 - r2 - b, and r1 - r3 - r4 - r2 around.
  constexpr std::string_view text = R"(
nodes:
  r1: { kind: router, addresses: { a: 10.0.1.1/24, b: 10.0.2.1/24, c: 10.0.3.1/24 } }
  r3: { kind: router, addresses: { a: 10.0.3.3/24, b: 10.0.4.3/24 } }
  r4: { kind: router, addresses: { a: 10.0.4.4/24, b: 10.0.5.4/24 } }
  r2: { kind: router, addresses: { a: 10.0.5.2/24, b: 10.0.2.2/24, c: 10.0.6.2/24 } }
  x: { address: 10.0.1.9/24, gateway: 10.0.1.1 }
  y: { address: 10.0.6.9/24, gateway: 10.0.6.2 }
links:
  l1: { ends: [x, r1:a] }
  l2: { ends: [r1:b, r2:b] }
  l3: { ends: [r1:c, r3:a] }
  l4: { ends: [r3:b, r4:a] }
  l5: { ends: [r4:b, r2:a] }
  l6: { ends: [r2:c, y] }
)";
  EXPECT_THAT(routes_of(text, 0), testing::UnorderedElementsAre("10.0.6.0/24 via 10.0.2.2 port 1",
                                                                "10.0.5.0/24 via 10.0.2.2 port 1",
                                                                "10.0.4.0/24 via 10.0.3.3 port 2"));
}

TEST(Filters, NodeNamesStandForTheirAddresses) {
  const Scenario scenario = load_good(kRow);
  struct Row {
    std::string written;
    std::string resolved;
  };
  for (const Row& row : {
           Row{"tcp and src host client and len > 100", "tcp and src host 10.0.1.10 and len > 100"},
           Row{"host server", "host 10.0.3.20"},
           Row{"src client or dst server", "src 10.0.1.10 or dst 10.0.3.20"},
           Row{"(host r1)", "((host 10.0.1.1 or host 10.0.2.1))"},
           Row{"src or dst host r1 and udp",
               "(src or dst host 10.0.1.1 or src or dst host 10.0.2.1) and udp"},
           Row{"ether src client", "ether src 02:00:00:00:01:01"},
           Row{"tcp[tcpflags] & tcp-syn != 0", "tcp[tcpflags] & tcp-syn != 0"},
           Row{"src port 80 and dst net 10.0.0.0/8", "src port 80 and dst net 10.0.0.0/8"},
       }) {
    const auto resolved = resolve_names(scenario.model, row.written);
    ASSERT_TRUE(resolved) << row.written << ": " << resolved.error().what;
    EXPECT_EQ(*resolved, row.resolved);
    EXPECT_EQ(sim::check_filter(*resolved), std::nullopt) << *resolved;
  }
}

TEST(Filters, WordsThatAreNoNodesNeverReachTheNameService) {
  const Scenario scenario = load_good(kRow);
  EXPECT_EQ(resolve_names(scenario.model, "host clinet").error().mend, "did you mean 'client'?");
  EXPECT_EQ(resolve_names(scenario.model, "net backbone").error().what,
            "'backbone' is not a network");
}

}  // namespace
}  // namespace strata::scenario
