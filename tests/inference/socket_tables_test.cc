// SPDX-License-Identifier: MIT
#include "sim/inference/socket_tables.h"

#include <gtest/gtest.h>

#include <array>

namespace strata::inference {
namespace {

constexpr NodeId kHost{3};

FlowKey flow(std::uint16_t port) {
  return {{Ipv4Address{10, 0, 1, 10}, port}, {Ipv4Address{10, 0, 2, 20}, 80}};
}

std::vector<SocketTables::Row> tcp(SocketTables& tables, std::uint16_t port, TcpState state) {
  return tables.take({.node = kHost, .body = TcpVariables{.flow = flow(port), .state = state}});
}

TEST(SocketTablesTest, ASocketKeepsItsRowUntilItEnds) {
  SocketTables tables;
  EXPECT_EQ(tcp(tables, 1000, TcpState::syn_sent).at(0).row, 0U);
  EXPECT_EQ(tcp(tables, 2000, TcpState::syn_sent).at(0).row, 1U);
  const auto changed = tcp(tables, 1000, TcpState::established);
  ASSERT_EQ(changed.size(), 1U);
  EXPECT_EQ(changed[0].row, 0U);
  EXPECT_EQ(changed[0].info->state, "ESTABLISHED");
}

TEST(SocketTablesTest, TheLastRowTakesThePlaceOfOneThatEnds) {
  SocketTables tables;
  for (const std::uint16_t port : std::array<std::uint16_t, 3>{1000, 2000, 3000}) {
    tcp(tables, port, TcpState::established);
  }

  const auto changed = tcp(tables, 1000, TcpState::closed);

  ASSERT_EQ(changed.size(), 2U);
  EXPECT_EQ(changed[0].row, 0U);
  EXPECT_EQ(changed[0].info->local.port, 3000);
  EXPECT_EQ(changed[1].row, 2U);
  EXPECT_FALSE(changed[1].info.has_value());
  EXPECT_EQ(tcp(tables, 3000, TcpState::close_wait).at(0).row, 0U);
  EXPECT_EQ(tables.tables().at(kHost).size(), 2U);
}

TEST(SocketTablesTest, WhatEndsUnseenChangesNothing) {
  SocketTables tables;
  EXPECT_TRUE(tcp(tables, 1000, TcpState::closed).empty());
}

TEST(SocketTablesTest, ADatagramTellsThatItsSenderHasASocket) {
  SocketTables tables;
  const auto changed =
      tables.take({.node = kHost, .body = UdpDatagramSent{.flow = flow(5353), .length = 10}});
  ASSERT_EQ(changed.size(), 1U);
  EXPECT_EQ(changed[0].info->type, socket::Type::datagram);
  EXPECT_FALSE(changed[0].info->tcp.has_value());
}

}  // namespace
}  // namespace strata::inference
