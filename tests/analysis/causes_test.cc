// SPDX-License-Identifier: MIT
#include "sim/analysis/causes.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "sim/analysis/flow_end.h"
#include "tests/views/runs.h"

namespace strata::analysis {
namespace {

using views::recorded_runs;
using views::RecordedRun;
using views::recording_of;

// Of very long runs, packets in the middle are like those before.
constexpr std::uint64_t kPacketsEach = 60;

bool has(const CauseStep& step, CauseRelation relation) {
  return std::any_of(step.children.begin(), step.children.end(),
                     [&](const CauseStep& child) { return child.relation == relation; });
}

const CauseStep* find(const CauseStep& step, CauseRelation relation) {
  for (const CauseStep& child : step.children) {
    if (child.relation == relation) return &child;
  }
  return nullptr;
}

// Retransmissions, dropped packets, and the first packets of every scenario.
template <typename Check>
void for_each_cause(Check check) {
  for (const RecordedRun& run : recorded_runs()) {
    std::uint64_t seen = 0;
    std::uint64_t special = 0;
    views::for_each_packet(run.recording, [&](PacketUid uid) {
      bool is_special = false;
      for (const trace::EventIndex index : run.recording.of_packet(uid)) {
        const Event& event = run.recording.event(index);
        const auto* sent = std::get_if<TcpSegmentSent>(&event.body);
        is_special |= sent != nullptr && sent->cause != RetransmitCause::none;
        is_special |= std::holds_alternative<Dropped>(event.body);
      }
      if (++seen > kPacketsEach && (!is_special || ++special > kPacketsEach)) return;
      SCOPED_TRACE(run.file + " #" + std::to_string(raw(uid)));
      const auto causes = causes_of(run.recording, uid);
      ASSERT_TRUE(causes);
      check(run.recording, uid, *causes);
    });
  }
}

TEST(Causes, OfARetransmissionAreWhatItRepeatsAndATimerOrAnArrival) {
  std::size_t looked_at = 0;
  for_each_cause([&](const trace::Recording& recording, PacketUid uid, const CauseStep& causes) {
    for (const TcpSegmentSent* sent : views::bodies_of<TcpSegmentSent>(recording, uid)) {
      if (sent->cause == RetransmitCause::none || sent->first_sent_as == kNoPacket) return;
      ++looked_at;
      const CauseStep* original = find(causes, CauseRelation::original);
      ASSERT_NE(original, nullptr);
      EXPECT_EQ(original->packet, sent->first_sent_as);
      EXPECT_TRUE(has(causes, CauseRelation::because)) << to_text(sent->cause);
      if (sent->cause == RetransmitCause::timeout && sent->because_of == kNoPacket) {
        const CauseStep* because = find(causes, CauseRelation::because);
        const auto* timer = std::get_if<TimerChanged>(&recording.event(because->event).body);
        ASSERT_NE(timer, nullptr);
        EXPECT_EQ(timer->action, TimerAction::fired);
        EXPECT_TRUE(has(*because, CauseRelation::set));
      }
    }
  });
  EXPECT_GT(looked_at, 50U);
}

TEST(Causes, NameEveryDropThatIsALoss) {
  for_each_cause([](const trace::Recording& recording, PacketUid uid, const CauseStep& causes) {
    for (const trace::EventIndex index : recording.of_packet(uid)) {
      const auto* dropped = std::get_if<Dropped>(&recording.event(index).body);
      if (dropped == nullptr || !is_loss(*dropped)) continue;
      EXPECT_TRUE(
          std::any_of(causes.children.begin(), causes.children.end(), [&](const CauseStep& step) {
            return step.relation == CauseRelation::dropped && step.event == index;
          }));
    }
  });
}

TEST(Causes, NeverNameWhatCameLaterAsAReason) {
  for_each_cause([](const trace::Recording& recording, PacketUid, const CauseStep& causes) {
    const Instant when = recording.event(causes.event).time;
    for (const CauseStep& step : causes.children) {
      const Instant then = recording.event(step.event).time;
      const bool is_reason = step.relation == CauseRelation::because ||
                             step.relation == CauseRelation::original ||
                             step.relation == CauseRelation::written;
      if (is_reason) {
        EXPECT_LE(then, when) << to_text(step.relation);
      }
      const bool is_result = step.relation == CauseRelation::effect ||
                             step.relation == CauseRelation::noticed ||
                             step.relation == CauseRelation::arrived;
      if (is_result) {
        EXPECT_GE(then, when) << to_text(step.relation);
      }
    }
  });
}

TEST(Causes, OfAFastRetransmitAreTheDuplicateAcksAndTheLossThatTheyTellOf) {
  const trace::Recording& recording = recording_of("loss/fast-retransmit");
  PacketUid again = kNoPacket;
  for (const Event& event : recording.events()) {
    const auto* sent = std::get_if<TcpSegmentSent>(&event.body);
    if (sent != nullptr && sent->cause == RetransmitCause::fast_retransmit) again = event.uid;
  }
  const auto causes = causes_of(recording, again);
  ASSERT_TRUE(causes);

  const CauseStep* third = find(*causes, CauseRelation::because);
  ASSERT_NE(third, nullptr);
  EXPECT_EQ(std::get<TcpSegmentReceived>(recording.event(third->event).body).duplicate_acks, 3U);
  EXPECT_EQ(std::count_if(
                third->children.begin(), third->children.end(),
                [](const CauseStep& step) { return step.relation == CauseRelation::duplicate; }),
            2);
  const CauseStep* original = find(*causes, CauseRelation::original);
  ASSERT_NE(original, nullptr);
  EXPECT_TRUE(has(*original, CauseRelation::dropped));
  EXPECT_TRUE(has(*causes, CauseRelation::arrived));
  const auto noticed = causes_of(recording, original->packet);
  ASSERT_TRUE(noticed);
  EXPECT_EQ(find(*noticed, CauseRelation::noticed)->packet, again);
}

TEST(Causes, OfDataAreTheCallThatWroteIt) {
  const trace::Recording& recording = recording_of("transport/handshake-and-close");
  for (const Event& event : recording.events()) {
    const auto* sent = std::get_if<TcpSegmentSent>(&event.body);
    if (sent == nullptr || sent->kind != SegmentKind::data) continue;
    const auto causes = causes_of(recording, event.uid);
    const CauseStep* written = find(*causes, CauseRelation::written);
    ASSERT_NE(written, nullptr);
    const CauseStep* call = find(*written, CauseRelation::call);
    ASSERT_NE(call, nullptr);
    EXPECT_NE(std::get<SocketCalled>(recording.event(call->event).body).call.find("send"),
              std::string::npos);
  }
}

TEST(Causes, OfAnArpRequestAreTheDatagramThatWaitsForIt) {
  const trace::Recording& recording = recording_of("link/arp-first");
  for (const Event& event : recording.events()) {
    const auto* pushed = std::get_if<HeaderPushed>(&event.body);
    if (pushed == nullptr || pushed->protocol != Protocol::arp) continue;
    const auto causes = causes_of(recording, event.uid);
    const CauseStep* because = find(*causes, CauseRelation::because);
    ASSERT_NE(because, nullptr);
    EXPECT_NE(because->packet, kNoPacket);
    return;
  }
  FAIL() << "no ARP request";
}

}  // namespace
}  // namespace strata::analysis
