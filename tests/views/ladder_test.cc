// SPDX-License-Identifier: MIT
#include "tools/views/ladder.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "sim/trace/words.h"
#include "tests/views/runs.h"

namespace strata::views {
namespace {

using testing::HasSubstr;

// Long runs have more of the same rows: one width is enough for them.
std::vector<std::size_t> widths_for(const RecordedRun& run) {
  constexpr std::size_t kLong = 20'000;  // events
  if (run.recording.events().size() > kLong) return {100};
  return {kWidths.begin(), kWidths.end()};
}

// Packets that touched a link or a queue: what a ladder of everything shows.
std::set<std::uint64_t> packets_on_links(const trace::Recording& recording, std::uint32_t flow) {
  std::set<std::uint64_t> uids;
  for (const Event& event : recording.events()) {
    const bool travels = std::get_if<FrameSent>(&event.body) != nullptr ||
                         std::get_if<Dropped>(&event.body) != nullptr;
    if (!travels || event.uid == kNoPacket) continue;
    if (flow != 0 && recording.packet(event.uid).flow != flow) continue;
    uids.insert(raw(event.uid));
  }
  return uids;
}

// "#12" anywhere in the lines of a ladder.
// Rows have a clock on the left; of what never came there, on the right. Words that go on below a
// row have none.
bool is_row(const std::string& line) {
  constexpr std::size_t kClock = 9;
  if (line.find_first_not_of(' ') < kClock) return true;
  const std::string behind = line.substr(std::min(line.rfind("│"), line.size()));
  const std::size_t begin = std::min(behind.find_first_of("0123456789"), behind.size());
  const std::string word = behind.substr(begin, behind.find(' ', begin) - begin);
  return word.size() > 4 && word.find_first_not_of("0123456789") == word.size() - 4 &&
         word[word.size() - 4] == '.';
}

std::multiset<std::uint64_t> packets_in(const std::vector<std::string>& lines) {
  std::multiset<std::uint64_t> uids;
  for (const std::string& line : lines) {
    if (!is_row(line)) continue;
    const std::size_t at = line.find('#');
    if (at != std::string::npos) uids.insert(std::strtoull(line.c_str() + at + 1, nullptr, 10));
  }
  return uids;
}

std::vector<LadderSelection> selections(const trace::Recording& recording) {
  std::vector<LadderSelection> all{{.flow = std::nullopt, .fold = false}};
  for (const trace::Flow& flow : recording.flows()) {
    all.push_back({.flow = flow.number, .fold = false});
    if (all.size() > 2) break;
  }
  return all;
}

TEST(Ladder, HasARowForEveryPacketAtEveryWidth) {
  for (const RecordedRun& run : recorded_runs()) {
    for (const LadderSelection& selection : selections(run.recording)) {
      const auto expected = packets_on_links(run.recording, selection.flow.value_or(0));
      for (const std::size_t width : widths_for(run)) {
        const Options options{.width = width};
        const auto shown = packets_in(lines_of(ladder(run.recording, selection, options), options));
        EXPECT_EQ(shown, (std::multiset<std::uint64_t>{expected.begin(), expected.end()}))
            << run.file << " flow " << selection.flow.value_or(0) << " width " << width;
      }
    }
  }
}

TEST(Ladder, FitsTheTerminalAndCutsNothingOff) {
  for (const RecordedRun& run : recorded_runs()) {
    for (LadderSelection selection : selections(run.recording)) {
      for (const std::size_t width : widths_for(run)) {
        for (const bool fold : {false, true}) {
          selection.fold = fold;
          const Options options{.width = width};
          const auto lines = lines_of(ladder(run.recording, selection, options), options);
          EXPECT_GE(lines.size(), 2U) << run.file;
          for (const std::string& line : lines) {
            EXPECT_LE(columns(line), width) << run.file << "\n" << line;
            EXPECT_EQ(line.find("…"), std::string::npos) << run.file << "\n" << line;
          }
        }
      }
    }
  }
}

TEST(Ladder, MarksRetransmissionsExactlyAsOftenAsTcpMadeThem) {
  for (const RecordedRun& run : recorded_runs()) {
    std::set<std::uint64_t> sent;
    for_each_packet(run.recording, [&](PacketUid uid) {
      for (const TcpSegmentSent* segment : bodies_of<TcpSegmentSent>(run.recording, uid)) {
        if (segment->cause != RetransmitCause::none &&
            segment->cause != RetransmitCause::window_probe) {
          sent.insert(raw(uid));
        }
      }
    });
    const auto on_links = packets_on_links(run.recording, 0);
    std::set<std::uint64_t> marked;
    const Options options{.width = 140};
    for (const std::string& line :
         lines_of(ladder(run.recording, {.fold = false}, options), options)) {
      if (line.find("RETX") == std::string::npos || line.find("≈") != std::string::npos) continue;
      const auto uids = packets_in({line});
      marked.insert(uids.begin(), uids.end());
    }
    std::set<std::uint64_t> expected;
    std::set_intersection(sent.begin(), sent.end(), on_links.begin(), on_links.end(),
                          std::inserter(expected, expected.end()));
    EXPECT_EQ(marked, expected) << run.file;
  }
}

TEST(Ladder, ShowsTheReasonOfEveryDrop) {
  for (const RecordedRun& run : recorded_runs()) {
    const Options options{.width = 140};
    const auto lines = lines_of(ladder(run.recording, {.fold = false}, options), options);
    for (const std::string& line : lines) {
      if (line.find("✗") == std::string::npos) continue;
      for (const std::uint64_t uid : packets_in({line})) {
        const auto drops = bodies_of<Dropped>(run.recording, PacketUid{uid});
        EXPECT_TRUE(std::any_of(drops.begin(), drops.end(),
                                [&](const Dropped* dropped) {
                                  return line.find(words_of(dropped->reason)) != std::string::npos;
                                }))
            << run.file << "\n"
            << line;
      }
    }
  }
}

TEST(Ladder, APacketThatDiesOnALinkOrAtItsQueueDoesNotArrive) {
  std::size_t at_queues = 0;
  for (const RecordedRun& run : recorded_runs()) {
    const auto ends_at_link = [&](PacketUid uid) {
      const auto drops = bodies_of<Dropped>(run.recording, uid);
      return std::any_of(drops.begin(), drops.end(),
                         [](const Dropped* dropped) { return dropped->link != kNoLink; });
    };
    for (const LadderRow& row : ladder_rows(run.recording, {.keep = ends_at_link})) {
      if (row.branches > 0) continue;  // another copy may have arrived
      EXPECT_FALSE(row.arrived) << run.file << " #" << raw(row.uid);
      ASSERT_TRUE(row.end) << run.file << " #" << raw(row.uid);
      EXPECT_NE(row.end->link, kNoLink) << run.file << " #" << raw(row.uid);
      if (row.end->reason == DropReason::queue_full) ++at_queues;
    }
  }
  EXPECT_GT(at_queues, 10U);
}

TEST(Ladder, FoldingSaysHowManyPacketsItHides) {
  for (const RecordedRun& run : recorded_runs()) {
    for (LadderSelection selection : selections(run.recording)) {
      const Options options{.width = 100};
      const auto all = packets_in(lines_of(ladder(run.recording, selection, options), options));
      selection.fold = true;
      std::size_t hidden = 0;
      std::size_t shown = 0;
      for (const std::string& line : lines_of(ladder(run.recording, selection, options), options)) {
        std::smatch match;
        if (std::regex_search(line, match, std::regex("⋮ ([0-9]+) more"))) {
          hidden += std::stoul(match[1].str());
        } else {
          shown += packets_in({line}).size();
        }
      }
      EXPECT_EQ(shown + hidden, all.size()) << run.file;
    }
  }
}

// The numbers are those of tshark for the same run: tcp.seq, tcp.nxtseq and tcp.ack, relative.
TEST(Ladder, CountsSequenceNumbersAsWiresharkDoes) {
  const std::string text =
      ladder(recording_of("loss/fast-retransmit"), {.flow = 1, .fold = false}, {.width = 140})
          .render({});
  for (const std::string_view label :
       {"SYN seq 0 <", "SYN·ACK seq 0 ack 1", "DATA 1:1461", "DATA 13141:14601",
        "FIN·ACK seq 14601 ack 1", "ACK 2921 dup 3", "RETX 2921:4381 (fast retransmit)"}) {
    EXPECT_THAT(text, HasSubstr(std::string{label}));
  }
}

// A SYN begins at 0, whatever the addresses and ports were used for before.
TEST(Ladder, CountsAnotherConnectionOfTheSameAddressesAndPortsAnew) {
  const std::string text =
      ladder(recording_of("transport/time-wait-reuse"), {.flow = 1, .fold = false}, {.width = 140})
          .render({});
  EXPECT_THAT(text, testing::ContainsRegex("SYN seq 0 <[^\n]*#11 "));
  EXPECT_THAT(text, testing::ContainsRegex("SYN·ACK seq 0 ack 1 <[^\n]*#12 "));
}

// RFC 9293 3.6.1: the end that closed first answers the last FIN from TIME-WAIT and stays there for
// 2 MSL; a SYN that is lost is in flight until the timer says otherwise.
TEST(Ladder, ShowsWhatHeldAtThePacketAndNotWhatATimerMadeOfItLater) {
  const std::string closing =
      ladder(recording_of("loss/fast-retransmit"), {.flow = 1, .fold = false}, {.width = 140})
          .render({});
  EXPECT_THAT(closing, testing::ContainsRegex("TIME-WAIT[^\n]*── ACK 2 #31"));
  const std::string opening =
      ladder(recording_of("loss/lost-syn"), {.flow = 1, .fold = false}, {.width = 140}).render({});
  EXPECT_THAT(opening, testing::ContainsRegex("SYN-SENT +536 +1 [^\n]*SYN seq 0"));
}

// The label at the tail, the fate at the head, whichever way the arrow points.
TEST(Ladder, GoesOnBelowAnArrowOnTheSideWhereTheWordsBegan) {
  const std::string text =
      ladder(recording_of("loss/spurious-timeout"), {.flow = 1, .fold = false}, {.width = 100})
          .render({});
  EXPECT_THAT(text, testing::ContainsRegex("RETX 18981:20441 #52 [^\n]* ✗ nothing new in│[^\n]*\n"
                                           " +│ +\\(timeout\\) +it at server│"));
  EXPECT_THAT(text, testing::ContainsRegex("✗ nothing new in ═ RETX FIN·ACK seq 1 #166 [^\n]*\n"
                                           " +│ +it at client +ack 150002 \\(timeout\\)│"));
}

TEST(Ladder, DrawsADatagramThatARouterCutAndItsFragmentsInOneDirection) {
  const auto lines =
      lines_of(ladder(recording_of("routing/fragmentation"), {.flow = 1, .fold = false}, {}), {});
  std::size_t fragments = 0;
  for (const std::string& line : lines) {
    if (line.find("fragments at r1") != std::string::npos) {
      EXPECT_THAT(line, HasSubstr("⋮│"));
    }
    if (line.find("IP fragment") == std::string::npos) continue;
    ++fragments;
    // To the right, as far as it came: fragments of the second datagram are lost or wait in vain.
    EXPECT_THAT(line, testing::AnyOf(HasSubstr("▶│"), HasSubstr("─ ✗ ")));
    EXPECT_THAT(line, testing::Not(HasSubstr("◀")));
  }
  EXPECT_EQ(fragments, 6U);
}

TEST(Ladder, CompressesIdleTimeIntoOneLine) {
  const std::string text =
      ladder(recording_of("loss/timeout"), {.flow = 1}, {.width = 100}).render({});
  EXPECT_THAT(text, testing::ContainsRegex("┄ .*s pass ┄"));
}

TEST(Ladder, OfAWindowOfTimeShowsWhatWasSentInIt) {
  const trace::Recording& recording = recording_of("loss/fast-retransmit");
  const LadderSelection selection{
      .flow = 1, .from = kStart + 40ms, .until = kStart + 56ms, .fold = false};
  std::set<std::uint64_t> expected;
  for (const std::uint64_t uid : packets_on_links(recording, 1)) {
    for (const trace::EventIndex index : recording.of_packet(PacketUid{uid})) {
      const Event& event = recording.event(index);
      if (std::get_if<FrameSent>(&event.body) == nullptr) continue;
      if (event.time >= selection.from && event.time <= selection.until) expected.insert(uid);
      break;
    }
  }
  const auto shown = packets_in(lines_of(ladder(recording, selection, {}), {}));
  EXPECT_EQ(shown, (std::multiset<std::uint64_t>{expected.begin(), expected.end()}));
}

}  // namespace
}  // namespace strata::views
