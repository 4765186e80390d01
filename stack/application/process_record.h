// SPDX-License-Identifier: MIT
// ProcessRecord: what the scheduler keeps of one process, behind the handles (Process) that its
// coroutines hold. For calls.cc, process.cc and scheduler.cc.
#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
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
  // The instant of the process has come.
  void on_started() const;
  // Runs `task` as one of the process.
  void start(Task<void> task);
  // The error of ProcessEnded; the first one stays.
  void set_error(std::string_view error) {
    if (error_.empty()) error_ = error;
  }

  // Descriptors the process holds; those left at its end are closed.
  void adopt(socket::Fd fd);
  // Closed: whoever still waits at `fd` ends in bad_descriptor.
  void release(socket::Fd fd);

  // A call returned: a SocketCalled event. `text` builds how it reads ("send(5, 7 bytes)").
  template <typename Text, typename T>
  void note(socket::Fd fd, Text&& text, const Result<T>& result, Bytes data = {}) const {
    scheduler_.context_.trace(now(), [&] {
      SocketCalled event{.process = name_, .socket = fd, .call = text(), .data = data};
      if (!result) {
        event.result = to_text(result.error());
        event.data = {};
      } else if constexpr (std::is_void_v<T>) {
        event.result = "0";
      } else {
        event.result = outcome_text(*result);
      }
      return event;
    });
  }
  template <typename Operation, typename T>
  void note_operation(socket::Fd fd, const Operation& operation, const Result<T>& result) const {
    Bytes data;
    if constexpr (!std::is_void_v<T>) {
      if (result) data = operation.data(*result);
    }
    note(
        fd, [&] { return operation.text(fd); }, result, data);
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
  WaitList& pollers() const { return scheduler_.pollers_; }
  const std::map<std::string, IpAddress>& names() const { return scheduler_.names_; }
  std::map<std::string, std::int64_t>& figures() const { return scheduler_.figures_; }
  std::vector<ScriptResult>& script_results() const { return scheduler_.script_results_; }

 private:
  Scheduler& scheduler_;
  std::string name_;
  std::string error_;
  std::set<socket::Fd> descriptors_;
  std::size_t tasks_ = 0;  // unfinished
};

}  // namespace strata::application
