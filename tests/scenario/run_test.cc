// SPDX-License-Identifier: MIT
// Whole runs: what a scenario's world does and what is told of it.
#include "sim/scenario/run.h"

#include "tests/scenario/support.h"

namespace strata::scenario {
namespace {

const std::string kPingTwice =
    std::string{kPair} + "processes: [ { on: a, run: ping, to: b, count: 2 } ]\n";

RunOutcome run(std::string_view text, const RunOptions& options = {}) {
  const Scenario scenario = load_good(text);
  return Run(scenario, options).finish();
}

TEST(Run, FiguresTellWhatHappened) {
  const RunOutcome outcome = run(kPingTwice);
  EXPECT_EQ(outcome.figures.metrics.result.reason, sim::StopReason::idle);
  ASSERT_EQ(outcome.figures.processes.size(), 1U);
  const ProcessOutcome& ping = outcome.figures.processes[0];
  EXPECT_EQ(ping.name, "ping");
  EXPECT_EQ(ping.figures.at("received"), 2);
  EXPECT_THAT(ping.output, testing::HasSubstr("2 packets transmitted, 2 received"));
  EXPECT_TRUE(ping.ended.has_value());
  // One ARP question and answer, two echo requests and replies.
  EXPECT_EQ(outcome.figures.metrics.frames_sent, 6U);
  EXPECT_TRUE(outcome.stuck.empty());
  EXPECT_TRUE(outcome.audit.empty());
  EXPECT_TRUE(outcome.passed());
}

TEST(Run, PausesChangeNothing) {
  std::vector<Instant> seen;
  RunOptions options;
  options.pauses = {kStart + 1ms, kStart + 500ms, kStart + 1h};
  options.on_pause = [&](const sim::World&, Instant at) { seen.push_back(at); };
  const RunOutcome paused = run(kPingTwice, options);
  EXPECT_EQ(seen, options.pauses);
  EXPECT_EQ(paused.figures.fingerprint, run(kPingTwice).figures.fingerprint);
}

TEST(Run, ObserversChangeNothing) {
  class Counter final : public Observer {
   public:
    void on_event(const Event&) override { ++count; }
    int count = 0;
  };
  const Scenario scenario = load_good(kPingTwice);
  Counter counter;
  scenario::Run observed(scenario, {});
  observed.observe(counter, kAllEvents);
  EXPECT_EQ(observed.finish().figures.fingerprint, run(kPingTwice).figures.fingerprint);
  EXPECT_GT(counter.count, 20);
}

TEST(Run, AnExhaustedEventBudgetNamesTheBusiest) {
  const RunOutcome outcome = run(kPingTwice, {.events_max = 5});
  EXPECT_EQ(outcome.figures.metrics.result.reason, sim::StopReason::event_budget);
  EXPECT_NE(outcome.busiest, "");
}

TEST(Run, AnEndCutsItShort) {
  const RunOutcome outcome = run(kPingTwice + "until: 500 ms\n");
  EXPECT_EQ(outcome.figures.metrics.result.reason, sim::StopReason::until);
  EXPECT_EQ(outcome.figures.metrics.result.end, kStart + 500ms);
  EXPECT_EQ(finished(outcome.figures.processes), std::nullopt);
}

TEST(Run, WhoWaitsForeverIsNamedAndServersAreNot) {
  const RunOutcome outcome =
      run(std::string{kPair} +
          "processes:\n  - { on: b, run: sink, listen: 80 }\n"
          "  - { on: a, calls: [ s = socket stream, connect s b:80, recv s ] }\n");
  ASSERT_EQ(outcome.stuck.size(), 1U);
  EXPECT_THAT(outcome.stuck[0], testing::StartsWith("a: calls: recv("));
}

TEST(Run, ScriptedCallsThatFailAreTold) {
  const RunOutcome outcome =
      run(std::string{kPair} +
          "processes:\n  - { on: a, calls: [ s = socket stream, connect s b:80 ] }\n");
  ASSERT_EQ(outcome.failed_calls.size(), 1U);
  EXPECT_THAT(outcome.failed_calls[0],
              testing::StartsWith("a: call 2 of calls, 'connect s b:80': ECONNREFUSED instead of "
                                  "success at "));
  EXPECT_FALSE(outcome.passed());
}

TEST(Run, VlansKeepTheirStationsApart) {
  const auto received = [](int vlan) {
    const RunOutcome outcome =
        run("nodes:\n  a: { address: 10.0.0.1/24 }\n  b: { address: 10.0.0.2/24 }\n"
            "  s: { kind: switch }\n  t: { kind: switch }\n"
            "links:\n  one: { ends: [a, s], vlan: 10 }\n  up: { ends: [s, t], trunk: true }\n"
            "  two: { ends: [t, b], vlan: " +
            std::to_string(vlan) +
            " }\n"
            "processes: [ { on: a, run: ping, to: 10.0.0.2, count: 1 } ]\n");
    return outcome.figures.processes[0].figures.at("received");
  };
  EXPECT_EQ(received(10), 1);
  EXPECT_EQ(received(20), 0);
}

}  // namespace
}  // namespace strata::scenario
