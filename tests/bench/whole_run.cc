// SPDX-License-Identifier: MIT
// Runs one workload and prints CPU time per frame-hop. Every payload byte, checksum and FCS is
// real.
//
//     whole_run [--workload=p2p] [--buffer=BYTES] [--flows=N] [--seconds=S] [--capture=DIR] ...
#include <fmt/format.h>
#include <sys/resource.h>

#include <charconv>
#include <cstdio>
#include <memory>
#include <string>
#include <string_view>

#include "sim/trace/capture_observer.h"
#include "tests/bench/workloads.h"

namespace strata::bench {
namespace {

// Of this thread, or of the process: a capture has a thread that writes it.
double cpu_seconds(int whose) {
  rusage usage{};
  getrusage(whose, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct CommandLine {
  WorkloadOptions workload;
  std::string capture;

  // False when the argument is not understood.
  bool take(std::string_view argument) {
    const std::size_t equals = argument.find('=');
    if (!argument.starts_with("--") || equals == std::string_view::npos) return false;
    const std::string_view key = argument.substr(2, equals - 2);
    const std::string_view value = argument.substr(equals + 1);
    std::uint64_t number = 0;
    std::from_chars(value.data(), value.data() + value.size(), number);
    if (key == "workload")
      workload.name = value;
    else if (key == "capture")
      capture = value;
    else if (key == "bytes")
      workload.bytes = number;
    else if (key == "buffer")
      workload.buffer_bytes = static_cast<std::uint32_t>(number);
    else if (key == "flows")
      workload.flows = static_cast<std::uint32_t>(number);
    else if (key == "datagrams")
      workload.datagrams = number;
    else if (key == "seconds")
      workload.duration = std::chrono::seconds(number);
    else
      return false;
    return true;
  }
};

int run(const CommandLine& command) {
  std::unique_ptr<sim::World> world = make_world(command.workload);
  if (world == nullptr) {
    fmt::print(stderr, "unknown workload '{}': p2p, swrt, dumbbell or chain\n",
               command.workload.name);
    return 2;
  }
  std::unique_ptr<trace::CaptureObserver> capture;
  if (!command.capture.empty()) {
    auto created =
        trace::CaptureObserver::create(trace::Directory::of(*world), {.path = command.capture});
    if (!created) {
      fmt::print(stderr, "{}\n", created.error());
      return 1;
    }
    capture = std::move(*created);
    world->tracer().attach(*capture, capture->wanted());
  }
  const double before = cpu_seconds(RUSAGE_SELF);
  const double own_before = cpu_seconds(RUSAGE_THREAD);
  const sim::RunResult result = world->run_until(end_of(command.workload));
  if (capture != nullptr) capture->finish(result.end);
  const double cpu = cpu_seconds(RUSAGE_SELF) - before;
  const double own = cpu_seconds(RUSAGE_THREAD) - own_before;
  std::uint64_t hops = 0;
  for (std::uint32_t i = 0; i < world->link_count(); ++i) {
    hops += world->counters(LinkId{i}, sim::Direction::a_to_b).delivered_frames;
    hops += world->counters(LinkId{i}, sim::Direction::b_to_a).delivered_frames;
  }
  fmt::print(
      "{} cpu_s={:.3f} own_s={:.3f} hops={} ns_per_hop={:.0f} sim_s={:.4f} events={} "
      "packets_kb={}\n",
      command.workload.name, cpu, own, hops, cpu * 1e9 / static_cast<double>(hops),
      std::chrono::duration<double>(result.end - kStart).count(), result.events,
      world->pool().footprint_bytes() / 1024);
  return 0;
}

}  // namespace
}  // namespace strata::bench

int main(int argc, char** argv) {
  strata::bench::CommandLine command;
  for (int i = 1; i < argc; ++i) {
    if (!command.take(argv[i])) {
      fmt::print(stderr, "{}: not understood; see the head of tests/bench/whole_run.cc\n", argv[i]);
      return 2;
    }
  }
  return strata::bench::run(command);
}
