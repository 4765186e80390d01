// SPDX-License-Identifier: MIT
#include "stack/network/path_mtu.h"

#include <gtest/gtest.h>

#include "tests/network/bench.h"

namespace strata::network {
namespace {

const Ipv4Address kPeer{192, 0, 2, 1};

TEST(PathMtuCache, OnlyShrinks) {  // verifies RFC 1191 section 3
  PathMtuCache cache{10min};
  cache.reduce(kPeer, 1400, 1500, kStart);
  EXPECT_EQ(cache.find(kPeer), 1400);
  cache.reduce(kPeer, 1450, 1500, kStart);
  EXPECT_EQ(cache.find(kPeer), 1400);
  cache.reduce(kPeer, 1300, 1400, kStart);
  EXPECT_EQ(cache.find(kPeer), 1300);
}

TEST(PathMtuCache, NeverGoesBelow68) {  // verifies RFC 1191 section 3
  PathMtuCache cache{10min};
  cache.reduce(kPeer, 1, 1500, kStart);

  EXPECT_EQ(cache.find(kPeer), 68);
}

TEST(PathMtuCache, ARouterThatReportsNoMtuCostsOnePlateau) {  // verifies RFC 1191 7.1
  PathMtuCache cache{10min};
  cache.reduce(kPeer, 0, 1500, kStart);
  EXPECT_EQ(cache.find(kPeer), 1492);
  cache.reduce(kPeer, 0, 1492, kStart);
  EXPECT_EQ(cache.find(kPeer), 1006);
}

TEST(PathMtuCache, ARouterThatHadRoomForTheDatagramIsNotBelieved) {
  PathMtuCache cache{10min};
  cache.reduce(kPeer, 1400, 1200, kStart);

  EXPECT_EQ(cache.find(kPeer), std::nullopt);
}

TEST(PathMtuCache, ForgetsWithTime) {  // verifies RFC 1191 6.3
  PathMtuCache cache{10min};
  cache.reduce(kPeer, 1400, 1500, kStart);
  cache.age(kStart + 10min - 1ns);
  EXPECT_EQ(cache.find(kPeer), 1400);
  cache.age(kStart + 10min);
  EXPECT_EQ(cache.find(kPeer), std::nullopt);
}

TEST(PathMtuCache, IsBoundedAndForgetsTheOldest) {
  PathMtuCache cache{10min};
  for (std::uint32_t i = 0; i < 3000; ++i) {
    cache.reduce(Ipv4Address{i}, 1400, 1500, kStart + Duration{i});
  }
  EXPECT_EQ(cache.find(Ipv4Address{0}), std::nullopt);
  EXPECT_EQ(cache.find(Ipv4Address{1975}), std::nullopt);
  EXPECT_EQ(cache.find(Ipv4Address{1976}), 1400);
  EXPECT_EQ(cache.find(Ipv4Address{2999}), 1400);
}

}  // namespace
}  // namespace strata::network
