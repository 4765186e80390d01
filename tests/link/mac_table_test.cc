// SPDX-License-Identifier: MIT
#include "stack/link/mac_table.h"

#include <gtest/gtest.h>

namespace strata::link {
namespace {

constexpr MacAddress mac(std::uint8_t last) { return MacAddress{{2, 0, 0, 0, 0, last}}; }

TEST(MacTable, FindsWhatItLearnedPerVlan) {
  MacTable table{300s, 10};
  EXPECT_EQ(table.learn(mac(1), 5, PortId{3}, kStart), MacTable::Learned::added);
  ASSERT_NE(table.find(mac(1), 5), nullptr);
  EXPECT_EQ(table.find(mac(1), 5)->port, PortId{3});
  EXPECT_EQ(table.find(mac(1), 6), nullptr);
  EXPECT_EQ(table.find(mac(2), 5), nullptr);
}

TEST(MacTable, FollowsAStationToAnotherPort) {
  MacTable table{300s, 10};
  table.learn(mac(1), 0, PortId{0}, kStart);
  EXPECT_EQ(table.learn(mac(1), 0, PortId{0}, kStart + 1s), MacTable::Learned::known);
  EXPECT_EQ(table.learn(mac(1), 0, PortId{1}, kStart + 2s), MacTable::Learned::moved);
  EXPECT_EQ(table.find(mac(1), 0)->port, PortId{1});
  EXPECT_EQ(table.size(), 1U);
}

TEST(MacTable, ExpiresTheLongestSilentFirst) {
  MacTable table{300s, 10};
  table.learn(mac(1), 0, PortId{0}, kStart);
  table.learn(mac(2), 0, PortId{1}, kStart + 10s);
  table.learn(mac(1), 0, PortId{0}, kStart + 20s);
  MacTableEntry expired;
  EXPECT_FALSE(table.expire_one(kStart + 310s - 1ns, expired));
  ASSERT_TRUE(table.expire_one(kStart + 310s, expired));
  EXPECT_EQ(expired.address, mac(2));
  EXPECT_FALSE(table.expire_one(kStart + 310s, expired));
  EXPECT_EQ(table.find(mac(2), 0), nullptr);
  EXPECT_NE(table.find(mac(1), 0), nullptr);
}

TEST(MacTable, LearnsNothingNewWhenFull) {
  MacTable table{300s, 2};
  table.learn(mac(1), 0, PortId{0}, kStart);
  table.learn(mac(2), 0, PortId{0}, kStart);
  EXPECT_EQ(table.learn(mac(3), 0, PortId{0}, kStart), MacTable::Learned::table_full);
  EXPECT_EQ(table.learn(mac(1), 0, PortId{1}, kStart), MacTable::Learned::moved);
  EXPECT_EQ(table.size(), 2U);
}

TEST(MacTable, ForgetsAPort) {
  MacTable table{300s, 10};
  table.learn(mac(1), 0, PortId{0}, kStart);
  table.learn(mac(2), 0, PortId{1}, kStart);
  const auto removed = table.remove_port(PortId{0});
  ASSERT_EQ(removed.size(), 1U);
  EXPECT_EQ(removed[0].address, mac(1));
  EXPECT_EQ(table.find(mac(1), 0), nullptr);
  EXPECT_EQ(table.size(), 1U);
}

TEST(MacTable, ListsByVlanAndAddress) {
  MacTable table{300s, 10};
  table.learn(mac(9), 1, PortId{0}, kStart);
  table.learn(mac(1), 2, PortId{0}, kStart);
  table.learn(mac(2), 1, PortId{0}, kStart);
  const auto entries = table.entries();
  ASSERT_EQ(entries.size(), 3U);
  EXPECT_EQ(entries[0].address, mac(2));
  EXPECT_EQ(entries[1].address, mac(9));
  EXPECT_EQ(entries[2].vlan, 2);
}

}  // namespace
}  // namespace strata::link
