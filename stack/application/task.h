// SPDX-License-Identifier: MIT
// Task<T>: a lazy, move-only coroutine that ends in a T. It starts when it is awaited (or handed to
// an Executor), and destroying it at any suspension cancels it: its frame goes, and with it every
// task it awaits and every awaiter, which unlinks itself.
//
// Control passes from task to task through a one-slot trampoline instead of symmetric transfer,
// which g++-12 does not turn into a tail call at -O0: no await, however deep or often, nests.
// Errors travel as Result values; an exception that escapes a coroutine ends the program. See
// docs/hacking.md for the forms of co_await that g++-12 miscompiles.
#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

#include "stack/base/assert.h"

namespace strata::application {

template <typename T>
class Task;

// Resumes coroutines one after another, never one inside another.
class Trampoline {
 public:
  // Resumes `first`, then the coroutine that it left in the slot, and so on until one leaves none.
  void run(std::coroutine_handle<> first) {
    next_ = first;
    while (next_) std::exchange(next_, nullptr).resume();
  }
  // To be resumed as soon as the running coroutine suspends. The slot must be empty.
  void set_next(std::coroutine_handle<> next) {
    STRATA_ASSERT(!next_);
    next_ = next;
  }

 private:
  std::coroutine_handle<> next_;
};

namespace detail {

class PromiseBase {
 public:
  // At the end of a task its continuation is next; without one the trampoline runs out.
  class Final {
   public:
    Final() noexcept {}
    bool await_ready() const noexcept { return false; }
    template <typename Promise>
    void await_suspend(std::coroutine_handle<Promise> self) const noexcept {
      PromiseBase& promise = self.promise();
      if (promise.continuation_) promise.trampoline_->set_next(promise.continuation_);
    }
    void await_resume() const noexcept {}
  };

  std::suspend_always initial_suspend() const noexcept { return {}; }
  Final final_suspend() const noexcept { return Final(); }
  [[noreturn]] void unhandled_exception() const noexcept { std::terminate(); }

  void prepare(Trampoline& trampoline, std::coroutine_handle<> continuation) {
    trampoline_ = &trampoline;
    continuation_ = continuation;
  }
  Trampoline& trampoline() const { return *trampoline_; }

 private:
  Trampoline* trampoline_ = nullptr;
  std::coroutine_handle<> continuation_;
};

template <typename T>
class Promise final : public PromiseBase {
 public:
  Task<T> get_return_object();
  void return_value(T value) { value_.emplace(std::move(value)); }
  T take() { return std::move(*value_); }

 private:
  std::optional<T> value_;
};

template <>
class Promise<void> final : public PromiseBase {
 public:
  Task<void> get_return_object();
  void return_void() const noexcept {}
  void take() const noexcept {}
};

}  // namespace detail

template <typename T>
class [[nodiscard]] Task {
 public:
  using promise_type = detail::Promise<T>;

  Task() = default;
  explicit Task(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
  Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Task() {
    if (handle_) handle_.destroy();
  }

  bool is_done() const { return !handle_ || handle_.done(); }
  // For the owner of a task that nobody awaits: the coroutine to resume first, by `trampoline`.
  std::coroutine_handle<> prepare(Trampoline& trampoline) {
    handle_.promise().prepare(trampoline, nullptr);
    return handle_;
  }

  // Awaiting runs the task to its end and gives its result; a task can be awaited once.
  bool await_ready() const noexcept { return false; }
  template <typename Parent>
  void await_suspend(std::coroutine_handle<Parent> parent) const {
    Trampoline& trampoline = parent.promise().trampoline();
    handle_.promise().prepare(trampoline, parent);
    trampoline.set_next(handle_);
  }
  T await_resume() const { return handle_.promise().take(); }

 private:
  std::coroutine_handle<promise_type> handle_;
};

namespace detail {

template <typename T>
Task<T> Promise<T>::get_return_object() {
  return Task<T>(std::coroutine_handle<Promise<T>>::from_promise(*this));
}
inline Task<void> Promise<void>::get_return_object() {
  return Task<void>(std::coroutine_handle<Promise<void>>::from_promise(*this));
}

}  // namespace detail
}  // namespace strata::application
