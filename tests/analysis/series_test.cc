// SPDX-License-Identifier: MIT
#include "sim/analysis/series.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <numeric>

#include "sim/trace/metrics.h"
#include "tests/views/runs.h"

namespace strata::analysis {
namespace {

using views::recorded_runs;
using views::RecordedRun;

// The figures of the same run, counted by the observer that the summary and the JSON use.
trace::RunMetrics metrics_of(const trace::Recording& recording) {
  trace::Metrics metrics;
  for (const Event& event : recording.events()) metrics.on_event(event);
  return std::move(metrics).collect({}, recording.directory().nodes.size(), {});
}

template <typename Check>
void for_each_side(Check check) {
  for (const RecordedRun& run : recorded_runs()) {
    const trace::RunMetrics metrics = metrics_of(run.recording);
    for (const trace::Flow& flow : run.recording.flows()) {
      for (const bool is_opener : {true, false}) {
        SCOPED_TRACE(run.file + " flow " + std::to_string(flow.number));
        const trace::FlowMetrics& figures = metrics.flows[flow.number - 1];
        check(run.recording, *flow_end(run.recording, flow.number, is_opener),
              is_opener ? figures.forward : figures.backward);
      }
    }
  }
}

std::int64_t sum(const Series& series) {
  return std::accumulate(series.samples.begin(), series.samples.end(), std::int64_t{0},
                         [](std::int64_t total, const Sample& s) { return total + s.value; });
}

TEST(Series, NeverGoBackInTime) {
  for_each_side([](const trace::Recording& recording, const FlowEnd& end, const trace::FlowSide&) {
    std::vector<Series> all = window_series(recording, end);
    for (auto& series : rtt_series(recording, end)) all.push_back(series);
    for (auto& series : rate_series(recording, end, 10ms)) all.push_back(series);
    for (const Series& series : all) {
      EXPECT_TRUE(std::is_sorted(series.samples.begin(), series.samples.end(),
                                 [](const Sample& a, const Sample& b) { return a.time < b.time; }))
          << series.name;
    }
  });
}

TEST(Series, HaveEveryRttSampleOfTheFlow) {
  for_each_side(
      [](const trace::Recording& recording, const FlowEnd& end, const trace::FlowSide& side) {
        const std::vector<Series> series = rtt_series(recording, end);
        trace::RttFigures figures;
        for (const Sample& sample : series[0].samples) figures.add(Duration{sample.value});
        EXPECT_EQ(figures.count(), side.rtt.count());
        EXPECT_EQ(figures.mean(), side.rtt.mean());
        EXPECT_EQ(figures.max(), side.rtt.max());
      });
}

TEST(Series, RatesAddUpToWhatWasSentAndDelivered) {
  constexpr Duration kSecond = 1s;  // so that bits per second are the bits of a window
  for_each_side(
      [](const trace::Recording& recording, const FlowEnd& end, const trace::FlowSide& side) {
        const std::vector<Series> rates = rate_series(recording, end, kSecond);
        if (rates.empty()) {
          EXPECT_EQ(side.bytes_sent, 0U);
          return;
        }
        EXPECT_EQ(sum(rates[0]), static_cast<std::int64_t>(8 * side.bytes_sent));
        EXPECT_EQ(sum(rates[1]), static_cast<std::int64_t>(8 * side.bytes_delivered));
      });
}

TEST(Series, AQueueIsAsLongAsThePortSaidWheneverAFrameJoinedIt) {
  std::size_t looked_at = 0;
  for (const RecordedRun& run : recorded_runs()) {
    for (const auto& [node, port] : queues_of(run.recording)) {
      const Series depth = queue_series(run.recording, node, port);
      std::map<Instant, std::int64_t> deepest;  // of several frames at one instant the last
      for (const Event& event : run.recording.events()) {
        const auto* queued = std::get_if<FrameQueued>(&event.body);
        if (queued == nullptr || event.node != node || queued->port != port) continue;
        deepest[event.time] = queued->queued_frames;
      }
      for (const auto& [time, frames] : deepest) {
        const auto after =
            std::upper_bound(depth.samples.begin(), depth.samples.end(), time,
                             [](Instant t, const Sample& sample) { return t < sample.time; });
        ASSERT_NE(after, depth.samples.begin());
        // A frame may have left at the same instant after the last one joined.
        EXPECT_LE(std::prev(after)->value, frames) << run.file << " at " << to_text(time);
        EXPECT_GE(std::prev(after)->value + 1, frames) << run.file << " at " << to_text(time);
        ++looked_at;
      }
    }
  }
  EXPECT_GT(looked_at, 1000U);
}

TEST(SequenceDiagram, HasEverySegmentOnceAndEveryRetransmissionMarked) {
  for_each_side(
      [](const trace::Recording& recording, const FlowEnd& end, const trace::FlowSide& side) {
        const SequenceDiagram diagram = sequence_diagram(recording, end);
        if (recording.flow(end.flow)->protocol != Protocol::tcp) return;
        if (end.node == kNoNode) return;  // forged: no end of ours sent them
        EXPECT_EQ(diagram.segments.size(), side.segments_sent);
        EXPECT_EQ(static_cast<std::uint64_t>(
                      std::count_if(diagram.segments.begin(), diagram.segments.end(),
                                    [](const SequenceMark& m) { return m.is_retransmission; })),
                  side.retransmissions);
      });
}

}  // namespace
}  // namespace strata::analysis
