// SPDX-License-Identifier: MIT
#include "sim/analysis/stream_lanes.h"

#include <gtest/gtest.h>

#include "tests/views/runs.h"

namespace strata::analysis {
namespace {

using views::recorded_runs;
using views::RecordedRun;
using views::recording_of;

template <typename Check>
void for_each_lanes(Check check) {
  for (const RecordedRun& run : recorded_runs()) {
    for (const trace::Flow& flow : run.recording.flows()) {
      const std::size_t connections = connections_of(run.recording, flow.number);
      for (std::size_t connection = 0; connection < connections; ++connection) {
        for (const bool is_opener : {true, false}) {
          SCOPED_TRACE(run.file + " flow " + std::to_string(flow.number));
          check(run.recording, flow,
                stream_lanes(run.recording, *flow_end(run.recording, flow.number, is_opener),
                             connection));
        }
      }
    }
  }
}

TEST(StreamLanes, WritesAreOneRangeWithoutGap) {
  for_each_lanes([](const trace::Recording&, const trace::Flow&, const StreamLanes& lanes) {
    std::uint64_t next = 0;
    for (const StreamMove& write : lanes.writes) {
      EXPECT_EQ(write.begin, next);
      next = write.end;
    }
  });
}

TEST(StreamLanes, ReadsGoOnWhereTheLastOneEndedButForAnUrgentOctet) {
  for_each_lanes([](const trace::Recording&, const trace::Flow& flow, const StreamLanes& lanes) {
    if (flow.protocol != Protocol::tcp) return;
    std::uint64_t next = 0;
    for (const StreamMove& read : lanes.reads) {
      EXPECT_GE(read.begin, next);
      EXPECT_LE(read.begin, next + 1);
      next = read.end;
    }
  });
}

TEST(StreamLanes, NothingIsSentThatWasNotWrittenNorReadThatDidNotArrive) {
  for_each_lanes([](const trace::Recording&, const trace::Flow& flow, const StreamLanes& lanes) {
    std::uint64_t written = 0;
    for (const StreamMove& write : lanes.writes) written = std::max(written, write.end);
    std::uint64_t arrived = 0;
    for (const StreamSegment& segment : lanes.segments) {
      EXPECT_LT(segment.begin, segment.end + (flow.protocol == Protocol::udp ? 1 : 0));
      if (segment.arrived) {
        EXPECT_GE(*segment.arrived, segment.sent);
        EXPECT_FALSE(segment.drop);
        arrived = std::max(arrived, segment.end);
      }
      if (flow.protocol == Protocol::tcp && lanes.writer.node != kNoNode) {
        EXPECT_LE(segment.end, written);
      }
    }
    for (const StreamMove& read : lanes.reads) EXPECT_LE(read.end, arrived);
  });
}

TEST(StreamLanes, OctetsAboveAGapWaitUntilTheRetransmissionArrives) {
  const trace::Recording& recording = recording_of("loss/fast-retransmit");
  const StreamLanes lanes = stream_lanes(recording, *flow_end(recording, 1, true));

  ASSERT_FALSE(lanes.held.empty());
  const auto again = std::find_if(
      lanes.segments.begin(), lanes.segments.end(),
      [](const StreamSegment& segment) { return segment.cause != RetransmitCause::none; });
  ASSERT_NE(again, lanes.segments.end());
  ASSERT_TRUE(again->arrived);
  EXPECT_EQ(lanes.held.front().until, *again->arrived);
  EXPECT_GE(lanes.held.front().begin, again->end);
}

TEST(StreamLanes, OfAddressesUsedTwiceAreThoseOfTheConnectionAskedFor) {
  const trace::Recording& recording = recording_of("transport/time-wait-reuse");
  ASSERT_EQ(connections_of(recording, 1), 2U);
  for (const std::size_t connection : {0U, 1U}) {
    std::size_t segments = 0;
    for (const bool is_opener : {true, false}) {
      const StreamLanes lanes =
          stream_lanes(recording, *flow_end(recording, 1, is_opener), connection);
      if (lanes.segments.empty()) continue;
      segments += lanes.segments.size();
      EXPECT_EQ(lanes.segments.front().begin, 0U);
    }
    EXPECT_GT(segments, 0U);
  }
}

}  // namespace
}  // namespace strata::analysis
