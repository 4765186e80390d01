// SPDX-License-Identifier: MIT
#include "sim/replay.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <vector>

#include "sim/attachment.h"
#include "stack/physical/framing.h"
#include "tests/sim/two_hosts_and_a_switch.h"

namespace strata::sim {
namespace {

using testing::ElementsAre;

// Frames of `bytes` octets, FCS not included, captured at these instants; octet 20 counts them.
std::shared_ptr<CapturedFrames> captured(const std::vector<Duration>& at, std::uint32_t bytes) {
  auto capture = std::make_shared<CapturedFrames>();
  for (std::size_t i = 0; i < at.size(); ++i) {
    capture->frames.push_back(
        {.since_first = at[i], .number = i + 1, .begin = capture->octets.size(), .bytes = bytes});
    capture->octets.resize(capture->octets.size() + bytes);
    std::uint8_t* frame = capture->octets.data() + capture->frames.back().begin;
    frame[5] = 2;  // to 00:00:00:00:00:02, from 00:00:00:00:00:01
    frame[11] = 1;
    frame[20] = static_cast<std::uint8_t>(i);
  }
  return capture;
}

// What a capture sends over a link of 100 Mbit/s.
class Sent final : public Observer {
 public:
  explicit Sent(ReplayConfig config, std::uint64_t rate_bps = 100'000'000) {
    config.rate_bps = rate_bps;
    const NodeId capture =
        world.add_attachment({.name = "capture", .port_name = "eth0", .replay = std::move(config)});
    const NodeId host = world.add_host(host_config("host", "02:00:00:00:00:02", "10.0.0.2/24"));
    LinkConfig link{.name = "cable", .a = {capture, PortId{0}}, .b = {host, PortId{0}}};
    link.rate_bps = rate_bps;
    world.add_link(std::move(link));
    world.tracer().attach(*this, event_mask<FrameSent, FrameQueued, FrameReplayed>());
    world.run_until(kNever);
    world.tracer().detach(*this);
    counters = world.attachment(capture).replayed();
    drops = world.attachment(capture).drops();
  }
  void on_event(const Event& event) override {
    if (std::holds_alternative<FrameQueued>(event.body)) ++queued;
    if (const auto* replayed = std::get_if<FrameReplayed>(&event.body)) {
      numbers.push_back(replayed->number);
      left_out.push_back(replayed->bytes_left_out);
      if (raw(event.uid) == numbers.size()) ++firsts;  // the packet is new
    }
    if (const auto* sent = std::get_if<FrameSent>(&event.body)) {
      times.push_back(event.time - kStart);
      frames.emplace_back(sent->frame.begin(), sent->frame.end());
    }
  }

  World world{1};
  std::vector<Duration> times;
  std::vector<std::vector<std::uint8_t>> frames;
  std::size_t queued = 0;
  std::vector<std::uint64_t> numbers;
  std::vector<std::uint32_t> left_out;
  std::size_t firsts = 0;
  ReplayCounters counters;
  DropCounters drops;
};

TEST(Replay, KeepsTheTimingOfTheCaptureFromItsStart) {
  const Sent sent({.capture = captured({0ms, 3ms, 3ms, 10ms}, 1000), .start = kStart + 7ms});

  // The third waits until the second has left: 1024 octets at 100 Mbit/s.
  EXPECT_THAT(sent.times, ElementsAre(7ms, 10ms, 10ms + 81920ns, 17ms));
  EXPECT_EQ(sent.counters.frames, 4U);
}

TEST(Replay, HalfTheSpeedTakesTwiceTheTime) {
  const Sent slow({.capture = captured({0ms, 3ms, 10ms}, 100), .speed_ppm = 500'000});
  const Sent quick({.capture = captured({0ms, 3ms, 10ms}, 100), .speed_ppm = 3'000'000});

  EXPECT_THAT(slow.times, ElementsAre(0ms, 6ms, 20ms));
  EXPECT_THAT(quick.times, ElementsAre(0ms, 1ms, Duration{10ms} / 3));
}

// 1 Gbit/s / 3: the time of a frame is no whole number of nanoseconds.
TEST(Replay, AsFastAsPossibleFillsTheLinkAndWaitsInNoQueue) {
  const std::size_t frames = 1000;
  const Sent sent({.capture = captured(std::vector<Duration>(frames, 5s), 1000), .speed_ppm = 0},
                  333'333'333);

  ASSERT_EQ(sent.times.size(), frames);
  EXPECT_EQ(sent.queued, 0U);
  const double bits = 8.0 * 1024 * (frames - 1);
  EXPECT_NEAR(static_cast<double>(sent.times.back().count()), bits / 0.333333333, 2);
}

TEST(Replay, AsFastAsPossibleOverALinkWithoutARateTakesNoTime) {
  const Sent sent({.capture = captured({0ms, 1ms}, 100), .speed_ppm = 0, .passes = 3}, 0);

  EXPECT_EQ(sent.times, std::vector<Duration>(6, 0ms));
}

TEST(Replay, APassFollowsTheOneBefore) {
  const Sent sent({.capture = captured({0ms, 1ms}, 1000), .passes = 2});

  EXPECT_THAT(sent.times, ElementsAre(0ms, 1ms, 1ms + 81920ns, 2ms + 81920ns));
  EXPECT_EQ(sent.frames[2], sent.frames[0]);
}

TEST(Replay, AFrameWithoutFcsIsPaddedAndGetsOne) {
  const Sent sent({.capture = captured({0ms}, 42)});

  ASSERT_EQ(sent.frames.size(), 1U);
  EXPECT_EQ(sent.frames[0].size(), physical::kFrameBytesMin);
  EXPECT_TRUE(physical::has_valid_fcs(sent.frames[0]));
}

TEST(Replay, AnFcsOfTheCaptureStaysAsItIsThoughItBeWrong) {
  const auto capture = captured({0ms}, 100);
  capture->frames[0].has_fcs = true;
  const Sent sent({.capture = capture});

  EXPECT_THAT(sent.frames, ElementsAre(capture->octets));
  EXPECT_FALSE(physical::has_valid_fcs(sent.frames[0]));
}

TEST(Replay, AnotherDestinationIsPutIntoUnicastFramesOnly) {
  const auto capture = captured({0ms, 1ms}, 100);
  capture->octets[100] = 0xff;  // the second one goes to a group
  const MacAddress to = *MacAddress::parse("02:00:00:00:00:02");
  const Sent sent({.capture = capture, .to = to});

  ASSERT_EQ(sent.frames.size(), 2U);
  EXPECT_EQ(MacAddress::load(sent.frames[0].data()), to);
  EXPECT_EQ(sent.frames[1][0], 0xff);
  for (const auto& frame : sent.frames) EXPECT_TRUE(physical::has_valid_fcs(frame));
}

TEST(Replay, EachFrameBeginsWithItsNumberInTheCapture) {
  const auto capture = captured({0ms, 1ms}, 60);
  capture->frames[0].number = 7;
  capture->frames[1].number = 12;
  const Sent sent({.capture = capture, .passes = 2});

  EXPECT_THAT(sent.numbers, ElementsAre(7, 12, 7, 12));
  EXPECT_EQ(sent.firsts, 4U);
}

TEST(Replay, WhatWasNotCapturedWholeIsCounted) {
  const auto capture = captured({0ms, 1ms}, 60);
  capture->frames[1].bytes_left_out = 1400;
  const Sent sent({.capture = capture});

  EXPECT_THAT(sent.left_out, ElementsAre(0U, 1400U));

  EXPECT_EQ(sent.counters.frames, 2U);
  EXPECT_EQ(sent.counters.cut_short, 1U);
}

TEST(Replay, FramesThatNoLinkCouldCarryAreCountedDrops) {
  const Sent sent({.capture = captured({0ms, 1ms}, 60'000)});

  EXPECT_TRUE(sent.frames.empty());
  EXPECT_EQ(sent.drops.count(DropReason::frame_too_long), 2U);
}

TEST(Replay, EndsWithTheProcessesOfAWorld) {
  World world{1};
  const NodeId capture =
      world.add_attachment({.name = "capture",
                            .port_name = "eth0",
                            .replay = ReplayConfig{.capture = captured({0ms, 10ms, 20ms}, 100)}});
  world.pass(kStart + 15ms);
  world.end_processes(kStart + 15ms);
  world.run_until(kNever);

  EXPECT_EQ(world.attachment(capture).replayed().frames, 2U);
}

}  // namespace
}  // namespace strata::sim
