// SPDX-License-Identifier: MIT
#include "sim/engine.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/fake_network.h"

namespace strata::sim {
namespace {

// Reports when it is woken; its deadline is set from outside.
class Sleeper final : public Node {
 public:
  void receive(PortId, Packet, Instant) override {}
  std::optional<OutgoingFrame> poll_transmit(Instant) override { return std::nullopt; }
  Instant next_deadline() const override { return deadline; }
  void on_deadline(Instant now) override {
    woken.push_back(now);
    deadline = now + period;
    if (woken.size() >= limit) deadline = kNever;
  }

  Instant deadline = kNever;
  Duration period = 1s;
  std::size_t limit = 1;
  std::vector<Instant> woken;
};

class EngineTest : public testing::Test {
 protected:
  Engine engine_{1};
  Sleeper sleeper_;
  NodeId node_ = engine_.add_node("sleeper", sleeper_, 1);

  void set_deadline(Instant deadline) {
    sleeper_.deadline = deadline;
    engine_.refresh(node_);
  }
};

TEST_F(EngineTest, ANodeIsWokenAtItsDeadline) {
  set_deadline(kStart + 3ms);

  const RunResult result = engine_.run_until(kNever);

  EXPECT_THAT(sleeper_.woken, testing::ElementsAre(kStart + 3ms));
  EXPECT_EQ(result.reason, StopReason::idle);
  EXPECT_EQ(result.end, kStart + 3ms);
  EXPECT_EQ(result.events, 1U);
}

TEST_F(EngineTest, ADeadlineThatMovesEarlierIsMetOnceAndTheOldOneIsIgnored) {
  set_deadline(kStart + 3ms);
  set_deadline(kStart + 1ms);

  const RunResult result = engine_.run_until(kNever);

  EXPECT_THAT(sleeper_.woken, testing::ElementsAre(kStart + 1ms));
  EXPECT_EQ(result.end, kStart + 1ms);  // the stale wake-up is no event
  EXPECT_EQ(result.events, 1U);
}

TEST_F(EngineTest, ADeadlineThatMovesLaterIsMetThen) {
  set_deadline(kStart + 1ms);
  set_deadline(kStart + 3ms);

  engine_.run_until(kNever);

  EXPECT_THAT(sleeper_.woken, testing::ElementsAre(kStart + 3ms));
}

TEST_F(EngineTest, ADeadlineThatIsTakenBackIsNoEvent) {
  set_deadline(kStart + 1ms);
  set_deadline(kNever);

  const RunResult result = engine_.run_until(kNever);

  EXPECT_THAT(sleeper_.woken, testing::IsEmpty());
  EXPECT_EQ(result.end, kStart);
  EXPECT_EQ(result.events, 0U);
}

TEST_F(EngineTest, ADeadlineInThePastMeansAtOnce) {
  set_deadline(kStart + 5ms);
  engine_.run_until(kNever);
  sleeper_.limit = 2;
  set_deadline(kStart + 1ms);

  engine_.run_until(kNever);

  EXPECT_EQ(sleeper_.woken.back(), kStart + 5ms);
  EXPECT_EQ(sleeper_.woken.size(), 2U);
}

TEST_F(EngineTest, ARunStopsAfterTheEventsOfItsLastInstantAndGoesOn) {
  sleeper_.limit = 10;
  set_deadline(kStart + 1s);

  EXPECT_EQ(engine_.run_until(kStart + 3s).reason, StopReason::until);
  EXPECT_EQ(sleeper_.woken.size(), 3U);
  EXPECT_EQ(engine_.now(), kStart + 3s);
  engine_.run_until(kStart + 3500ms);
  EXPECT_EQ(sleeper_.woken.size(), 3U);
  EXPECT_EQ(engine_.now(), kStart + 3500ms);
  EXPECT_EQ(engine_.run_until(kNever).reason, StopReason::idle);
  EXPECT_EQ(sleeper_.woken.size(), 10U);
}

TEST_F(EngineTest, AnExhaustedEventBudgetNamesTheBusiestNode) {
  sleeper_.limit = ~std::size_t{0};
  sleeper_.period = 0ns;
  set_deadline(kStart);
  engine_.set_event_budget(1000);

  const RunResult result = engine_.run_until(kNever);

  EXPECT_EQ(result.reason, StopReason::event_budget);
  EXPECT_EQ(result.events, 1000U);
  EXPECT_EQ(engine_.busiest(), "sleeper: 1000 of 1000 events");
}

TEST_F(EngineTest, ARunCanBeInterrupted) {
  sleeper_.limit = ~std::size_t{0};
  set_deadline(kStart);
  int polls = 0;

  const RunResult result = engine_.run_until(kNever, [&] { return ++polls == 3; });

  EXPECT_EQ(result.reason, StopReason::interrupted);
  EXPECT_GT(result.events, 1000U);
}

TEST(Engine, AFrameOnAPortWithoutALinkIsDropped) {
  Engine engine{1};
  FakeNode node;
  const NodeId id = engine.add_node("alone", node, 1);
  node.send_at(kStart, engine.pool().make(std::size_t{64}));
  Collected<Dropped> dropped{engine.tracer()};

  engine.refresh(id);

  ASSERT_EQ(dropped.bodies.size(), 1U);
  EXPECT_EQ(dropped.bodies[0].reason, DropReason::link_down);
  EXPECT_EQ(engine.pool().outstanding(), 0U);
}

TEST(Engine, FramesThatArriveAtOneInstantAreDeliveredInTheOrderTheyWereSent) {
  // Two links into one node, frames launched alternately so that all arrive at 1 ms.
  class Sink final : public Node {
   public:
    void receive(PortId, Packet packet, Instant now) override {
      order.push_back(raw(packet.uid()));
      EXPECT_EQ(now, kStart + 1ms);
    }
    std::optional<OutgoingFrame> poll_transmit(Instant) override { return std::nullopt; }
    Instant next_deadline() const override { return kNever; }
    void on_deadline(Instant) override {}
    std::vector<std::uint64_t> order;
  } sink;
  Engine engine{1};
  FakeNode left;
  FakeNode right;
  const NodeId left_id = engine.add_node("left", left, 1);
  const NodeId right_id = engine.add_node("right", right, 1);
  const NodeId sink_id = engine.add_node("sink", sink, 2);
  LinkConfig config{.rate_bps = 0, .delay = 1ms};
  config.name = "l";
  config.a = {left_id, PortId{0}};
  config.b = {sink_id, PortId{0}};
  engine.add_link(config);
  config.name = "r";
  config.a = {right_id, PortId{0}};
  config.b = {sink_id, PortId{1}};
  engine.add_link(config);
  for (int i = 0; i < 3; ++i) {
    left.send_at(kStart, engine.pool().make(std::size_t{64}));
    engine.refresh(left_id);
    right.send_at(kStart, engine.pool().make(std::size_t{64}));
    engine.refresh(right_id);
  }

  engine.run_until(kNever);

  EXPECT_THAT(sink.order, testing::ElementsAre(1, 2, 3, 4, 5, 6));
}

// verifies RFC 9293 MUST-59
TEST(Engine, WhatArrivesOverOneLinkAtOneInstantIsReceivedBeforeTheNodeIsAskedForAnswers) {
  class Answerer final : public Node {
   public:
    void receive(PortId, Packet, Instant) override { order += 'r'; }
    void begin_batch() override { order += '['; }
    void end_batch(Instant) override { order += ']'; }
    std::optional<OutgoingFrame> poll_transmit(Instant) override {
      order += 'p';
      return std::nullopt;
    }
    Instant next_deadline() const override { return kNever; }
    void on_deadline(Instant) override {}
    std::string order;
  } answerer;
  Engine engine{1};
  FakeNode sender;
  LinkConfig config{.rate_bps = 0, .delay = 1ms};
  config.name = "l";
  config.a = {engine.add_node("sender", sender, 1), PortId{0}};
  config.b = {engine.add_node("answerer", answerer, 1), PortId{0}};
  engine.add_link(config);
  engine.receive_together();
  for (int i = 0; i < 3; ++i) sender.send_at(kStart, engine.pool().make(std::size_t{64}));
  sender.send_at(kStart + 1us, engine.pool().make(std::size_t{64}));
  engine.refresh(config.a.node);

  engine.run_until(kNever);

  EXPECT_EQ(answerer.order, "[rrr]prp");
}

TEST(Engine, EveryNodeHasAKeyOfItsOwnThatTheSeedFixes) {
  Engine engine{1};
  Engine same{1};
  Engine other{2};
  EXPECT_EQ(engine.context_for("a").key, same.context_for("a").key);
  EXPECT_NE(engine.context_for("a").key, engine.context_for("b").key);
  EXPECT_NE(engine.context_for("a").key, other.context_for("a").key);
}

}  // namespace
}  // namespace strata::sim
