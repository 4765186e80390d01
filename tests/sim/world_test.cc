// SPDX-License-Identifier: MIT
#include "sim/world.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/two_hosts_and_a_switch.h"

namespace strata::sim {
namespace {

using testing::IsEmpty;

TEST(World, KnowsItsNodesPortsAndLinksByName) {
  const TwoHostsAndASwitch network{7};
  const World& world = network.world;

  EXPECT_EQ(world.seed(), 7U);
  EXPECT_EQ(world.node_count(), 3U);
  EXPECT_EQ(world.find_node("hub"), network.hub);
  EXPECT_EQ(world.find_node("nobody"), kNoNode);
  EXPECT_EQ(world.find_link("right"), network.right_link);
  EXPECT_EQ(world.find_link("nothing"), kNoLink);
  EXPECT_TRUE(world.is_switch(network.hub));
  EXPECT_FALSE(world.is_switch(network.client));
  EXPECT_FALSE(world.is_router(network.client));
  EXPECT_EQ(world.port_name(network.client, PortId{0}), "eth0");
  EXPECT_EQ(world.port_name(network.hub, PortId{1}), "p1");
  EXPECT_EQ(world.link_at(network.hub, PortId{1}), network.right_link);
}

TEST(World, ADatagramCrossesTheSwitchAndIsAnsweredByIcmp) {
  TwoHostsAndASwitch network;
  network.send_datagram_at(kStart + 5ms);

  const RunResult result = network.world.run_until(kStart + 500ms);

  // ARP request and reply, the datagram and its port unreachable: two frames each way on each link.
  for (const LinkId link : {network.left_link, network.right_link}) {
    EXPECT_EQ(network.world.counters(link, Direction::a_to_b).delivered_frames, 2U);
    EXPECT_EQ(network.world.counters(link, Direction::b_to_a).delivered_frames, 2U);
  }
  EXPECT_EQ(network.world.host(network.server).drops().count(DropReason::no_socket), 1U);
  EXPECT_EQ(network.world.learning_switch(network.hub).table().size(), 2U);
  EXPECT_NE(result.reason, StopReason::event_budget);
  EXPECT_THAT(network.world.audit(), IsEmpty());
  EXPECT_THAT(network.world.waiting(), IsEmpty());
  EXPECT_EQ(network.world.pool().outstanding(), 0U);
}

TEST(World, WhileALinkIsDownNothingPasses) {
  TwoHostsAndASwitch network;
  network.world.set_link_up_at(network.right_link, false, kStart + 1ms);
  network.send_datagram_at(kStart + 5ms);

  network.world.run_until(kStart + 500ms);

  EXPECT_FALSE(network.world.is_link_up(network.right_link));
  EXPECT_EQ(network.world.counters(network.right_link, Direction::a_to_b).delivered_frames, 0U);
  EXPECT_THAT(network.world.audit(), IsEmpty());
}

}  // namespace
}  // namespace strata::sim
