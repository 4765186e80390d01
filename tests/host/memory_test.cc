// SPDX-License-Identifier: MIT
// What an idle connection costs, and that receiving costs no allocation. This executable counts
// every global allocation.
#include <gtest/gtest.h>
#include <malloc.h>

#include <cstdlib>
#include <new>
#include <string>

#include "tests/support/two_hosts.h"

namespace {

std::size_t live_bytes = 0;   // as malloc rounds them up
std::size_t allocations = 0;  // ever made

void* counted(void* pointer) {
  if (pointer == nullptr) std::abort();
  live_bytes += malloc_usable_size(pointer);
  ++allocations;
  return pointer;
}

void give_back(void* pointer) {
  live_bytes -= malloc_usable_size(pointer);
  std::free(pointer);
}

}  // namespace

void* operator new(std::size_t size) { return counted(std::malloc(size)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
  const auto align = static_cast<std::size_t>(alignment);
  return counted(std::aligned_alloc(align, (size + align - 1) / align * align));
}
void operator delete(void* pointer) noexcept { give_back(pointer); }
void operator delete(void* pointer, std::size_t) noexcept { give_back(pointer); }
void operator delete(void* pointer, std::align_val_t) noexcept { give_back(pointer); }
void operator delete(void* pointer, std::size_t, std::align_val_t) noexcept { give_back(pointer); }

namespace strata::host {
namespace {

using test::TwoHosts;

class Memory : public ::testing::Test {
 protected:
  static constexpr std::size_t kConnections = 1000;
  static constexpr std::size_t kIdleConnectionBytesMax = 4096;

  std::size_t bytes_but_packets() { return live_bytes - net.pool().footprint_bytes(); }
  socket::Fd listen() {
    const socket::Fd fd = net.s().socket(socket::Type::stream, "server", net.now()).value();
    EXPECT_TRUE(net.s().bind(fd, {{}, 80}).has_value());
    EXPECT_TRUE(net.s().listen(fd, 4096, net.now()).has_value());
    connect(1, fd);  // resolves the neighbour, which holds few packets that wait for it
    return fd;
  }
  // `count` connections; pairs of descriptors of client and server.
  void connect(std::size_t count, socket::Fd listener) {
    for (std::size_t i = 0; i < count; ++i) {
      const socket::Fd fd = net.c().socket(socket::Type::stream, "client", net.now()).value();
      ASSERT_EQ(net.c().connect(fd, {TwoHosts::kServer, 80}, net.now()).error(), Errc::in_progress);
      if (i % 50 == 49) net.run_for(std::chrono::milliseconds{10});
    }
    net.run_for(std::chrono::milliseconds{10});
    for (std::size_t i = 0; i < count; ++i) {
      ASSERT_TRUE(net.s().accept(listener, net.now()).has_value());
    }
  }

  TwoHosts net;
};

TEST_F(Memory, AnIdleConnectionWithEverythingAroundItCostsLessThanFourKilobytes) {
  const socket::Fd listener = listen();
  connect(50, listener);  // what is allocated once is allocated now
  const std::size_t before = bytes_but_packets();
  connect(kConnections, listener);
  const std::size_t both_ends = bytes_but_packets() - before;

  const std::size_t each = both_ends / (2 * kConnections);
  RecordProperty("bytes_per_connection", static_cast<int>(each));
  EXPECT_LT(each, kIdleConnectionBytesMax);
  EXPECT_GT(each, 500U);  // or the measurement is broken
}

TEST_F(Memory, AConnectionThatHasMovedDataIsAsSmallAgain) {
  const socket::Fd listener = listen();
  connect(50, listener);
  const std::size_t before = bytes_but_packets();
  connect(200, listener);
  const std::string text(3000, 'x');
  std::array<std::uint8_t, 4000> buffer{};
  for (socket::Fd fd = 54; fd < 54 + 200; ++fd) {
    ASSERT_EQ(net.c().send(fd, as_bytes(text), net.now()), text.size());
    net.run_for(std::chrono::milliseconds{100});
    // Descriptors are given out in the same order on both sides, the listener first.
    ASSERT_EQ(net.s().receive(fd + 1, buffer, {}, net.now()), text.size());
  }
  net.run_for(std::chrono::seconds{1});
  const std::size_t both_ends = bytes_but_packets() - before;

  EXPECT_LT(both_ends / (2 * 200), kIdleConnectionBytesMax);
}

TEST_F(Memory, ReceivingADatagramAllocatesNothing) {
  const socket::Fd server = net.s().socket(socket::Type::datagram, "s", net.now()).value();
  ASSERT_TRUE(net.s().bind(server, {{}, 53}).has_value());
  const socket::Fd client = net.c().socket(socket::Type::datagram, "c", net.now()).value();
  std::string frame;
  net.set_frame_hook([&](TwoHosts::From from, Packet& packet) {
    if (from == TwoHosts::From::client) frame = std::string{as_text(packet.bytes())};
    return true;
  });
  ASSERT_TRUE(net.c().send_to(client, as_bytes("ping"), {TwoHosts::kServer, 53}, net.now()));
  net.run_for(std::chrono::seconds{1});
  std::array<std::uint8_t, 100> buffer{};
  const auto receive_one = [&] {
    Packet packet = net.pool().make(as_bytes(frame));
    packet.set_arrival(net.now());
    net.server.receive(PortId{0}, std::move(packet), net.now());
    ASSERT_EQ(net.s().receive(server, buffer, {}, net.now()), 4U);
  };
  for (int i = 0; i < 10; ++i) receive_one();
  const std::size_t before = allocations;
  for (int i = 0; i < 1000; ++i) receive_one();

  EXPECT_EQ(allocations - before, 0U);
}

TEST_F(Memory, ASegmentForNobodyIsAnsweredWithoutAllocation) {
  std::string frame;
  net.set_frame_hook([&](TwoHosts::From from, Packet& packet) {
    if (from == TwoHosts::From::client && packet.bytes()[13] == 0) {
      frame = std::string{as_text(packet.bytes())};
    }
    return true;
  });
  const socket::Fd client = net.c().socket(socket::Type::stream, "c", net.now()).value();
  ASSERT_EQ(net.c().connect(client, {TwoHosts::kServer, 81}, net.now()).error(), Errc::in_progress);
  net.run_for(std::chrono::seconds{1});
  const auto receive_one = [&] {
    Packet packet = net.pool().make(as_bytes(frame));
    packet.set_arrival(net.now());
    net.server.receive(PortId{0}, std::move(packet), net.now());
    ASSERT_TRUE(net.server.poll_transmit(net.now()).has_value());
  };
  for (int i = 0; i < 10; ++i) receive_one();
  const std::size_t before = allocations;
  for (int i = 0; i < 1000; ++i) receive_one();

  EXPECT_EQ(allocations - before, 0U);
}

}  // namespace
}  // namespace strata::host
