// SPDX-License-Identifier: MIT
#include "sim/attachment.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <utility>
#include <vector>

#include "stack/physical/framing.h"
#include "tests/sim/two_hosts_and_a_switch.h"

namespace strata::sim {
namespace {

using testing::ElementsAre;

// Keeps what leaves the simulation; refuses everything while full.
class Collector final : public Outside {
 public:
  bool deliver(Bytes frame, Instant) override {
    if (is_full) return false;
    frames.emplace_back(frame.begin(), frame.end());
    return true;
  }
  std::vector<std::vector<std::uint8_t>> frames;
  bool is_full = false;
};

// outside -- link of 1 ms -- server 10.0.0.2
struct ServerBehindAnAttachment {
  explicit ServerBehindAnAttachment(bool connect = true,
                                    std::vector<ImpairmentConfig> faults = {}) {
    LinkConfig link{.name = "cable", .a = {outside, PortId{0}}, .b = {server, PortId{0}}};
    link.delay = 1ms;
    link.impairments = std::move(faults);
    world.add_link(std::move(link));
    if (connect) world.attachment(outside).set_outside(&collector);
  }

  Collector collector;
  World world{1};
  NodeId outside = world.add_attachment({.name = "outside", .port_name = "tap0"});
  NodeId server = world.add_host(host_config("server", "02:00:00:00:00:02", "10.0.0.2/24"));
};

// Who has 10.0.0.2? Tell 10.0.0.1 (RFC 826), from 02:00:00:00:00:01: 42 octets, unpadded.
const std::vector<std::uint8_t> kRequest{
    0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0,  0, 0, 0, 1, 8, 6, 0, 1, 8, 0,  6, 4, 0,
    1,    2,    0,    0,    0,    0,    1, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 10, 0, 0, 2};

TEST(Attachment, AFrameFromOutsideIsAnsweredWithoutFcs) {
  ServerBehindAnAttachment network;

  network.world.inject(network.outside, kRequest, kStart + 5ms);
  network.world.pass(kStart + 10ms);

  EXPECT_EQ(network.world.now(), kStart + 10ms);
  ASSERT_EQ(network.collector.frames.size(), 1U);
  const std::vector<std::uint8_t>& reply = network.collector.frames.front();
  EXPECT_EQ(reply.size(), physical::kFrameBytesMin - physical::kFcsBytes);
  EXPECT_THAT(std::vector(reply.begin(), reply.begin() + 14),
              ElementsAre(2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2, 8, 6));
  EXPECT_THAT(std::vector(reply.begin() + 20, reply.begin() + 22), ElementsAre(0, 2));
  EXPECT_EQ(network.world.pool().outstanding(), 0U);
}

TEST(Attachment, FramesThatNoLinkCouldCarryAreCountedDrops) {
  ServerBehindAnAttachment network;

  network.world.inject(network.outside, Bytes{kRequest}.first(13), kStart);
  network.world.inject(network.outside, std::vector<std::uint8_t>(1519), kStart);
  network.world.pass(kStart + 10ms);

  const DropCounters& drops = network.world.attachment(network.outside).drops();
  EXPECT_EQ(drops.count(DropReason::frame_too_short), 1U);
  EXPECT_EQ(drops.count(DropReason::frame_too_long), 1U);
  EXPECT_TRUE(network.collector.frames.empty());
}

TEST(Attachment, WhatTheOutsideDoesNotTakeIsACountedDrop) {
  ServerBehindAnAttachment network;
  network.collector.is_full = true;

  network.world.inject(network.outside, kRequest, kStart);
  network.world.pass(kStart + 10ms);

  EXPECT_EQ(network.world.attachment(network.outside).drops().count(DropReason::queue_full), 1U);
}

TEST(Attachment, WithNothingOutsideTheCableIsUnplugged) {
  ServerBehindAnAttachment network{false};

  network.world.inject(network.outside, kRequest, kStart);
  network.world.pass(kStart + 10ms);

  EXPECT_EQ(network.world.attachment(network.outside).drops().count(DropReason::link_down), 1U);
}

// The FCS of each frame that arrives over a link.
class FcsSeen final : public Observer {
 public:
  void on_event(const Event& event) override {
    const Bytes frame = std::get<FrameReceived>(event.body).frame;
    stored.push_back(physical::stored_fcs(frame));
    valid.push_back(physical::has_valid_fcs(frame));
  }
  std::vector<std::uint32_t> stored;
  std::vector<bool> valid;
};

TEST(Attachment, OnALinkThatSomebodyLooksAtEveryFrameHasItsFcs) {
  ServerBehindAnAttachment network;
  FcsSeen fcs;
  network.world.tracer().attach(fcs, event_mask<FrameReceived>());

  network.world.inject(network.outside, kRequest, kStart + 5ms);
  network.world.pass(kStart + 10ms);

  EXPECT_THAT(fcs.valid, ElementsAre(true, true));
  EXPECT_EQ(network.collector.frames.size(), 1U);
}

TEST(Attachment, OnACleanLinkThatNobodyLooksAtTheFcsIsLeftOut) {
  ServerBehindAnAttachment network;
  network.world.pass(kStart + 1ms);  // who comes later is too late
  FcsSeen fcs;
  network.world.tracer().attach(fcs, event_mask<FrameReceived>());

  network.world.inject(network.outside, kRequest, kStart + 5ms);
  network.world.pass(kStart + 10ms);

  EXPECT_THAT(fcs.stored, ElementsAre(0U, 0U));
  EXPECT_EQ(network.collector.frames.size(), 1U);
}

TEST(Attachment, OnALinkThatDamagesFramesTheFcsFindsThemThoughNobodyLooks) {
  // The first frame each way, in an octet of the payload.
  ServerBehindAnAttachment network{true, {{.model = FlipBits{.ordinals = {1}, .bits = {8 * 30}}}}};

  network.world.inject(network.outside, kRequest, kStart + 5ms);
  network.world.pass(kStart + 10ms);
  EXPECT_EQ(network.world.host(network.server).drops().count(DropReason::fcs_error), 1U);

  network.world.inject(network.outside, kRequest, kStart + 15ms);
  network.world.pass(kStart + 20ms);
  EXPECT_EQ(network.world.attachment(network.outside).drops().count(DropReason::fcs_error), 1U);
  EXPECT_TRUE(network.collector.frames.empty());
}

}  // namespace
}  // namespace strata::sim
