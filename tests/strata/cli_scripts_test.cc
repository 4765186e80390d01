// SPDX-License-Identifier: MIT
// Packetdrill scripts from the outside: every view of one, the ladder of a test, flows exported.
#include "tests/strata/program.h"

namespace strata::cli_tests {
namespace {

std::string conversation(const std::string& name) {
  return (test::source_root() / "tests/conversation" / name).string();
}

// Expects ten octets where five are sent.
constexpr const char* kWrong =
    "--profile=rfc\n"
    "0   socket(..., SOCK_STREAM, IPPROTO_TCP) = 3\n"
    "+0  bind(3, ..., ...) = 0\n"
    "+0  listen(3, 1) = 0\n"
    "+0  < S 0:0(0) win 1000 <mss 1000>\n"
    "+0  > S. 0:0(0) ack 1 <...>\n"
    "+.1 < . 1:1(0) ack 1 win 1000\n"
    "+0  accept(3, ..., ...) = 4\n"
    "+0  write(4, ..., 5) = 5\n"
    "+0  > P. 1:11(10) ack 1\n";

TEST(Scripts, EveryViewOfAScenarioShowsAScript) {
  const std::string file = conversation("close/passive.pkt");
  for (const std::vector<std::string>& view : {std::vector<std::string>{"summary"},
                                               {"ladder"},
                                               {"sockets", "--at", "150 ms"},
                                               {"demux"},
                                               {"path", "--of", "syn 1"},
                                               {"packet", "--of", "syn 1"}}) {
    std::vector<std::string> line{"show", file};
    line.insert(line.end(), view.begin(), view.end());
    const CommandResult result = strata(line);
    EXPECT_EQ(result.exit_status, 0) << view.front() << "\n" << result.err;
    EXPECT_FALSE(result.out.empty()) << view.front();
    line.push_back("--json");
    EXPECT_EQ(strata(line).exit_status, 0) << view.front();
  }
  const CommandResult ladder = strata({"show", file, "ladder", "--width", "120"});
  EXPECT_THAT(ladder.out, testing::HasSubstr("LAST-ACK"));
  EXPECT_THAT(ladder.out, testing::HasSubstr("stack:8080"));
}

TEST(Scripts, TheTraceIsTheLadderBehindTheVerdict) {
  const CommandResult result =
      strata({"test", "--trace", "--width", "120", conversation("close/active.pkt")});
  EXPECT_EQ(result.exit_status, 0) << result.err;
  EXPECT_THAT(result.out, testing::StartsWith("ok     "));
  EXPECT_THAT(result.out, testing::HasSubstr("FIN-WAIT-1"));
}

TEST(Scripts, AFailureNamesThePlaceAndBothPacketsAndCanBeLookedAt) {
  const TemporaryFolder folder;
  const std::string file = folder.write("wrong.pkt", kWrong);
  const CommandResult tested = strata({"test", "--trace", file});
  EXPECT_EQ(tested.exit_status, 1);
  EXPECT_THAT(tested.out, testing::HasSubstr("FAILED " + file + ":10:1: "));
  EXPECT_THAT(tested.out, testing::HasSubstr("expected > P. 1:11(10) ack 1\n"));
  EXPECT_THAT(tested.out, testing::HasSubstr("sent     > P. 1:6(5) ack 1"));
  EXPECT_THAT(tested.out, testing::HasSubstr("SYN"));
  const CommandResult shown = strata({"show", file, "ladder"});
  EXPECT_EQ(shown.exit_status, 1);
  EXPECT_THAT(shown.out, testing::HasSubstr("SYN"));
  EXPECT_THAT(shown.err, testing::HasSubstr(file + ":10:1: another packet was sent"));
}

TEST(Scripts, AMistakeIsNotRunAndNothingIsShown) {
  const TemporaryFolder folder;
  const std::string file = folder.write("x.pkt", "0 socket(..., SOCK_STREAM = 3\n");
  const CommandResult result = strata({"show", file, "ladder"});
  EXPECT_EQ(result.exit_status, 2);
  EXPECT_EQ(result.out, "");
  EXPECT_THAT(result.err, testing::HasSubstr(file + ":2:1: expected"));
}

TEST(Scripts, NamesThatAreNotThereAreRefused) {
  const CommandResult result =
      strata({"show", conversation("close/active.pkt"), "sockets", "--on", "server"});
  EXPECT_EQ(result.exit_status, 2);
  EXPECT_THAT(result.err, testing::HasSubstr("its nodes are 'stack' and 'peer'"));
}

TEST(Scripts, OptionsThatWouldDoNothingAreRefused) {
  const std::string script = conversation("close/active.pkt");
  const CommandResult nothing = strata({"test", script, "-D", "WINDOW"});
  EXPECT_EQ(nothing.exit_status, 2);
  EXPECT_EQ(nothing.err, "strata: -D 'WINDOW' defines nothing; write -D NAME=VALUE\n");
  EXPECT_EQ(strata({"test", script, "-D", "WINDOW=1"}).exit_status, 0);
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"test", "scenarios/basics/ping.yaml"},
        {"show", "scenarios/basics/ping.yaml", "ladder"}}) {
    std::vector<std::string> line = command;
    line.insert(line.end(), {"--profile", "linux"});
    const CommandResult result = strata(line);
    EXPECT_EQ(result.exit_status, 2);
    EXPECT_THAT(result.err, testing::HasSubstr("--profile is for packetdrill scripts (*.pkt)"));
  }
}

TEST(Scripts, QuietTellsOnlyOfWhatDidNotPass) {
  const TemporaryFolder folder;
  const std::string file = folder.write("wrong.pkt", kWrong);
  const CommandResult result = strata({"test", "-q", conversation("close/active.pkt"), file});
  EXPECT_EQ(result.exit_status, 1);
  EXPECT_THAT(result.out, testing::StartsWith("FAILED "));
  EXPECT_THAT(result.out, testing::EndsWith("1 passed, 1 failed, 0 broken\n"));
}

TEST(ExportPkt, BothSidesOfAFlowPass) {
  const TemporaryFolder folder;
  const CommandResult run = strata(
      {"run", "-q", "--export-pkt", folder.file("scripts"), scenario("loss/fast-retransmit.yaml")});
  EXPECT_EQ(run.exit_status, 0) << run.err;
  EXPECT_EQ(folder.files().size(), 2U);
  const CommandResult tested = strata({"test", folder.file("scripts")});
  EXPECT_EQ(tested.exit_status, 0) << tested.out;
  EXPECT_THAT(tested.out, testing::EndsWith("2 passed, 0 failed, 0 broken\n"));
}

TEST(ExportPkt, AFileGetsTheSideThatIsAskedFor) {
  const TemporaryFolder folder;
  const std::string file = folder.file("one.pkt");
  const CommandResult run = strata({"run", "-q", "--export-pkt", file, "--flow", "1", "--on",
                                    "server", scenario("loss/fast-retransmit.yaml")});
  EXPECT_EQ(run.exit_status, 0) << run.err;
  EXPECT_THAT(read_file(file), testing::HasSubstr("as server saw it"));
  EXPECT_EQ(strata({"test", file}).exit_status, 0);
}

TEST(ExportPkt, WhatCannotBeExportedIsOneErrorAndNoFile) {
  const TemporaryFolder folder;
  const std::string file = folder.file("one.pkt");
  const CommandResult none =
      strata({"run", "-q", "--export-pkt", file, scenario("basics/ping.yaml")});
  EXPECT_EQ(none.exit_status, 2);
  EXPECT_THAT(none.err, testing::HasSubstr("the run had no TCP flow"));
  const CommandResult flow = strata(
      {"run", "-q", "--export-pkt", file, "--flow", "9", scenario("loss/fast-retransmit.yaml")});
  EXPECT_EQ(flow.exit_status, 2);
  EXPECT_THAT(flow.err, testing::HasSubstr("there is no flow 9"));
  const CommandResult node = strata(
      {"run", "-q", "--export-pkt", file, "--on", "moon", scenario("loss/fast-retransmit.yaml")});
  EXPECT_EQ(node.exit_status, 2);
  EXPECT_THAT(node.err, testing::HasSubstr("flow 1 has no end at 'moon'"));
  EXPECT_EQ(strata({"run", "--flow", "1", scenario("basics/ping.yaml")}).exit_status, 2);
  EXPECT_TRUE(folder.files().empty());
}

}  // namespace
}  // namespace strata::cli_tests
