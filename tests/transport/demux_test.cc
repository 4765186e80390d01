// SPDX-License-Identifier: MIT
#include "stack/transport/demux.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

namespace strata::transport {
namespace {

const Ipv4Address kHere{10, 0, 2, 20};
const Ipv4Address kHereToo{10, 0, 9, 20};
const Ipv4Address kPeer{10, 0, 1, 10};

FlowKey flow(const IpAddress& local, std::uint16_t local_port, std::uint16_t remote_port) {
  return {.local = {local, local_port}, .remote = {kPeer, remote_port}};
}

TEST(Demux, PrefersTheExactConnectionOverAListener) {
  Demux demux;
  demux.add_local({kHere, 80}, 1);
  demux.add_local({IpAddress{}, 80}, 2);
  demux.add_flow(flow(kHere, 80, 40000), 3);

  const Demux::Match match = demux.find(flow(kHere, 80, 40000));

  EXPECT_EQ(match.rule, Demux::Rule::exact);
  EXPECT_EQ(match.target, 3U);
}

TEST(Demux, PrefersAListenerOnTheAddressOverTheWildcard) {
  Demux demux;
  demux.add_local({kHere, 80}, 1);
  demux.add_local({IpAddress{}, 80}, 2);

  const Demux::Match on_address = demux.find(flow(kHere, 80, 40000));
  const Demux::Match on_other = demux.find(flow(kHereToo, 80, 40000));

  EXPECT_EQ(on_address.rule, Demux::Rule::address_and_port);
  EXPECT_EQ(on_address.target, 1U);
  EXPECT_EQ(on_other.rule, Demux::Rule::port_only);
  EXPECT_EQ(on_other.target, 2U);
}

TEST(Demux, FindsNothingForAPortNobodyHas) {
  Demux demux;
  demux.add_local({IpAddress{}, 80}, 2);

  EXPECT_EQ(demux.find(flow(kHere, 81, 40000)).rule, Demux::Rule::none);
}

TEST(Demux, TellsConnectionsOfOneServerPortApartByEveryPartOfTheTuple) {
  Demux demux;
  std::uint32_t target = 0;
  for (const Ipv4Address here : {kHere, kHereToo}) {
    for (const std::uint16_t there : std::to_array<std::uint16_t>({40000, 40001})) {
      ASSERT_TRUE(demux.add_flow(flow(here, 80, there), target++));
    }
  }
  EXPECT_EQ(demux.find(flow(kHere, 80, 40000)).target, 0U);
  EXPECT_EQ(demux.find(flow(kHere, 80, 40001)).target, 1U);
  EXPECT_EQ(demux.find(flow(kHereToo, 80, 40000)).target, 2U);
  EXPECT_EQ(demux.find(flow(kHereToo, 80, 40001)).target, 3U);
}

TEST(Demux, RefusesASecondEntryUnderOneKeyAndForgetsRemovedOnes) {
  Demux demux;
  EXPECT_TRUE(demux.add_flow(flow(kHere, 80, 40000), 1));
  EXPECT_FALSE(demux.add_flow(flow(kHere, 80, 40000), 2));
  EXPECT_TRUE(demux.add_local({kHere, 80}, 1));
  EXPECT_FALSE(demux.add_local({kHere, 80}, 2));

  demux.remove_flow(flow(kHere, 80, 40000));
  demux.remove_local({kHere, 80}, 1);

  EXPECT_EQ(demux.find(flow(kHere, 80, 40000)).rule, Demux::Rule::none);
  EXPECT_EQ(demux.flows(), 0U);
}

TEST(Demux, KeepsIpv4AndIpv6WildcardsApart) {
  Demux demux;
  demux.add_local({Ipv6Address{}, 80}, 6);

  EXPECT_EQ(demux.find(flow(kHere, 80, 1)).rule, Demux::Rule::none);
  const IpAddress v6 = *IpAddress::parse("2001:db8::1");
  EXPECT_EQ(demux.find({.local = {v6, 80}, .remote = {v6, 1}}).target, 6U);
}

struct RuleCase {
  const char* name;
  bool has_flow, has_address, has_wildcard;
  DemuxOutcome exact, address, wildcard;
};

class DemuxRules : public ::testing::TestWithParam<RuleCase> {};

TEST_P(DemuxRules, AreExplainedOneByOne) {
  const RuleCase& rules = GetParam();
  Demux demux;
  if (rules.has_flow) demux.add_flow(flow(kHere, 80, 40000), 1);
  if (rules.has_address) demux.add_local({kHere, 80}, 2);
  if (rules.has_wildcard) demux.add_local({IpAddress{}, 80}, 3);

  const std::vector<DemuxStep> steps = demux.explain(flow(kHere, 80, 40000), Protocol::tcp);

  ASSERT_EQ(steps.size(), 3U);
  EXPECT_EQ(steps[0].rule, "exact 4-tuple");
  EXPECT_EQ(steps[0].candidate, "to 10.0.2.20:80 from 10.0.1.10:40000");
  EXPECT_EQ(steps[0].outcome, rules.exact);
  EXPECT_EQ(steps[0].entries, rules.has_flow ? 1U : 0U);
  EXPECT_EQ(steps[1].rule, "listener address:port");
  EXPECT_EQ(steps[1].candidate, "10.0.2.20:80");
  EXPECT_EQ(steps[1].outcome, rules.address);
  EXPECT_EQ(steps[1].entries, rules.has_address ? 1U : 0U);
  EXPECT_EQ(steps[2].rule, "listener *:port");
  EXPECT_EQ(steps[2].candidate, "*:80");
  EXPECT_EQ(steps[2].outcome, rules.wildcard);
  EXPECT_EQ(steps[2].entries, rules.has_wildcard ? 1U : 0U);
}

constexpr auto kHit = DemuxOutcome::hit;
constexpr auto kMiss = DemuxOutcome::miss;
constexpr auto kNotTried = DemuxOutcome::not_tried;

INSTANTIATE_TEST_SUITE_P(
    AllCombinations, DemuxRules,
    ::testing::Values(RuleCase{"Nothing", false, false, false, kMiss, kMiss, kMiss},
                      RuleCase{"Wildcard", false, false, true, kMiss, kMiss, kHit},
                      RuleCase{"Address", false, true, false, kMiss, kHit, kNotTried},
                      RuleCase{"AddressAndWildcard", false, true, true, kMiss, kHit, kNotTried},
                      RuleCase{"Flow", true, false, false, kHit, kNotTried, kNotTried},
                      RuleCase{"All", true, true, true, kHit, kNotTried, kNotTried}),
    [](const auto& instance) { return std::string{instance.param.name}; });

TEST(Demux, NamesTheRulesOfUdpDifferently) {
  const std::vector<DemuxStep> steps = Demux{}.explain(flow(kHere, 53, 1), Protocol::udp);

  EXPECT_EQ(steps[0].rule, "connected 4-tuple");
  EXPECT_EQ(steps[1].rule, "bound address:port");
  EXPECT_EQ(steps[2].rule, "bound *:port");
}

}  // namespace
}  // namespace strata::transport
