// SPDX-License-Identifier: MIT
// Active queue management, and the octets of a marked frame.
#include "sim/queue_discipline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/congestion_mark.h"
#include "stack/wire/ethernet.h"
#include "stack/wire/ipv4.h"
#include "tests/sim/fake_network.h"

namespace strata::sim {
namespace {

constexpr std::size_t kPayload = 1000;

// A frame with an IPv4 datagram of this ECN codepoint.
Packet datagram_frame(PacketPool& pool, std::uint8_t ecn, bool tagged = false) {
  const std::size_t link_bytes = wire::EthernetHeader::kBytes + (tagged ? 4U : 0U);
  Packet packet = pool.make(link_bytes + wire::Ipv4Header::kBytesMin + kPayload);
  const MutableBytes bytes = packet.mutable_bytes();
  std::ranges::fill(bytes, std::uint8_t{0x5a});
  wire::EthernetHeader{.destination = {}, .source = {}, .type = EtherType::ipv4}.emit(bytes.data());
  if (tagged) {
    bytes[12] = 0x81;
    bytes[13] = 0;
    bytes[16] = 0x08;
    bytes[17] = 0;
  }
  wire::Ipv4Header{.ecn = ecn,
                   .total_length = wire::Ipv4Header::kBytesMin + kPayload,
                   .ttl = 64,
                   .protocol = IpProtocol::tcp}
      .emit(bytes.data() + link_bytes);
  physical::append_fcs(packet);
  return packet;
}

std::uint8_t ecn_of(Bytes frame, std::size_t link_bytes = wire::EthernetHeader::kBytes) {
  const auto header = wire::Ipv4Header::parse(frame.subspan(link_bytes));
  if (!header) return 0xff;  // the checksum is wrong
  return header->ecn;
}

// verifies RFC 3168 5
TEST(CongestionMark, EctBecomesCeAndAllChecksumsHold) {
  PacketPool pool;
  for (const std::uint8_t ect : {std::uint8_t{1}, std::uint8_t{2}, std::uint8_t{3}}) {
    for (const bool tagged : {false, true}) {
      Packet frame = datagram_frame(pool, ect, tagged);
      EXPECT_TRUE(mark_congestion(frame.mutable_bytes()));
      EXPECT_EQ(ecn_of(frame.bytes(), tagged ? 18 : 14), 3);
      EXPECT_TRUE(physical::has_valid_fcs(frame.bytes()));
    }
  }
}

// verifies RFC 3168 5: a datagram that is not ECN-capable is never marked
TEST(CongestionMark, NotEctAndOtherProtocolsStayAsTheyAre) {
  PacketPool pool;
  Packet plain = datagram_frame(pool, 0);
  const std::vector<std::uint8_t> before(plain.bytes().begin(), plain.bytes().end());
  EXPECT_FALSE(mark_congestion(plain.mutable_bytes()));
  EXPECT_TRUE(std::ranges::equal(plain.bytes(), before));

  Packet arp = datagram_frame(pool, 2);
  arp.mutable_bytes()[13] = 0x06;
  EXPECT_FALSE(mark_congestion(arp.mutable_bytes()));
  std::vector<std::uint8_t> runt(17, 0);
  for (std::size_t size = 0; size < runt.size(); ++size) {
    EXPECT_FALSE(mark_congestion(MutableBytes{runt}.first(size)));
  }
}

// Sends `count` frames at once into a 10 Mbit/s link with this queue, and keeps their codepoints.
struct Burst {
  explicit Burst(const QueueConfig& queue, std::uint8_t ecn, std::size_t count,
                 Duration spacing = 0ns)
      : network({.rate_bps = 10'000'000, .delay = 1ms, .queue = queue}),
        marked{network.engine.tracer()},
        dropped{network.engine.tracer()} {
    for (std::size_t i = 0; i < count; ++i) {
      network.a.send_at(kStart + spacing * static_cast<std::int64_t>(i),
                        datagram_frame(network.engine.pool(), ecn));
    }
    network.run();
    for (const FakeNode::Arrival& arrival : network.b.arrivals) {
      codepoints.push_back(ecn_of(arrival.bytes));
    }
  }
  FakeNetwork network;
  Collected<FrameMarked> marked;
  Collected<Dropped> dropped;
  std::vector<int> codepoints;
};

// verifies RFC 8257 3.1
TEST(ThresholdMarking, FramesThatFindMoreThanTheThresholdAreMarked) {
  const Burst burst({.discipline = ThresholdMark{.frames = 2}}, 2, 6);
  // The first is on the wire at once; the second to fourth find 0, 1 and 2 waiting.
  EXPECT_THAT(burst.codepoints, testing::ElementsAre(2, 2, 2, 2, 3, 3));
  EXPECT_EQ(burst.network.a_to_b().marked_frames, 2U);
  ASSERT_EQ(burst.marked.bodies.size(), 2U);
  EXPECT_EQ(burst.marked.bodies[0].decision->model, "threshold, 3114 octets in 3 frames wait");
}

TEST(ThresholdMarking, WhatCannotBeMarkedPasses) {
  const Burst burst({.discipline = ThresholdMark{.frames = 2}}, 0, 6);
  EXPECT_EQ(burst.codepoints.size(), 6U);
  EXPECT_EQ(burst.network.a_to_b().marked_frames, 0U);
}

// verifies RFC 8289 5.5: nothing in the first interval above the target, then one, the next after
// interval / sqrt(2)
TEST(CoDelQueue, SinglesOutAfterAnIntervalAndThenMoreOften) {
  // Twice what the link carries: the queue only grows.
  const Burst burst({.bytes_max = 0, .discipline = CoDel{}}, 2, 700, 420us);
  ASSERT_GE(burst.marked.events.size(), 3U);
  const auto at = [&](std::size_t i) { return burst.marked.events[i].time; };
  EXPECT_GT(at(0), kStart + 100ms);
  EXPECT_LT(at(0), kStart + 120ms);
  EXPECT_NEAR(static_cast<double>((at(1) - at(0)).count()), 100e6, 1e6);
  EXPECT_NEAR(static_cast<double>((at(2) - at(1)).count()), 70.7e6, 1e6);
}

TEST(CoDelQueue, DropsAtTheHeadWhatCannotBeMarked) {
  const Burst burst({.bytes_max = 0, .discipline = CoDel{}}, 0, 700, 420us);
  EXPECT_GE(burst.dropped.bodies.size(), 3U);
  EXPECT_EQ(burst.dropped.bodies[0].reason, DropReason::queue_managed);
  EXPECT_EQ(burst.codepoints.size() + burst.dropped.bodies.size(), 700U);
}

TEST(CoDelQueue, ShortQueueIsLeftAlone) {
  const Burst burst({.discipline = CoDel{}}, 2, 700, 900us);  // a little less than it carries
  EXPECT_EQ(burst.network.a_to_b().marked_frames, 0U);
}

// Floyd and Jacobson 1993: between the thresholds at random, in proportion.
TEST(RedQueue, MarksMoreTheLongerTheAverageQueue) {
  const Red red{.low = 10'000, .high = 30'000, .weight_bits = 0};  // the average is the queue
  const auto share = [&](std::size_t queued) {
    const auto discipline = make_red(red, 10'000'000, 1, "test");
    int hits = 0;
    for (int i = 0; i < 20'000; ++i) {
      hits += discipline->on_arrival({.bytes = queued, .frames = 1}, kStart) ? 1 : 0;
    }
    return hits / 20'000.0;
  };
  EXPECT_EQ(share(9'999), 0);
  // Spread evenly, gaps are uniform between 1 and 1/p: their mean is (1/p + 1) / 2.
  EXPECT_NEAR(share(20'000), 2 / (1 / 0.05 + 1), 0.005);
  EXPECT_NEAR(share(30'000), 2 / (1 / 0.1 + 1), 0.01);
  EXPECT_GT(share(45'000), 0.5);
  EXPECT_EQ(share(60'000), 1);
}

TEST(RedQueue, AverageFollowsSlowlyAndDecaysWhileIdle) {
  const Red red{.low = 10'000, .high = 30'000};
  const auto discipline = make_red(red, 10'000'000, 1, "test");
  // A burst of 100 arrivals at 40 kB moves the average to 40 kB * (1 - (511/512)^100) = 7.1 kB.
  for (int i = 0; i < 100; ++i) {
    EXPECT_FALSE(discipline->on_arrival({.bytes = 40'000, .frames = 40}, kStart));
  }
  int hits = 0;
  for (int i = 0; i < 2000; ++i) {
    hits += discipline->on_arrival({.bytes = 40'000, .frames = 40}, kStart) ? 1 : 0;
  }
  EXPECT_GT(hits, 100);
  discipline->on_departure({}, 0ns, kStart);
  EXPECT_FALSE(discipline->on_arrival({}, kStart + 60s));
  for (int i = 0; i < 50; ++i) {
    EXPECT_FALSE(discipline->on_arrival({.bytes = 40'000, .frames = 40}, kStart + 60s));
  }
}

}  // namespace
}  // namespace strata::sim
