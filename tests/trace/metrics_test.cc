// SPDX-License-Identifier: MIT
#include "sim/trace/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace strata::trace {
namespace {

const FlowKey kFlow{{*IpAddress::parse("10.0.1.10"), 40000}, {*IpAddress::parse("10.0.2.20"), 80}};

class MetricsTest : public testing::Test {
 protected:
  void emit(Instant time, std::uint32_t node, EventBody body, std::uint64_t uid = 0) {
    metrics_.on_event(
        {.time = time, .node = NodeId{node}, .uid = PacketUid{uid}, .body = std::move(body)});
  }
  RunMetrics collect(std::vector<LinkMetrics> links = {}) {
    return std::move(metrics_).collect(std::move(links), 2, {});
  }
  void handshake() {
    emit(kStart + 1ms, 0,
         TcpStateChanged{.flow = kFlow, .from = TcpState::closed, .to = TcpState::syn_sent});
    emit(kStart + 1ms, 0, TcpSegmentSent{.flow = kFlow, .kind = SegmentKind::control});
    emit(kStart + 6ms, 1,
         TcpStateChanged{
             .flow = kFlow.reversed(), .from = TcpState::listen, .to = TcpState::syn_received});
    emit(kStart + 6ms, 1, TcpSegmentSent{.flow = kFlow.reversed(), .kind = SegmentKind::control});
    emit(kStart + 11ms, 0,
         TcpStateChanged{.flow = kFlow, .from = TcpState::syn_sent, .to = TcpState::established});
  }

  Metrics metrics_;
};

TEST_F(MetricsTest, AFlowIsSeenFromItsActiveOpener) {
  handshake();

  const RunMetrics run = collect();
  ASSERT_EQ(run.flows.size(), 1U);
  const FlowMetrics& flow = run.flows[0];
  EXPECT_EQ(flow.opener, kFlow.local);
  EXPECT_EQ(flow.responder, kFlow.remote);
  EXPECT_EQ(flow.opened_at, kStart + 1ms);
  EXPECT_EQ(flow.handshake_time, 10ms);
  EXPECT_EQ(flow.opener_state, TcpState::established);
  EXPECT_EQ(flow.responder_state, TcpState::syn_received);
  EXPECT_EQ(flow.forward.node, NodeId{0});
  EXPECT_EQ(flow.backward.node, NodeId{1});
  EXPECT_EQ(run.find_flow(kFlow.local, kFlow.remote), &flow);
}

TEST_F(MetricsTest, DataAndItsDeliveryAreCountedForTheDirectionItFlows) {
  handshake();
  emit(kStart + 20ms, 0,
       TcpSegmentSent{.flow = kFlow, .offset = 0, .length = 1000, .kind = SegmentKind::data});
  emit(kStart + 30ms, 1,
       TcpSegmentReceived{
           .flow = kFlow.reversed(), .length = 1000, .verdict = SegmentVerdict::in_order});
  emit(kStart + 30ms, 1,
       TcpSegmentSent{.flow = kFlow.reversed(), .ack_offset = 1000, .kind = SegmentKind::pure_ack});
  emit(kStart + 40ms, 0,
       TcpSegmentReceived{.flow = kFlow, .ack_offset = 1000, .newly_acked = 1000});

  const FlowMetrics flow = collect().flows.at(0);
  EXPECT_EQ(flow.forward.bytes_sent, 1000U);
  EXPECT_EQ(flow.forward.bytes_delivered, 1000U);
  EXPECT_EQ(flow.forward.bytes_acked, 1000U);
  EXPECT_EQ(flow.forward.segments_sent, 2U);
  EXPECT_EQ(flow.forward.data_segments_sent, 1U);
  EXPECT_EQ(flow.forward.first_byte_sent, kStart + 20ms);
  EXPECT_EQ(flow.forward.last_byte_delivered, kStart + 30ms);
  EXPECT_EQ(flow.forward.goodput_bps(), 800'000U);  // 8000 bits in 10 ms
  EXPECT_EQ(flow.backward.bytes_delivered, 0U);
  EXPECT_EQ(flow.backward.segments_sent, 2U);
}

TEST_F(MetricsTest, RetransmissionsAreCountedByCause) {
  handshake();
  for (const auto cause : {RetransmitCause::timeout, RetransmitCause::fast_retransmit,
                           RetransmitCause::fast_retransmit}) {
    emit(kStart + 1s, 0,
         TcpSegmentSent{
             .flow = kFlow, .length = 100, .kind = SegmentKind::retransmission, .cause = cause});
  }
  emit(kStart + 2s, 0,
       TcpSegmentSent{
           .flow = kFlow, .kind = SegmentKind::probe, .cause = RetransmitCause::window_probe});

  const RunMetrics run = collect();
  const auto by_cause = [&](RetransmitCause cause) {
    return run.retransmissions_by_cause[static_cast<std::size_t>(cause)];
  };
  EXPECT_EQ(run.retransmissions, 3U);
  EXPECT_EQ(by_cause(RetransmitCause::timeout), 1U);
  EXPECT_EQ(by_cause(RetransmitCause::fast_retransmit), 2U);
  EXPECT_EQ(by_cause(RetransmitCause::window_probe), 0U);
  EXPECT_EQ(run.flows[0].forward.bytes_retransmitted, 300U);
}

TEST_F(MetricsTest, RoundTripTimesHaveMinimumMeanAndMaximum) {
  handshake();
  for (int i = 1; i <= 100; ++i) {
    emit(kStart + 1s, 0, RttSampled{.flow = kFlow, .sample = i * 1ms});
  }

  const FlowSide side = collect().flows.at(0).forward;
  EXPECT_EQ(side.rtt.count(), 100U);
  EXPECT_EQ(side.rtt.min(), 1ms);
  EXPECT_EQ(side.rtt.max(), 100ms);
  EXPECT_EQ(side.rtt.mean(), 50'500us);
  EXPECT_EQ(FlowSide{}.rtt.mean(), 0ms);
}

TEST_F(MetricsTest, DuplicateAcknowledgementsBelongToWhoGetsThem) {
  handshake();
  for (const std::uint32_t count : {1U, 2U, 3U}) {
    emit(kStart + 1s, 0, TcpSegmentReceived{.flow = kFlow, .duplicate_acks = count});
  }

  EXPECT_EQ(collect().flows.at(0).forward.duplicate_acks, 3U);
}

TEST_F(MetricsTest, DatagramsAreCountedWhereTheyLeaveAndWhereTheyArrive) {
  emit(kStart + 1ms, 0, UdpDatagramSent{kFlow, 100}, 1);
  emit(kStart + 2ms, 0, UdpDatagramSent{kFlow, 0}, 2);
  emit(kStart + 3ms, 0, UdpDatagramSent{kFlow, 50}, 3);  // and never arrives
  emit(kStart + 5ms, 1, UdpDatagramReceived{kFlow.reversed(), 100}, 1);
  emit(kStart + 6ms, 1, UdpDatagramReceived{kFlow.reversed(), 0}, 2);
  emit(kStart + 7ms, 1, UdpDatagramSent{kFlow.reversed(), 7}, 4);

  const FlowMetrics flow = collect().flows.at(0);
  EXPECT_EQ(flow.protocol, Protocol::udp);
  EXPECT_EQ(flow.opener, kFlow.local);
  EXPECT_EQ(flow.responder, kFlow.remote);
  EXPECT_EQ(flow.opened_at, kStart + 1ms);
  EXPECT_EQ(flow.forward.node, NodeId{0});
  EXPECT_EQ(flow.forward.segments_sent, 3U);
  EXPECT_EQ(flow.forward.data_segments_sent, 2U);
  EXPECT_EQ(flow.forward.bytes_sent, 150U);
  EXPECT_EQ(flow.forward.datagrams_delivered, 2U);
  EXPECT_EQ(flow.forward.bytes_delivered, 100U);
  EXPECT_EQ(flow.backward.node, NodeId{1});
  EXPECT_EQ(flow.backward.segments_sent, 1U);
  EXPECT_EQ(flow.backward.bytes_sent, 7U);
  EXPECT_EQ(flow.backward.datagrams_delivered, 0U);
}

TEST_F(MetricsTest, DropsOfNodesAndLinksAddUpWithoutCountingTwice) {
  emit(kStart, 1, Dropped{.reason = DropReason::no_route});
  emit(kStart, 1, Dropped{.reason = DropReason::fcs_error});
  emit(kStart, 0, Dropped{.reason = DropReason::loss, .link = LinkId{0}});
  LinkMetrics link;
  link.a_to_b.dropped.add(DropReason::loss);
  link.a_to_b.sent_frames = 10;
  link.b_to_a.sent_frames = 5;
  link.b_to_a.delivered_frames = 5;

  const RunMetrics run = collect({link});
  EXPECT_EQ(run.drops(DropReason::loss), 1U);
  EXPECT_EQ(run.drops(DropReason::no_route), 1U);
  EXPECT_EQ(run.packets_dropped, 2U);
  EXPECT_EQ(run.frames_dropped, 1U);
  EXPECT_EQ(run.frames_sent, 15U);
  EXPECT_EQ(run.frames_delivered, 5U);
  EXPECT_EQ(run.nodes.at(1).drops.total(), 2U);
  EXPECT_EQ(run.nodes.at(0).drops.total(), 0U);
}

}  // namespace
}  // namespace strata::trace
