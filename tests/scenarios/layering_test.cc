// SPDX-License-Identifier: MIT
// The promise of a layered stack, kept to the last octet: what a layer does cannot be told from
// above. Each test runs two scenarios of the library that differ in one layer and compares all that
// happened above it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include "sim/scenario/run.h"
#include "sim/trace/recording.h"
#include "tests/scenarios/event_text.h"
#include "tests/support/command.h"

namespace strata::test {
namespace {

struct Recorded {
  trace::Recording recording;
  std::string output;  // of all processes
};

std::optional<Recorded> record(const std::string& file) {
  scenario::Diagnostics diagnostics;
  std::vector<std::string> sources;
  const std::string text = read_file(source_root() / file);
  const auto scenario = scenario::load(text, file, {}, diagnostics, sources);
  if (!scenario) return std::nullopt;
  scenario::Run run(*scenario, {});
  trace::Recorder recorder;
  run.observe(recorder, kAllEvents);
  const scenario::RunOutcome outcome = run.finish();
  Recorded recorded{recorder.finish(outcome.figures.directory, scenario->model.seed,
                                    outcome.figures.metrics.result.end),
                    {}};
  for (const auto& process : outcome.figures.processes) recorded.output += process.output;
  return recorded;
}

std::vector<std::string> lines_above_physical(const trace::Recording& recording) {
  std::vector<std::string> lines;
  for (const Event& event : recording.events()) {
    std::string line = text_above_physical(event);
    if (!line.empty()) lines.push_back(std::move(line));
  }
  return lines;
}

// What the TCP of one node sent: stream offsets, not sequence numbers, which depend on the clock.
std::vector<std::string> segments_of(const trace::Recording& recording, std::string_view node) {
  std::vector<std::string> segments;
  const NodeId wanted = recording.directory().find_node(node);
  for (const Event& event : recording.events()) {
    const auto* sent = std::get_if<TcpSegmentSent>(&event.body);
    if (sent == nullptr || event.node != wanted) continue;
    segments.push_back(std::string(to_text(sent->kind)) + " " + std::to_string(sent->offset) + " " +
                       std::to_string(sent->length) + " " + std::to_string(sent->flags) + " " +
                       std::to_string(sent->ack_offset));
  }
  return segments;
}

// Times to live with which datagrams were accepted from others.
std::vector<int> hops_left(const trace::Recording& recording) {
  constexpr std::size_t kTtlAt = 8;
  std::vector<int> ttls;
  for (const Event& event : recording.events()) {
    const auto* pulled = std::get_if<HeaderPulled>(&event.body);
    if (pulled == nullptr || pulled->protocol != Protocol::ipv4) continue;
    if (pulled->packet.size() > kTtlAt) ttls.push_back(pulled->packet[kTtlAt]);
  }
  return ttls;
}

TEST(Layering, NothingAboveThePhysicalLayerNoticesTheLineCode) {
  const auto nrz = record("scenarios/encapsulation/layering-nrz.yaml");
  const auto manchester = record("scenarios/encapsulation/layering-manchester.yaml");
  ASSERT_TRUE(nrz && manchester);

  const auto one = lines_above_physical(nrz->recording);
  const auto other = lines_above_physical(manchester->recording);

  EXPECT_GT(one.size(), 100U);
  ASSERT_EQ(one.size(), other.size());
  for (std::size_t i = 0; i < one.size(); ++i) ASSERT_EQ(one[i], other[i]) << "event " << i;
  EXPECT_EQ(nrz->output, manchester->output);
}

TEST(Layering, TheTwoLineCodesReallyDiffer) {
  const auto nrz = record("scenarios/encapsulation/layering-nrz.yaml");
  const auto manchester = record("scenarios/encapsulation/layering-manchester.yaml");
  ASSERT_TRUE(nrz && manchester);

  EXPECT_EQ(nrz->recording.directory().links[0].line_code, physical::LineCodeKind::nrz);
  EXPECT_EQ(manchester->recording.directory().links[0].line_code,
            physical::LineCodeKind::manchester);
}

TEST(Layering, TransportSendsTheSameSegmentsWithAndWithoutASwitch) {
  const auto cable = record("scenarios/encapsulation/layering-cable.yaml");
  const auto with_switch = record("scenarios/encapsulation/layering-switch.yaml");
  ASSERT_TRUE(cable && with_switch);

  for (const std::string_view node : {"client", "server"}) {
    EXPECT_FALSE(segments_of(cable->recording, node).empty());
    EXPECT_EQ(segments_of(cable->recording, node), segments_of(with_switch->recording, node));
  }
}

TEST(Layering, ASwitchLeavesTheTimeToLiveAlone) {
  const auto cable = record("scenarios/encapsulation/layering-cable.yaml");
  const auto with_switch = record("scenarios/encapsulation/layering-switch.yaml");
  ASSERT_TRUE(cable && with_switch);

  EXPECT_THAT(hops_left(with_switch->recording), testing::Each(64));
  EXPECT_EQ(hops_left(cable->recording), hops_left(with_switch->recording));
}

}  // namespace
}  // namespace strata::test
