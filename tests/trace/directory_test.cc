// SPDX-License-Identifier: MIT
#include "sim/trace/directory.h"

#include <gtest/gtest.h>

#include "tests/trace/sample_frames.h"

namespace strata::trace {
namespace {

TEST(Directory, GivesNamesForNumbersAndNumbersForNames) {
  const Directory directory = sample_directory();

  EXPECT_EQ(directory.node_name(NodeId{1}), "r1");
  EXPECT_EQ(directory.port_name(NodeId{1}, PortId{0}), "left");
  EXPECT_EQ(directory.link_name(LinkId{0}), "access");
  EXPECT_EQ(directory.interface_name(NodeId{0}, PortId{0}), "client:eth0");
  EXPECT_EQ(directory.find_node("r1"), NodeId{1});
  EXPECT_EQ(directory.find_link("access"), LinkId{0});
  EXPECT_EQ(directory.find_port(NodeId{1}, "spare"), PortId{1});
}

TEST(Directory, AnswersForWhatItDoesNotKnow) {
  const Directory directory = sample_directory();

  EXPECT_EQ(directory.node_name(kNoNode), "?");
  EXPECT_EQ(directory.port_name(kNoNode, kNoPort), "?");
  EXPECT_EQ(directory.link_name(kNoLink), "?");
  EXPECT_EQ(directory.find_node("nobody"), kNoNode);
  EXPECT_EQ(directory.find_link("nothing"), kNoLink);
  EXPECT_EQ(directory.find_port(NodeId{0}, "eth9"), kNoPort);
  EXPECT_EQ(directory.find_port(kNoNode, "eth0"), kNoPort);
}

TEST(Directory, KnowsWhoHasAnAddress) {
  const Directory directory = sample_directory();

  EXPECT_EQ(directory.owner_of(*IpAddress::parse("10.0.1.1"))->node, NodeId{1});
  EXPECT_EQ(directory.owner_of(*MacAddress::parse("02:00:00:00:00:0a"))->node, NodeId{0});
  EXPECT_FALSE(directory.owner_of(*IpAddress::parse("10.0.1.2")).has_value());
  EXPECT_FALSE(directory.owner_of(MacAddress{}).has_value());
  EXPECT_EQ(directory.host_text(*IpAddress::parse("10.0.1.10")), "client");
  EXPECT_EQ(directory.host_text(*IpAddress::parse("10.9.9.9")), "10.9.9.9");
  EXPECT_EQ(directory.endpoint_text({*IpAddress::parse("10.0.1.10"), 80}), "client:80");
  EXPECT_EQ(directory.endpoint_text({*IpAddress::parse("10.9.9.9"), 80}), "10.9.9.9:80");
}

TEST(Directory, KnowsTheOtherEndOfALink) {
  const Directory directory = sample_directory();

  EXPECT_EQ(directory.peer_of(LinkId{0}, NodeId{0}, PortId{0})->node, NodeId{1});
  EXPECT_EQ(directory.peer_of(LinkId{0}, NodeId{1}, PortId{0})->node, NodeId{0});
  EXPECT_FALSE(directory.peer_of(LinkId{0}, NodeId{1}, PortId{1}).has_value());
  EXPECT_FALSE(directory.peer_of(kNoLink, NodeId{1}, PortId{0}).has_value());
}

}  // namespace
}  // namespace strata::trace
