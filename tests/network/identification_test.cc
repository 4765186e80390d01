// SPDX-License-Identifier: MIT
#include "stack/network/identification.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "tests/network/bench.h"

namespace strata::network {
namespace {

TEST(Identification, DoesNotRepeatWithinAFlow) {  // verifies RFC 6864 4.3
  IdentificationSource source{{1, 2}};
  std::set<std::uint16_t> seen;
  for (int i = 0; i < 65536; ++i) {
    seen.insert(source.next(ip("10.0.1.10"), ip("10.0.2.20"), IpProtocol::udp));
  }
  EXPECT_EQ(seen.size(), 65536U);
}

TEST(Identification, DoesNotRepeatWhenManyFlowsTakeTurns) {  // verifies RFC 6864 4.3
  IdentificationSource source{{1, 2}};
  std::map<std::uint32_t, std::set<std::uint16_t>> seen;
  for (int round = 0; round < 100; ++round) {
    for (std::uint32_t peer = 1; peer <= 300; ++peer) {
      const std::uint16_t id = source.next(ip("10.0.1.10"), Ipv4Address{peer}, IpProtocol::udp);
      EXPECT_TRUE(seen[peer].insert(id).second);
    }
  }
}

TEST(Identification, StartsElsewhereForEveryFlowAndKey) {  // RFC 7739 section 5
  std::set<std::uint16_t> starts;
  for (std::uint64_t key = 0; key < 20; ++key) {
    for (std::uint32_t peer = 1; peer <= 20; ++peer) {
      IdentificationSource source{{key, 2}};
      starts.insert(source.next(ip("10.0.1.10"), Ipv4Address{peer}, IpProtocol::udp));
    }
  }
  EXPECT_GT(starts.size(), 390U);  // of 400 draws from 65536, about one pair is equal
}

}  // namespace
}  // namespace strata::network
