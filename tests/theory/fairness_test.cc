// SPDX-License-Identifier: MIT
// Many flows through one bottleneck: 200 Mbit/s with a 64 KiB drop-tail queue, round trips drawn
// uniformly from 100 to 300 ms, windows of 256 KiB; the case that smoltcp's netsim_multiflow
// measures without congestion control (there 94 kB/s with 32 flows, 43 % of segments lost). The
// senders pace: 64 KiB hold a hundredth of what the path does, and without pacing the bursts of
// slow start and of stretched ACKs alone overrun that (half of the bottleneck is used then).
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <array>

#include "stack/base/random.h"
#include "tests/theory/table.h"
#include "tests/theory/transfer.h"

namespace strata::theory {
namespace {

constexpr double kBottleneck = 200e6;
constexpr double kWindow = 8.0 * 256 * 1024;  // bits

// One way, of each flow.
std::vector<std::uint64_t> delays_us(int flows) {
  RandomStream random(1, "round trips");
  std::vector<std::uint64_t> delays;
  for (int i = 0; i < flows; ++i) delays.push_back(50'000 + random.below(100'001));
  return delays;
}

// What the windows of all flows allow of the bottleneck, headers and gaps included.
double bound(int flows) {
  double rate = 0;
  for (const std::uint64_t delay : delays_us(flows)) {
    rate += kWindow / (2e-6 * static_cast<double>(delay));
  }
  return std::min(1.0, rate * 1538 / 1460 / kBottleneck);
}

// Jain's index when each flow gets what Mathis' formula gives it under the same losses, a share in
// inverse proportion to its round trip: 0.93, 0.90, 0.90 with 16, 32, 64 flows. Reno cannot be
// fairer than that; CUBIC, whose window grows with time, can.
double fairness_of_reno(int flows) {
  double sum = 0;
  double squares = 0;
  for (const std::uint64_t delay : delays_us(flows)) {
    const double share = 1.0 / static_cast<double>(delay);
    sum += share;
    squares += share * share;
  }
  return sum * sum / (static_cast<double>(flows) * squares);
}

struct Share {
  double utilisation = 0;
  double fairness = 0;  // Jain's index
  double lost = 0;      // share of the frames offered to the bottleneck
};

// `flows` senders, each behind a link of its own delay, towards as many receivers.
std::string scenario_text(const std::string& control, int flows, unsigned seconds) {
  const std::vector<std::uint64_t> delays = delays_us(flows);
  std::string nodes;
  std::string links;
  std::string processes;
  for (int i = 0; i < flows; ++i) {
    nodes += fmt::format(
        "  s{0}: {{ address: 10.1.{0}.1/24, gateway: 10.1.{0}.254, "
        "tcp: {{ congestion-control: {1}, pacing: true, send-buffer: 512 KiB }} }}\n"
        "  r{0}: {{ address: 10.2.{0}.1/24, gateway: 10.2.{0}.254 }}\n",
        i, control);
    links += fmt::format(
        "  in{0}: {{ ends: [s{0}, 'left:p{0}'], rate: unlimited, delay: {1} us, queue: unlimited "
        "}}\n"
        "  out{0}: {{ ends: ['right:p{0}', r{0}], rate: unlimited, queue: unlimited }}\n",
        i, delays[static_cast<std::size_t>(i)]);
    processes += fmt::format(
        "  - {{ on: r{0}, run: sink, listen: 5000 }}\n"
        "  - {{ on: s{0}, run: bulk, to: 'r{0}:5000', for: {1} s, at: {2} ms }}\n",
        i, seconds + 1, 37 * i);
  }
  std::string left = "  left: { kind: router, addresses: { core: 10.0.0.1/24";
  std::string right = "  right: { kind: router, addresses: { core: 10.0.0.2/24";
  for (int i = 0; i < flows; ++i) {
    left += fmt::format(", p{0}: 10.1.{0}.254/24", i);
    right += fmt::format(", p{0}: 10.2.{0}.254/24", i);
  }
  return fmt::format(
      "nodes:\n{}{} }} }}\n{} }} }}\nlinks:\n"
      "  core: {{ ends: ['left:core', 'right:core'], rate: 200 Mbit/s, queue: 64 KiB }}\n{}"
      "processes:\n{}",
      nodes, left, right, links, processes);
}

Share share(const std::string& control, int flows, unsigned warm_up, unsigned measured) {
  Share result;
  const auto world = world_of(scenario_text(control, flows, warm_up + measured));
  if (world == nullptr) return result;
  const auto delivered = [&](int flow) {
    return static_cast<double>(
        world->counters(world->find_link(fmt::format("out{}", flow)), sim::Direction::a_to_b)
            .delivered_bytes);
  };
  std::vector<double> before;
  world->run_until(kStart + std::chrono::seconds(warm_up));
  for (int i = 0; i < flows; ++i) before.push_back(delivered(i));
  world->run_until(kStart + std::chrono::seconds(warm_up + measured));
  double sum = 0;
  double squares = 0;
  for (int i = 0; i < flows; ++i) {
    const double rate = (delivered(i) - before[static_cast<std::size_t>(i)]) * 8 / measured;
    sum += rate;
    squares += rate * rate;
  }
  if (squares == 0) return result;
  // Preamble and gap take 20 octets of the line per frame of 1518.
  result.utilisation = sum * 1538 / 1518 / kBottleneck;
  result.fairness = sum * sum / (static_cast<double>(flows) * squares);
  const sim::LinkCounters& core = world->counters(LinkId{0}, sim::Direction::a_to_b);
  result.lost =
      static_cast<double>(core.dropped.total()) / static_cast<double>(core.offered_frames);
  return result;
}

TEST(Theory, ManyFlowsShareABottleneck) {
  std::string table =
      "flows through 200 Mbit/s, 64 KiB queue, 100 to 300 ms: past slow start\n"
      "control   flows  windows allow  utilisation  Jain  lost %\n";
  for (const std::string control : {"newreno", "cubic"}) {
    for (const int flows : {1, 2, 4, 16, 32, 64}) {
      // Losses are half a minute apart, so a share takes minutes to show.
      const Share got = share(control, flows, 60, flows < 16 ? 60 : 240);
      table += fmt::format("{:<9} {:>5} {:>14.3f} {:>12.3f} {:>5.2f} {:>7.2f}\n", control, flows,
                           bound(flows), got.utilisation, got.fairness, 100 * got.lost);
      if (flows < 16) continue;
      // A Reno of few packets per loss is somewhat less fair to long round trips than the formula.
      const bool is_cubic = control == "cubic";
      EXPECT_GE(got.utilisation, (is_cubic ? 0.9 : 0.85) * bound(flows)) << control << " " << flows;
      EXPECT_GE(got.fairness, is_cubic ? 0.9 : 0.92 * fairness_of_reno(flows))
          << control << " " << flows;
    }
  }
  expect_table("fairness", table);
}

}  // namespace
}  // namespace strata::theory
