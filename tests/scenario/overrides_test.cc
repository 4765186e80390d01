// SPDX-License-Identifier: MIT
// --set PATH=VALUE.
#include "sim/scenario/overrides.h"

#include "tests/scenario/support.h"

namespace strata::scenario {
namespace {

const std::string kFile = std::string{kPair} +
                          "processes:\n"
                          "  - { on: a, run: ping, to: b }\n"
                          "  - { on: a, run: ping, to: b, name: second }\n";

TEST(Overrides, ChangeAValueThatIsThere) {
  const Scenario scenario =
      load_good(kFile, {"nodes.b.address=10.0.0.9/24", "links.wire.ends=[b, a]"});
  EXPECT_EQ(to_text(scenario.model.nodes[1].ports[0].addresses[0]), "10.0.0.9/24");
  EXPECT_EQ(scenario.model.links[0].a.node, "b");
}

TEST(Overrides, AddKeysAndMapsTheSchemaKnows) {
  const Scenario scenario =
      load_good(kFile, {"seed=7", "links.wire.delay=20ms", "nodes.a.tcp.rto-min=200 ms",
                        "links.wire.impair=[{loss: 1 %}]", "until=3 s"});
  EXPECT_EQ(scenario.model.seed, 7U);
  EXPECT_EQ(scenario.model.links[0].delay, Duration{20ms});
  EXPECT_EQ(scenario.model.nodes[0].tcp.rto_min, Duration{200ms});
  EXPECT_EQ(scenario.model.links[0].impairments.size(), 1U);
  EXPECT_EQ(scenario.model.until, kStart + 3s);
}

TEST(Overrides, FindProcessesByNumberNameOrProgram) {
  const Scenario scenario = load_good(
      kFile, {"processes.1.count=2", "processes.second.count=5", "processes.2.interval=2 s"});
  EXPECT_EQ(scenario.model.processes[0].arguments.integer("count"), 2);
  EXPECT_EQ(scenario.model.processes[1].arguments.integer("count"), 5);
  EXPECT_EQ(scenario.model.processes[1].arguments.duration("interval"), Duration{2s});
  EXPECT_EQ(
      load_good(kFile, {"processes.ping.count=9"}).model.processes[0].arguments.integer("count"),
      9);
}

TEST(Overrides, TheLastOfSeveralWins) {
  EXPECT_EQ(load_good(kFile, {"seed=1", "seed=2"}).model.seed, 2U);
}

TEST(Overrides, MistakesNameTheOverride) {
  struct Override {
    std::string_view assignment;
    std::string_view message;
  };
  for (const Override& row : {
           Override{"seed",
                    "--set seed: an override is PATH=VALUE; write for instance '--set "
                    "links.access.delay=20ms'"},
           Override{"=3",
                    "--set =3: an override is PATH=VALUE; write for instance '--set "
                    "links.access.delay=20ms'"},
           Override{"links.wier.delay=1ms",
                    "--set links.wier.delay=1ms: there is no 'wier'; did you mean 'wire'?"},
           Override{"links.wire.dealy=1ms",
                    "--set links.wire.dealy=1ms: there is no 'dealy'; did you mean 'delay'?"},
           Override{"links.wire.delay=1",
                    "--set links.wire.delay=1: 'delay': '1' has no unit; write '1 ms'"},
           Override{"seed.x=1", "--set seed.x=1: 'x' lies inside a single value"},
           Override{"processes.3.count=1",
                    "--set processes.3.count=1: there is no item '3'; one of: ping, second"},
           Override{
               "processes.secnd.count=1",
               "--set processes.secnd.count=1: there is no item 'secnd'; did you mean 'second'?"},
           Override{"nodes.a.address.x=1",
                    "--set nodes.a.address.x=1: 'x' lies inside a single value"},
           Override{
               "links.wire.impair=[{loss: 1 %}",
               "--set links.wire.impair=[{loss: 1 %}: not valid YAML: end of sequence flow not "
               "found; close the '[' with ']', and put ',' between its items"},
       }) {
    EXPECT_EQ(diagnose(kFile, {std::string{row.assignment}}), std::string{row.message} + "\n");
  }
}

}  // namespace
}  // namespace strata::scenario
