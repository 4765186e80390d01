// SPDX-License-Identifier: MIT
// What holds for every view of every scenario: it fits the terminal, says something, cuts nothing
// off, and in ASCII is ASCII; nothing is lost with colour.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <map>

#include "tests/support/command.h"
#include "tests/views/runs.h"
#include "tools/views/demux.h"
#include "tools/views/header.h"
#include "tools/views/hop_changes.h"
#include "tools/views/ladder.h"
#include "tools/views/log.h"
#include "tools/views/node_tables.h"
#include "tools/views/packet.h"
#include "tools/views/path.h"
#include "tools/views/plot.h"
#include "tools/views/states.h"
#include "tools/views/stream.h"
#include "tools/views/waveform.h"
#include "tools/views/why.h"

namespace strata::views {
namespace {

// Of long runs, all would take minutes and show nothing new.
constexpr std::uint64_t kPacketsOfEach = 3;
constexpr std::uint64_t kLostEach = 3;
constexpr std::uint32_t kFlowsEach = 1;

using Draw = std::function<Page(const Options&)>;

std::string without_escapes(const std::string& text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\x1b') {
      while (i < text.size() && text[i] != 'm') ++i;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

// The same curve and rows at any width: long runs are drawn at the two ends of the range only.
constexpr std::size_t kLongRun = 20'000;  // events

void expect_well_drawn(const trace::Recording& recording, const Draw& draw) {
  const bool is_long = recording.events().size() > kLongRun;
  for (const std::size_t width : kWidths) {
    if (is_long && width != kWidths[0] && width != kWidths[3]) continue;
    SCOPED_TRACE(fmt::format("width {}", width));
    const Options options{.width = width};
    const Page page = draw(options);
    EXPECT_FALSE(page.lines().empty());
    EXPECT_LE(page.columns(), width) << page.render(options);
    EXPECT_EQ(page.render(options).find("…"), std::string::npos) << page.render(options);
    EXPECT_EQ(without_escapes(page.render({.width = width, .color = true})), page.render(options));
  }
  // Which letters stand for which glyphs does not depend on the width.
  const Options ascii{.width = kWidths[1], .ascii = true};
  const std::string text = draw(ascii).render(ascii);
  EXPECT_TRUE(std::all_of(text.begin(), text.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x80;
  })) << text;
}

// A few packets of each run, with the lost ones, the damaged and those sent again.
template <typename Check>
void for_some_packets(Check check) {
  for (const RecordedRun& run : recorded_runs()) {
    std::uint64_t seen = 0;
    std::uint64_t lost = 0;
    for_each_packet(run.recording, [&](PacketUid uid) {
      const bool is_special = !bodies_of<Dropped>(run.recording, uid).empty() ||
                              !bodies_of<FrameCorrupted>(run.recording, uid).empty();
      if (++seen > kPacketsOfEach && (!is_special || ++lost > kLostEach)) return;
      SCOPED_TRACE(fmt::format("{} #{}", run.file, raw(uid)));
      check(run.recording, uid);
    });
  }
}

template <typename Check>
void for_some_flows(Check check) {
  for (const RecordedRun& run : recorded_runs()) {
    for (const trace::Flow& flow : run.recording.flows()) {
      if (flow.number > kFlowsEach) break;
      SCOPED_TRACE(fmt::format("{} flow {}", run.file, flow.number));
      check(run.recording, flow);
    }
  }
}

TEST(EveryView, OfAPacketIsWellDrawn) {
  for_some_packets([](const trace::Recording& recording, PacketUid uid) {
    expect_well_drawn(recording, [&](const Options& o) { return why(recording, uid, o); });
    expect_well_drawn(recording, [&](const Options& o) { return hop_changes(recording, uid, o); });
    expect_well_drawn(recording,
                      [&](const Options& o) { return header(recording, {.uid = uid}, o); });
    expect_well_drawn(recording,
                      [&](const Options& o) { return waveform(recording, {.uid = uid}, o); });
  });
}

TEST(EveryView, OfAFlowIsWellDrawn) {
  for_some_flows([](const trace::Recording& recording, const trace::Flow& flow) {
    const std::uint32_t number = flow.number;
    expect_well_drawn(recording,
                      [&](const Options& o) { return states(recording, {.flow = number}, o); });
    expect_well_drawn(recording,
                      [&](const Options& o) { return stream(recording, {.flow = number}, o); });
    for (const Figure figure :
         {Figure::window, Figure::sequence, Figure::rtt, Figure::rate, Figure::queue}) {
      expect_well_drawn(recording, [&](const Options& o) {
        return plot(recording, {.figure = figure, .flow = number}, o);
      });
    }
  });
}

TEST(EveryView, OfAnInstantIsWellDrawn) {
  for (const RecordedRun& run : recorded_runs()) {
    SCOPED_TRACE(run.file);
    const Instant middle = kStart + (run.recording.end() - kStart) / 2;
    for (const Instant at : {kStart, middle, run.recording.end()}) {
      expect_well_drawn(run.recording, [&](const Options& o) {
        return arp_tables(run.recording, at, kNoNode, o);
      });
      expect_well_drawn(run.recording, [&](const Options& o) {
        return mac_tables(run.recording, at, kNoNode, o);
      });
      expect_well_drawn(run.recording, [&](const Options& o) {
        return route_tables(run.recording, at, kNoNode, o);
      });
    }
  }
}

// What stands between the blanks and borders of a page, joined: names are in it however it breaks.
std::string without_layout(const std::string& text) {
  std::string joined;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (std::string_view{text}.substr(i).starts_with("│")) {
      i += std::string_view{"│"}.size() - 1;
    } else if (text[i] != ' ' && text[i] != '\n') {
      joined += text[i];
    }
  }
  return joined;
}

TEST(EveryView, KeepsTheLongestNamesAScenarioMayHave) {
  const std::string client = "a-client-with-quite-a-long-name1";
  const std::string server = "the-server-with-a-name-as-long-2";
  std::string text = test::read_file(test::source_root() / "scenarios/loss/fast-retransmit.yaml");
  const auto rename = [&](const std::string& from, const std::string& to) {
    for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
      text.replace(at, from.size(), to);
    }
  };
  rename("client", client);
  rename("server", server);
  rename("access", "the-link-in-front-of-the-client1");
  rename("sw0", "a-switch-with-a-name-of-the-same");
  rename("show:", "hide:");
  text.resize(text.find("hide:"));
  const trace::Recording recording = record(text, "long-names.yaml");
  ASSERT_FALSE(recording.flows().empty());
  const Instant at = kStart + 40ms;
  for_each_packet(recording, [&](PacketUid uid) {
    const bool is_lost = !bodies_of<Dropped>(recording, uid).empty();
    if (raw(uid) > 9 && !is_lost) return;
    const auto way = [&](const Options& o) { return path(recording, uid, o); };
    expect_well_drawn(recording, way);
    for (const std::size_t width : kWidths) {
      EXPECT_THAT(
          way({.width = width}).render({.width = width}),
          testing::HasSubstr(recording.directory().node_name(recording.packet(uid).origin)));
    }
    expect_well_drawn(recording, [&](const Options& o) { return why(recording, uid, o); });
    expect_well_drawn(recording, [&](const Options& o) { return packet(recording, {uid}, o); });
    expect_well_drawn(recording, [&](const Options& o) { return hop_changes(recording, uid, o); });
    expect_well_drawn(recording, [&](const Options& o) { return demux(recording, uid, o); });
  });
  const std::vector<Draw> of_both = {
      [&](const Options& o) { return log(recording, {}, o); },
      [&](const Options& o) { return ladder(recording, {}, o); },
      [&](const Options& o) { return states(recording, {.flow = 1}, o); },
      [&](const Options& o) { return demux_all(recording, kNoNode, o); },
  };
  for (const Draw& draw : of_both) {
    expect_well_drawn(recording, draw);
    for (const std::size_t width : kWidths) {
      const std::string drawn = draw({.width = width}).render({.width = width});
      EXPECT_THAT(without_layout(drawn), testing::HasSubstr(client)) << drawn;
      EXPECT_THAT(without_layout(drawn), testing::HasSubstr(server)) << drawn;
    }
  }
  expect_well_drawn(recording, [&](const Options& o) { return ladder(recording, {.flow = 1}, o); });
  expect_well_drawn(recording, [&](const Options& o) { return stream(recording, {.flow = 1}, o); });
  expect_well_drawn(recording,
                    [&](const Options& o) { return arp_tables(recording, at, kNoNode, o); });
  for (const Figure figure : {Figure::window, Figure::sequence, Figure::queue}) {
    expect_well_drawn(recording, [&](const Options& o) {
      return plot(recording, {.figure = figure, .flow = 1}, o);
    });
  }
}

TEST(Log, HasALineForEveryFrameCallStateAndLoss) {
  constexpr std::size_t kEventsMost = 30'000;  // a log of more says nothing new
  for (const RecordedRun& run : recorded_runs()) {
    if (run.recording.events().size() > kEventsMost) continue;
    std::size_t expected = 0;
    for (const Event& event : run.recording.events()) {
      expected += std::holds_alternative<FrameSent>(event.body) ||
                          std::holds_alternative<FrameReceived>(event.body) ||
                          std::holds_alternative<SocketCalled>(event.body) ||
                          std::holds_alternative<TcpStateChanged>(event.body)
                      ? 1U
                      : 0U;
    }
    std::map<std::string, std::size_t> verbs;
    const Options options{.width = 140};
    for (const std::string& line : lines_of(log(run.recording, {}, options), options)) {
      EXPECT_LE(columns(line), options.width);
      if (line.size() > 30) ++verbs[line.substr(24, line.find(' ', 24) - 24)];
    }
    EXPECT_EQ(verbs["send"] + verbs["recv"] + verbs["call"] + verbs["state"], expected) << run.file;
  }
}

}  // namespace
}  // namespace strata::views
