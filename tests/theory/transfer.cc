// SPDX-License-Identifier: MIT
#include "tests/theory/transfer.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sim/scenario/build.h"
#include "sim/scenario/run.h"

namespace strata::theory {

std::string drop_list(const std::vector<std::uint64_t>& drops) {
  std::string list;
  for (const std::uint64_t ordinal : drops) {
    const char* suffix = "th";
    if (ordinal % 100 < 11 || ordinal % 100 > 13) {
      if (ordinal % 10 == 1) suffix = "st";
      if (ordinal % 10 == 2) suffix = "nd";
      if (ordinal % 10 == 3) suffix = "rd";
    }
    list += fmt::format("{}{}{}", list.empty() ? "" : ", ", ordinal, suffix);
  }
  return list;
}

namespace {

std::string impairment(const Transfer& transfer) {
  if (!transfer.loss.empty()) return fmt::format("loss: {}", transfer.loss);
  if (!transfer.drops.empty()) return fmt::format("drop: [{}]", drop_list(transfer.drops));
  return "loss: 0 %";
}

}  // namespace

std::unique_ptr<sim::World> world_of(const std::string& text) {
  scenario::Diagnostics diagnostics;
  std::vector<std::string> sources;
  const auto loaded = scenario::load(text, "theory.yaml", {}, diagnostics, sources);
  EXPECT_TRUE(loaded.has_value()) << text;
  return loaded ? scenario::build(loaded->model) : nullptr;
}

void WindowMeter::on_event(const Event& event) {
  const auto* variables = std::get_if<TcpVariables>(&event.body);
  if (variables == nullptr || event.node != NodeId{0} || variables->mss == 0) return;
  if (window_ > 0 && since_ >= from_) {
    const double seconds = std::chrono::duration<double>(event.time - since_).count();
    sum_ += window_ * seconds;
    seconds_ += seconds;
  }
  since_ = event.time;
  window_ =
      variables->phase == "recovery" ? 0.0 : static_cast<double>(variables->cwnd) / variables->mss;
}

double measure(const Transfer& transfer, WindowMeter* window) {
  const unsigned end = transfer.warm_up_s + transfer.measured_s;
  const std::string text = fmt::format(
      "seed: {}\n"
      "nodes:\n"
      "  a: {{ address: 10.0.0.1/24, tcp: {{ congestion-control: {}, send-buffer: 64 MiB{} }} }}\n"
      "  b: {{ address: 10.0.0.2/24, tcp: {{ receive-buffer: 64 MiB, delayed-ack: 0 s }} }}\n"
      "links:\n"
      "  wire:\n"
      "    ends: [a, b]\n"
      "    rate: unlimited\n"
      "    delay: {} us\n"
      "    impair: [ {{ {}, direction: a > b }} ]\n"
      "processes:\n"
      "  - {{ on: b, run: sink, listen: 5000 }}\n"
      "  - {{ on: a, run: bulk, to: b:5000, for: {} s }}\n",
      transfer.seed, transfer.control, transfer.tcp, transfer.round_trip_ms * 500,
      impairment(transfer), end + 1);
  const auto world = world_of(text);
  if (world == nullptr) return 0;
  const auto delivered = [&] {
    return world->counters(LinkId{0}, sim::Direction::a_to_b).delivered_frames;
  };
  if (window != nullptr) world->tracer().attach(*window, event_mask<TcpVariables>());
  world->run_until(kStart + std::chrono::seconds(transfer.warm_up_s));
  const std::uint64_t before = delivered();
  world->run_until(kStart + std::chrono::seconds(end));
  return static_cast<double>(delivered() - before) / transfer.measured_s;
}

}  // namespace strata::theory
