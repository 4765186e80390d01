// SPDX-License-Identifier: MIT
#include "sim/device/live_loop.h"

#include <sys/prctl.h>

#include <algorithm>
#include <bit>
#include <ctime>
#include <deque>
#include <utility>

#include "sim/attachment.h"
#include "sim/device/monotonic.h"

namespace strata::device {
namespace {

constexpr Duration kStopInterval = 50ms;  // how often should_stop is asked at least
constexpr Duration kCloseInterval = 5ms;  // likewise, whether all connections have closed

}  // namespace

void LagHistogram::add(Duration lag) {
  const auto microseconds =
      static_cast<std::uint64_t>(std::max<std::int64_t>(lag.count(), 0)) / 1000;
  const auto bucket = static_cast<std::size_t>(std::bit_width(microseconds));
  ++buckets_[std::min(bucket, kBuckets - 1)];
  ++count_;
  largest_ = std::max(largest_, lag);
}

Duration LagHistogram::percentile(unsigned percent) const {
  std::uint64_t seen = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    seen += buckets_[i];
    if (seen * 100 >= count_ * percent) return std::min(bound(i), largest_);
  }
  return largest_;
}

// Frames that leave the world through one attachment. In their order: behind one that waits, all
// wait.
class LiveLoop::Exit final : public sim::Outside {
 public:
  Exit(LiveLoop& loop, NodeId node, FrameDevice& device)
      : loop_(loop), node_(node), device_(device) {}

  bool deliver(Bytes frame, Instant now) override {
    const bool is_taken = take(frame);
    if (loop_.recorder_ != nullptr) loop_.recorder_->on_delivery(node_, is_taken, now);
    return is_taken;
  }

  // Sends what waits and what the device keeps.
  void flush() {
    while (!waiting_.empty()) {
      const Transfer transfer = put(waiting_.front());
      if (transfer == Transfer::would_block) return;
      if (transfer != Transfer::done) ++loop_.statistics_.refused;
      waiting_.pop_front();
    }
    if (device_.flush() == Transfer::failed) loop_.problem_ = device_.failure();
  }

  bool is_waiting() const { return !waiting_.empty(); }

 private:
  bool take(Bytes frame) {
    const Transfer transfer = waiting_.empty() ? put(frame) : Transfer::would_block;
    if (transfer == Transfer::done) return true;
    if (transfer == Transfer::would_block && waiting_.size() < kWaitingMost) {
      waiting_.emplace_back(frame.begin(), frame.end());
      return true;
    }
    ++loop_.statistics_.refused;
    return false;
  }

  Transfer put(Bytes frame) {
    const Transfer transfer = device_.write(frame);
    if (transfer == Transfer::done) ++loop_.statistics_.frames_out;
    if (transfer == Transfer::failed) loop_.problem_ = device_.failure();
    return transfer;
  }

  LiveLoop& loop_;
  NodeId node_;
  FrameDevice& device_;
  std::deque<std::vector<std::uint8_t>> waiting_;
};

LiveLoop::LiveLoop(sim::World& world, std::vector<LivePort> ports)
    : world_(world), ports_(std::move(ports)) {
  for (LivePort& port : ports_) {
    exits_.push_back(std::make_unique<Exit>(*this, port.node, *port.device));
    descriptors_.push_back({.fd = port.device->descriptor(), .events = POLLIN, .revents = 0});
  }
  epoch_ = monotonic() - (world_.now() - kStart);
  // The kernel may wake a thread 50 us late to save power (prctl(2)): more than a link's delay.
  ::prctl(PR_SET_TIMERSLACK, 1UL);
}

LiveLoop::~LiveLoop() = default;

void LiveLoop::connect(bool connected) {
  for (std::size_t i = 0; i < ports_.size(); ++i) {
    world_.attachment(ports_[i].node).set_outside(connected ? exits_[i].get() : nullptr);
  }
}

Instant LiveLoop::clock() const { return kStart + (monotonic() - epoch_); }

sim::RunResult LiveLoop::run_until(Instant until, const std::function<bool()>& should_stop) {
  connect(true);
  const sim::StopReason reason = follow_clock(until, kStopInterval, should_stop);
  connect(false);
  return {.reason = reason, .end = world_.now(), .events = world_.events()};
}

void LiveLoop::close(Duration patience) {
  if (!problem_) {
    connect(true);
    const Instant now = clock();
    if (recorder_ != nullptr) recorder_->on_end_processes(now);
    world_.end_processes(now);
    follow_clock(now + patience, kCloseInterval,
                 [&] { return world_.open_connections() == 0 && !has_frames(); });
    statistics_.left_open = world_.open_connections();
    if (statistics_.left_open > 0) abort_connections(patience);
    connect(false);
  }
  if (recorder_ != nullptr) recorder_->on_end(world_.now());
  for (const LivePort& port : ports_) {
    statistics_.overruns += port.device->overruns();
    statistics_.refused += port.device->lost_later();
  }
}

void LiveLoop::abort_connections(Duration patience) {
  const Instant now = clock();
  if (recorder_ != nullptr) recorder_->on_abort_connections(now);
  world_.abort_connections(now);
  follow_clock(now + patience, kCloseInterval, [&] { return !has_frames(); });
}

bool LiveLoop::has_frames() const {
  for (std::uint32_t i = 0; i < world_.link_count(); ++i) {
    if (world_.frames_in_flight(LinkId{i}) != 0) return true;
  }
  return false;
}

sim::StopReason LiveLoop::follow_clock(Instant until, Duration interval,
                                       const std::function<bool()>& should_stop) {
  Instant next_question = world_.now();
  for (;;) {
    const Instant now = clock();
    process_due(std::min(now, until));
    flush_devices();
    if (now >= until) return sim::StopReason::until;
    if (problem_) return sim::StopReason::interrupted;
    if (now >= next_question) {
      next_question = now + interval;
      if (should_stop && should_stop()) return sim::StopReason::interrupted;
    }
    if (read_devices()) continue;  // more may wait, and what came in may be due at once
    if (ports_.empty() && world_.next_event() == kNever) return sim::StopReason::idle;
    sleep_until(std::min({world_.next_event(), until, next_question}));
  }
}

void LiveLoop::process_due(Instant now) {
  const Instant due = world_.next_event();
  if (due <= now) {
    statistics_.lag.add(now - due);
    if (now - due >= kMissed) ++statistics_.missed;
  }
  world_.pass(now);
}

// True when at least one frame was there. What waits together arrives together: at one instant, so
// that it is received before it is answered, and later than all that happened before, so that a
// recording tells batches apart.
bool LiveLoop::read_devices() {
  bool any = false;
  for (const LivePort& port : ports_) {
    Instant at{};
    for (std::size_t i = 0; i < kBatch; ++i) {
      Bytes frame;
      const Transfer transfer = port.device->read(frame);
      if (transfer == Transfer::lost) {
        ++statistics_.overruns;
        continue;
      }
      if (transfer == Transfer::failed) problem_ = port.device->failure();
      if (transfer != Transfer::done) break;
      ++statistics_.frames_in;
      any = true;
      if (at == Instant{}) {
        at = std::max(clock(), after(world_.now(), 1ns));
        process_due(at);  // what is late is measured here as well
      }
      if (recorder_ != nullptr) recorder_->on_frame(port.node, frame, at);
      world_.inject(port.node, frame, at);
    }
  }
  return any;
}

void LiveLoop::flush_devices() {
  for (const auto& exit : exits_) exit->flush();
}

void LiveLoop::sleep_until(Instant wake_up) {
  const Duration wait = wake_up - clock();
  if (wait <= Duration{}) return;
  for (std::size_t i = 0; i < descriptors_.size(); ++i) {
    descriptors_[i].events = exits_[i]->is_waiting() ? POLLIN | POLLOUT : POLLIN;
  }
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(wait);
  const timespec timeout{.tv_sec = seconds.count(), .tv_nsec = (wait - seconds).count()};
  ::ppoll(descriptors_.data(), descriptors_.size(), &timeout, nullptr);
}

}  // namespace strata::device
