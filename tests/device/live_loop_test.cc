// SPDX-License-Identifier: MIT
// The real-time loop over a device made of a socket pair. Instants are those of the machine, so
// only lower bounds are asserted about them.
#include "sim/device/live_loop.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <utility>

#include "sim/attachment.h"
#include "tests/sim/two_hosts_and_a_switch.h"

namespace strata::device {
namespace {

// One end of a pair of datagram sockets: what the test writes into the other is read as a frame.
class PairDevice final : public FrameDevice {
 public:
  explicit PairDevice(int descriptor) : descriptor_(descriptor) {}
  ~PairDevice() override { ::close(descriptor_); }
  const std::string& name() const override { return name_; }
  int descriptor() const override { return descriptor_; }
  Transfer read(Bytes& frame) override {
    const ssize_t count = ::recv(descriptor_, buffer_.data(), buffer_.size(), MSG_DONTWAIT);
    if (count < 0) return Transfer::would_block;
    if (count == 0) return Transfer::failed;  // the other end is closed
    frame = Bytes{buffer_}.first(static_cast<std::size_t>(count));
    return Transfer::done;
  }
  Transfer write(Bytes frame) override {
    if (room == 0) return Transfer::would_block;
    --room;
    const ssize_t count = ::send(descriptor_, frame.data(), frame.size(), MSG_DONTWAIT);
    return count < 0 ? Transfer::would_block : Transfer::done;
  }
  std::string failure() const override { return "pair: closed"; }

  int room = 1000;  // frames it takes

 private:
  std::string name_ = "pair";
  int descriptor_;
  std::array<std::uint8_t, 2000> buffer_{};
};

// test -- pair -- attachment -- 20 ms -- server 10.0.0.2
class LiveLoopTest : public testing::Test {
 protected:
  LiveLoopTest() {
    std::array<int, 2> ends{};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_SEQPACKET, 0, ends.data()), 0);
    far_end_ = ends[0];
    sim::LinkConfig link{.name = "cable", .a = {outside_, PortId{0}}, .b = {server_, PortId{0}}};
    link.delay = 20ms;
    world_.add_link(std::move(link));
    std::vector<LivePort> ports;
    auto device = std::make_unique<PairDevice>(ends[1]);
    device_ = device.get();
    ports.push_back({outside_, std::move(device)});
    loop_ = std::make_unique<LiveLoop>(world_, std::move(ports));
  }
  ~LiveLoopTest() override { close_far_end(); }

  void close_far_end() {
    if (far_end_ >= 0) ::close(std::exchange(far_end_, -1));
  }
  void ask_for_the_server() {
    // Who has 10.0.0.2? Tell 10.0.0.1 (RFC 826).
    const std::array<std::uint8_t, 42> request{
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0,  0, 0, 0, 1, 8, 6, 0, 1, 8, 0,  6, 4, 0,
        1,    2,    0,    0,    0,    0,    1, 10, 0, 0, 1, 0, 0, 0, 0, 0, 0, 10, 0, 0, 2};
    ASSERT_EQ(::send(far_end_, request.data(), request.size(), 0), 42);
  }

  int far_end_ = -1;
  PairDevice* device_ = nullptr;  // the loop's
  sim::World world_{1};
  NodeId outside_ = world_.add_attachment({.name = "outside", .port_name = "pair"});
  NodeId server_ = world_.add_host(sim::host_config("server", "02:00:00:00:00:02", "10.0.0.2/24"));
  std::unique_ptr<LiveLoop> loop_;
};

TEST_F(LiveLoopTest, TimePassesWithoutEvents) {
  const sim::RunResult result = loop_->run_until(kStart + 30ms, {});

  EXPECT_EQ(result.reason, sim::StopReason::until);
  EXPECT_GE(world_.now(), kStart + 30ms);
}

TEST(LiveLoopWithoutDevices, EndsWhenNothingIsLeftToHappen) {
  sim::World world{1};
  LiveLoop loop(world, {});
  EXPECT_EQ(loop.run_until(kStart + 2s, {}).reason, sim::StopReason::idle);
}

TEST_F(LiveLoopTest, AFrameCrossesTheLinkInRealTimeAndTheAnswerComesOut) {
  ask_for_the_server();

  loop_->run_until(kStart + 200ms, {});

  std::array<std::uint8_t, 2000> reply{};
  EXPECT_EQ(::recv(far_end_, reply.data(), reply.size(), MSG_DONTWAIT), 60);
  EXPECT_EQ(loop_->statistics().frames_in, 1U);
  EXPECT_EQ(loop_->statistics().frames_out, 1U);
  EXPECT_GE(loop_->statistics().lag.count(), 2U);
}

TEST_F(LiveLoopTest, StopsWhenAsked) {
  const sim::RunResult result = loop_->run_until(kNever, [] { return true; });

  EXPECT_EQ(result.reason, sim::StopReason::interrupted);
  EXPECT_FALSE(loop_->problem());
}

TEST_F(LiveLoopTest, ADeviceThatFailsEndsTheRun) {
  close_far_end();

  const sim::RunResult result = loop_->run_until(kNever, {});

  EXPECT_EQ(result.reason, sim::StopReason::interrupted);
  EXPECT_EQ(loop_->problem(), "pair: closed");
}

TEST_F(LiveLoopTest, FramesWaitForADeviceThatHasNoRoomAndThenGoInOrder) {
  device_->room = 0;
  ask_for_the_server();
  ask_for_the_server();
  loop_->run_until(kStart + 100ms, {});
  EXPECT_EQ(loop_->statistics().frames_out, 0U);
  EXPECT_EQ(loop_->statistics().refused, 0U);

  device_->room = 100;
  loop_->run_until(kStart + 150ms, {});

  EXPECT_EQ(loop_->statistics().frames_out, 2U);
}

TEST_F(LiveLoopTest, ClosesConnectionsBeforeItEnds) {
  application::Arguments arguments;
  arguments.set("listen", std::int64_t{9});
  arguments.set("verify", false);
  arguments.set("connections", std::int64_t{0});
  world_.start_process(server_, "sink", *application::find_program("sink"), arguments, kStart);
  loop_->run_until(kStart + 10ms, {});
  ASSERT_EQ(world_.host(server_).sockets().open_descriptors(), 1U);

  loop_->close(1s);

  EXPECT_EQ(world_.host(server_).sockets().open_descriptors(), 0U);
  EXPECT_TRUE(world_.host(server_).is_idle());
  EXPECT_EQ(loop_->statistics().left_open, 0U);
  EXPECT_LT(world_.now(), kStart + 1s);  // nothing to wait for
}

TEST(LagHistogram, BoundsTheShareOfEvents) {
  LagHistogram lag;
  for (int i = 0; i < 99; ++i) lag.add(3us);
  lag.add(5ms);

  EXPECT_EQ(lag.count(), 100U);
  EXPECT_EQ(lag.percentile(50), 4us);
  EXPECT_EQ(lag.percentile(99), 4us);
  EXPECT_EQ(lag.percentile(100), 5ms);
  EXPECT_EQ(lag.largest(), 5ms);
}

}  // namespace
}  // namespace strata::device
