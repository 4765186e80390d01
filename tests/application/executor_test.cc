// SPDX-License-Identifier: MIT
#include "stack/application/executor.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "stack/application/calls.h"

namespace strata::application {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

class Owner final : public TaskOwner {
 public:
  explicit Owner(std::string name) : name_(std::move(name)) {}
  const std::string& name() const override { return name_; }
  void on_task_ended() override { ++ended; }
  int ended = 0;

 private:
  std::string name_;
};

// Something to wait for: tasks wait in its list until it is opened.
class Gate {
 public:
  explicit Gate(Executor& executor) : executor_(executor) {}
  void open() {
    is_open = true;
    executor_.wake_all(list);
  }
  Executor& executor() { return executor_; }
  WaitList list;
  bool is_open = false;
  int attempts = 0;

 private:
  Executor& executor_;
};

enum class Passage { passed, timed_out, abandoned };

class Pass final : public Waiter {
 public:
  explicit Pass(Gate& gate, Instant deadline = kNever)
      : Waiter(gate.executor(), deadline), gate_(gate) {}
  Passage await_resume() const { return passage_; }
  std::string describe() const override { return "the gate"; }

 private:
  bool attempt() override {
    ++gate_.attempts;
    return gate_.is_open;
  }
  bool expire() override {
    passage_ = Passage::timed_out;
    return true;
  }
  void abandon() override { passage_ = Passage::abandoned; }
  WaitList* place() override { return &gate_.list; }

  Gate& gate_;
  Passage passage_ = Passage::passed;
};

using Log = std::vector<std::string>;

class ExecutorTest : public testing::Test {
 protected:
  Owner owner{"process"};
  Log log;
  Executor executor;
  Gate gate{executor};
};

Instant at(Duration since_start) { return kStart + since_start; }

Task<void> say(Log* log, std::string word) {
  const std::string own = word;
  log->push_back(own);
  co_return;
}

Task<void> say_twice(Executor* executor, Log* log, std::string word) {
  const std::string own = word;
  log->push_back(own + "1");
  co_await Sleep(*executor, executor->now());
  log->push_back(own + "2");
}

Task<void> say_when(Executor* executor, Log* log, std::string word, Instant when) {
  const std::string own = word;
  co_await Sleep(*executor, when);
  log->push_back(own);
}

Task<void> pass(Gate* gate, Log* log, std::string word, Instant deadline) {
  const Passage passage = co_await Pass(*gate, deadline);
  log->push_back(word + (passage == Passage::passed      ? " passed"
                         : passage == Passage::timed_out ? " timed out"
                                                         : " abandoned"));
}

TEST_F(ExecutorTest, StartsATaskOnlyWhenRun) {
  executor.start(say(&log, "a"), owner);
  EXPECT_THAT(log, IsEmpty());

  executor.run(kStart);

  EXPECT_THAT(log, ElementsAre("a"));
  EXPECT_EQ(owner.ended, 1);
  EXPECT_EQ(executor.task_count(), 0U);
}

TEST_F(ExecutorTest, AsksToBeRunAtOnceWhileSomebodyIsReady) {
  EXPECT_EQ(executor.next_deadline(), kNever);

  executor.start(say_when(&executor, &log, "a", at(5ms)), owner);
  EXPECT_LE(executor.next_deadline(), executor.now());

  executor.run(kStart);
  EXPECT_EQ(executor.next_deadline(), at(5ms));
}

TEST_F(ExecutorTest, TakesTurnsInTheOrderTasksBecameReady) {
  for (const char* word : {"a", "b", "c"}) executor.start(say_twice(&executor, &log, word), owner);

  executor.run(kStart);
  EXPECT_THAT(log, ElementsAre("a1", "b1", "c1"));

  executor.run(kStart);
  EXPECT_THAT(log, ElementsAre("a1", "b1", "c1", "a2", "b2", "c2"));
}

TEST_F(ExecutorTest, WakesSleepersInTheOrderOfTheirInstants) {
  executor.start(say_when(&executor, &log, "late", at(3ms)), owner);
  executor.start(say_when(&executor, &log, "early", at(1ms)), owner);
  executor.start(say_when(&executor, &log, "early too", at(1ms)), owner);
  executor.run(kStart);

  executor.run(at(1ms));
  EXPECT_THAT(log, ElementsAre("early", "early too"));
  executor.run(at(5ms));
  EXPECT_THAT(log, ElementsAre("early", "early too", "late"));
}

TEST_F(ExecutorTest, DoesNotResumeFromAWakeUp) {
  executor.start(pass(&gate, &log, "a", kNever), owner);
  executor.run(kStart);
  EXPECT_EQ(executor.next_deadline(), kNever);

  gate.open();
  EXPECT_THAT(log, IsEmpty());

  executor.run(kStart);
  EXPECT_THAT(log, ElementsAre("a passed"));
}

TEST_F(ExecutorTest, LetsAWaiterWaitOnWhenItWasWokenInVain) {
  executor.start(pass(&gate, &log, "a", kNever), owner);
  executor.run(kStart);
  executor.wake_all(gate.list);
  executor.run(kStart);
  EXPECT_THAT(log, IsEmpty());
  EXPECT_EQ(gate.list.size(), 1U);
  EXPECT_EQ(gate.attempts, 2);
}

TEST_F(ExecutorTest, EndsAWaitAtItsDeadline) {
  executor.start(pass(&gate, &log, "a", at(2ms)), owner);
  executor.run(kStart);
  EXPECT_EQ(executor.next_deadline(), at(2ms));

  executor.run(at(2ms));

  EXPECT_THAT(log, ElementsAre("a timed out"));
  EXPECT_TRUE(gate.list.empty());
}

TEST_F(ExecutorTest, PrefersSuccessToTheDeadlineAtTheSameInstant) {
  executor.start(pass(&gate, &log, "a", at(2ms)), owner);
  executor.run(kStart);
  gate.open();
  executor.run(at(2ms));
  EXPECT_THAT(log, ElementsAre("a passed"));
}

TEST_F(ExecutorTest, TellsWaitersThatTheirThingIsNoMore) {
  executor.start(pass(&gate, &log, "a", kNever), owner);
  executor.run(kStart);
  executor.abandon_all(gate.list);
  executor.run(kStart);
  EXPECT_THAT(log, ElementsAre("a abandoned"));
}

TEST_F(ExecutorTest, SaysWhatEachTaskWaitsForInOrderOfStart) {
  Owner other{"other"};
  executor.start(pass(&gate, &log, "a", kNever), owner);
  executor.start(say_when(&executor, &log, "b", at(1500us)), other);
  executor.run(kStart);
  EXPECT_THAT(executor.waiting(), ElementsAre("process: the gate", "other: sleep until 1.5 ms"));
}

TEST_F(ExecutorTest, UnlinksEverythingWhenItsTasksAreCancelled) {
  auto own = std::make_unique<Executor>();
  Gate own_gate{*own};
  own->start(pass(&own_gate, &log, "a", at(1s)), owner);
  own->run(kStart);
  EXPECT_EQ(own_gate.list.size(), 1U);

  own.reset();

  EXPECT_TRUE(own_gate.list.empty());
  EXPECT_THAT(log, IsEmpty());
}

TEST_F(ExecutorTest, MayBeDestroyedBeforeATasksFirstTurn) {
  auto own = std::make_unique<Executor>();
  own->start(say(&log, "a"), owner);
  own.reset();
  EXPECT_THAT(log, IsEmpty());
}

// ---- tasks -------------------------------------------------------------------------------------

Task<std::string> word(std::string text) {
  std::string own = text + "!";
  co_return own;
}

Task<std::string> two_words(Executor* executor) {
  const std::string first = co_await word("one");
  co_await Sleep(*executor, executor->now() + 1ms);
  const std::string second = co_await word("two");
  co_return first + second;
}

Task<void> note_words(Executor* executor, Log* log) {
  const std::string words = co_await two_words(executor);
  log->push_back(words);
}

TEST_F(ExecutorTest, GivesTheResultOfAnAwaitedTaskAcrossItsSuspensions) {
  executor.start(note_words(&executor, &log), owner);
  executor.run(kStart);
  EXPECT_THAT(log, IsEmpty());
  executor.run(at(1ms));
  EXPECT_THAT(log, ElementsAre("one!two!"));
}

Task<void> never_awaits(Log* log) {
  Task<void> dropped = say(log, "never");
  log->push_back("dropped");
  co_return;
}

TEST_F(ExecutorTest, NeverStartsATaskThatNobodyAwaits) {
  executor.start(never_awaits(&log), owner);
  executor.run(kStart);
  EXPECT_THAT(log, ElementsAre("dropped"));
}

class Mourner {
 public:
  Mourner(Log* log, std::string name) : log_(log), name_(std::move(name)) {}
  Mourner(const Mourner&) = delete;
  Mourner& operator=(const Mourner&) = delete;
  ~Mourner() { log_->push_back(name_ + " gone"); }

 private:
  Log* log_;
  std::string name_;
};

Task<void> inner(Gate* gate, Log* log) {
  const Mourner mourner(log, "inner");
  co_await Pass(*gate);
}
Task<void> outer(Gate* gate, Log* log) {
  const Mourner mourner(log, "outer");
  co_await inner(gate, log);
}

TEST_F(ExecutorTest, CancelsNestedTasksFromTheInside) {
  auto own = std::make_unique<Executor>();
  Gate own_gate{*own};
  own->start(outer(&own_gate, &log), owner);
  own->run(kStart);
  own.reset();
  EXPECT_THAT(log, ElementsAre("inner gone", "outer gone"));
}

Task<int> one() {
  const int value = 1;
  co_return value;
}
Task<void> add_up(std::int64_t* sum, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    const int value = co_await one();
    *sum += value;
  }
}

TEST_F(ExecutorTest, AwaitsAMillionTasksWithoutGrowingTheStack) {
  std::int64_t sum = 0;
  executor.start(add_up(&sum, 1'000'000), owner);
  executor.run(kStart);
  EXPECT_EQ(sum, 1'000'000);
}

Task<int> depth(int levels) {
  int below = 0;
  if (levels > 0) {
    below = co_await depth(levels - 1);
  }
  co_return below + 1;
}
Task<void> note_depth(int* result, int levels) {
  const int value = co_await depth(levels);
  *result = value;
}

TEST_F(ExecutorTest, AwaitsTasksTensOfThousandsDeep) {
  int result = 0;
  executor.start(note_depth(&result, 20'000), owner);
  executor.run(kStart);
  EXPECT_EQ(result, 20'001);
}

Task<void> pass_often(Gate* gate, std::int64_t* passed, std::int64_t count) {
  for (std::int64_t i = 0; i < count; ++i) {
    const Passage passage = co_await Pass(*gate);
    if (passage == Passage::passed) ++*passed;
  }
}

TEST_F(ExecutorTest, BoundsTheCallsOfATaskInOneTurn) {
  gate.is_open = true;
  std::int64_t passed = 0;
  executor.start(pass_often(&gate, &passed, 1'000'000), owner);
  executor.start(say(&log, "other"), owner);

  executor.run(kStart);
  EXPECT_EQ(passed, Executor::kCallsPerTurn);
  EXPECT_THAT(log, ElementsAre("other"));

  for (int round = 0; round < 5000 && executor.task_count() > 0; ++round) executor.run(kStart);
  EXPECT_EQ(passed, 1'000'000);
}

}  // namespace
}  // namespace strata::application
