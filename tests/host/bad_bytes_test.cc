// SPDX-License-Identifier: MIT
// Bad bytes never crash a host, never make it stop working, and every one that is thrown away is
// counted and traced. Seeds are fixed.
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <vector>

#include "stack/base/random.h"
#include "tests/support/frame_repair.h"
#include "tests/support/two_hosts.h"

namespace strata::host {
namespace {

using test::TwoHosts;
using From = TwoHosts::From;

// Dropped events of the two hosts, by node.
class DropObserver final : public Observer {
 public:
  void on_event(const Event& event) override { ++drops_[event.node]; }
  std::uint64_t of(std::uint32_t node) const {
    const auto found = drops_.find(NodeId{node});
    return found == drops_.end() ? 0 : found->second;
  }

 private:
  std::map<NodeId, std::uint64_t> drops_;
};

class BadBytes : public ::testing::TestWithParam<std::uint64_t> {
 protected:
  BadBytes() : random_(GetParam(), "bad-bytes") {
    net.tracer().attach(observer_, event_mask<Dropped>());
  }
  ~BadBytes() override { net.tracer().detach(observer_); }

  // Listeners, datagram sockets and one of each kind of conversation under way.
  void start_conversations() {
    listener_ = net.s().socket(socket::Type::stream, "server", net.now()).value();
    net.s().bind(listener_, {{}, 80});
    net.s().listen(listener_, 16, net.now());
    datagram_ = net.s().socket(socket::Type::datagram, "server", net.now()).value();
    net.s().bind(datagram_, {{}, 53});
    stream_ = net.c().socket(socket::Type::stream, "client", net.now()).value();
    EXPECT_FALSE(net.c().connect(stream_, {TwoHosts::kServer, 80}, net.now()).has_value());
    sender_ = net.c().socket(socket::Type::datagram, "client", net.now()).value();
    ping_ = net.c().socket(socket::Type::icmp_echo, "client", net.now()).value();
    net.settle();
    accepted_ = net.s().accept(listener_, net.now()).value_or(-1);
  }
  // A little of everything; the frames it takes are remembered.
  void converse() {
    net.c().send(stream_, as_bytes("some octets of a stream"), net.now());
    net.c().send_to(sender_, as_bytes("a datagram"), {TwoHosts::kServer, 53}, net.now());
    net.c().send_to(sender_, as_bytes("nobody"), {TwoHosts::kServer, 54}, net.now());
    net.c().send_to(ping_, as_bytes("ping"), {TwoHosts::kServer, 0}, net.now());
    net.c().send_to(sender_, as_bytes(std::string(4000, 'f')), {TwoHosts::kServer, 53}, net.now());
    net.settle();
    std::array<std::uint8_t, 5000> buffer{};
    while (net.s().receive(datagram_, buffer, {}, net.now())) {
    }
    if (accepted_ >= 0) net.s().receive(accepted_, buffer, {}, net.now());
    while (net.c().receive(ping_, buffer, {}, net.now())) {
    }
  }
  void remember_frames() {
    net.set_frame_hook([this](From, Packet& frame) {
      if (frames_.size() < 500) frames_.emplace_back(frame.bytes().begin(), frame.bytes().end());
      return true;
    });
  }
  void inject(const std::vector<std::uint8_t>& frame) {
    net.inject(random_.below(2) == 0 ? From::client : From::server, net.pool().make(frame));
  }
  void mutate(std::vector<std::uint8_t>& frame) {
    for (std::uint64_t i = 1 + random_.below(4); i > 0; --i) {
      switch (random_.below(4)) {
        case 0:
          frame[random_.below(frame.size())] ^= static_cast<std::uint8_t>(1U << random_.below(8));
          break;
        case 1:
          frame[random_.below(frame.size())] = static_cast<std::uint8_t>(random_.below(256));
          break;
        case 2:  // within the headers, where it hurts
          frame[14 + random_.below(std::min<std::size_t>(frame.size() - 14, 44))] =
              static_cast<std::uint8_t>(random_.below(256));
          break;
        default:
          frame.resize(std::max<std::size_t>(18, frame.size() - random_.below(8)));
      }
    }
  }
  // The hosts still serve (inside the server: the frames may have poisoned any neighbour cache,
  // which is ARP's way), and the books balance: every drop traced has been counted by some layer.
  void expect_alive() {
    net.set_frame_hook({});
    net.run_for(std::chrono::minutes{5});  // half-open connections give up
    while (net.s().accept(listener_, net.now())) {
    }
    const socket::Fd client = net.s().socket(socket::Type::stream, "after", net.now()).value();
    EXPECT_FALSE(net.s().connect(client, {TwoHosts::kServer, 80}, net.now()).has_value());
    net.settle();
    EXPECT_TRUE(net.s().accept(listener_, net.now()).has_value());
    EXPECT_TRUE(net.s().send(client, as_bytes("alive"), net.now()).has_value());

    EXPECT_EQ(net.client.drops().total(), observer_.of(0));
    EXPECT_EQ(net.server.drops().total(), observer_.of(1));
  }

  TwoHosts net;
  RandomStream random_;
  DropObserver observer_;
  std::vector<std::vector<std::uint8_t>> frames_;
  socket::Fd listener_ = -1, datagram_ = -1, stream_ = -1, sender_ = -1, ping_ = -1, accepted_ = -1;
};

TEST_P(BadBytes, RandomFramesOfEveryLength) {
  start_conversations();
  for (int i = 0; i < 3000; ++i) {
    std::vector<std::uint8_t> frame(random_.below(i % 10 == 0 ? 1600 : 100));
    for (std::uint8_t& byte : frame) byte = static_cast<std::uint8_t>(random_.below(256));
    inject(frame);
    if (i % 100 == 0) net.run_for(std::chrono::milliseconds{1});
  }
  net.settle();
  converse();

  expect_alive();
}

TEST_P(BadBytes, RandomPayloadsBehindPlausibleHeaders) {
  start_conversations();
  for (int i = 0; i < 3000; ++i) {
    std::vector<std::uint8_t> frame(64 + random_.below(100));
    for (std::uint8_t& byte : frame) byte = static_cast<std::uint8_t>(random_.below(256));
    MacAddress{{2, 0, 0, 0, 0, std::uint8_t(random_.below(2) == 0 ? 0x0a : 0x14)}}.store(&frame[0]);
    store_be16(&frame[12], random_.below(8) == 0 ? 0x0806 : 0x0800);
    frame[14] = 0x45;
    store_be16(&frame[16], static_cast<std::uint16_t>(frame.size() - 18));
    store_be16(&frame[20], 0);
    frame[14 + 9] = std::to_array<std::uint8_t>({1, 6, 17, 99})[random_.below(4)];
    (random_.below(2) == 0 ? TwoHosts::kClient : TwoHosts::kServer).store(&frame[14 + 12]);
    (random_.below(2) == 0 ? TwoHosts::kClient : TwoHosts::kServer).store(&frame[14 + 16]);
    if (random_.below(2) == 0) store_be16(&frame[14 + 22], random_.below(2) == 0 ? 80 : 53);
    test::repair_frame(frame);
    inject(frame);
    if (i % 50 == 0) net.run_for(std::chrono::milliseconds{1});
  }
  net.settle();
  converse();

  expect_alive();
}

TEST_P(BadBytes, MutatedFramesOfARealConversation) {
  remember_frames();
  start_conversations();
  converse();
  for (int i = 0; i < 3000; ++i) {
    std::vector<std::uint8_t> frame = frames_[random_.below(frames_.size())];
    mutate(frame);
    if (random_.below(8) != 0) test::repair_frame(frame);
    inject(frame);
    if (random_.below(20) == 0) net.run_for(Duration{random_.below(2'000'000'000)});
    if (random_.below(200) == 0) converse();
  }
  net.settle();

  expect_alive();
}

INSTANTIATE_TEST_SUITE_P(Seeds, BadBytes, ::testing::Values(1, 2, 3, 4));

}  // namespace
}  // namespace strata::host
