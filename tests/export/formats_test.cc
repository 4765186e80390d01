// SPDX-License-Identifier: MIT
// Every format of every scenario against the grammar of the program that reads it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <regex>
#include <set>

#include "tests/support/command.h"
#include "tests/views/runs.h"
#include "tools/export/format.h"
#include "tools/export/json.h"
#include "tools/export/sequence.h"

namespace strata::exports {
namespace {

using testing::HasSubstr;

// What a format writes; nothing when it says why not.
std::string written(const trace::Recording& recording,
                    Trouble (*write)(const trace::Recording&, const Request&, const Sink&),
                    Request request = {}) {
  request.scenario = "test.yaml";
  std::string text;
  const auto trouble = write(recording, request, [&](std::string_view piece) { text += piece; });
  return trouble ? "" : text;
}

// Long runs are looked at for their first tenth of a second.
Request window(const views::RecordedRun& run) {
  Request request;
  if (raw(run.recording.last_uid()) > 1000) request.until = kStart + 100ms;
  return request;
}

std::vector<std::string> cells(const std::string& line) {
  std::vector<std::string> found(1);
  for (const char c : line) {
    if (c == ',') {
      found.emplace_back();
    } else {
      found.back() += c;
    }
  }
  return found;
}

TEST(Formats, HaveNamesOfTheirOwnAndSayWhatTheyAre) {
  std::set<std::string_view> names;
  for (const Format& format : formats()) {
    EXPECT_TRUE(names.insert(format.name).second) << format.name;
    EXPECT_TRUE(format.help.ends_with(".")) << format.name;
  }
}

// ---- CSV ---------------------------------------------------------------------------------------

TEST(Csv, EveryRowHasTheColumnsOfItsHeadAndTimeGoesForward) {
  for (const views::RecordedRun& run : views::recorded_runs()) {
    for (const auto write : {write_tcp_csv, write_rtt_csv, write_queue_csv}) {
      SCOPED_TRACE(run.file);
      const std::vector<std::string> lines =
          test::split_lines(written(run.recording, write, window(run)));
      ASSERT_FALSE(lines.empty());
      const std::size_t columns = cells(lines[0]).size();
      EXPECT_EQ(cells(lines[0])[0], "t_ns");
      long long last = 0;
      for (std::size_t i = 1; i < lines.size(); ++i) {
        const std::vector<std::string> row = cells(lines[i]);
        ASSERT_EQ(row.size(), columns) << lines[i];
        EXPECT_GE(std::stoll(row[0]), last);
        last = std::stoll(row[0]);
      }
    }
  }
}

TEST(Csv, RoundTripsAreTheSamplesOfTheRun) {
  const trace::Recording& recording = views::recording_of("loss/fast-retransmit");
  const std::vector<std::string> lines = test::split_lines(written(recording, write_rtt_csv));
  std::size_t samples = 0;
  for (const Event& event : recording.events()) {
    if (std::holds_alternative<RttSampled>(event.body)) ++samples;
  }
  EXPECT_GT(samples, 0U);
  EXPECT_EQ(lines.size(), samples + 1);
}

TEST(Csv, AQueueIsEmptyWhenItsLastFrameWasSent) {
  const std::vector<std::string> lines =
      test::split_lines(written(views::recording_of("loss/fast-retransmit"), write_queue_csv));
  ASSERT_GT(lines.size(), 2U);
  std::map<std::string, std::string> depth;  // by node and port
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const std::vector<std::string> row = cells(lines[i]);
    depth[row[2] + row[3]] = row[6];
  }
  for (const auto& [port, frames] : depth) EXPECT_EQ(frames, "0") << port;
}

TEST(Csv, GoodputAddsUpToWhatWasDelivered) {
  const trace::Recording& recording = views::recording_of("loss/fast-retransmit");
  const std::vector<std::string> lines =
      test::split_lines(written(recording, write_throughput_csv));
  double octets = 0;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const std::vector<std::string> row = cells(lines[i]);
    if (row[3] == "opener") octets += std::stod(row[5]) * std::stod(row[1]) / 8e9;
  }
  EXPECT_NEAR(octets, 14600, 150);
}

// ---- sequence diagrams -------------------------------------------------------------------------

// The lines of Mermaid's sequenceDiagram that we use, as its documentation describes them.
bool is_mermaid(const std::string& line) {
  static const std::regex kLine(R"(%% .*|sequenceDiagram|    participant n\d+ as [^;#]+)"
                                R"(|    Note over n0(,n\d+)?: .+|    n\d+(->>|-->>|-x)n\d+: .+)");
  static const std::regex kEntity(R"(#(35|59|lt|gt);)");
  if (!std::regex_match(line, kLine)) return false;
  const std::string rest = std::regex_replace(line, kEntity, "");
  return rest.find(';') == std::string::npos && rest.find('<') == std::string::npos;
}

TEST(Mermaid, OfEveryScenarioIsASequenceDiagram) {
  for (const views::RecordedRun& run : views::recorded_runs()) {
    SCOPED_TRACE(run.file);
    const std::vector<std::string> lines =
        test::split_lines(written(run.recording, write_mermaid, window(run)));
    ASSERT_GT(lines.size(), 3U);
    EXPECT_EQ(lines[1], "sequenceDiagram");
    for (const std::string& line : lines) EXPECT_TRUE(is_mermaid(line)) << line;
    EXPECT_LT(lines.size(), 2 * kSequenceStepsMost + 30);
  }
}

TEST(Mermaid, ALostSegmentEndsInACross) {
  const std::string text = written(views::recording_of("loss/fast-retransmit"), write_mermaid);
  EXPECT_THAT(
      text, testing::ContainsRegex("n0-xn1: .*DATA 2921:4381, dropped by the scenario on access"));
  EXPECT_THAT(text, testing::ContainsRegex("again: .*RETX 2921:4381"));
}

TEST(Mscgen, AcceptsTheChartOfEveryScenario) {
  if (!test::has_program("mscgen")) {
    ASSERT_FALSE(test::tools_are_required()) << "mscgen is missing";
    GTEST_SKIP() << "mscgen is not installed";
  }
  const test::TemporaryFolder folder;
  for (const views::RecordedRun& run : views::recorded_runs()) {
    const std::string chart =
        folder.write("run.msc", written(run.recording, write_mscgen, window(run)));
    const auto result =
        test::run_command({"mscgen", "-T", "svg", "-i", chart, "-o", folder.file("run.svg")});
    EXPECT_EQ(result.exit_status, 0) << run.file << "\n" << result.err;
  }
}

// ---- xplot -------------------------------------------------------------------------------------

// xplot's grammar, as far as tcptrace uses it. Returns what is wrong, empty: nothing.
std::string xplot_problem(const std::vector<std::string>& lines) {
  static const std::regex kColour("white|green|yellow|red");
  static const std::regex kPoint(R"((darrow|uarrow|atext|rtext) \d+\.\d{6} \d+)");
  static const std::regex kLine(R"(line \d+\.\d{6} \d+ \d+\.\d{6} \d+)");
  if (lines.size() < 8 || lines[0] != "timeval unsigned" || lines[1] != "title" ||
      lines[3] != "xlabel" || lines[5] != "ylabel" || lines.back() != "go") {
    return "head or end";
  }
  for (std::size_t i = 7; i + 1 < lines.size(); ++i) {
    if (std::regex_match(lines[i], kColour) || std::regex_match(lines[i], kLine)) continue;
    if (!std::regex_match(lines[i], kPoint)) return lines[i];
    if (lines[i].find("text") != std::string::npos) ++i;  // its text is the next line
  }
  return "";
}

TEST(Xplot, OfEveryTcpConversationFollowsTheGrammar) {
  std::size_t plots = 0;
  for (const views::RecordedRun& run : views::recorded_runs()) {
    const std::string text = written(run.recording, write_xplot, window(run));
    if (text.empty()) continue;
    ++plots;
    EXPECT_EQ(xplot_problem(test::split_lines(text)), "") << run.file;
  }
  EXPECT_GT(plots, 20U);
}

TEST(Xplot, MarksARetransmissionWithAnR) {
  const std::string text = written(views::recording_of("loss/fast-retransmit"), write_xplot);
  EXPECT_THAT(text, testing::ContainsRegex("red\natext [0-9.]+ 4380\nR\n"));
}

// ---- Perfetto ----------------------------------------------------------------------------------

// Slices that begin must end, on their own track.
void expect_balanced(const Json& events) {
  std::map<std::pair<std::int64_t, std::int64_t>, int> open;
  std::map<std::string, int> on_wire;
  std::map<std::int64_t, int> arrows;
  for (const Json& event : events) {
    const std::string phase = event["ph"];
    const std::pair track{event["pid"].get<std::int64_t>(), event["tid"].get<std::int64_t>()};
    if (phase == "B") ++open[track];
    if (phase == "E") {
      EXPECT_GE(--open[track], 0) << event;
    }
    if (phase == "b") ++on_wire[event["id"].get<std::string>()];
    if (phase == "e") --on_wire[event["id"].get<std::string>()];
    if (phase == "s") ++arrows[event["id"].get<std::int64_t>()];
    if (phase == "f") --arrows[event["id"].get<std::int64_t>()];
  }
  for (const auto& [track, count] : open) EXPECT_EQ(count, 0);
  for (const auto& [id, count] : on_wire) EXPECT_EQ(count, 0) << id;
  for (const auto& [id, count] : arrows) EXPECT_EQ(count, 0) << id;
}

TEST(Perfetto, EverySliceEndsAndEveryArrowLeadsSomewhere) {
  for (const views::RecordedRun& run : views::recorded_runs()) {
    if (raw(run.recording.last_uid()) > 1000) continue;
    SCOPED_TRACE(run.file);
    const Json json = Json::parse(written(run.recording, write_perfetto), nullptr, false);
    ASSERT_FALSE(json.is_discarded());
    expect_balanced(json["traceEvents"]);
  }
}

TEST(Perfetto, KeepsNanoseconds) {
  const trace::Recording& recording = views::recording_of("loss/fast-retransmit");
  const Json json = Json::parse(written(recording, write_perfetto));
  std::set<std::int64_t> sent;
  for (const Event& event : recording.events()) {
    if (std::holds_alternative<FrameSent>(event.body)) sent.insert((event.time - kStart).count());
  }
  std::size_t slices = 0;
  for (const Json& event : json["traceEvents"]) {
    if (event["ph"] != "X") continue;
    ++slices;
    EXPECT_TRUE(sent.contains(std::llround(event["ts"].get<double>() * 1000)));
  }
  EXPECT_GT(slices, 50U);
}

// ---- asciicast ---------------------------------------------------------------------------------

TEST(Asciicast, PlaysTheLadderInTwentySecondsWithoutLongPauses) {
  const std::string text = written(views::recording_of("loss/fast-retransmit"), write_asciicast);
  const std::vector<std::string> lines = test::split_lines(text);
  const Json head = Json::parse(lines[0]);
  EXPECT_EQ(head["version"], 2);
  EXPECT_EQ(head["width"], 100);
  double last = 0;
  for (std::size_t i = 1; i < lines.size(); ++i) {
    const Json frame = Json::parse(lines[i]);
    ASSERT_EQ(frame.size(), 3U);
    EXPECT_EQ(frame[1], "o");
    EXPECT_GE(frame[0].get<double>(), last);
    EXPECT_LE(frame[0].get<double>(), last + 1.6);
    last = frame[0];
  }
  EXPECT_LE(last, 30);
  EXPECT_THAT(text, HasSubstr("RETX"));
}

}  // namespace
}  // namespace strata::exports
