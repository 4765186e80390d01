// SPDX-License-Identifier: MIT
// The path and the boxes of every packet of every scenario.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "tests/views/runs.h"
#include "tools/views/demux.h"
#include "tools/views/journey.h"
#include "tools/views/packet.h"
#include "tools/views/path.h"

namespace strata::views {
namespace {

using testing::HasSubstr;
using testing::Not;

// Of long runs, every packet would take minutes and show nothing new: so many of all, and of the
// lost ones.
constexpr std::uint64_t kPathsEach = 40;

template <typename Check>
void for_each_view(Check check) {
  for (const RecordedRun& run : recorded_runs()) {
    std::uint64_t seen = 0;
    std::uint64_t seen_lost = 0;
    for_each_packet(run.recording, [&](PacketUid uid) {
      const bool lost = !bodies_of<Dropped>(run.recording, uid).empty();
      if (lost) ++seen_lost;
      if (++seen > kPathsEach && (!lost || seen_lost > kPathsEach)) return;
      for (const std::size_t width : kWidths) {
        SCOPED_TRACE(fmt::format("{} #{} width {}", run.file, raw(uid), width));
        check(run.recording, uid, Options{.width = width});
      }
    });
  }
}

// The words of a page with one blank between them, wherever its lines end.
std::string words_in(const Page& page, const Options& options) {
  std::istringstream text(page.render(options));
  std::string words;
  for (std::string word; text >> word;) words += (words.empty() ? "" : " ") + word;
  return words;
}

TEST(Path, FitsTheTerminalCutsNothingOffAndIsNeverEmpty) {
  for_each_view([](const trace::Recording& recording, PacketUid uid, const Options& options) {
    const auto lines = lines_of(path(recording, uid, options), options);
    EXPECT_GT(lines.size(), 1U);
    for (const std::string& line : lines) {
      EXPECT_LE(columns(line), options.width) << line;
      EXPECT_THAT(line, Not(HasSubstr("…")));
    }
  });
}

TEST(Path, NamesEveryDeviceThatSawThePacket) {
  for_each_view([](const trace::Recording& recording, PacketUid uid, const Options& options) {
    const std::string text = path(recording, uid, options).render(options);
    for (const trace::EventIndex index : recording.of_packet(uid)) {
      const Event& event = recording.event(index);
      if (std::get_if<FrameSent>(&event.body) == nullptr &&
          std::get_if<FrameReceived>(&event.body) == nullptr) {
        continue;
      }
      EXPECT_THAT(text, HasSubstr(std::string{recording.directory().node_name(event.node)}));
    }
  });
}

TEST(Path, SaysWhyThePacketWasDropped) {
  for_each_view([](const trace::Recording& recording, PacketUid uid, const Options& options) {
    const std::string text = words_in(path(recording, uid, options), options);
    for (const PacketEnd& end : journey_of(recording, uid).ends) {
      EXPECT_THAT(text, HasSubstr(explain(end, recording.directory())));
    }
  });
}

// The echo request of the second ping crosses s1 in VLAN 10, and behind the router in VLAN 20.
TEST(Path, OfASwitchThatIsPassedTwiceHasWhatHappenedEachTime) {
  const trace::Recording& recording = recording_of("link/vlans");
  const std::string text = path(recording, PacketUid{6}, {.width = 60}).render({});
  EXPECT_THAT(text, testing::ContainsRegex("s1 [^\n]*\n[^\n]*\n +L1 PHY +in p0; out p2\n"));
  EXPECT_THAT(text, testing::ContainsRegex("s1 [^\n]*\n[^\n]*\n +L1 PHY +in p3; out p1\n"));
}

TEST(Path, OfAnUnknownPacketSaysSo) {
  EXPECT_THAT(path(recording_of("basics/ping"), PacketUid{9999}, {}).render({}),
              HasSubstr("does not occur"));
}

TEST(Path, ShowsWhereEveryBranchOfAFloodedFrameEnded) {
  const trace::Recording& recording = recording_of("link/broadcast");
  std::size_t floods = 0;
  for_each_packet(recording, [&](PacketUid uid) {
    for (const SwitchForwarded* flooded : bodies_of<SwitchForwarded>(recording, uid)) {
      if (!flooded->flooded) continue;
      ++floods;
      const std::string text = path(recording, uid, {}).render({});
      EXPECT_THAT(text, HasSubstr("flood"));
      for (const FrameReceived* received : bodies_of<FrameReceived>(recording, uid)) {
        const auto* link = recording.directory().link(received->link);
        ASSERT_NE(link, nullptr);
        EXPECT_THAT(text, HasSubstr(link->name)) << "#" << raw(uid);
      }
    }
  });
  EXPECT_GT(floods, 0U);
}

TEST(PacketView, FitsTheTerminalCutsNothingOffAndIsNeverEmpty) {
  for_each_view([](const trace::Recording& recording, PacketUid uid, const Options& options) {
    const auto lines = lines_of(packet(recording, {.uid = uid}, options), options);
    EXPECT_GE(lines.size(), 1U);
    for (const std::string& line : lines) {
      EXPECT_LE(columns(line), options.width) << line;
      EXPECT_THAT(line, Not(HasSubstr("…")));
    }
  });
}

TEST(PacketView, ShowsADamagedFrameAsSentAndAsItArrived) {
  const trace::Recording& recording = recording_of("loss/corrupted-frame");
  bool found = false;
  for_each_packet(recording, [&](PacketUid uid) {
    if (bodies_of<FrameCorrupted>(recording, uid).empty()) return;
    found = true;
    const std::string both = packet(recording, {.uid = uid}, {}).render({});
    const std::string received =
        packet(recording, {.uid = uid, .as_received = true}, {}).render({});
    EXPECT_THAT(both, HasSubstr("as it arrived:\n" + received));
    EXPECT_THAT(received, HasSubstr("↯"));
    EXPECT_THAT(received, HasSubstr("✗"));
  });
  EXPECT_TRUE(found);
}

TEST(Demux, ShowsEveryRuleThatWasTriedAndTheOutcome) {
  for_each_view([](const trace::Recording& recording, PacketUid uid, const Options& options) {
    const auto lines = lines_of(demux(recording, uid, options), options);
    ASSERT_FALSE(lines.empty());
    for (const std::string& line : lines) EXPECT_LE(columns(line), options.width) << line;
    std::size_t steps = 0;
    for (const Demultiplexed* decision : bodies_of<Demultiplexed>(recording, uid)) {
      steps += decision->steps.size() + 2;  // a title, the steps, the outcome
    }
    EXPECT_GE(lines.size(), std::max<std::size_t>(steps, 1));
    if (options.width == 140) {
      EXPECT_EQ(lines.size(), std::max<std::size_t>(steps, 1));
    }
  });
}

TEST(Demux, OfAllPacketsHasOneLineEachWhereThereIsRoom) {
  for (const RecordedRun& run : recorded_runs()) {
    std::size_t decisions = 0;
    for (const Event& event : run.recording.events()) {
      decisions += std::get_if<Demultiplexed>(&event.body) != nullptr ? 1U : 0U;
    }
    for (const std::size_t width : kWidths) {
      const Options options{.width = width};
      const auto lines = lines_of(demux_all(run.recording, kNoNode, options), options);
      EXPECT_GE(lines.size(), decisions + 1) << run.file;
      if (width == 140) {
        EXPECT_EQ(lines.size(), decisions + 1) << run.file;
      }
      for (const std::string& line : lines) EXPECT_LE(columns(line), width) << line;
    }
  }
}

TEST(Demux, OfAllPacketsKeepsBlanksBetweenItsColumns) {
  const trace::Recording& recording = recording_of("transport/demultiplexing");
  const Options options{.width = 140};
  const auto lines = lines_of(demux_all(recording, kNoNode, options), options);
  std::size_t looked_at = 0;
  for (const std::string& line : lines) {
    const std::size_t address = line.find("10.0.1.20:80");
    if (address == std::string::npos) continue;
    ++looked_at;
    EXPECT_EQ(line.substr(address - 2, 2), "  ") << line;
  }
  EXPECT_GT(looked_at, 3U);
}

}  // namespace
}  // namespace strata::views
