// SPDX-License-Identifier: MIT
#include "sim/trace/flow_table.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace strata::trace {
namespace {

// The `number`th stranger sends a datagram to the only server.
Event datagram_of_stranger(std::uint32_t number) {
  const IpAddress stranger = Ipv4Address{0x0a000000U + number};
  return {.node = NodeId{1},
          .body = UdpDatagramReceived{
              .flow = {{*IpAddress::parse("192.0.2.1"), 7}, {stranger, 40'000}}, .length = 1}};
}

TEST(FlowTable, KeepsTheFirstFlowsAndNoneBeyondTheBound) {
  FlowTable table;
  for (std::uint32_t i = 1; i <= FlowTable::kFlowsMost; ++i) {
    ASSERT_EQ(table.observe(datagram_of_stranger(i)).number, i);
  }
  EXPECT_EQ(table.observe(datagram_of_stranger(FlowTable::kFlowsMost + 1)).number, 0U);
  EXPECT_EQ(table.flows().size(), FlowTable::kFlowsMost);
  EXPECT_EQ(table.observe(datagram_of_stranger(1)).number, 1U);
}

}  // namespace
}  // namespace strata::trace
