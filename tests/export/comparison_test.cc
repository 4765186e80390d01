// SPDX-License-Identifier: MIT
#include "tools/export/comparison.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/command.h"
#include "tests/views/runs.h"

namespace strata::exports {
namespace {

using testing::Contains;
using testing::IsEmpty;

ComparedRun run_of(const trace::Recording& recording) {
  ComparedRun run;
  run.recording = &recording;
  run.figures = Json::object();
  return run;
}

trace::Recording with(std::string_view from, std::string_view to) {
  std::string text =
      test::read_file(test::source_root() / "scenarios" / "loss" / "fast-retransmit.yaml");
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  if (at != std::string::npos) text.replace(at, from.size(), to);
  return views::record(text, "changed.yaml");
}

TEST(Comparison, OfARunWithItselfFindsNothing) {
  const ComparedRun run = run_of(views::recording_of("loss/fast-retransmit"));
  const Comparison comparison = compare(run, run, std::nullopt);
  EXPECT_THAT(comparison.settings, IsEmpty());
  EXPECT_FALSE(comparison.divergence.has_value());
  for (const PacketPair& pair : comparison.packets) EXPECT_TRUE(pair.is_alike());
}

TEST(Comparison, AnotherSeedAloneGoesTheSameWayWhereNothingIsRandom) {
  const trace::Recording other = with("seed: 42", "seed: 43");
  const Comparison comparison =
      compare(run_of(views::recording_of("loss/fast-retransmit")), run_of(other), std::nullopt);
  EXPECT_FALSE(comparison.divergence.has_value()) << comparison.divergence->a_event << "\n"
                                                  << comparison.divergence->b_event;
}

TEST(Comparison, SettingsThatDifferAreNamedWithBothValues) {
  ComparedRun a = run_of(views::recording_of("loss/fast-retransmit"));
  ComparedRun b = a;
  a.settings = {{"seed", "1"}, {"links.x.delay", "5ms"}, {"title", "same"}};
  b.settings = {{"seed", "2"}, {"title", "same"}, {"links.x.rate", "1Mbit/s"}};
  const Comparison comparison = compare(a, b, std::nullopt);
  ASSERT_EQ(comparison.settings.size(), 3U);
  EXPECT_EQ(comparison.settings[0].path, "seed");
  EXPECT_EQ(comparison.settings[0].b, "2");
  EXPECT_EQ(comparison.settings[1].b, "");
  EXPECT_EQ(comparison.settings[2].a, "");
}

TEST(Comparison, FiguresThatAreEqualAreLeftOutUnlessTheyMatterMost) {
  ComparedRun a = run_of(views::recording_of("loss/fast-retransmit"));
  ComparedRun b = a;
  a.figures = {{"finished_s", 1.5}, {"frames", {{"sent", 10}, {"delivered", 9}}}};
  b.figures = {{"finished_s", 1.5}, {"frames", {{"sent", 12}, {"delivered", 9}}}};
  const Comparison comparison = compare(a, b, std::nullopt);
  ASSERT_EQ(comparison.figures.size(), 2U);
  EXPECT_EQ(comparison.figures[0].name, "finished_s");
  EXPECT_EQ(comparison.figures[1].name, "frames.sent");
}

TEST(Comparison, PacketsOfOneRunAloneStandBetweenThoseOfBoth) {
  const trace::Recording& lossy = views::recording_of("loss/fast-retransmit");
  const trace::Recording& timeout = views::recording_of("loss/timeout");
  const Comparison comparison = compare(run_of(lossy), run_of(timeout), std::nullopt);
  ASSERT_TRUE(comparison.divergence.has_value());
  // Nothing is lost, nothing comes twice, and the order of each run stays.
  std::vector<PacketUid> a;
  Instant last = kStart;
  for (const PacketPair& pair : comparison.packets) {
    if (!pair.a) continue;
    a.push_back(pair.a->uid);
    EXPECT_GE(pair.a->sent, last);
    last = pair.a->sent;
  }
  EXPECT_EQ(a.size(), views::ladder_rows(lossy, {}).size());
}

}  // namespace
}  // namespace strata::exports
