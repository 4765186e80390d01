// SPDX-License-Identifier: MIT
#include "sim/device/live_loop.h"

#include <poll.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <ctime>
#include <utility>

#include "sim/attachment.h"

namespace strata::device {
namespace {

constexpr std::size_t kFrameBytesMost = 65'550;  // what a device may hand over in one read
constexpr Duration kStopInterval = 100ms;        // how often should_stop is asked at least

Duration monotonic() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec};
}

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
    if (seen * 100 >= count_ * percent) return std::min(Duration{1us} * (1 << i), largest_);
  }
  return largest_;
}

// Frames that leave the world through one attachment.
class LiveLoop::Exit final : public sim::Outside {
 public:
  Exit(FrameDevice& device, LiveStatistics& statistics, std::optional<std::string>& problem)
      : device_(device), statistics_(statistics), problem_(problem) {}

  bool deliver(Bytes frame, Instant) override {
    const Transfer transfer = device_.write(frame);
    if (transfer == Transfer::done) {
      ++statistics_.frames_out;
      return true;
    }
    if (transfer == Transfer::failed) problem_ = device_.failure();
    ++statistics_.refused;
    return false;
  }

 private:
  FrameDevice& device_;
  LiveStatistics& statistics_;
  std::optional<std::string>& problem_;
};

LiveLoop::LiveLoop(sim::World& world, std::vector<LivePort> ports)
    : world_(world), ports_(std::move(ports)), buffer_(kFrameBytesMost) {
  for (LivePort& port : ports_) {
    exits_.push_back(std::make_unique<Exit>(*port.device, statistics_, problem_));
  }
  epoch_ = monotonic() - (world_.now() - kStart);
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
  const sim::StopReason reason = follow_clock(until, should_stop);
  connect(false);
  return {.reason = reason, .end = world_.now(), .events = world_.events()};
}

sim::StopReason LiveLoop::follow_clock(Instant until, const std::function<bool()>& should_stop) {
  Instant next_question = world_.now();
  for (;;) {
    const Instant now = clock();
    process_due(std::min(now, until));
    if (now >= until) return sim::StopReason::until;
    if (problem_) return sim::StopReason::interrupted;
    if (now >= next_question) {
      next_question = now + kStopInterval;
      if (should_stop && should_stop()) return sim::StopReason::interrupted;
    }
    if (read_devices()) continue;  // more may wait, and what came in may be due at once
    sleep_until(std::min({world_.next_event(), until, next_question}));
  }
}

void LiveLoop::process_due(Instant now) {
  const Instant due = world_.next_event();
  if (due <= now) statistics_.lag.add(now - due);
  world_.pass(now);
}

// True when at least one frame was there.
bool LiveLoop::read_devices() {
  bool any = false;
  for (const LivePort& port : ports_) {
    for (std::size_t i = 0; i < kBatch; ++i) {
      std::size_t size = 0;
      const Transfer transfer = port.device->read(buffer_, size);
      if (transfer == Transfer::failed) problem_ = port.device->failure();
      if (transfer != Transfer::done) break;
      ++statistics_.frames_in;
      any = true;
      world_.inject(port.node, Bytes{buffer_}.first(size), clock());
    }
  }
  return any;
}

void LiveLoop::sleep_until(Instant wake_up) {
  const Duration wait = wake_up - clock();
  if (wait <= Duration{}) return;
  std::vector<pollfd> descriptors;
  descriptors.reserve(ports_.size());
  for (const LivePort& port : ports_) {
    descriptors.push_back({.fd = port.device->descriptor(), .events = POLLIN, .revents = 0});
  }
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(wait);
  const timespec timeout{.tv_sec = seconds.count(), .tv_nsec = (wait - seconds).count()};
  ::ppoll(descriptors.data(), descriptors.size(), &timeout, nullptr);
}

}  // namespace strata::device
