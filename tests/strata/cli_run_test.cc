// SPDX-License-Identifier: MIT
// Runs from the outside: what is printed, what is written, how it ends.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "tests/scenario/schema_check.h"
#include "tests/strata/program.h"

namespace strata::cli_tests {
namespace {

using Json = nlohmann::ordered_json;

Json schema() { return Json::parse(read_file(documentation("run.schema.json"))); }

std::string fingerprint(const std::string& output) {
  const std::size_t at = output.find("fingerprint ");
  return at == std::string::npos ? "none" : output.substr(at + 12, 16);
}

TEST(Run, PrintsTheSeedFirstAndTheFingerprintLast) {
  const CommandResult result = strata({"run", scenario("loss/fast-retransmit.yaml")});
  EXPECT_EQ(result.exit_status, 0) << result.err;
  EXPECT_THAT(result.out, testing::StartsWith("seed 42: One lost segment, repaired"));
  EXPECT_THAT(result.out, testing::ContainsRegex("\nfingerprint [0-9a-f]{16}\n$"));
  EXPECT_THAT(result.out, testing::HasSubstr("-- path of data 3 --\n"));
  EXPECT_THAT(result.out, testing::HasSubstr("ok     tcp.retransmissions.fast == 1\n"));
  EXPECT_EQ(result.err, "");
}

TEST(Run, IsTheSameEveryTimeAndWithOrWithoutViews) {
  const std::string file = scenario("loss/fast-retransmit.yaml");
  const std::string once = fingerprint(strata({"run", file}).out);
  EXPECT_NE(once, "none");
  EXPECT_EQ(fingerprint(strata({"run", file}).out), once);
  EXPECT_EQ(fingerprint(strata({"run", "--quiet", file}).out), once);
  EXPECT_EQ(Json::parse(strata({"run", "--json", file}).out)["fingerprint"], once);
  EXPECT_NE(fingerprint(strata({"run", "--seed", "7", "--quiet", file}).out), once);
}

TEST(Run, FiguresOfProcessesHaveTheirUnits) {
  const TemporaryFolder folder;
  const CommandResult result = strata({"run", folder.write("x.yaml", kPing)});
  EXPECT_THAT(result.out, testing::ContainsRegex("rtt-min [0-9.]+ ms, sent 2"));
}

TEST(Run, ATerminalShowsTwoHundredFlowsAndSaysWhereTheOthersAre) {
  std::string text =
      "nodes:\n  a: { address: 10.0.0.1/24 }\n  b: { address: 10.0.0.2/24 }\n"
      "links:\n  wire: { ends: [a, b] }\n"
      "processes:\n  - { on: b, run: echo-server, listen: 7, protocol: udp }\n  - on: a\n    "
      "calls:\n"
      "      - s = socket datagram\n";
  for (int port = 1; port <= 201; ++port)
    text += fmt::format("      - sendto s \"x\" b:{}\n", port);
  const TemporaryFolder folder;
  const CommandResult result = strata({"run", "--width", "140", folder.write("x.yaml", text)});
  EXPECT_EQ(result.err, "");
  EXPECT_THAT(result.out, testing::HasSubstr("\n  200 udp "));
  EXPECT_THAT(result.out, testing::Not(testing::HasSubstr("\n  201 udp ")));
  EXPECT_THAT(result.out, testing::HasSubstr("\n  and 1 more: --json tells each\n"));
}

TEST(Run, AFailedExpectationIsStatusOneAndNamesTheCommandThatShowsWhy) {
  const TemporaryFolder folder;
  const std::string file = folder.write(
      "x.yaml", std::string{kPing} + "expect:\n  - link.wire.dropped == 3\n  - a.received == 2\n");
  const CommandResult result = strata({"run", file});
  EXPECT_EQ(result.exit_status, 1);
  EXPECT_THAT(result.out, testing::HasSubstr("FAILED link.wire.dropped == 3\n       it was 0\n"
                                             "       see why: strata show " +
                                             file + " path --of 'drop 1'\n"));
  EXPECT_THAT(result.out, testing::HasSubstr("ok     a.received == 2\n"));
}

TEST(Run, AFailedCallIsStatusOne) {
  const TemporaryFolder folder;
  const std::string file = folder.write(
      "x.yaml",
      "nodes:\n  a: { address: 10.0.0.1/24 }\n  b: { address: 10.0.0.2/24 }\n"
      "links:\n  wire: { ends: [a, b] }\n"
      "processes:\n  - on: a\n    calls: [ s = socket stream, connect s b:80 -> ok ]\n");
  const CommandResult result = strata({"run", file});
  EXPECT_EQ(result.exit_status, 1);
  EXPECT_THAT(result.out, testing::HasSubstr(
                              "FAILED a: call 2 of calls, 'connect s b:80 -> ok': ECONNREFUSED"));
}

TEST(Run, ProcessesThatWaitForEachOtherAreADeadlock) {
  const TemporaryFolder folder;
  const std::string file =
      folder.write("x.yaml",
                   "nodes:\n  a: { address: 10.0.0.1/24 }\n  b: { address: 10.0.0.2/24 }\n"
                   "links:\n  wire: { ends: [a, b] }\n"
                   "processes:\n  - { on: b, run: sink, listen: 80 }\n"
                   "  - on: a\n    calls: [ s = socket stream, connect s b:80, recv s ]\n");
  const CommandResult result = strata({"run", file});
  EXPECT_THAT(result.out,
              testing::HasSubstr("deadlock: nothing can happen any more, and these wait:\n"
                                 "  a: calls: recv("));
  EXPECT_THAT(result.out, testing::Not(testing::HasSubstr("accept")));
}

TEST(Run, JsonIsOneObjectOfThePublishedForm) {
  for (const std::string name :
       {"basics/ping.yaml", "loss/fast-retransmit.yaml", "transport/handshake-and-close.yaml"}) {
    const CommandResult result = strata({"run", "--json", scenario(name)});
    EXPECT_EQ(result.exit_status, 0);
    const Json json = Json::parse(result.out);
    EXPECT_THAT(testing_support::check_schema(schema(), json), testing::IsEmpty()) << name;
    EXPECT_EQ(result.out, json.dump(2) + "\n") << name;  // though written flow by flow
  }
}

TEST(Run, JsonHasTheNumbersThatExpectationsSee) {
  const Json json =
      Json::parse(strata({"run", "--json", scenario("loss/fast-retransmit.yaml")}).out);
  EXPECT_EQ(json["seed"], 42);
  EXPECT_EQ(json["tcp"]["retransmissions"]["fast"], 1);
  EXPECT_EQ(json["links"]["access"]["dropped"]["chosen"], 1);
  EXPECT_EQ(json["links"]["access"]["from-client"]["dropped"]["total"], 1);
  EXPECT_EQ(json["flows"][0]["bytes_delivered"], 14600);
  EXPECT_EQ(json["passed"], true);
  EXPECT_EQ(json["expectations"].size(), 6U);
}

TEST(Run, EveryKeyOfTheJsonIsDocumented) {
  const std::string page = read_file(documentation("run-json.md"));
  const Json properties = schema()["properties"];
  for (const auto& item : properties.items()) {
    EXPECT_THAT(page, testing::HasSubstr("| `" + item.key() + "` | "));
  }
}

TEST(Run, ReadsAScenarioFromStandardInput) {
  const CommandResult result = strata({"run", "--quiet", "-"}, {.input = kPing});
  EXPECT_EQ(result.exit_status, 0) << result.err;
  const CommandResult wrong = strata({"run", "-"}, {.input = "sed: 1\n"});
  EXPECT_THAT(wrong.err, testing::StartsWith("standard input:1:1: unknown key 'sed'"));
}

TEST(Run, CapturesAreOneFilePerInterface) {
  const TemporaryFolder folder;
  const std::string file = folder.write("ping.yaml", kPing);
  const CommandResult result = strata({"run", "--pcap", folder.file("out"), file});
  EXPECT_EQ(result.exit_status, 0) << result.err;
  EXPECT_THAT(folder.files(),
              testing::ElementsAre("out/a-eth0.pcapng", "out/b-eth0.pcapng", "ping.yaml"));
  EXPECT_THAT(result.out, testing::HasSubstr("wrote " + folder.file("out/a-eth0.pcapng") + "\n"));
  EXPECT_EQ(read_file(folder.file("out/a-eth0.pcapng")).substr(0, 4), "\x0a\x0d\x0d\x0a");
}

TEST(Run, ACaptureOnStandardOutputStandsThereAlone) {
  const TemporaryFolder folder;
  const CommandResult result = strata({"run", "--pcap", "-", folder.write("ping.yaml", kPing)});
  EXPECT_EQ(result.exit_status, 0) << result.err;
  EXPECT_EQ(result.err, "");
  EXPECT_EQ(result.out.substr(0, 4), "\x0a\x0d\x0d\x0a");
  EXPECT_THAT(result.out, testing::Not(testing::HasSubstr("fingerprint ")));
  EXPECT_THAT(folder.files(), testing::ElementsAre("ping.yaml"));
}

TEST(Run, CapturesThatCannotBeWrittenLeaveNothingBehind) {
  const TemporaryFolder folder;
  const std::string file = folder.write("ping.yaml", kPing);
  const CommandResult result =
      strata({"run", "--pcap", file + "/below", file});  // a file is no folder
  EXPECT_EQ(result.exit_status, 2);
  EXPECT_THAT(result.err, testing::StartsWith("strata: cannot "));
  EXPECT_THAT(folder.files(), testing::ElementsAre("ping.yaml"));
}

TEST(Run, AFullDiskIsReported) {
  const TemporaryFolder folder;
  const CommandResult result =
      strata({"run", folder.write("ping.yaml", kPing)}, {.output_to = "/dev/full"});
  EXPECT_EQ(result.exit_status, 2);
  EXPECT_EQ(result.err, "strata: cannot write to standard output: No space left on device\n");
}

TEST(Run, AReaderThatGoesAwayIsNoError) {
  const TemporaryFolder folder;
  const CommandResult result =
      strata({"run", folder.write("ping.yaml", kPing)}, {.close_output = true});
  EXPECT_EQ(result.exit_status, 0);
  EXPECT_EQ(result.err, "");
}

TEST(Run, ColourAndGlyphsFollowTheEnvironmentAndTheOptions) {
  const std::string file = scenario("loss/fast-retransmit.yaml");
  const auto has = [](const CommandResult& result, const char* text) {
    return result.out.find(text) != std::string::npos;
  };
  EXPECT_FALSE(has(strata({"run", file}), "\x1b["));
  EXPECT_FALSE(has(strata({"run", file}), "│"));  // no locale: plain ASCII
  EXPECT_TRUE(has(strata({"run", file}, {.environment = {"LANG=C.UTF-8"}}), "│"));
  EXPECT_TRUE(has(strata({"run", "--color", "always", file}), "\x1b["));
  EXPECT_FALSE(has(strata({"run", "--ascii", file}, {.environment = {"LANG=C.UTF-8"}}), "│"));
}

TEST(Test, CountsScenariosAndFailsWithThem) {
  const TemporaryFolder folder;
  const std::string good =
      folder.write("good.yaml", std::string{kPing} + "expect: [ a.received == 2 ]\n");
  const std::string bad =
      folder.write("bad.yaml", std::string{kPing} + "expect: [ a.received == 3 ]\n");
  EXPECT_EQ(strata({"test", good}).out,
            "ok     " + good + " (1 expectation)\n1 passed, 0 failed, 0 broken\n");
  const CommandResult both = strata({"test", folder.path().string()});
  EXPECT_EQ(both.exit_status, 1);
  EXPECT_THAT(both.out, testing::HasSubstr("FAILED " + bad + " (seed 1)\n"));
  EXPECT_THAT(both.out, testing::EndsWith("1 passed, 1 failed, 0 broken\n"));
  folder.write("broken.yaml", "sed: 1\n");
  const CommandResult all = strata({"test", folder.path().string()});
  EXPECT_EQ(all.exit_status, 2);
  EXPECT_THAT(all.out, testing::EndsWith("1 passed, 1 failed, 1 broken\n"));
}

TEST(Show, FindsPacketsByWhatTheyAre) {
  const std::string file = scenario("loss/fast-retransmit.yaml");
  const CommandResult words = strata({"show", file, "packet", "of", "data", "3"});
  EXPECT_EQ(words.exit_status, 0) << words.err;
  EXPECT_EQ(strata({"show", file, "packet", "--of", "data 3"}).out, words.out);
  EXPECT_EQ(strata({"show", file, "packet", "of", "drop", "1"}).out, words.out);
  EXPECT_NE(strata({"show", file, "packet", "of", "retransmission", "1"}).out, words.out);
}

TEST(Show, ALadderWithoutPacketsSaysSo) {
  const std::string file = scenario("loss/fast-retransmit.yaml");
  EXPECT_EQ(strata({"show", file, "ladder", "--from", "99 s"}).out, "no packets\n");
}

TEST(Show, SocketTablesAreThoseOfTheInstant) {
  const std::string file = scenario("transport/handshake-and-close.yaml");
  EXPECT_THAT(strata({"show", file, "sockets", "--at", "5ms"}).out, testing::HasSubstr("LISTEN"));
  EXPECT_THAT(strata({"show", file, "sockets", "--at", "100 ms"}).out,
              testing::HasSubstr("TIME-WAIT"));
}

}  // namespace
}  // namespace strata::cli_tests
