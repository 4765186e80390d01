// SPDX-License-Identifier: MIT
// Ctrl-C: the run ends in order, and what happened until then is kept.
#include <nlohmann/json.hpp>

#include "tests/scenario/schema_check.h"
#include "tests/strata/program.h"

namespace strata::cli_tests {
namespace {

// Would take hours: ten thousand pings a second for a year.
constexpr const char* kEndless =
    "nodes:\n  a: { address: 10.0.0.1/24 }\n  b: { address: 10.0.0.2/24 }\n"
    "links:\n  wire: { ends: [a, b] }\n"
    "processes: [ { on: a, run: ping, to: b, count: 4000000000, interval: 100 us } ]\n";

TEST(Interrupt, FinishesTheReport) {
  const TemporaryFolder folder;
  const CommandResult result = strata({"run", "--json", folder.write("x.yaml", kEndless)},
                                      {.interrupt_when_written = folder.file("none")});
  EXPECT_EQ(result.exit_status, 130) << result.err;
  const auto json = nlohmann::ordered_json::parse(result.out);
  EXPECT_EQ(json["stop"], "interrupted");
  EXPECT_GT(json["events"], 1000);
  const auto schema = nlohmann::ordered_json::parse(read_file(documentation("run.schema.json")));
  EXPECT_THAT(testing_support::check_schema(schema, json), testing::IsEmpty());
}

TEST(Interrupt, CompletesTheCaptures) {
  const TemporaryFolder folder;
  const CommandResult result =
      strata({"run", "--quiet", "--pcap", folder.file("out"), folder.write("x.yaml", kEndless)},
             {.interrupt_when_written = folder.file("out")});
  EXPECT_EQ(result.exit_status, 130) << result.err;
  EXPECT_THAT(folder.files(),
              testing::ElementsAre("out/a-eth0.pcapng", "out/b-eth0.pcapng", "x.yaml"));
}

TEST(Interrupt, CompletesThePage) {
  const TemporaryFolder folder;
  const std::string scenario = folder.write("x.yaml", kEndless);
  const std::string page = folder.file("run.html");
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"run", "--quiet", "--report", page, "--report-frames", "100",
                                 scenario},
        std::vector<std::string>{"report", "--output", page, "--report-frames", "100", scenario}}) {
    const CommandResult result = strata(arguments, {.interrupt_when_written = folder.file("none")});
    EXPECT_EQ(result.exit_status, 130) << result.err;
    EXPECT_THAT(result.out, testing::HasSubstr("wrote " + page));
    EXPECT_THAT(read_file(page), testing::HasSubstr("</html>"));
    std::filesystem::remove(page);
  }
}

TEST(Interrupt, EndsFollowingAfterAWholeLine) {
  const TemporaryFolder folder;
  const CommandResult result = strata({"show", folder.write("x.yaml", kPing), "log", "--follow",
                                       "--speed", "0.01", "--color", "always"},
                                      {.interrupt_when_written = folder.file("none")});
  EXPECT_EQ(result.exit_status, 130) << result.err;
  EXPECT_THAT(result.out, testing::HasSubstr("what"));
  EXPECT_THAT(result.out, testing::EndsWith("\n"));
  EXPECT_THAT(result.out, testing::Not(testing::HasSubstr("icmp_seq=2")));
}

}  // namespace
}  // namespace strata::cli_tests
