// SPDX-License-Identifier: MIT
// verifies RFC 6056 3.3.4 (algorithm 4) and the bind rules.
#include "stack/transport/ports.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <set>
#include <string>

namespace strata::transport {
namespace {

const Ipv4Address kOwn{10, 0, 0, 1};
const SecretKey kKey = derive_key(42, "host");

const auto kAnything = [](std::uint16_t) { return true; };

TEST(EphemeralPorts, StayInTheDynamicRange) {
  EphemeralPorts ports(kKey);
  for (std::uint32_t i = 0; i < 2000; ++i) {
    const auto port = ports.choose(kOwn, {Ipv4Address{i * 7919}, 80}, kAnything);
    ASSERT_TRUE(port.has_value());
    ASSERT_GE(*port, kEphemeralPortFirst);
  }
}

TEST(EphemeralPorts, TowardsOneDestinationAreAllDifferentUntilTheRangeIsUsedUp) {
  EphemeralPorts ports(kKey);
  std::set<std::uint16_t> used;
  const auto is_unused = [&](std::uint16_t port) { return !used.contains(port); };
  const Endpoint server{Ipv4Address{10, 0, 0, 2}, 80};
  for (int i = 0; i < 16384; ++i) {
    const auto port = ports.choose(kOwn, server, is_unused);
    ASSERT_TRUE(port.has_value()) << i;
    used.insert(*port);
  }

  EXPECT_EQ(used.size(), 16384U);
  EXPECT_FALSE(ports.choose(kOwn, server, is_unused).has_value());
}

TEST(EphemeralPorts, TowardsOneDestinationDoNotRepeatSoon) {
  EphemeralPorts ports(kKey);
  const Endpoint server{Ipv4Address{10, 0, 0, 2}, 80};
  std::set<std::uint16_t> seen;
  for (int i = 0; i < 1000; ++i) seen.insert(*ports.choose(kOwn, server, kAnything));

  EXPECT_EQ(seen.size(), 1000U);
}

TEST(EphemeralPorts, AreNotSequentialAcrossDestinations) {
  EphemeralPorts ports(kKey);
  int neighbours = 0;
  std::uint16_t previous = 0;
  for (std::uint32_t i = 0; i < 500; ++i) {
    const auto port = *ports.choose(kOwn, {Ipv4Address{0x0a000100U + i}, 80}, kAnything);
    if (std::abs(int{port} - int{previous}) <= 16) ++neighbours;
    previous = port;
  }
  // Chance alone gives 33 in 16384 for each pair: one in 500.
  EXPECT_LE(neighbours, 8);
}

TEST(EphemeralPorts, OfOneDestinationAreNotShiftedByUseOfMostOthers) {
  const Endpoint server{Ipv4Address{10, 0, 0, 2}, 80};
  int unshifted = 0;
  for (std::uint32_t i = 0; i < 200; ++i) {
    EphemeralPorts fresh(kKey);
    fresh.choose(kOwn, {Ipv4Address{0x0a000300U + i}, 443}, kAnything);
    if (fresh.choose(kOwn, server, kAnything) ==
        EphemeralPorts(kKey).choose(kOwn, server, kAnything)) {
      ++unshifted;
    }
  }
  // The increments are kept in 32 separate counters: about 31 of 32 others do not matter.
  EXPECT_GE(unshifted, 180);
  EXPECT_LT(unshifted, 200);
}

TEST(EphemeralPorts, DependOnTheKeyOfTheHost) {
  EphemeralPorts one(derive_key(1, "host"));
  EphemeralPorts two(derive_key(2, "host"));
  int equal = 0;
  for (std::uint32_t i = 0; i < 200; ++i) {
    const Endpoint server{Ipv4Address{0x0a000000U + i}, 80};
    if (one.choose(kOwn, server, kAnything) == two.choose(kOwn, server, kAnything)) ++equal;
  }
  EXPECT_LE(equal, 3);
}

TEST(EphemeralPorts, SkipWhatIsNotSuitable) {
  EphemeralPorts ports(kKey);
  const auto is_even = [](std::uint16_t port) { return port % 2 == 0; };
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(*ports.choose(kOwn, {Ipv4Address{10, 0, 0, 2}, 80}, is_even) % 2, 0);
  }
}

// ---- who may bind what ----

const Ipv4Address kThere{10, 0, 9, 1};

struct BindCase {
  const char* name;
  PortHold held;
  Endpoint wanted;
  bool without_reuse;
  bool with_reuse;
};

class BindRules : public ::testing::TestWithParam<BindCase> {};

TEST_P(BindRules, Hold) {
  const BindCase& rules = GetParam();
  PortTable table;
  table.hold(rules.held);

  EXPECT_EQ(table.can_bind({.local = rules.wanted}), rules.without_reuse);
  EXPECT_EQ(table.can_bind({.local = rules.wanted, .reuses_address = true}), rules.with_reuse);

  table.release(rules.held);
  EXPECT_TRUE(table.can_bind({.local = rules.wanted}));
}

constexpr bool kExclusive = false;
constexpr bool kShared = true;

INSTANTIATE_TEST_SUITE_P(
    All, BindRules,
    ::testing::Values(
        BindCase{"SameAddress", {{kOwn, 80}, kExclusive}, {kOwn, 80}, false, false},
        BindCase{"SameAddressShared", {{kOwn, 80}, kShared}, {kOwn, 80}, false, true},
        BindCase{"OtherPort", {{kOwn, 80}, kExclusive}, {kOwn, 81}, true, true},
        BindCase{"OtherAddress", {{kOwn, 80}, kExclusive}, {kThere, 80}, true, true},
        BindCase{"WildcardOverAddress", {{kOwn, 80}, kExclusive}, {{}, 80}, false, false},
        BindCase{"AddressUnderWildcard", {{{}, 80}, kExclusive}, {kOwn, 80}, false, false},
        BindCase{"WildcardOverAddressShared", {{kOwn, 80}, kShared}, {{}, 80}, false, true},
        BindCase{"AddressUnderWildcardShared", {{{}, 80}, kShared}, {kOwn, 80}, false, true},
        // A connection in TIME-WAIT whose socket had SO_REUSEADDR.
        BindCase{"OverTimeWait", {{kOwn, 80}, kShared, false, false}, {{}, 80}, false, true}),
    [](const auto& instance) { return std::string{instance.param.name}; });

TEST(PortTable, ReusePortSharesWithThoseWhoSetItOnly) {
  PortTable table;
  const PortHold sharing{.local = {kOwn, 80}, .reuses_port = true};
  table.hold(sharing);
  EXPECT_TRUE(table.can_bind(sharing));
  EXPECT_TRUE(table.can_bind({.local = {{}, 80}, .reuses_port = true}));
  EXPECT_FALSE(table.can_bind({.local = {kOwn, 80}, .reuses_address = true}));

  table.hold({.local = {kOwn, 80}});
  EXPECT_FALSE(table.can_bind(sharing));
}

TEST(PortTable, CountsEveryHolderOfOnePort) {
  PortTable table;
  const PortHold connection{{kOwn, 80}, true, false, false};
  table.hold(connection);
  table.hold(connection);
  table.release(connection);

  EXPECT_FALSE(table.is_free({kOwn, 80}));
  EXPECT_TRUE(table.is_unbound({kOwn, 80}));

  table.release(connection);
  EXPECT_TRUE(table.is_free({kOwn, 80}));
}

}  // namespace
}  // namespace strata::transport
