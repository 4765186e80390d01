// SPDX-License-Identifier: MIT
// `strata export`, `strata compare` and `strata show --json` from the outside: mistakes, files,
// widths.
#include <gmock/gmock.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "tests/strata/program.h"
#include "tools/views/text.h"

namespace strata::cli_tests {
namespace {

using testing::ElementsAre;
using testing::StartsWith;

TEST(Export, MistakesGetOneLineAndStatusTwo) {
  const TemporaryFolder folder;
  const std::string ping = folder.write("ping.yaml", kPing);
  const struct {
    std::vector<std::string> arguments;
    std::string error;
  } cases[] = {
      {{"export"}, "strata: a scenario is missing; write 'strata export FILE FORMAT'"},
      {{"export", ping}, "strata: a format is missing; write 'strata export FILE FORMAT'"},
      {{"export", ping, "mermiad"}, "strata: there is no format 'mermiad'; did you mean 'mermaid'"},
      {{"export", ping, "events", "--flow", "0"}, "strata: --flow '0'; use a number from 1"},
      {{"export", ping, "events", "--flow", "3"}, "strata: there is no flow 3; the run had 0"},
      {{"export", ping, "events", "--from", "5"}, "strata: --from: "},
      {{"export", ping, "events", "--filter", "icmp = 1"},
       "strata: filter, column 6: write == to compare"},
      {{"export", ping, "xplot", "--filter", "icmp"}, "strata: the format xplot takes no filter"},
      {{"export", ping, "xplot"}, "strata: the run had no conversation to show"},
      {{"export", ping, "events", "-o", folder.file("none/run.jsonl")}, "strata: cannot write "},
      {{"compare"}, "strata: scenarios are missing; write 'strata compare A B'"},
      {{"compare", ping}, "strata: one file under the same settings is one run; write"},
      {{"compare", ping, ping, ping}, "strata: two runs at a time; write"},
      {{"compare", ping, "--set-b", "sed=2"}, "--set-b sed=2: "},
      {{"compare", ping, ping, "--flow", "x"}, "strata: --flow 'x'; flows count from 1"},
  };
  for (const auto& mistake : cases) {
    const CommandResult result = strata(mistake.arguments);
    EXPECT_EQ(result.exit_status, 2) << mistake.error;
    EXPECT_EQ(result.out, "") << mistake.error;
    EXPECT_THAT(result.err, StartsWith(mistake.error));
  }
  EXPECT_THAT(folder.files(), ElementsAre("ping.yaml"));
}

TEST(Export, AFileAppearsWhenItIsCompleteAndStandardOutputGetsTheSame) {
  const TemporaryFolder folder;
  const std::string ping = folder.write("ping.yaml", kPing);

  const CommandResult printed = strata({"export", ping, "events"});
  const CommandResult filed = strata({"export", ping, "events", "-o", folder.file("run.jsonl")});

  EXPECT_EQ(printed.exit_status, 0) << printed.err;
  EXPECT_EQ(filed.exit_status, 0) << filed.err;
  EXPECT_EQ(filed.out, "");
  EXPECT_EQ(read_file(folder.path() / "run.jsonl"), printed.out);
  EXPECT_THAT(folder.files(), ElementsAre("ping.yaml", "run.jsonl"));
}

TEST(Export, WhatIsNoFileIsWrittenToAsItIs) {
  const TemporaryFolder folder;
  const std::string ping = folder.write("ping.yaml", kPing);

  EXPECT_EQ(strata({"export", ping, "mermaid", "-o", "/dev/null"}).exit_status, 0);
  EXPECT_FALSE(std::filesystem::is_regular_file("/dev/null"));
}

TEST(Compare, FitsEveryWidthAndIsOneJsonObject) {
  const std::string file = scenario("loss/fast-retransmit.yaml");
  const std::vector<std::string> both{"compare", file, "--set-b", "nodes.client.tcp.sack=true"};
  for (const std::size_t width : {60U, 80U, 100U, 140U}) {
    std::vector<std::string> arguments = both;
    arguments.insert(arguments.end(), {"--width", std::to_string(width)});
    const CommandResult result = strata(arguments, {.environment = {"LC_ALL=C.UTF-8"}});
    EXPECT_EQ(result.exit_status, 0) << result.err;
    for (const std::string& line : test::split_lines(result.out)) {
      EXPECT_LE(views::columns(line), width) << line;
      EXPECT_EQ(line.find("…"), std::string::npos) << line;
    }
  }
  std::vector<std::string> arguments = both;
  arguments.emplace_back("--json");
  const auto json = nlohmann::json::parse(strata(arguments).out, nullptr, false);
  ASSERT_FALSE(json.is_discarded());
  EXPECT_EQ(json["settings"][0]["path"], "nodes.client.tcp.sack");
  EXPECT_EQ(json["settings"].size(), 1U);
}

TEST(Show, EveryViewIsOneJsonObjectToo) {
  const std::string file = scenario("loss/fast-retransmit.yaml");
  for (const std::vector<std::string>& view : {std::vector<std::string>{"summary"},
                                               {"ladder"},
                                               {"sockets", "--at", "40ms"},
                                               {"path", "--of", "drop 1"},
                                               {"packet", "--of", "data 1"},
                                               {"demux"},
                                               {"log", "--filter", "tcp.flags.syn == 1"},
                                               {"header", "--of", "data 1"},
                                               {"waveform", "--of", "data 1"},
                                               {"diff", "--of", "data 1"},
                                               {"why", "--of", "drop 1"},
                                               {"states"},
                                               {"stream"},
                                               {"plot", "rtt"},
                                               {"arp"},
                                               {"fdb"},
                                               {"routes"}}) {
    std::vector<std::string> arguments{"show", file};
    arguments.insert(arguments.end(), view.begin(), view.end());
    arguments.emplace_back("--json");
    const CommandResult result = strata(arguments);
    EXPECT_EQ(result.exit_status, 0) << result.err;
    EXPECT_TRUE(nlohmann::json::accept(result.out)) << view[0];
  }
}

}  // namespace
}  // namespace strata::cli_tests
