// SPDX-License-Identifier: MIT
// ProcessRecord: what the scheduler keeps of one process, behind the handles (Process) that its
// coroutines hold. For calls.cc, process.cc and scheduler.cc.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "stack/application/scheduler.h"

namespace strata::application {

class ProcessRecord final : public TaskOwner {
 public:
  ProcessRecord(Scheduler& scheduler, std::string name)
      : scheduler_(scheduler), name_(std::move(name)) {}

  const std::string& name() const override { return name_; }
  void on_task_ended() override;
  // The instant of the process has come / another task of it is to run.
  void on_started();
  void start(Task<void> task);
  // The error of ProcessEnded; the first one stays.
  void set_error(std::string error);

  // Descriptors the process holds; those left at its end are closed.
  void adopt(socket::Fd fd) { descriptors_.push_back(fd); }
  // Closed: whoever still waits at `fd` ends in bad_descriptor.
  void release(socket::Fd fd);

  // A call returned. `call` builds its text ("send(5, 7 bytes)") and `result` that of its result.
  template <typename Call, typename Outcome>
  void note(socket::Fd fd, Bytes data, Call&& call, Outcome&& result) const {
    scheduler_.context_.trace(now(), [&] {
      return SocketCalled{
          .process = name_, .socket = fd, .call = call(), .result = result(), .data = data};
    });
  }
  template <typename Event>
  bool is_observed() const {
    return scheduler_.context_.tracer->wants<Event>();
  }
  void print(std::string_view line) const;

  Instant now() const { return scheduler_.executor_.now(); }
  Executor& executor() const { return scheduler_.executor_; }
  socket::Sockets& sockets() const { return scheduler_.sockets_; }
  WaitList& waiters(socket::Fd fd) const { return scheduler_.waiters(fd); }
  // Starts telling the scheduler when `fd` becomes ready.
  void watch(socket::Fd fd) const { scheduler_.sockets_.watch(fd, &scheduler_); }
  const std::map<std::string, IpAddress>& names() const { return scheduler_.names_; }
  std::map<std::string, std::int64_t>& figures() const { return scheduler_.figures_; }
  std::vector<ScriptResult>& script_results() const { return scheduler_.script_results_; }

 private:
  Scheduler& scheduler_;
  std::string name_;
  std::string error_;
  std::vector<socket::Fd> descriptors_;
  std::size_t tasks_ = 0;  // unfinished
};

}  // namespace strata::application
