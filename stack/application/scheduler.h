// SPDX-License-Identifier: MIT
// Scheduler: the processes of one host. It starts each at its instant, runs their tasks (see
// executor.h), turns the readiness of sockets into wake-ups, keeps the figures they count and says
// what each unfinished task waits for.
//
// A process has ended when its last task has returned; what descriptors it still holds are closed
// then, as an operating system would. The host drives it with two calls:
//
//     next_deadline()   kStart, that is at once, when a task is ready
//     run(now)          one round of turns; whatever becomes ready meanwhile waits for the next
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "stack/application/executor.h"
#include "stack/application/program.h"
#include "stack/base/tracer.h"
#include "stack/socket/sockets.h"

namespace strata::application {

class ProcessRecord;

class Scheduler final : private socket::Watcher {
 public:
  // `sockets` must outlive the scheduler. `names` is what resolve() knows.
  Scheduler(const NodeContext& context, socket::Sockets& sockets,
            std::map<std::string, IpAddress> names);
  // Cancels every task. Sockets stay as they are.
  ~Scheduler() override;
  Scheduler(const Scheduler&) = delete;
  Scheduler& operator=(const Scheduler&) = delete;

  // Starts `program` as a process at `at`, or at the next run() if that is later. Processes of the
  // same name share their figures.
  void spawn(std::string process, const Program& program, Arguments arguments, Instant at);

  Instant next_deadline() const { return executor_.next_deadline(); }
  void run(Instant now) { executor_.run(now); }
  // Every process is gone, as at SIGKILL: what descriptors they hold are closed, and their
  // connections end in the background.
  void end_processes(Instant now) { executor_.cancel_all(now); }

  // "PROCESS.figure" -> value.
  const std::map<std::string, std::int64_t>& figures() const { return figures_; }
  // Every expectation that scripted calls have checked so far, in order.
  const std::vector<ScriptResult>& script_results() const { return script_results_; }
  // "web-server: accept(3)" for each unfinished task, in the order they were started.
  std::vector<std::string> waiting() const { return executor_.waiting(); }
  bool is_idle() const { return executor_.task_count() == 0; }  // all processes have ended

 private:
  friend class ProcessRecord;

  void on_ready(socket::Fd fd) override;
  // Who waits for something to happen at `fd`.
  WaitList& waiters(socket::Fd fd);

  NodeContext context_;
  socket::Sockets& sockets_;
  std::map<std::string, IpAddress> names_;
  std::map<std::string, std::int64_t> figures_;
  std::vector<ScriptResult> script_results_;
  // By descriptor; on their own because a list in use must not move.
  std::vector<std::unique_ptr<WaitList>> waiters_;
  WaitList pollers_;  // who waits for any of several descriptors; each looks for itself
  std::vector<std::unique_ptr<ProcessRecord>> processes_;
  Executor executor_;  // last: tasks go before everything they refer to
};

}  // namespace strata::application
