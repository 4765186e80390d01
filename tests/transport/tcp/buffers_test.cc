// SPDX-License-Identifier: MIT
// The parts below the state machine: stream buffers, the retransmission queue, the timer table, and
// how much memory all of it takes.
#include <gtest/gtest.h>

#include "stack/transport/tcp/receive_buffer.h"
#include "stack/transport/tcp/retransmit_queue.h"
#include "stack/transport/tcp/send_buffer.h"
#include "stack/transport/tcp/timers.h"
#include "tests/transport/tcp/conversation.h"

namespace strata::tcp::testing {
namespace {

TEST(TcpSendBuffer, TakesNoMoreThanItsLimit) {
  SendBuffer buffer(1000, nullptr);
  EXPECT_EQ(buffer.append(as_bytes(pattern(700))), 700U);
  EXPECT_EQ(buffer.append(as_bytes(pattern(700))), 300U);
  EXPECT_EQ(buffer.append(as_bytes(pattern(1))), 0U);
  buffer.release(200);
  EXPECT_EQ(buffer.append(as_bytes(pattern(700))), 200U);
}

TEST(TcpSendBuffer, CopiesAcrossChunksAndAddsTheChecksum) {
  SendBuffer buffer(100'000, nullptr);
  const std::string text = pattern(50'000);
  buffer.append(as_bytes(text));
  buffer.release(1234);

  for (const std::size_t offset : {std::size_t{1234}, kChunkBytes - 1, 2 * kChunkBytes - 333}) {
    std::vector<std::uint8_t> copy(9001);
    InternetChecksum sum;
    buffer.copy(offset, copy.size(), copy.data(), sum);
    EXPECT_EQ(as_text(copy), text.substr(offset, copy.size()));
    EXPECT_EQ(sum.finish(), internet_checksum(copy));
  }
}

TEST(TcpSendBuffer, MemoryFollowsTheContent) {
  ChunkPool pool;
  SendBuffer buffer(16 << 20, &pool);
  EXPECT_EQ(buffer.footprint_bytes(), 0U);
  buffer.append(as_bytes(pattern(100'000)));
  EXPECT_LT(buffer.footprint_bytes(), 100'000U + 2 * kChunkBytes);
  buffer.release(90'000);
  EXPECT_LT(buffer.footprint_bytes(), 10'000U + 2 * kChunkBytes);
  buffer.release(100'000);
  EXPECT_LT(buffer.footprint_bytes(), 200U);
}

TEST(TcpSendBuffer, RefersToTextThatStaysAndCopiesShortPieces) {
  SendBuffer buffer(1 << 20, nullptr);
  const std::string text = pattern(500'000);
  const Bytes octets = as_bytes(text);
  EXPECT_EQ(buffer.append(octets.first(300'000), Keep::reference), 300'000U);
  EXPECT_EQ(buffer.append(octets.subspan(300'000), Keep::reference), 200'000U);
  EXPECT_LT(buffer.footprint_bytes(), 400U) << "neither copied nor remembered octet by octet";
  buffer.release(499'000);
  EXPECT_EQ(buffer.append(octets.first(100), Keep::reference), 100U);
  EXPECT_GE(buffer.footprint_bytes(), kChunkBytes) << "to remember 100 octets costs more";
  buffer.clear();
  EXPECT_LT(buffer.footprint_bytes(), 400U);
}

// Pieces of both kinds and all sizes, read in any order, as retransmissions do.
TEST(TcpSendBuffer, GivesBackWhatWasWrittenHoweverItWasKept) {
  constexpr std::size_t kTotal = 400'000;
  const std::string text = pattern(kTotal);
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    RandomStream random(seed, "send buffer");
    SendBuffer buffer(60'000, nullptr);
    while (buffer.begin() < kTotal) {
      const std::size_t size = std::min(kTotal - buffer.end(), 1 + random.below(9000));
      buffer.append(as_bytes(std::string_view{text}.substr(buffer.end(), size)),
                    random.below(3) == 0 ? Keep::copy : Keep::reference);
      const std::size_t offset = buffer.begin() + random.below(buffer.size());
      std::vector<std::uint8_t> copy(std::min(buffer.end() - offset, 1 + random.below(3000)));
      InternetChecksum sum;
      buffer.copy(offset, copy.size(), copy.data(), sum);
      ASSERT_EQ(as_text(copy), text.substr(offset, copy.size())) << "seed " << seed;
      ASSERT_EQ(sum.finish(), internet_checksum(copy));
      if (random.below(4) == 0) buffer.release(buffer.begin() + random.below(buffer.size() + 1));
      if (buffer.end() == kTotal) buffer.release(buffer.begin() + (buffer.size() + 1) / 2);
    }
  }
}

TEST(TcpChunkPool, KeepsHalfAsManySpareChunksAsAreInUseAndAFewMore) {
  constexpr std::size_t kChunks = 1024;
  ChunkPool pool;
  SendBuffer buffer(kChunks * kChunkBytes, &pool);
  buffer.append(as_bytes(pattern(kChunks * kChunkBytes)));
  buffer.release(kChunks / 4 * kChunkBytes);
  EXPECT_EQ(pool.spare(), kChunks / 4) << "what was acknowledged is what will be written next";
  buffer.release(kChunks / 2 * kChunkBytes);
  EXPECT_EQ(pool.spare(), kChunks / 4 + 64) << "half of those in use";
  buffer.release(kChunks * kChunkBytes);
  EXPECT_EQ(pool.spare(), 64U);
}

using Outcome = ReceiveBuffer::Outcome;

TEST(TcpReceiveBuffer, MergesRangesAndDeliversWhenTheGapIsFilled) {
  ReceiveBuffer buffer(100'000, nullptr);
  const std::string text = pattern(50'000);
  const auto write = [&](std::size_t offset, std::size_t length) {
    return buffer.write(offset, as_bytes(std::string_view{text}.substr(offset, length)));
  };
  EXPECT_EQ(write(20'000, 10'000), Outcome::out_of_order);
  EXPECT_EQ(write(40'000, 10'000), Outcome::out_of_order);
  EXPECT_EQ(write(22'000, 1'000), Outcome::duplicate);
  EXPECT_EQ(write(28'000, 13'000), Outcome::out_of_order);
  EXPECT_EQ(buffer.ranges(), (std::vector<OffsetRange>{{20'000, 50'000}}));
  EXPECT_EQ(buffer.out_of_order_bytes(), 30'000U);
  EXPECT_EQ(write(0, 15'000), Outcome::filled_gap);
  EXPECT_EQ(buffer.readable(), 15'000U);
  EXPECT_EQ(write(15'000, 6'000), Outcome::filled_gap);
  EXPECT_EQ(buffer.out_of_order_bytes(), 0U);

  std::vector<std::uint8_t> into(60'000);
  EXPECT_EQ(buffer.read(into, true), 50'000U);
  EXPECT_EQ(buffer.read(into, false), 50'000U);
  EXPECT_EQ(as_text(Bytes{into}.first(50'000)), text);
  EXPECT_LT(buffer.footprint_bytes(), 400U);
}

TEST(TcpReceiveBuffer, LeavesTextInItsPacketUntilMoreComes) {
  PacketPool pool;
  const std::string text = pattern(3000);
  const auto carried = [&](std::size_t offset) {
    return pool.make(as_bytes(std::string_view{text}.substr(offset, 1000)));
  };
  std::vector<std::uint8_t> into(3000);
  ReceiveBuffer buffer(100'000, nullptr);

  Packet first = carried(0);
  EXPECT_EQ(buffer.write(0, first.bytes(), &first), Outcome::in_order);
  EXPECT_FALSE(first.has_value());
  EXPECT_LE(buffer.footprint_bytes(), 1000U);
  EXPECT_EQ(buffer.at(7), 7);
  EXPECT_EQ(buffer.read(MutableBytes{into}.first(400), false), 400U);
  EXPECT_EQ(buffer.at(407), 407 % 251);
  buffer.skip_octet();
  EXPECT_EQ(pool.outstanding(), 1U);

  Packet second = carried(1000);
  EXPECT_EQ(buffer.write(1000, second.bytes(), &second), Outcome::in_order);
  EXPECT_TRUE(second.has_value()) << "only text with nothing before it";
  EXPECT_EQ(pool.outstanding(), 1U) << "the first is copied to its place";
  EXPECT_EQ(buffer.read(into, false), 1599U);
  EXPECT_EQ(as_text(Bytes{into}.first(1599)), text.substr(401, 1599));

  Packet third = carried(2000);
  EXPECT_EQ(buffer.write(2000, third.bytes(), &third), Outcome::in_order);
  EXPECT_EQ(buffer.read(into, true), 1000U);
  EXPECT_EQ(as_text(Bytes{into}.first(1000)), text.substr(2000));
  buffer.clear();
  EXPECT_EQ(buffer.readable(), 0U);
  EXPECT_EQ(pool.outstanding(), 1U) << "only the second, which is ours";
}

// Against a model: a mask of what has arrived. The stream lies across a chunk boundary.
TEST(TcpReceiveBuffer, AgreesWithAModelUnderRandomWrites) {
  constexpr std::size_t kBefore = kChunkBytes - 700;
  constexpr std::size_t kTotal = kBefore + 1500;
  const std::string text = pattern(kTotal);
  PacketPool pool;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    RandomStream random(seed, "receive buffer");
    std::vector<char> arrived(kTotal, 0);
    std::fill_n(arrived.begin(), kBefore, 1);
    std::size_t next = kBefore;
    ReceiveBuffer buffer(kTotal, nullptr);
    buffer.write(0, as_bytes(std::string_view{text}.substr(0, kBefore)));
    std::string got;
    while (got.size() < kTotal) {
      std::size_t offset = next;
      if (random.below(4) != 0) offset += random.below(kTotal - next + 1);
      const std::size_t end = std::min(kTotal, offset + 1 + random.below(200));
      offset = std::min(offset, end);
      Packet packet = pool.make(as_bytes(std::string_view{text}.substr(offset, end - offset)));
      buffer.write(offset, packet.bytes(), random.below(2) == 0 ? &packet : nullptr);
      std::fill(arrived.begin() + static_cast<std::ptrdiff_t>(offset),
                arrived.begin() + static_cast<std::ptrdiff_t>(end), 1);
      while (next < kTotal && arrived[next] != 0) ++next;
      ASSERT_EQ(buffer.next(), next) << "seed " << seed;
      ASSERT_EQ(buffer.out_of_order_bytes() + next,
                static_cast<std::size_t>(std::count(arrived.begin(), arrived.end(), 1)));
      std::vector<std::uint8_t> into(1 + random.below(3000));
      got += as_text(Bytes{into}.first(buffer.read(into, false)));
    }
    EXPECT_EQ(got, text);
  }
}

TEST(TcpTimerTable, WakeUpIsNeverLateAndExactAfterSettling) {
  TimerTable timers;
  EXPECT_EQ(timers.wake_up(), kNever);
  timers.set(Timer::retransmission, kStart + 1s);
  timers.set(Timer::delayed_ack, kStart + 40ms);
  EXPECT_EQ(timers.wake_up(), kStart + 40ms);
  timers.cancel(Timer::delayed_ack);
  timers.set(Timer::retransmission, kStart + 2s);
  EXPECT_LE(timers.wake_up(), kStart + 2s);
  EXPECT_FALSE(timers.pop_due(kStart + 1s).has_value());
  timers.settle();
  EXPECT_EQ(timers.wake_up(), kStart + 2s);
  EXPECT_EQ(timers.pop_due(kStart + 2s), Timer::retransmission);
  EXPECT_EQ(timers.wake_up(), kNever);
}

TEST(TcpMemory, IdleEstablishedConnectionTakesLessThanFourKilobytes) {
  Conversation tcp;
  tcp.connection();
  PacketPool pool;
  Tracer tracer;
  const NodeContext context{.node = NodeId{1}, .pool = &pool, .tracer = &tracer};
  Connection connection(context, {}, Config{}, Seq32{100}, 1460);
  connection.open_passive({.sequence = Seq32{300}, .flags = wire::tcp_flag::kSyn, .window = 1000},
                          {}, PacketUid{1}, kStart, kStart);
  while (connection.poll_segment(kStart)) {
  }
  const wire::TcpHeader from_peer{.sequence = Seq32{301},
                                  .acknowledgement = Seq32{101},
                                  .flags = wire::tcp_flag::kAck,
                                  .window = 60000};
  connection.on_segment(from_peer, {}, PacketUid{2}, kStart, kStart);
  ASSERT_EQ(connection.state(), TcpState::established);
  EXPECT_LT(sizeof(Connection) + connection.footprint_bytes(), 4096U);

  // And again after it has been busy.
  connection.on_segment(from_peer, as_bytes(pattern(1000)), PacketUid{3}, kStart, kStart);
  std::vector<std::uint8_t> into(2000);
  EXPECT_EQ(connection.receive(into, false, kStart).value(), 1000U);
  EXPECT_EQ(connection.send(as_bytes(pattern(50'000)), kStart).value(), 50'000U);
  wire::TcpHeader acknowledges = from_peer;
  acknowledges.sequence = Seq32{1301};
  while (connection.info().send_queue_bytes > 0) {
    while (connection.poll_segment(kStart)) {
    }
    acknowledges.acknowledgement =
        Seq32{101} + static_cast<std::uint32_t>(connection.info().snd_nxt);
    connection.on_segment(acknowledges, {}, PacketUid{4}, kStart, kStart);
  }
  EXPECT_LT(sizeof(Connection) + connection.footprint_bytes(), 4096U);
}

}  // namespace
}  // namespace strata::tcp::testing
