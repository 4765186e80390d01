// SPDX-License-Identifier: MIT
// Executor: runs the tasks of one host. It knows time and queues, not sockets.
//
//     co_await --> Waiter in a WaitList (a descriptor's, or none) and, with a deadline, in the heap
//                     | wake_all()                                   | run(): the instant has come
//                     +-------------> ready queue (FIFO) <-----------+
//                                         | run(): attempt() succeeded, or the deadline has passed
//                                         v
//                              the coroutine is resumed by the trampoline
//
// A wake-up only moves a waiter to the ready queue: nothing is resumed before run(). One run() is
// one round: each waiter that was ready at its beginning has one turn, in order, and a turn that
// makes many calls without blocking is cut into several (kCallsPerTurn), so work per run() is
// bounded and the order is the same on every machine.
#pragma once

#include <coroutine>
#include <cstddef>
#include <list>
#include <string>
#include <vector>

#include "stack/application/task.h"
#include "stack/base/deadline_heap.h"
#include "stack/base/time.h"

namespace strata::application {

class Executor;
class WaitList;
class TaskRecord;

// What a suspended task waits in: the base of all awaiters. It lives in the coroutine's frame and
// unlinks itself from everywhere when destroyed.
class Waiter {
 public:
  explicit Waiter(Executor& executor, Instant deadline = kNever)
      : executor_(&executor), deadline_(deadline) {}
  Waiter(const Waiter&) = delete;
  Waiter& operator=(const Waiter&) = delete;
  virtual ~Waiter();

  bool await_ready();
  void await_suspend(std::coroutine_handle<> coroutine);

  // What the task waits for, as a report says it: "accept(3)".
  virtual std::string describe() const = 0;

  DeadlineSlot deadline_slot;

 protected:
  // One try of what is waited for; true: it is over, well or badly.
  virtual bool attempt() = 0;
  // The deadline has passed and attempt() did not succeed. False: wait on (with the deadline
  // deadline() gives now).
  virtual bool expire() = 0;
  // The thing waited for is no more.
  virtual void abandon() {}
  // Where to wait when attempt() fails; nullptr: only for the deadline.
  virtual WaitList* place() { return nullptr; }

  Executor& executor() const { return *executor_; }
  void set_deadline(Instant deadline) { deadline_ = deadline; }
  // The next await_ready() does not try but gives everybody else a turn first.
  void yield_first() { yields_first_ = true; }

 private:
  friend class Executor;
  friend class TaskRecord;
  friend class WaitList;

  Executor* executor_;
  Instant deadline_;
  std::coroutine_handle<> coroutine_;
  TaskRecord* task_ = nullptr;  // whose wait it is, while suspended
  WaitList* list_ = nullptr;    // the one list it is in
  Waiter* previous_ = nullptr;
  Waiter* next_ = nullptr;
  bool yields_first_ = false;
  bool is_ready_ = false;      // goes to the ready queue without having tried
  bool is_expired_ = false;    // the deadline has passed
  bool is_abandoned_ = false;  // abandon() has settled it
};

// A FIFO of waiters, intrusive: no allocation, O(1) removal from the middle. Owns nothing.
class WaitList {
 public:
  WaitList() = default;
  WaitList(const WaitList&) = delete;
  WaitList& operator=(const WaitList&) = delete;
  ~WaitList();

  bool empty() const { return first_ == nullptr; }
  std::size_t size() const { return size_; }
  void push_back(Waiter& waiter);
  void remove(Waiter& waiter);
  // Nullptr when empty.
  Waiter* pop_front();

 private:
  Waiter* first_ = nullptr;
  Waiter* last_ = nullptr;
  std::size_t size_ = 0;
};

// Whose tasks they are: names them in reports and hears when one ends.
class TaskOwner {
 public:
  virtual ~TaskOwner() = default;
  virtual const std::string& name() const = 0;
  // The task has returned and its frame is gone. Must not start or run tasks.
  virtual void on_task_ended() = 0;
};

// One started task; before its first turn it waits in its own record.
class TaskRecord final : public Waiter {
 public:
  TaskRecord(Executor& executor, TaskOwner& owner, Task<void> task);
  ~TaskRecord() override;
  std::string describe() const override { return "its first turn"; }

 private:
  friend class Executor;
  friend class Waiter;
  bool attempt() override { return true; }
  bool expire() override { return true; }

  TaskOwner& owner_;
  Waiter* waiter_;                         // what it waits in; nullptr while it is running
  std::list<TaskRecord>::iterator place_;  // its own in the executor's list
  Task<void> body_;
};

class Executor {
 public:
  // Socket calls a task may make in one turn before the others have theirs.
  static constexpr int kCallsPerTurn = 256;

  Executor();
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;
  // Cancels all tasks.
  ~Executor();

  // The task has its first turn in the next round. `owner` must outlive it.
  void start(Task<void> task, TaskOwner& owner);
  // Not later than now (at once) when somebody is ready; else the earliest deadline.
  Instant next_deadline() const { return ready_.empty() ? sleeping_.earliest() : kStart; }
  // One round at `now`, which must not be earlier than in the last call.
  void run(Instant now);
  Instant now() const { return now_; }
  // Ends every task where it stands, in the order they were started; owners hear of it as if the
  // tasks had returned. Not from inside run().
  void cancel_all(Instant now);

  // Everybody in `list` will try again in the next round.
  void wake_all(WaitList& list);
  // The thing everybody in `list` waits for is no more.
  void abandon_all(WaitList& list);

  std::size_t task_count() const { return tasks_.size(); }
  // "web-server: accept(3)" for each unfinished task, in the order they were started.
  std::vector<std::string> waiting() const;

 private:
  friend class Waiter;

  bool spend_call();
  void suspend(Waiter& waiter, std::coroutine_handle<> coroutine);
  void wait(Waiter& waiter);
  void take_turn(Waiter& waiter);
  void forget(Waiter& waiter);
  Instant now_ = kStart;
  Trampoline trampoline_;
  WaitList ready_;
  DeadlineHeap<Waiter> sleeping_;
  TaskRecord* running_ = nullptr;
  int calls_left_ = 0;
  // In order of start. Last: the tasks are cancelled before the queues go.
  std::list<TaskRecord> tasks_;
};

}  // namespace strata::application
