// SPDX-License-Identifier: MIT
#include "stack/application/executor.h"

#include <iterator>
#include <utility>

#include "stack/base/assert.h"

namespace strata::application {

Waiter::~Waiter() { executor_->forget(*this); }

bool Waiter::await_ready() {
  if (yields_first_ || !executor_->spend_call()) {
    is_ready_ = true;
    return false;
  }
  return attempt();
}

void Waiter::await_suspend(std::coroutine_handle<> coroutine) {
  executor_->suspend(*this, coroutine);
}

WaitList::~WaitList() {
  while (pop_front() != nullptr) {
  }
}

void WaitList::push_back(Waiter& waiter) {
  STRATA_ASSERT(waiter.list_ == nullptr);
  waiter.list_ = this;
  waiter.previous_ = last_;
  waiter.next_ = nullptr;
  (last_ == nullptr ? first_ : last_->next_) = &waiter;
  last_ = &waiter;
  ++size_;
}

void WaitList::remove(Waiter& waiter) {
  STRATA_ASSERT(waiter.list_ == this);
  (waiter.previous_ == nullptr ? first_ : waiter.previous_->next_) = waiter.next_;
  (waiter.next_ == nullptr ? last_ : waiter.next_->previous_) = waiter.previous_;
  waiter.list_ = nullptr;
  waiter.previous_ = nullptr;
  waiter.next_ = nullptr;
  --size_;
}

Waiter* WaitList::pop_front() {
  Waiter* waiter = first_;
  if (waiter != nullptr) remove(*waiter);
  return waiter;
}

TaskRecord::TaskRecord(Executor& executor, TaskOwner& owner, Task<void> task)
    : Waiter(executor), owner_(owner), waiter_(this), body_(std::move(task)) {}

TaskRecord::~TaskRecord() { task_ = nullptr; }

Executor::Executor() = default;
Executor::~Executor() = default;

void Executor::start(Task<void> task, TaskOwner& owner) {
  TaskRecord& record = tasks_.emplace_back(*this, owner, std::move(task));
  record.place_ = std::prev(tasks_.end());
  record.coroutine_ = record.body_.prepare(trampoline_);
  record.task_ = &record;
  ready_.push_back(record);
}

void Executor::run(Instant now) {
  STRATA_ASSERT(now >= now_);
  now_ = now;
  while (Waiter* due = sleeping_.pop_due(now)) {
    due->is_expired_ = true;
    if (due->list_ == &ready_) continue;
    if (due->list_ != nullptr) due->list_->remove(*due);
    ready_.push_back(*due);
  }
  for (std::size_t turns = ready_.size(); turns > 0 && !ready_.empty(); --turns) {
    take_turn(*ready_.pop_front());
  }
}

void Executor::take_turn(Waiter& waiter) {
  calls_left_ = kCallsPerTurn;
  bool is_over = waiter.is_abandoned_ || waiter.attempt();
  if (!is_over && waiter.is_expired_) is_over = waiter.expire();
  if (!is_over) {
    wait(waiter);
    return;
  }
  sleeping_.remove(waiter);
  running_ = std::exchange(waiter.task_, nullptr);
  running_->waiter_ = nullptr;
  trampoline_.run(waiter.coroutine_);  // the waiter is gone from here on
  TaskRecord& task = *std::exchange(running_, nullptr);
  if (!task.body_.is_done()) return;
  TaskOwner& owner = task.owner_;
  tasks_.erase(task.place_);
  owner.on_task_ended();
}

void Executor::cancel_all(Instant now) {
  STRATA_ASSERT(now >= now_ && running_ == nullptr);
  now_ = now;
  while (!tasks_.empty()) {
    TaskOwner& owner = tasks_.front().owner_;
    tasks_.pop_front();
    owner.on_task_ended();
  }
}

bool Executor::spend_call() { return calls_left_ > 0 && calls_left_-- > 0; }

void Executor::suspend(Waiter& waiter, std::coroutine_handle<> coroutine) {
  STRATA_ASSERT(running_ != nullptr);
  waiter.coroutine_ = coroutine;
  waiter.task_ = running_;
  running_->waiter_ = &waiter;
  if (!waiter.is_ready_) {
    wait(waiter);
    return;
  }
  ready_.push_back(waiter);
  sleeping_.set(waiter, waiter.deadline_);
}

void Executor::wait(Waiter& waiter) {
  waiter.is_expired_ = false;
  if (WaitList* place = waiter.place()) place->push_back(waiter);
  sleeping_.set(waiter, waiter.deadline_);
}

void Executor::wake_all(WaitList& list) {
  while (Waiter* waiter = list.pop_front()) ready_.push_back(*waiter);
}

void Executor::abandon_all(WaitList& list) {
  while (Waiter* waiter = list.pop_front()) {
    waiter->abandon();
    waiter->is_abandoned_ = true;
    ready_.push_back(*waiter);
  }
}

void Executor::forget(Waiter& waiter) {
  if (waiter.list_ != nullptr) waiter.list_->remove(waiter);
  sleeping_.remove(waiter);
  if (waiter.task_ != nullptr && waiter.task_->waiter_ == &waiter) waiter.task_->waiter_ = nullptr;
}

std::vector<std::string> Executor::waiting() const {
  std::vector<std::string> lines;
  for (const TaskRecord& task : tasks_) {
    if (task.waiter_ == nullptr) continue;
    lines.push_back(task.owner_.name() + ": " + task.waiter_->describe());
  }
  return lines;
}

}  // namespace strata::application
