// SPDX-License-Identifier: MIT
// The scenario library: every lesson that was promised is there, each says what it shows, is free
// of mistakes and keeps what it expects. Run through the command line, as a student does.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "sim/scenario/run.h"
#include "tests/support/command.h"

namespace strata::test {
namespace {

// Long enough to say what to see and why; a title alone does not teach.
constexpr std::size_t kAboutLeast = 200;
constexpr std::size_t kTitleMost = 80;
constexpr std::size_t kExpectationsLeast = 2;

std::optional<scenario::Scenario> load(const std::string& file) {
  scenario::Diagnostics diagnostics;
  std::vector<std::string> sources;
  return scenario::load(read_file(source_root() / file), file, {}, diagnostics, sources);
}

TEST(Lessons, EveryOneThatWasPromisedIsThere) {
  const std::vector<std::string> promised{
      "application/concurrent-and-iterative",
      "application/peer-to-peer",
      "application/tcp-or-udp",
      "basics/ping",
      "encapsulation/byte-order",
      "encapsulation/end-to-end",
      "encapsulation/http-request",
      "encapsulation/layering-cable",
      "encapsulation/layering-manchester",
      "encapsulation/layering-nrz",
      "encapsulation/layering-switch",
      "flow-control/growing-buffer",
      "flow-control/slow-reader",
      "link/arp-first",
      "link/broadcast",
      "loss/corrupted-frame",
      "loss/corrupted-unchecked",
      "loss/cut-short",
      "loss/duplicate",
      "loss/fast-retransmit",
      "loss/lost-ack",
      "loss/lost-fin",
      "loss/lost-syn",
      "loss/out-of-memory",
      "loss/reordering",
      "loss/spurious-timeout",
      "loss/timeout",
      "routing/fragmentation",
      "routing/mtu-change",
      "routing/traceroute",
      "routing/two-paths",
      "transport/demultiplexing",
      "transport/half-close",
      "transport/handshake-and-close",
      "transport/message-boundaries",
      "transport/multiplexing",
      "transport/udp-query",
      "transport/urgent-data",
  };
  const std::vector<std::string> files = scenario_files();

  for (const std::string& lesson : promised) {
    EXPECT_THAT(files, testing::Contains("scenarios/" + lesson + ".yaml"));
  }
}

TEST(Lessons, NoFileHasAMistake) {
  for (const std::string& file : scenario_files()) {
    const CommandResult result =
        run_command({strata_binary(), "check", file}, {.folder = source_root()});

    EXPECT_EQ(result.exit_status, 0) << file << "\n" << result.out << result.err;
    EXPECT_THAT(result.out + result.err, testing::Not(testing::HasSubstr("error:"))) << file;
    EXPECT_THAT(result.out + result.err, testing::Not(testing::HasSubstr("warning:"))) << file;
  }
}

TEST(Lessons, EveryExpectationHolds) {
  const CommandResult result =
      run_command({strata_binary(), "test", "scenarios"},
                  {.folder = source_root(), .limit = std::chrono::minutes(4)});

  EXPECT_EQ(result.exit_status, 0) << result.out << result.err;
}

// What a program counts and does not declare, no expectation could name.
TEST(Lessons, ProgramsCountOnlyFiguresThatTheyDeclare) {
  for (const std::string& file : scenario_files()) {
    const auto lesson = load(file);
    ASSERT_TRUE(lesson) << file;
    const scenario::RunOutcome outcome = scenario::Run(*lesson, {}).finish();
    for (const scenario::ProcessOutcome& process : outcome.figures.processes) {
      const auto declared = application::figure_names(*application::find_program(process.program));
      for (const auto& [name, value] : process.figures) {
        EXPECT_TRUE(std::any_of(
            declared.begin(), declared.end(),
            [&](std::string_view known) { return application::is_figure(known, name); }))
            << file << ": " << process.program << " counts " << name;
      }
    }
  }
}

TEST(Lessons, EachSaysWhatToSeeAndWhatMustHold) {
  for (const std::string& file : scenario_files()) {
    const auto lesson = load(file);
    ASSERT_TRUE(lesson) << file;

    EXPECT_FALSE(lesson->model.title.empty()) << file;
    EXPECT_LE(lesson->model.title.size(), kTitleMost) << file;
    EXPECT_GE(lesson->model.about.size(), kAboutLeast) << file;
    EXPECT_FALSE(lesson->show.empty()) << file;
    EXPECT_GE(lesson->expectations.size(), kExpectationsLeast) << file;
  }
}

TEST(Lessons, NoTwoHaveTheSameTitle) {
  std::vector<std::string> titles;
  for (const std::string& file : scenario_files()) {
    const auto lesson = load(file);
    ASSERT_TRUE(lesson) << file;
    titles.push_back(lesson->model.title);
  }
  std::sort(titles.begin(), titles.end());

  EXPECT_EQ(std::adjacent_find(titles.begin(), titles.end()), titles.end());
}

}  // namespace
}  // namespace strata::test
