// SPDX-License-Identifier: MIT
// LiveLoop: runs a world in real time. Virtual time follows the monotonic clock: an event is
// processed when its instant has come, a frame read from a device enters the world at the instant
// it was read. The world itself does not notice: it gets the same calls as in a simulation.
//
//     process what is due -> read a bounded batch from each device -> sleep until the next event
//     or the next frame
//
// How late events were processed is measured. A machine that is too slow shows up there, not as
// silently lost frames: a device that has no room for the moment makes frames wait here, what has
// no room here either is a counted drop of the attachment, and what the operating system threw away
// before it could be read is asked for and reported.
//
// Why ppoll() and not epoll or io_uring: docs/adr/0008-live-loop.md.
#pragma once

#include <poll.h>

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/device/frame_device.h"
#include "sim/live_inputs.h"
#include "sim/world.h"

namespace strata::device {

// How late events were processed: bucket 0 counts lags below 1 us, bucket i those below 2^i us.
class LagHistogram {
 public:
  static constexpr std::size_t kBuckets = 24;  // the last one: 8.4 s and more

  void add(Duration lag);
  std::uint64_t count() const { return count_; }
  Duration largest() const { return largest_; }
  // How many fell into a bucket, and the lag below which they were.
  std::uint64_t in_bucket(std::size_t bucket) const { return buckets_[bucket]; }
  static Duration bound(std::size_t bucket) { return Duration{1us} * (1U << bucket); }
  // An upper bound of the lag that the given share (0 to 100) of all events did not exceed.
  Duration percentile(unsigned percent) const;

 private:
  std::array<std::uint64_t, kBuckets> buckets_{};
  std::uint64_t count_ = 0;
  Duration largest_{};
};

struct LiveStatistics {
  std::uint64_t frames_in = 0;   // from devices into the world
  std::uint64_t frames_out = 0;  // from the world to devices
  std::uint64_t refused = 0;     // frames a device had no room for, or did not take
  std::uint64_t overruns = 0;    // frames that came in faster than they could be read
  std::uint64_t missed = 0;      // times that events were late by kMissed or more
  std::size_t left_open = 0;     // connections that did not close in time, and were reset
  LagHistogram lag;
};

// One attachment of the world and the device behind it.
struct LivePort {
  NodeId node{};
  std::unique_ptr<FrameDevice> device;
};

class LiveLoop {
 public:
  // A deadline counts as missed when its event was processed this much too late.
  static constexpr Duration kMissed = 10ms;
  // Frames read from one device before the world gets its turn.
  static constexpr std::size_t kBatch = 64;
  // Frames that wait for a device that has no room at the moment.
  static constexpr std::size_t kWaitingMost = 1024;

  // Nodes of `ports` are attachments of `world`, which is touched only by run_until().
  LiveLoop(sim::World& world, std::vector<LivePort> ports);
  ~LiveLoop();
  LiveLoop(const LiveLoop&) = delete;
  LiveLoop& operator=(const LiveLoop&) = delete;

  // What comes in is recorded from now on; nullptr: no longer. It must outlive the loop.
  void record_to(sim::LiveRecorder* recorder) { recorder_ = recorder; }
  // Runs until `until`, or until `should_stop` says so (asked every 50 ms or more often), or a
  // device fails (problem() then says which), or, without devices, until nothing is left to happen.
  // May be called again.
  sim::RunResult run_until(Instant until, const std::function<bool()>& should_stop);

  // The orderly end: processes end, and time goes on until their connections have closed and the
  // last frame has left, but not longer than `patience`: what is open then is reset, so that peers
  // outside learn of it while there is still a device.
  void close(Duration patience);

  const LiveStatistics& statistics() const { return statistics_; }
  const std::optional<std::string>& problem() const { return problem_; }

 private:
  class Exit;

  void connect(bool connected);
  sim::StopReason follow_clock(Instant until, Duration interval,
                               const std::function<bool()>& should_stop);
  Instant clock() const;
  void process_due(Instant now);
  bool read_devices();
  void flush_devices();
  void sleep_until(Instant wake_up);
  void abort_connections(Duration patience);
  bool has_frames() const;

  sim::World& world_;
  std::vector<LivePort> ports_;
  std::vector<std::unique_ptr<Exit>> exits_;
  std::vector<pollfd> descriptors_;  // by port
  Duration epoch_{};                 // the monotonic clock at virtual time zero
  LiveStatistics statistics_;
  sim::LiveRecorder* recorder_ = nullptr;
  std::optional<std::string> problem_;
};

}  // namespace strata::device
