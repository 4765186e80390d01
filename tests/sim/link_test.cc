// SPDX-License-Identifier: MIT
#include "sim/link.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/sim/fake_network.h"

namespace strata::sim {
namespace {

std::vector<Instant> arrival_times(const FakeNode& node) {
  std::vector<Instant> times;
  for (const FakeNode::Arrival& arrival : node.arrivals) times.push_back(arrival.time);
  return times;
}

TEST(Link, AFrameArrivesAfterPreambleFrameAndPropagation) {
  FakeNetwork network{ten_megabit()};
  network.send_from_a(1, 1518, 0ns);

  network.run();

  // (8 + 1518) octets at 10 Mbit/s: 12,208 bits of 100 ns; then 10 ms on the way.
  EXPECT_THAT(arrival_times(network.b), testing::ElementsAre(kStart + 1'220'800ns + 10ms));
}

TEST(Link, TheNextFrameStartsAfterTheInterFrameGap) {
  FakeNetwork network{ten_megabit()};
  network.send_from_a(2, 64, 0ns);
  Collected<FrameSent> sent{network.engine.tracer()};

  network.run();

  // 8 + 64 octets take 57.6 us, the gap of 96 bits 9.6 us.
  ASSERT_EQ(sent.bodies.size(), 2U);
  EXPECT_EQ(sent.bodies[0].last_bit_out, kStart + 57'600ns);
  EXPECT_EQ(sent.bodies[0].last_bit_in, kStart + 57'600ns + 10ms);
  EXPECT_EQ(sent.events[1].time, kStart + 67'200ns);
}

TEST(Link, AGigabitMinimumFrameHasItsTextbookSpacing) {
  FakeNetwork network{{.rate_bps = 1'000'000'000}};
  network.send_from_a(3, 64, 0ns);

  network.run();

  // 672 bit times from frame to frame: 1,488,095 frames a second. Last bits after 576 of them.
  EXPECT_THAT(arrival_times(network.b),
              testing::ElementsAre(kStart + 576ns, kStart + 1248ns, kStart + 1920ns));
}

TEST(Link, FractionsOfANanosecondAreCarriedOnAndNotLost) {
  FakeNetwork network{{.rate_bps = 3'000'000'000, .queue = {.bytes_max = 0}}};
  constexpr std::int64_t kFrames = 3000;
  network.send_from_a(kFrames, 65, 0ns);

  network.run();

  // 85 octet times at 3 Gbit/s are 226 2/3 ns: 3000 frames take 680 us, less the last gap of 32 ns.
  ASSERT_EQ(network.b.arrivals.size(), static_cast<std::size_t>(kFrames));
  EXPECT_EQ(network.b.arrivals.back().time, kStart + 680us - 32ns);
}

TEST(Link, AFrameAfterSilenceTakesAsLongAsTheFirst) {
  FakeNetwork network{{.rate_bps = 3'000'000'000}};
  network.send_from_a(2, 65, 1ms);

  network.run();

  EXPECT_EQ(network.b.arrivals[1].time - network.b.arrivals[0].time, 1ms);
}

TEST(Link, AnInfinitelyFastLinkOnlyDelays) {
  FakeNetwork network{{.rate_bps = 0, .delay = 3ms}};
  network.send_from_a(3, 1518, 0ns);

  network.run();

  EXPECT_THAT(arrival_times(network.b), testing::Each(kStart + 3ms));
  EXPECT_EQ(network.b.arrivals.size(), 3U);
}

TEST(Link, DirectionsDoNotDisturbEachOther) {
  FakeNetwork network{ten_megabit()};
  network.a.send_at(kStart, network.frame(1518));
  network.b.send_at(kStart, network.frame(1518));

  network.run();

  EXPECT_EQ(network.a.arrivals.at(0).time, network.b.arrivals.at(0).time);
}

TEST(Link, AQueueWithRoomForThreeFramesDropsTheFifthOfABurst) {
  LinkConfig config = ten_megabit();
  config.queue = {.bytes_max = 0, .frames_max = 3};
  FakeNetwork network{config};
  network.send_from_a(5, 100, 0ns);
  Collected<FrameQueued> queued{network.engine.tracer()};
  Collected<Dropped> dropped{network.engine.tracer()};

  network.run();

  // The first goes out at once and is not in the queue.
  ASSERT_EQ(queued.bodies.size(), 3U);
  EXPECT_EQ(queued.bodies[2].queued_frames, 3U);
  EXPECT_EQ(queued.bodies[2].queued_bytes, 300U);
  ASSERT_EQ(dropped.bodies.size(), 1U);
  EXPECT_EQ(dropped.bodies[0].reason, DropReason::queue_full);
  EXPECT_EQ(dropped.events[0].node, NodeId{0});
  EXPECT_EQ(network.b.arrivals.size(), 4U);
  EXPECT_EQ(network.a_to_b().queue_frames_peak, 3U);
}

TEST(Link, AQueueOf250OctetsHoldsTwoFramesOf100) {
  LinkConfig config = ten_megabit();
  config.queue = {.bytes_max = 250};
  FakeNetwork network{config};
  network.send_from_a(5, 100, 0ns);

  network.run();

  EXPECT_EQ(network.b.arrivals.size(), 3U);
  EXPECT_EQ(network.a_to_b().dropped.count(DropReason::queue_full), 2U);
  EXPECT_EQ(network.a_to_b().queue_bytes_peak, 200U);
}

TEST(Link, AFrameThatFindsTheTransmitterFreeIsNotReportedAsQueued) {
  FakeNetwork network{ten_megabit()};
  network.send_from_a(2, 100, 1ms);
  Collected<FrameQueued> queued{network.engine.tracer()};

  network.run();

  EXPECT_TRUE(queued.bodies.empty());
}

TEST(Link, GoingDownLosesWhatIsOnTheWireAndInTheQueue) {
  FakeNetwork network{ten_megabit()};
  network.send_from_a(3, 1518, 0ns);
  Collected<Dropped> dropped{network.engine.tracer()};
  network.engine.set_link_up_at(network.link, false, kStart + 2ms);

  network.run();

  EXPECT_TRUE(network.b.arrivals.empty());
  EXPECT_EQ(network.a_to_b().dropped.count(DropReason::link_down), 3U);
  EXPECT_EQ(dropped.events.size(), 3U);
  EXPECT_EQ(dropped.events[0].time, kStart + 2ms);
  EXPECT_EQ(network.engine.pool().outstanding(), 0U);
}

TEST(Link, WhileItIsDownFramesAreDroppedAndAfterwardsTheyPass) {
  FakeNetwork network{ten_megabit()};
  network.send_from_a(3, 100, 10ms);
  network.engine.set_link_up_at(network.link, false, kStart + 5ms);
  network.engine.set_link_up_at(network.link, true, kStart + 15ms);

  const RunResult result = network.run();

  // The first is on the wire at 5 ms, the second is sent at 10 ms, the third at 20 ms.
  EXPECT_THAT(arrival_times(network.b), testing::ElementsAre(kStart + 30ms + 86'400ns));
  EXPECT_EQ(result.end, kStart + 30ms + 86'400ns);
}

TEST(Link, NodesAreToldAboutTheCarrierAndTheMtuAtTheirInstants) {
  class Listener final : public LinkListener {
   public:
    void on_carrier(LinkEnd end, bool up, Instant now) override {
      calls.push_back(fmt::format("{} {} {}", raw(end.node), up, now.time_since_epoch().count()));
    }
    void on_mtu(LinkEnd end, std::uint16_t mtu) override {
      calls.push_back(fmt::format("{} MTU {}", raw(end.node), mtu));
    }
    std::vector<std::string> calls;
  } listener;
  FakeNetwork network{ten_megabit()};
  network.engine.set_link_listener(&listener);
  Collected<LinkStateChanged> changes{network.engine.tracer()};
  network.engine.set_link_up_at(network.link, false, kStart + 7ns);
  network.engine.set_link_up_at(network.link, false, kStart + 8ns);
  network.engine.set_link_up_at(network.link, true, kStart + 9ns);
  network.engine.set_link_mtu_at(network.link, 576, kStart + 8ns);

  network.run();

  EXPECT_THAT(listener.calls, testing::ElementsAre("0 false 7", "1 false 7", "0 MTU 576",
                                                   "1 MTU 576", "0 true 9", "1 true 9"));
  EXPECT_EQ(changes.bodies.size(), 2U);
}

TEST(Link, FramesAreEncodedAndDecodedUnderEveryLineCode) {
  for (const auto code : {physical::LineCodeKind::nrz, physical::LineCodeKind::nrzi,
                          physical::LineCodeKind::manchester, physical::LineCodeKind::mlt3}) {
    LinkConfig config = ten_megabit();
    config.line_code = code;
    FakeNetwork network{config};
    Packet frame = network.frame(200, 0x5a);
    const std::vector<std::uint8_t> bytes(frame.bytes().begin(), frame.bytes().end());
    network.a.send_at(kStart, std::move(frame));

    network.run();

    ASSERT_EQ(network.b.arrivals.size(), 1U) << physical::to_text(code);
    EXPECT_EQ(network.b.arrivals[0].bytes, bytes) << physical::to_text(code);
    EXPECT_EQ(network.b.arrivals[0].time, kStart + 166'400ns + 10ms) << physical::to_text(code);
  }
}

TEST(Link, AnImpossibleSymbolIsReportedAndTheFrameIsNotHandedOver) {
  LinkConfig config = impaired(BitErrors{*Probability::parse("1e-4")});
  config.line_code = physical::LineCodeKind::manchester;
  FakeNetwork network{config};
  network.send_from_a(200, 500, 100us);
  Collected<FrameReceived> received{network.engine.tracer()};
  Collected<Dropped> dropped{network.engine.tracer()};

  network.run();

  // In Manchester code one wrong half-bit always leaves a bit without its transition.
  const std::uint64_t violations = network.a_to_b().dropped.count(DropReason::symbol_error);
  EXPECT_GT(violations, 50U);
  EXPECT_EQ(network.b.arrivals.size() + violations, 200U);
  EXPECT_EQ(static_cast<std::uint64_t>(
                std::ranges::count(received.bodies, FrameError::symbol, &FrameReceived::error)),
            violations);
  ASSERT_FALSE(dropped.events.empty());
  EXPECT_EQ(dropped.events[0].node, NodeId{1});  // the receiver's physical layer
}

TEST(Link, BitErrorsUnderALineCodeThatCannotSeeThemAreCaughtByTheFcs) {
  LinkConfig config = impaired(BitErrors{*Probability::parse("1e-4")});
  config.line_code = physical::LineCodeKind::nrz;  // every level is legal
  FakeNetwork network{config};
  network.send_from_a(200, 500, 100us);
  Collected<FrameReceived> received{network.engine.tracer()};
  Collected<FrameCorrupted> corrupted{network.engine.tracer()};

  network.run();

  std::size_t damaged = 0;
  for (const FakeNode::Arrival& arrival : network.b.arrivals) {
    if (!physical::has_valid_fcs(arrival.bytes)) ++damaged;
  }
  EXPECT_GT(damaged, 30U);
  EXPECT_EQ(static_cast<std::size_t>(
                std::ranges::count(received.bodies, FrameError::crc, &FrameReceived::error)),
            damaged);
}

TEST(Link, WhatTheTraceHasFoundOfTheFcsGoesAlongWithTheFrame) {
  FakeNetwork network{impaired(BitErrors{*Probability::parse("1e-4")})};
  network.send_from_a(50, 500, 100us);
  Collected<FrameReceived> received{network.engine.tracer()};

  network.run();

  ASSERT_EQ(network.b.arrivals.size(), 50U);
  for (const FakeNode::Arrival& arrival : network.b.arrivals) {
    EXPECT_EQ(arrival.has_sound_fcs, physical::has_valid_fcs(arrival.bytes));
  }
  EXPECT_EQ(std::ranges::count(network.b.arrivals, false, &FakeNode::Arrival::has_sound_fcs),
            std::ranges::count(received.bodies, FrameError::crc, &FrameReceived::error));
}

TEST(Link, WithoutATraceTheFcsIsLeftToTheReceiver) {
  FakeNetwork network{ten_megabit()};
  network.send_from_a(2, 64, 0ns);

  network.run();

  EXPECT_THAT(network.b.arrivals,
              testing::Each(testing::Field(&FakeNode::Arrival::has_sound_fcs, false)));
}

}  // namespace
}  // namespace strata::sim
