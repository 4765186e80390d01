// SPDX-License-Identifier: MIT
// States, causes, streams, plots and changes per hop say what happened, in every scenario.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/analysis/flow_end.h"
#include "sim/analysis/timeline.h"
#include "sim/trace/words.h"
#include "tests/views/runs.h"
#include "tools/views/hop_changes.h"
#include "tools/views/journey.h"
#include "tools/views/plot.h"
#include "tools/views/states.h"
#include "tools/views/stream.h"
#include "tools/views/why.h"

namespace strata::views {
namespace {

using testing::HasSubstr;

constexpr std::uint64_t kPacketsEach = 40;

TEST(States, NameEveryStateThatAnEndWasIn) {
  for (const RecordedRun& run : recorded_runs()) {
    for (const trace::Flow& flow : run.recording.flows()) {
      if (flow.protocol != Protocol::tcp || flow.number > 5) continue;
      const Options options{.width = 100};
      const std::string text =
          states(run.recording, {.flow = flow.number}, options).render(options);
      for (const bool is_opener : {true, false}) {
        const auto end = analysis::flow_end(run.recording, flow.number, is_opener);
        for (const analysis::StateSpan& span : analysis::timeline_of(run.recording, *end).states) {
          EXPECT_THAT(text, HasSubstr(std::string{to_text(span.state)})) << run.file;
        }
      }
    }
  }
}

TEST(States, OfALongWaitCutTheIdleTimeAndSaySo) {
  const std::string text =
      states(recording_of("transport/handshake-and-close"), {.flow = 1}, {}).render({});
  EXPECT_THAT(text, HasSubstr("┄ cut: "));
  EXPECT_THAT(text, HasSubstr("TIME-WAIT"));
}

TEST(Why, NamesTheDropAndTheOriginalOfWhatIsSentAgain) {
  std::size_t looked_at = 0;
  for (const RecordedRun& run : recorded_runs()) {
    std::uint64_t seen = 0;
    for_each_packet(run.recording, [&](PacketUid uid) {
      for (const TcpSegmentSent* sent : bodies_of<TcpSegmentSent>(run.recording, uid)) {
        if (sent->first_sent_as == kNoPacket || ++seen > kPacketsEach) return;
        ++looked_at;
        const Options options{.width = 140};
        const std::string text = why(run.recording, uid, options).render(options);
        EXPECT_THAT(text, testing::ContainsRegex(
                              fmt::format("repeats [^\n]*#{} ", raw(sent->first_sent_as))))
            << run.file;
        EXPECT_THAT(text, HasSubstr("because ")) << run.file;
        for (const Dropped* dropped : bodies_of<Dropped>(run.recording, sent->first_sent_as)) {
          if (!analysis::is_loss(*dropped)) continue;
          EXPECT_THAT(text, HasSubstr(std::string{words_of(dropped->reason)})) << run.file;
        }
      }
    });
  }
  EXPECT_GT(looked_at, 50U);
}

TEST(Stream, CountsTheSegmentsAndShowsEachThatWasSentAgain) {
  const trace::Recording& recording = recording_of("loss/fast-retransmit");
  const Options options{.width = 140};
  const std::string text = stream(recording, {.flow = 1}, options).render(options);
  for (const Event& event : recording.events()) {
    const auto* sent = std::get_if<TcpSegmentSent>(&event.body);
    if (sent == nullptr || sent->length == 0 || sent->cause == RetransmitCause::none) continue;
    EXPECT_THAT(text, HasSubstr(fmt::format("#{} fa", raw(event.uid))));
    EXPECT_THAT(text, HasSubstr(fmt::format("✗ #{} ", raw(sent->first_sent_as))));
  }
  EXPECT_THAT(text, HasSubstr("again"));
  EXPECT_THAT(text, HasSubstr("held"));
}

TEST(Plot, OfALossMarksItAndWhatWasSentAgain) {
  const Options options{.width = 100, .ascii = true};
  const std::string text =
      plot(recording_of("loss/fast-retransmit"), {.figure = Figure::sequence}, options)
          .render(options);
  const std::string picture = text.substr(text.find("sent again"));
  EXPECT_THAT(picture, HasSubstr("R"));
  EXPECT_THAT(picture.substr(picture.find('\n')), HasSubstr("x"));
}

TEST(Plot, OfUdpSaysThatItHasNoWindow) {
  const std::string text = plot(recording_of("transport/udp-query"), {}, {}).render({});
  EXPECT_THAT(text, HasSubstr("UDP has nothing of it"));
}

// What the layers promise: a switch changes nothing but the tag of a VLAN, a router lives one hop
// shorter and sums anew.
TEST(HopChanges, OfASwitchAreNoneAndOfARouterTheAddressesAndTheTimeToLive) {
  std::size_t switches = 0;
  std::size_t routers = 0;
  for (const RecordedRun& run : recorded_runs()) {
    std::uint64_t seen = 0;
    for_each_packet(run.recording, [&](PacketUid uid) {
      if (++seen > kPacketsEach) return;
      const Journey journey = journey_of(run.recording, uid);
      for (const HopChange& change : changes_of(journey)) {
        if (change.node == kNoNode || change.in->error != FrameError::none) continue;
        const trace::NodeEntry* node = run.recording.directory().node(change.node);
        if (node->kind == trace::NodeKind::network_switch) {
          const bool is_tag = std::ranges::any_of(change.fields, [](const FieldChange& field) {
            return field.field == "vlan identifier";
          });
          EXPECT_TRUE(change.fields.empty() || is_tag) << run.file << " #" << raw(uid);
          EXPECT_LE(change.fields.size(), 6U) << run.file << " #" << raw(uid);
          EXPECT_TRUE(change.payload.empty()) << run.file << " #" << raw(uid);
          ++switches;
        } else if (node->kind == trace::NodeKind::router) {
          ++routers;
          const auto ttl =
              std::find_if(change.fields.begin(), change.fields.end(),
                           [](const FieldChange& field) { return field.field == "time to live"; });
          ASSERT_NE(ttl, change.fields.end()) << run.file << " #" << raw(uid);
          EXPECT_EQ(std::stoi(ttl->before), std::stoi(ttl->after) + 1);
        }
      }
    });
  }
  EXPECT_GT(switches, 20U);
  EXPECT_GT(routers, 20U);
}

TEST(HopChanges, OfADamagedFrameNameTheMedium) {
  const trace::Recording& recording = recording_of("loss/corrupted-frame");
  bool found = false;
  for_each_packet(recording, [&](PacketUid uid) {
    if (bodies_of<FrameCorrupted>(recording, uid).empty()) return;
    found = true;
    EXPECT_THAT(hop_changes(recording, uid, {}).render({}), HasSubstr("the medium flipped"));
  });
  EXPECT_TRUE(found);
}

}  // namespace
}  // namespace strata::views
