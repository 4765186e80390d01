// SPDX-License-Identifier: MIT
// Everything that observes a run, on a run of real hosts.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/trace/fingerprint.h"
#include "sim/trace/metrics.h"
#include "sim/trace/recording.h"
#include "tests/sim/two_hosts_and_a_switch.h"

namespace strata::trace {
namespace {

TEST(TraceOfWorld, TheDirectoryDescribesTheWorld) {
  const sim::TwoHostsAndASwitch network;
  const Directory directory = Directory::of(network.world);

  ASSERT_EQ(directory.nodes.size(), 3U);
  EXPECT_EQ(directory.nodes[0].name, "client");
  EXPECT_EQ(directory.nodes[0].kind, NodeKind::host);
  EXPECT_EQ(directory.nodes[1].kind, NodeKind::network_switch);
  EXPECT_EQ(directory.nodes[0].ports[0].mac, *MacAddress::parse("02:00:00:00:00:01"));
  EXPECT_EQ(directory.nodes[0].ports[0].addresses[0], *Prefix::parse("10.0.0.1/24"));
  EXPECT_EQ(directory.nodes[1].ports[1].link, network.right_link);
  EXPECT_EQ(directory.links[0].name, "left");
  EXPECT_EQ(directory.links[0].delay, 1ms);
  EXPECT_EQ(directory.owner_of(*IpAddress::parse("10.0.0.2"))->node, network.server);
}

TEST(TraceOfWorld, ObserversAgreeOnTheFlowOfADatagram) {
  sim::TwoHostsAndASwitch network;
  Recorder recorder;
  Metrics metrics;
  network.world.tracer().attach(recorder);
  network.world.tracer().attach(metrics, Metrics::kWanted);
  network.receive_datagram_from(kStart);
  network.send_datagram_at(kStart + 5ms);

  const sim::RunResult result = network.world.run_until(kStart + 500ms);
  const Recording recording =
      recorder.finish(Directory::of(network.world), network.world.seed(), result.end);
  const RunMetrics run = std::move(metrics).collect(network.world, result);

  // ARP request, its reply and the datagram on two links.
  EXPECT_EQ(run.frames_sent, 6U);
  EXPECT_EQ(run.frames_delivered, 6U);
  ASSERT_EQ(recording.flows().size(), 1U);
  EXPECT_EQ(recording.flows()[0].protocol, Protocol::udp);
  EXPECT_EQ(recording.flows()[0].responder.port, 9U);
  EXPECT_EQ(recording.flows()[0].responder_node, network.server);
  ASSERT_EQ(run.flows.size(), 1U);
  EXPECT_EQ(run.flows[0].opener, recording.flows()[0].opener);
  EXPECT_EQ(run.flows[0].forward.bytes_delivered, 5U);
  EXPECT_EQ(run.flows[0].forward.datagrams_delivered, 1U);
}

TEST(TraceOfWorld, TheFingerprintIsTheSameWithAndWithoutOtherObservers) {
  const auto fingerprint = [](bool with_recorder) {
    sim::TwoHostsAndASwitch network;
    Recorder recorder;
    Fingerprint result;
    if (with_recorder) network.world.tracer().attach(recorder);
    network.world.tracer().attach(result, Fingerprint::kWanted);
    network.send_datagram_at(kStart + 5ms);
    network.world.run_until(kStart + 500ms);
    return result.value();
  };

  EXPECT_EQ(fingerprint(false), fingerprint(true));
}

}  // namespace
}  // namespace strata::trace
