// SPDX-License-Identifier: MIT
#include "sim/trace/recording.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "stack/wire/tcp.h"
#include "tests/trace/sample_frames.h"

namespace strata::trace {
namespace {

using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsEmpty;

const FlowKey kConversation{{*IpAddress::parse("10.0.1.10"), 40000},
                            {*IpAddress::parse("10.0.2.20"), 80}};

class RecordingTest : public testing::Test {
 protected:
  void emit(std::uint32_t node, std::uint64_t uid, EventBody body, std::uint64_t parent = 0,
            Parentage parentage = Parentage::none) {
    recorder_.on_event({.time = now_,
                        .node = NodeId{node},
                        .uid = PacketUid{uid},
                        .parent = PacketUid{parent},
                        .parentage = parentage,
                        .body = std::move(body)});
  }
  Recording finish() { return recorder_.finish(sample_directory(), 42, now_); }

  Recorder recorder_;
  Instant now_ = kStart;
};

std::vector<EventIndex> list(std::span<const EventIndex> indices) {
  return {indices.begin(), indices.end()};
}

TEST_F(RecordingTest, OwnsTheOctetsAndTextsOfItsEvents) {
  {
    std::vector<std::uint8_t> frame(kHelloSegment.begin(), kHelloSegment.end());
    std::string process = "bulk";
    std::string line = "done";
    emit(0, 1, FrameSent{.frame = frame});
    emit(0, 0, ProcessOutput{.process = process, .line = line});
    emit(0, 0, TcpStateChanged{.flow = kConversation, .cause = line});
    std::ranges::fill(frame, std::uint8_t{0});
    process = "gone";
    line = "lost";
  }
  Recording moved = finish();
  const Recording recording = std::move(moved);

  EXPECT_THAT(std::get<FrameSent>(recording.event(0).body).frame, ElementsAreArray(kHelloSegment));
  EXPECT_EQ(std::get<ProcessOutput>(recording.event(1).body).process, "bulk");
  EXPECT_EQ(std::get<ProcessOutput>(recording.event(1).body).line, "done");
  EXPECT_EQ(std::get<TcpStateChanged>(recording.event(2).body).cause, "done");
  EXPECT_EQ(recording.seed(), 42U);
}

TEST_F(RecordingTest, APacketThatIsBuiltAndTakenApartIsStoredOnce) {
  const Bytes frame{kHelloSegment};
  emit(0, 1, HeaderPushed{Protocol::tcp, 32, frame.subspan(34, 39)});
  emit(0, 1, HeaderPushed{Protocol::ipv4, 20, frame.subspan(14, 59)});
  emit(0, 1, HeaderPushed{Protocol::ethernet, 14, frame.first(73)});
  emit(0, 1, HeaderPushed{Protocol::fcs, 4, frame});
  emit(0, 1, FrameSent{.frame = frame});
  emit(1, 1, FrameReceived{.frame = frame});
  emit(1, 1, HeaderPulled{Protocol::ethernet, 14, frame.first(73)});
  emit(1, 1, HeaderPulled{Protocol::ipv4, 20, frame.subspan(14, 59)});
  emit(1, 1, Dropped{.packet = frame.subspan(34, 39)});
  const Recording recording = finish();

  const Bytes stored = std::get<FrameSent>(recording.event(4).body).frame;
  const std::vector<std::size_t> offsets{34, 14, 0, 0, 0, 0, 0, 14, 34};
  for (EventIndex i = 0; i < offsets.size(); ++i) {
    const Bytes shown = octets(recording.event(i));
    EXPECT_EQ(shown.data(), stored.data() + offsets[i]) << "event " << i;
    EXPECT_TRUE(std::ranges::equal(shown, frame.subspan(offsets[i], shown.size()))) << i;
  }
}

TEST_F(RecordingTest, ADamagedFrameIsStoredAsItWasReceived) {
  std::array damaged = kHelloSegment;
  damaged[20] ^= 0x80;
  emit(0, 1, FrameSent{.frame = kHelloSegment});
  emit(1, 1, FrameReceived{.frame = damaged, .error = FrameError::crc});
  const Recording recording = finish();

  EXPECT_THAT(octets(recording.event(0)), ElementsAreArray(kHelloSegment));
  EXPECT_THAT(octets(recording.event(1)), ElementsAreArray(damaged));
  EXPECT_THAT(recording.frame(PacketUid{1}), ElementsAreArray(kHelloSegment));
}

TEST_F(RecordingTest, FindsTheEventsOfAPacketANodeAndAFlow) {
  emit(0, 7, TcpSegmentSent{.flow = kConversation});
  emit(0, 7, FrameSent{.frame = kHelloSegment});
  emit(1, 8, FrameSent{.frame = kArpRequest});
  emit(1, 7, FrameReceived{.frame = kHelloSegment});
  emit(1, 0, TcpStateChanged{.flow = kConversation.reversed()});
  const Recording recording = finish();

  EXPECT_THAT(list(recording.of_packet(PacketUid{7})), ElementsAre(0, 1, 3));
  EXPECT_THAT(list(recording.of_node(NodeId{1})), ElementsAre(2, 3, 4));
  EXPECT_THAT(list(recording.of_flow(1)), ElementsAre(0, 1, 3, 4));
  EXPECT_THAT(recording.of_flow(2), IsEmpty());
  EXPECT_THAT(recording.of_packet(PacketUid{99}), IsEmpty());
  EXPECT_THAT(recording.of_node(kNoNode), IsEmpty());
}

TEST_F(RecordingTest, KnowsBothEndsOfAFlow) {
  emit(0, 1, TcpSegmentSent{.flow = kConversation});
  emit(1, 2, TcpSegmentSent{.flow = kConversation.reversed()});
  const Recording recording = finish();

  ASSERT_EQ(recording.flows().size(), 1U);
  const Flow& flow = recording.flows()[0];
  EXPECT_EQ(flow.number, 1U);
  EXPECT_EQ(flow.opener, kConversation.local);
  EXPECT_EQ(flow.responder, kConversation.remote);
  EXPECT_EQ(flow.opener_node, NodeId{0});
  EXPECT_EQ(flow.responder_node, NodeId{1});
  EXPECT_EQ(recording.find_flow(kConversation), &flow);
  EXPECT_EQ(recording.find_flow(kConversation.reversed()), &flow);
  EXPECT_EQ(recording.find_flow(kConversation, Protocol::udp), nullptr);
}

// In a live run the operating system at the other end is not traced.
TEST_F(RecordingTest, AFlowFirstSeenFromTheAnsweringSideBelongsToWhoAsked) {
  using wire::tcp_flag::kAck;
  using wire::tcp_flag::kRst;
  using wire::tcp_flag::kSyn;
  const auto flow = [](std::uint16_t port) {
    return FlowKey{{kConversation.local.address, port}, kConversation.remote};
  };
  emit(0, 1, TcpSegmentReceived{.flow = flow(1), .flags = kSyn});
  emit(0, 2, TcpSegmentSent{.flow = flow(2), .flags = kSyn | kAck});
  emit(0, 3, TcpSegmentSent{.flow = flow(3), .flags = kRst});
  emit(0, 4, UdpDatagramReceived{.flow = flow(4)});
  emit(0, 5, TcpSegmentReceived{.flow = flow(5), .flags = kSyn | kAck});
  const Recording recording = finish();

  ASSERT_EQ(recording.flows().size(), 5U);
  for (std::uint16_t port = 1; port <= 4; ++port) {
    const Flow& seen = recording.flows()[port - 1U];
    EXPECT_EQ(seen.opener, kConversation.remote) << port;
    EXPECT_EQ(seen.opener_node, kNoNode) << port;
    EXPECT_EQ(seen.responder_node, NodeId{0}) << port;
  }
  EXPECT_EQ(recording.flows()[4].opener, flow(5).local);
}

TEST_F(RecordingTest, CopiesAndFragmentsBelongToTheFlowOfTheirParent) {
  emit(0, 1, TcpSegmentSent{.flow = kConversation});
  emit(0, 2, FrameReceived{.frame = kHelloSegment}, 1, Parentage::duplicate);
  emit(0, 3, FrameSent{.frame = kArpRequest}, 1, Parentage::reply);
  const Recording recording = finish();

  EXPECT_EQ(recording.packet(PacketUid{2}).flow, 1U);
  EXPECT_EQ(recording.packet(PacketUid{2}).parent, PacketUid{1});
  EXPECT_EQ(recording.packet(PacketUid{3}).flow, 0U);
  EXPECT_THAT(recording.children(PacketUid{1}), ElementsAre(PacketUid{2}, PacketUid{3}));
  EXPECT_EQ(recording.last_uid(), PacketUid{3});
}

TEST_F(RecordingTest, CountsTheEventsUntilAnInstant) {
  for (const Duration at : {1ms, 2ms, 2ms, 5ms}) {
    now_ = kStart + at;
    emit(0, 1, FrameSent{});
  }
  const Recording recording = finish();

  EXPECT_EQ(recording.count_until(kStart), 0U);
  EXPECT_EQ(recording.count_until(kStart + 2ms), 3U);
  EXPECT_EQ(recording.count_until(kStart + 9ms), 4U);
  EXPECT_EQ(recording.end(), kStart + 5ms);
}

TEST_F(RecordingTest, EventsBeyondTheLimitAreCountedAndNotKept) {
  Recorder small{{.events_max = 2}};
  for (int i = 0; i < 5; ++i) small.on_event({.body = ProcessStarted{}});
  const Recording recording = small.finish({}, 1, kStart);

  EXPECT_EQ(recording.events().size(), 2U);
  EXPECT_EQ(recording.events_lost(), 3U);
}

TEST_F(RecordingTest, OfNothingIsEmpty) {
  const Recording recording = finish();

  EXPECT_THAT(recording.events(), IsEmpty());
  EXPECT_THAT(recording.flows(), IsEmpty());
  EXPECT_EQ(recording.last_uid(), kNoPacket);
  EXPECT_THAT(recording.frame(PacketUid{1}), IsEmpty());
}

}  // namespace
}  // namespace strata::trace
