// SPDX-License-Identifier: MIT
// strata_swarm: plays many seeds and says which one broke what, with the command that plays it
// again. `strata_swarm --seeds 1..100000 --jobs 2`, or `strata_swarm --show 42` for one of them.
#include <fmt/format.h>

#include <boost/program_options.hpp>
#include <chrono>
#include <cstdio>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <tl/expected.hpp>

#include "sim/trace/capture_observer.h"
#include "tests/property/narrator.h"
#include "tests/property/plan.h"
#include "tests/property/swarm.h"

namespace {

namespace po = boost::program_options;
using strata::property::SwarmOptions;
using strata::property::SwarmTotals;
using strata::trace::CaptureObserver;

// "1..100" or "42".
bool parse_seeds(const std::string& text, SwarmOptions& options) {
  unsigned long long first = 0;
  unsigned long long last = 0;
  char rest = 0;
  if (std::sscanf(text.c_str(), "%llu..%llu%c", &first, &last, &rest) != 2) {
    if (std::sscanf(text.c_str(), "%llu%c", &first, &rest) != 1) return false;
    last = first;
  }
  options.first = first;
  options.last = last;
  return first <= last;
}

// What `--show` prints and writes besides the plan and the outcome.
struct ShowOptions {
  std::optional<std::uint16_t> traced_port;  // 0: of every connection
  std::string captures;                      // a folder; empty: none
};

int show(std::uint64_t seed, const ShowOptions& options) {
  fmt::print("{}", describe(strata::property::draw_plan(seed)));
  std::fflush(stdout);
  strata::property::Narrator narrator(options.traced_port.value_or(0));
  tl::expected<std::unique_ptr<CaptureObserver>, std::string> capture;
  const auto before = [&](strata::sim::World& world) {
    if (options.traced_port) world.tracer().attach(narrator);
    if (options.captures.empty()) return;
    capture =
        CaptureObserver::create(strata::trace::Directory::of(world), {.path = options.captures});
    if (capture) world.tracer().attach(**capture, (*capture)->wanted());
  };
  const auto after = [&](strata::sim::World& world) {
    if (!capture || *capture == nullptr) return;
    if (auto error = (*capture)->finish(world.now())) capture = tl::make_unexpected(*error);
  };
  const auto outcome = strata::property::run_seed(seed, true, {.before = before, .after = after});
  if (!capture) fmt::print(stderr, "strata_swarm: {}\n", capture.error());
  fmt::print("{} events, {} of {} connections complete, fingerprint {:016x}\n", outcome.events,
             outcome.completed, outcome.connections, outcome.fingerprint);
  for (const std::string& what : outcome.violations) fmt::print("FAILED: {}\n", what);
  return outcome.violations.empty() && capture ? 0 : 1;
}

int swarm(const SwarmOptions& options) {
  const auto start = std::chrono::steady_clock::now();
  const auto seconds = [&] {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  const auto say = [&](std::FILE* to, const SwarmTotals& totals) {
    fmt::print(to,
               "{} seeds, {} events, {} connections ({} complete, {} timed out), {} repeated, {} "
               "failures; {:.0f} s, {:.0f} seeds/s, {:.0f} events/s\n",
               totals.seeds, totals.events, totals.connections, totals.completed, totals.timed_out,
               totals.repeated, totals.failures, seconds(),
               static_cast<double>(totals.seeds) / seconds(),
               static_cast<double>(totals.events) / seconds());
    std::fflush(to);
  };
  const SwarmTotals totals = run_swarm(
      options,
      [](std::uint64_t seed, const std::string& what) {
        fmt::print("seed {}: {}\n    again: tools/dev swarm --show {}\n", seed, what, seed);
        std::fflush(stdout);
      },
      [&](const SwarmTotals& so_far) { say(stderr, so_far); });
  say(stdout, totals);
  return totals.failures == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  SwarmOptions options;
  options.jobs = std::max(1U, std::thread::hardware_concurrency());
  std::string seeds = "1..1000";
  po::options_description described("strata_swarm [--seeds A..B] [--jobs N]");
  ShowOptions show_options;
  described.add_options()("help,h", "this text")("seeds", po::value(&seeds),
                                                 "which seeds: A..B, or one (default 1..1000)")(
      "jobs,j", po::value(&options.jobs), "processes (default: one per core)")(
      "repeat-every", po::value(&options.repeat_every),
      "play every n-th seed twice and compare fingerprints (default 16; 0: none)")(
      "show", po::value<std::uint64_t>(), "print the plan of one seed and play it")(
      "trace", po::value<std::uint16_t>()->implicit_value(0),
      "with --show: print segments, states, drops and calls; with a port: of its connection only")(
      "pcap", po::value(&show_options.captures),
      "with --show: write a capture of every interface to this folder");
  po::positional_options_description positional;
  positional.add("seeds", 1);
  po::variables_map values;
  try {
    po::store(po::command_line_parser(argc, argv).options(described).positional(positional).run(),
              values);
    po::notify(values);
  } catch (const po::error& error) {
    fmt::print(stderr, "strata_swarm: {}\n", error.what());
    return 2;
  }
  if (values.contains("help")) {
    std::cout << described;
    return 0;
  }
  if (values.contains("show")) {
    if (values.contains("trace")) show_options.traced_port = values["trace"].as<std::uint16_t>();
    return show(values["show"].as<std::uint64_t>(), show_options);
  }
  if (!parse_seeds(seeds, options)) {
    fmt::print(stderr, "strata_swarm: '{}' is no range of seeds; write it as 1..1000\n", seeds);
    return 2;
  }
  return swarm(options);
}
