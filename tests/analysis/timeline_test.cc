// SPDX-License-Identifier: MIT
#include "sim/analysis/timeline.h"

#include <gtest/gtest.h>

#include "tests/views/runs.h"

namespace strata::analysis {
namespace {

using views::recorded_runs;
using views::RecordedRun;
using views::recording_of;

// Both ends of every TCP conversation of every scenario.
template <typename Check>
void for_each_end(Check check) {
  for (const RecordedRun& run : recorded_runs()) {
    for (const trace::Flow& flow : run.recording.flows()) {
      if (flow.protocol != Protocol::tcp) continue;
      for (const bool is_opener : {true, false}) {
        SCOPED_TRACE(run.file + " flow " + std::to_string(flow.number));
        check(run.recording, *flow_end(run.recording, flow.number, is_opener));
      }
    }
  }
}

TEST(Timeline, StatesFollowEachOtherWithoutGapOrOverlap) {
  for_each_end([](const trace::Recording& recording, const FlowEnd& end) {
    const Timeline timeline = timeline_of(recording, end);
    for (std::size_t i = 0; i < timeline.states.size(); ++i) {
      const StateSpan& span = timeline.states[i];
      EXPECT_LE(span.from, span.until);
      EXPECT_LE(span.until, recording.end());
      if (i > 0) {
        EXPECT_LE(timeline.states[i - 1].until, span.from);
      }
    }
  });
}

TEST(Timeline, HasOneStateForEachThatWasEntered) {
  for_each_end([](const trace::Recording& recording, const FlowEnd& end) {
    std::size_t entered = 0;
    for (const trace::EventIndex index : events_of<TcpStateChanged>(recording, end)) {
      const auto& change = std::get<TcpStateChanged>(recording.event(index).body);
      entered += change.to != TcpState::closed ? 1U : 0U;
    }
    EXPECT_EQ(timeline_of(recording, end).states.size(), entered);
  });
}

TEST(Timeline, EndsEachTimerAsItsLastEventSays) {
  for_each_end([](const trace::Recording& recording, const FlowEnd& end) {
    std::size_t fired = 0;
    std::size_t cancelled = 0;
    for (const trace::EventIndex index : events_of<TimerChanged>(recording, end)) {
      const auto& change = std::get<TimerChanged>(recording.event(index).body);
      fired += change.action == TimerAction::fired ? 1U : 0U;
      cancelled += change.action == TimerAction::cancelled ? 1U : 0U;
    }
    for (const TimerSpan& span : timeline_of(recording, end).timers) {
      EXPECT_LE(span.set, span.until);
      if (span.end == TimerAction::fired) {
        --fired;
        EXPECT_EQ(span.until, span.deadline) << span.timer;
      } else if (span.end == TimerAction::cancelled) {
        --cancelled;
      }
    }
    EXPECT_EQ(fired, 0U);
    EXPECT_EQ(cancelled, 0U);
  });
}

TEST(Timeline, OfAHandshakeAndACloseIsTheOneOfTheRfc) {
  const trace::Recording& recording = recording_of("transport/handshake-and-close");
  const auto states = [&](bool is_opener) {
    std::vector<TcpState> found;
    for (const StateSpan& span : timeline_of(recording, *flow_end(recording, 1, is_opener)).states)
      found.push_back(span.state);
    return found;
  };

  // verifies RFC 9293 3.6 (figure 5: the normal closing sequence)
  // In this lesson it is the server that closes first.
  EXPECT_EQ(states(true), (std::vector{TcpState::syn_sent, TcpState::established,
                                       TcpState::close_wait, TcpState::last_ack}));
  EXPECT_EQ(states(false),
            (std::vector{TcpState::syn_received, TcpState::established, TcpState::fin_wait_1,
                         TcpState::fin_wait_2, TcpState::time_wait}));
  EXPECT_TRUE(timeline_of(recording, *flow_end(recording, 1, false)).listening_since);
}

}  // namespace
}  // namespace strata::analysis
