// SPDX-License-Identifier: MIT
#include "stack/application/scheduler.h"

#include "stack/application/process_record.h"
#include "stack/base/assert.h"

namespace strata::application {
namespace {

using Start = Task<void> (*)(Process process, Arguments arguments);

// The first task of a process.
Task<void> run_program(ProcessRecord* record, Start start, Arguments arguments, Instant at) {
  Process process(*record);
  if (at > process.now()) {
    co_await process.sleep_until(at);
  }
  record->on_started();
  Task<void> program = start(process, std::move(arguments));
  co_await std::move(program);
}

}  // namespace

Scheduler::Scheduler(const NodeContext& context, socket::Sockets& sockets,
                     std::map<std::string, IpAddress> names)
    : context_(context), sockets_(sockets), names_(std::move(names)) {}

Scheduler::~Scheduler() {
  for (std::size_t i = 0; i < waiters_.size(); ++i) {
    sockets_.watch(socket::kFirstFd + static_cast<socket::Fd>(i), nullptr);
  }
}

void Scheduler::spawn(std::string process, const Program& program, Arguments arguments,
                      Instant at) {
  processes_.push_back(std::make_unique<ProcessRecord>(*this, std::move(process)));
  ProcessRecord* record = processes_.back().get();
  record->start(run_program(record, program.start, std::move(arguments), at));
}

void Scheduler::on_ready(socket::Fd fd) {
  executor_.wake_all(waiters(fd));
  executor_.wake_all(pollers_);
}

WaitList& Scheduler::waiters(socket::Fd fd) {
  STRATA_ASSERT(fd >= socket::kFirstFd);
  const auto index = static_cast<std::size_t>(fd - socket::kFirstFd);
  while (waiters_.size() <= index) waiters_.push_back(std::make_unique<WaitList>());
  return *waiters_[index];
}

// ---- ProcessRecord -----------------------------------------------------------------------------

void ProcessRecord::on_started() const {
  scheduler_.context_.trace(now(), [&] { return ProcessStarted{.process = name_}; });
}

void ProcessRecord::start(Task<void> task) {
  ++tasks_;
  executor().start(std::move(task), *this);
}

void ProcessRecord::on_task_ended() {
  if (--tasks_ > 0) return;
  while (!descriptors_.empty()) {
    const socket::Fd fd = *descriptors_.begin();
    descriptors_.erase(descriptors_.begin());
    // A process that has gone cannot wait: its connections end in the background, unless the option
    // says to reset them.
    const Result<socket::OptionValue> linger = sockets().option(fd, socket::Option::linger);
    if (linger && std::holds_alternative<Duration>(*linger) &&
        std::get<Duration>(*linger) > Duration::zero()) {
      (void)sockets().set_option(fd, socket::Option::linger, false, now());
    }
    (void)sockets().close(fd, now());
  }
  scheduler_.context_.trace(now(), [&] { return ProcessEnded{.process = name_, .error = error_}; });
}

void ProcessRecord::adopt(socket::Fd fd) {
  descriptors_.insert(fd);
  sockets().watch(fd, &scheduler_);
}

void ProcessRecord::release(socket::Fd fd) {
  descriptors_.erase(fd);
  executor().abandon_all(waiters(fd));
  executor().wake_all(pollers());
}

void ProcessRecord::print(std::string_view line) const {
  scheduler_.context_.trace(now(), [&] { return ProcessOutput{.process = name_, .line = line}; });
}

}  // namespace strata::application
