// SPDX-License-Identifier: MIT
// Expectations: what they say and whether they hold, on figures made by hand.
#include "sim/scenario/expect.h"

#include <nlohmann/json.hpp>

#include "tests/scenario/support.h"

namespace strata::scenario {
namespace {

// One link between a and b that dropped three frames, one TCP flow with a fast retransmission.
RunFigures sample() {
  RunFigures run;
  run.seed = 42;
  run.directory.nodes = {{.name = "a"}, {.name = "b"}};
  run.directory.links = {{.name = "wire", .a = {.node = NodeId{0}}, .b = {.node = NodeId{1}}}};
  run.metrics.result.end = kStart + 2s;
  run.metrics.result.events = 1000;
  run.metrics.nodes.resize(2);
  trace::LinkMetrics link;
  link.a_to_b.sent_frames = 10;
  link.b_to_a.sent_frames = 4;
  link.a_to_b.dropped.add(DropReason::queue_full);
  link.a_to_b.dropped.add(DropReason::queue_full);
  link.b_to_a.dropped.add(DropReason::loss);
  link.a_to_b.busy = 500ms;
  run.metrics.last_frame = kStart + 1s;  // the other second is TIME-WAIT
  run.metrics.links = {link};
  run.metrics.frames_sent = 14;
  run.metrics.retransmissions = 1;
  run.metrics.retransmissions_by_cause[static_cast<std::size_t>(RetransmitCause::fast_retransmit)] =
      1;
  trace::FlowMetrics flow{.number = 1};
  flow.forward.bytes_delivered = 14'600;
  for (const Duration sample : {10ms, 30ms}) flow.forward.rtt.add(sample);
  run.metrics.flows = {flow};
  run.processes = {
      {.node = "a", .name = "bulk", .ended = kStart + 400ms, .figures = {{"sent", 14'600}}},
      {.node = "b",
       .name = "sink",
       .is_server = true,
       .output = "hello\n200 OK\n",
       .figures = {{"received", 14'600}}},
      {.node = "b", .name = "sink-2", .is_server = true, .figures = {{"received", 400}}}};
  return run;
}

ExpectationOutcome outcome_of(std::string_view text, const RunFigures& run = sample()) {
  const auto parsed = parse_expectation(text);
  if (!parsed) return {.problem = parsed.error().what};
  return evaluate(*parsed, FigureTable(run));
}

TEST(Expect, FiguresAreComparedWithValues) {
  for (const std::string_view text : {"tcp.retransmissions == 1",
                                      "tcp.retransmissions.fast == 1",
                                      "tcp.retransmissions.timeout == 0",
                                      "link.wire.sent == 14",
                                      "link.wire.from-a.sent == 10",
                                      "link.wire.from-b.sent >= 4",
                                      "link.wire.dropped == 3",
                                      "link.wire.dropped.queue-full == 2",
                                      "link.wire.dropped.burst-loss == 0",
                                      "frames.dropped.loss == 1",
                                      "frames.sent != 13",
                                      "events < 1001",
                                      "sim-time == 2 s",
                                      "link.wire.utilisation == 50 %",
                                      "flow.1.bytes-delivered == 14600 bytes",
                                      "flow.1.bytes-delivered == 14.6 kB",
                                      "flow.1.rtt-mean == 20 ms",
                                      "flow.1.rtt-max between 30 ms and 31 ms",
                                      "finished before 500 ms",
                                      "finished after 399 ms",
                                      "a.bulk.finished == 400 ms",
                                      "b.sink.finished > 1 h"}) {
    const ExpectationOutcome outcome = outcome_of(text);
    EXPECT_TRUE(outcome.passed) << text << ": " << outcome.actual << outcome.problem;
  }
}

TEST(Expect, ProgramsFiguresTakeTheUnitTheyAreComparedWith) {
  EXPECT_TRUE(outcome_of("b.sink.received == 14600 bytes").passed);
  EXPECT_TRUE(outcome_of("b.sink.received == 14600").passed);
  EXPECT_EQ(outcome_of("b.sink.received == 1 kB").actual, "14600 bytes");
}

TEST(Expect, ANodesFigureIsTheSumOverItsProcesses) {
  EXPECT_TRUE(outcome_of("b.received == 15000 bytes").passed);
}

TEST(Expect, AProcessThatIsTheOnlyOneOfItsNameNeedsNoNode) {
  EXPECT_TRUE(outcome_of("bulk.sent == 14600 bytes").passed);
  EXPECT_TRUE(outcome_of("sink-2.received == 400 bytes").passed);
}

TEST(Expect, ANodesOutputIsThatOfAllItsProcesses) {
  EXPECT_TRUE(outcome_of("b.output contains \"200 OK\"").passed);
  EXPECT_TRUE(outcome_of("a.finished == 400 ms").passed);
}

TEST(Expect, FiguresMayBeComparedWithEachOther) {
  EXPECT_TRUE(outcome_of("a.sent == b.sink.received").passed);
  EXPECT_FALSE(outcome_of("a.sent == b.received").passed);
}

TEST(Expect, TextsContainOrEqualTexts) {
  EXPECT_TRUE(outcome_of("b.sink.output contains \"200 OK\"").passed);
  EXPECT_FALSE(outcome_of("b.sink.output contains '404'").passed);
  EXPECT_TRUE(outcome_of("stop == \"idle\"").passed);
}

TEST(Expect, AFailureTellsWhatItWasAndWhereToLook) {
  const ExpectationOutcome outcome = outcome_of("tcp.retransmissions == 2");
  EXPECT_FALSE(outcome.passed);
  EXPECT_EQ(outcome.actual, "1");
  EXPECT_EQ(outcome.hint, "ladder");
  EXPECT_EQ(outcome_of("link.wire.dropped == 0").hint, "path --of 'drop 1'");
  EXPECT_EQ(outcome_of("flow.7.goodput > 1 Mbit/s").hint, "ladder --flow 7");
}

TEST(Expect, WhatNeverHappenedIsLaterThanEverything) {
  RunFigures run = sample();
  run.processes[0].ended.reset();
  EXPECT_FALSE(outcome_of("finished before 500 ms", run).passed);
  EXPECT_EQ(outcome_of("finished before 500 ms", run).actual, "never");
}

TEST(Expect, TellsTheFiguresItWasComparedWith) {
  const ExpectationOutcome outcome = outcome_of("link.wire.from-b.sent > link.wire.from-a.sent");
  EXPECT_FALSE(outcome.passed);
  EXPECT_EQ(outcome.actual, "4");
  EXPECT_EQ(outcome.others, "link.wire.from-a.sent was 10");
  EXPECT_EQ(outcome_of("link.wire.sent == 3").others, "");
}

TEST(Expect, AFractionWantsAUnit) {
  const auto parsed = parse_expectation("link.wire.utilisation > 0.8");
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().what, "'0.8' is neither a whole number nor has it a unit");
  EXPECT_EQ(parsed.error().mend, "write for instance '0.8 ms', or a share as '50 %'");
}

TEST(Expect, AFigureThatTurnsOutNotToExistFails) {
  const ExpectationOutcome outcome = outcome_of("flow.2.goodput > 1 Mbit/s");
  EXPECT_FALSE(outcome.passed);
  EXPECT_EQ(outcome.problem,
            "there is no figure 'flow.2.goodput'; below 'flow': there is only '1'");
}

TEST(Expect, GrammarMistakesSayWhatToWrite) {
  const auto error = [](std::string_view text) {
    const auto parsed = parse_expectation(text);
    return parsed ? "no mistake" : parsed.error().what + "; " + parsed.error().mend;
  };
  EXPECT_EQ(error("== 1"),
            "'== 1' does not begin with the name of a figure; write for instance "
            "'tcp.retransmissions == 1'");
  EXPECT_EQ(error("x = 1"), "'=' does not compare; write '=='");
  EXPECT_EQ(error("x =="),
            "the expectation compares with nothing; write a value behind the comparison");
  EXPECT_EQ(error("x between 1"),
            "'between' needs two values; write for instance 'between 1 ms and 2 ms'");
  EXPECT_EQ(error("x between 2 s and 1 s"),
            "'between' ends before it begins; exchange the two values");
  EXPECT_EQ(error("x contains \"abc"), "the text '\"abc' does not end; close the quotes");
  EXPECT_EQ(error("x == two words"),
            "'two words' is neither a value nor a figure; put a text in quotes");
  EXPECT_EQ(error("x == 5 parsecs"),
            "'parsecs' is not a unit; write for instance 'bytes', 'ms' or 'Mbit/s'");
}

TEST(Figures, TheJsonObjectHasTheSameNumbers) {
  const nlohmann::ordered_json json = to_json(sample());
  EXPECT_EQ(json["seed"], 42);
  EXPECT_EQ(json["sim_time_s"], 2.0);
  EXPECT_EQ(json["finished_s"], 0.4);
  EXPECT_EQ(json["frames"]["sent"], 14);
  EXPECT_EQ(json["frames"]["dropped"]["total"], 3);
  EXPECT_EQ(json["frames"]["dropped"]["queue-full"], 2);
  EXPECT_EQ(json["tcp"]["retransmissions"]["total"], 1);
  EXPECT_EQ(json["tcp"]["retransmissions"]["fast"], 1);
  EXPECT_EQ(json["links"]["wire"]["from-a"]["sent"], 10);
  EXPECT_EQ(json["links"]["wire"]["utilisation_ppm"], 500'000);
  EXPECT_EQ(json["flows"][0]["rtt_mean_ns"], 20'000'000);
  EXPECT_EQ(json["flows"][0]["handshake_ns"], nullptr);
  EXPECT_EQ(json["processes"][1]["output"], "hello\n200 OK\n");
  EXPECT_EQ(json["processes"][1]["figures"]["received"], 14'600);
}

}  // namespace
}  // namespace strata::scenario
