// SPDX-License-Identifier: MIT
#include "sim/live_inputs.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>

#include "sim/trace/fingerprint.h"
#include "tests/sim/two_hosts_and_a_switch.h"

namespace strata::sim {
namespace {

using testing::HasSubstr;

// Who has 10.0.0.2? Tell 10.0.0.1 (RFC 826).
constexpr std::array<std::uint8_t, 42> kArpRequest{
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0,  0, 0, 0, 1, 8, 6, 0, 1, 8, 0,  6, 4, 0,
    1,    2,    0,    0,    0,    0,    1, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 10, 0, 0, 2};

// outside -- 5 ms, every third frame lost or so -- server, with a fingerprint of what happens.
struct LiveWorld {
  LiveWorld() {
    LinkConfig link{.name = "cable", .a = {outside, PortId{0}}, .b = {server, PortId{0}}};
    link.delay = 5ms;
    world.add_link(std::move(link));
    world.tracer().attach(fingerprint, trace::Fingerprint::kWanted);
  }
  ~LiveWorld() { world.tracer().detach(fingerprint); }

  World world{1};
  NodeId outside = world.add_attachment({.name = "outside", .port_name = "tap0"});
  NodeId server = world.add_host(host_config("server", "02:00:00:00:00:02", "10.0.0.2/24"));
  trace::Fingerprint fingerprint;
};

// A device that takes every frame but the second, and tells the recorder.
class Picky final : public Outside {
 public:
  Picky(LiveRecorder& recorder, NodeId node) : recorder_(recorder), node_(node) {}
  bool deliver(Bytes, Instant now) override {
    const bool taken = ++count_ != 2;
    recorder_.on_delivery(node_, taken, now);
    return taken;
  }

 private:
  LiveRecorder& recorder_;
  NodeId node_;
  int count_ = 0;
};

// Three requests at odd instants; the recording and the fingerprint of the run.
std::vector<std::uint8_t> record(std::uint64_t& fingerprint) {
  std::vector<std::uint8_t> octets;
  LiveRecorder recorder([&](Bytes more) { octets.insert(octets.end(), more.begin(), more.end()); },
                        {.file = "x.yaml", .scenario = "nodes: {}\n", .overrides = {"seed=7"}});
  LiveWorld live;
  Picky device(recorder, live.outside);
  live.world.attachment(live.outside).set_outside(&device);
  for (const Duration at : {Duration{1'000'003}, Duration{1'700'001}, Duration{40'000'000}}) {
    recorder.on_frame(live.outside, kArpRequest, kStart + at);
    live.world.inject(live.outside, kArpRequest, kStart + at);
  }
  recorder.on_end_processes(kStart + 60ms);
  live.world.end_processes(kStart + 60ms);
  live.world.pass(kStart + 80ms);
  recorder.on_abort_connections(live.world.now());
  live.world.abort_connections(live.world.now());
  recorder.on_end(live.world.now());
  live.world.attachment(live.outside).set_outside(nullptr);
  EXPECT_EQ(live.world.attachment(live.outside).drops().total(), 1U);
  fingerprint = live.fingerprint.value();
  return octets;
}

TEST(LiveInputs, MakeTheSameRunHappenAgain) {
  std::uint64_t fingerprint = 0;
  const auto inputs = LiveInputs::parse(record(fingerprint));
  ASSERT_TRUE(inputs) << inputs.error();
  EXPECT_EQ(inputs->file, "x.yaml");
  EXPECT_EQ(inputs->scenario, "nodes: {}\n");
  EXPECT_EQ(inputs->overrides, std::vector<std::string>{"seed=7"});
  EXPECT_EQ(inputs->end, kStart + 80ms);

  LiveWorld again;
  LiveReplay replay(again.world, *inputs);
  replay.run_until(kStart + 20ms, {});  // with a pause
  const RunResult result = replay.run_until(kNever, {});

  EXPECT_EQ(result.end, kStart + 80ms);
  EXPECT_EQ(again.world.attachment(again.outside).drops().total(), 1U);
  EXPECT_EQ(again.fingerprint.value(), fingerprint);
}

TEST(LiveInputs, OfARunThatWasCutOffAreGoodUpToThere) {
  std::uint64_t fingerprint = 0;
  const std::vector<std::uint8_t> octets = record(fingerprint);
  std::size_t most = 0;
  for (std::size_t length = 0; length < octets.size(); ++length) {
    const auto inputs = LiveInputs::parse(Bytes{octets}.first(length));
    if (inputs) most = std::max(most, inputs->list.size());
  }
  EXPECT_EQ(most, 6U);  // three frames, a refusal, the end of processes and that of connections
}

TEST(LiveInputs, AreToldFromOtherFiles) {
  const auto parse = [](std::string_view text) { return LiveInputs::parse(as_bytes(text)); };
  EXPECT_THAT(parse("nodes:\n").error(), HasSubstr("no recording"));
  EXPECT_THAT(parse("strata live 1\n").error(), HasSubstr("before its first record"));
  std::string damaged("strata live 1\n");
  damaged.append(12, '\0');  // no file, no text, no overrides
  damaged += std::string("\x09", 1) + std::string(16, '\0');
  EXPECT_THAT(parse(damaged).error(), HasSubstr("damaged"));
}

}  // namespace
}  // namespace strata::sim
