// SPDX-License-Identifier: MIT
#include "sim/trace/metrics.h"

#include <algorithm>
#include <utility>

#include "stack/base/uint128.h"

namespace strata::trace {
namespace {

// A segment that repeats octets (or a SYN or FIN) sent before. A window probe asks, it does not
// repeat.
bool is_retransmission(const TcpSegmentSent& segment) {
  if (segment.kind == SegmentKind::retransmission) return true;
  return segment.cause != RetransmitCause::none && segment.cause != RetransmitCause::window_probe;
}

}  // namespace

void RttFigures::add(Duration sample) {
  min_ = count_ == 0 ? sample : std::min(min_, sample);
  max_ = std::max(max_, sample);
  sum_ += static_cast<std::uint64_t>(sample.count());
  ++count_;
}
Duration RttFigures::mean() const {
  return count_ == 0 ? Duration{} : Duration{static_cast<Duration::rep>(sum_ / count_)};
}

std::uint64_t FlowSide::goodput_bps() const {
  if (!first_byte_sent || !last_byte_delivered || *last_byte_delivered <= *first_byte_sent)
    return 0;
  const auto nanoseconds =
      static_cast<std::uint64_t>((*last_byte_delivered - *first_byte_sent).count());
  return static_cast<std::uint64_t>(static_cast<Uint128>(bytes_delivered) * 8 * 1'000'000'000 /
                                    nanoseconds);
}

std::uint64_t RunMetrics::utilisation_ppm(const sim::LinkCounters& counters) const {
  if (last_frame <= kStart) return 0;
  const Uint128 busy = static_cast<std::uint64_t>(counters.busy.count());
  const auto time = static_cast<std::uint64_t>((last_frame - kStart).count());
  return static_cast<std::uint64_t>(busy * 1'000'000 / time);
}

std::uint64_t RunMetrics::drops(DropReason reason) const {
  std::uint64_t total = 0;
  for (const LinkMetrics& link : links) {
    total += link.a_to_b.dropped.count(reason) + link.b_to_a.dropped.count(reason);
  }
  for (const NodeMetrics& node : nodes) total += node.drops.count(reason);
  return total;
}

const FlowMetrics* RunMetrics::find_flow(const Endpoint& opener, const Endpoint& responder) const {
  const auto at = std::ranges::find_if(flows, [&](const FlowMetrics& flow) {
    return flow.opener == opener && flow.responder == responder;
  });
  return at == flows.end() ? nullptr : &*at;
}

void Metrics::on_event(const Event& event) {
  if (const auto* dropped = std::get_if<Dropped>(&event.body)) {
    on_dropped(event, *dropped);
    return;
  }
  const View seen = view(table_.observe(event));
  if (seen.flow == nullptr) return;
  if (const auto* sent = std::get_if<TcpSegmentSent>(&event.body)) {
    seen.outgoing->node = event.node;
    on_sent(seen, event.time, *sent);
  } else if (const auto* received = std::get_if<TcpSegmentReceived>(&event.body)) {
    on_received(seen, event.time, *received);
  } else if (const auto* sample = std::get_if<RttSampled>(&event.body)) {
    seen.outgoing->rtt.add(sample->sample);
  } else if (const auto* datagram = std::get_if<UdpDatagramSent>(&event.body)) {
    seen.outgoing->node = event.node;
    on_sent(seen, event.time, *datagram);
  } else if (const auto* arrived = std::get_if<UdpDatagramReceived>(&event.body)) {
    on_received(seen, event.time, *arrived);
  } else if (const auto* change = std::get_if<TcpStateChanged>(&event.body)) {
    on_state(seen, event.time, *change);
  }
}

Metrics::View Metrics::view(FlowTable::Place place) {
  if (place.number == 0) return {};
  while (flows_.size() < place.number) {
    const Flow& flow = table_.flows()[flows_.size()];
    flows_.push_back({.number = flow.number,
                      .protocol = flow.protocol,
                      .opener = flow.opener,
                      .responder = flow.responder});
  }
  FlowMetrics& flow = flows_[place.number - 1];
  return {.flow = &flow,
          .outgoing = place.is_opener ? &flow.forward : &flow.backward,
          .incoming = place.is_opener ? &flow.backward : &flow.forward,
          .is_opener = place.is_opener};
}

void Metrics::on_dropped(const Event& event, const Dropped& dropped) {
  if (dropped.link != kNoLink || event.node == kNoNode) return;  // the link counts those
  if (raw(event.node) >= node_drops_.size()) node_drops_.resize(raw(event.node) + 1);
  node_drops_[raw(event.node)].add(dropped.reason);
}

void Metrics::on_state(const View& view, Instant now, const TcpStateChanged& change) {
  (view.is_opener ? view.flow->opener_state : view.flow->responder_state) = change.to;
  // The same addresses may be used again: the new stream counts from 0.
  if (change.from == TcpState::closed || change.from == TcpState::listen) {
    view.incoming->bytes_delivered_now = 0;
  }
  if (!view.is_opener) return;
  if (change.to == TcpState::syn_sent && !view.flow->opened_at) view.flow->opened_at = now;
  if (change.to == TcpState::established && view.flow->opened_at && !view.flow->handshake_time) {
    view.flow->handshake_time = now - *view.flow->opened_at;
  }
}

void Metrics::on_sent(const View& view, Instant now, const TcpSegmentSent& segment) {
  FlowSide& side = *view.outgoing;
  if (!view.flow->opened_at) view.flow->opened_at = now;
  ++side.segments_sent;
  if (segment.length > 0) {
    ++side.data_segments_sent;
    side.bytes_sent += segment.length;
    if (!side.first_byte_sent) side.first_byte_sent = now;
    side.last_byte_sent = now;
  }
  if (is_retransmission(segment)) {
    ++side.retransmissions;
    side.bytes_retransmitted += segment.length;
    ++side.retransmissions_by_cause[static_cast<std::size_t>(segment.cause)];
  }
  // What the sender of this segment acknowledges has been delivered to it.
  FlowSide& delivered = *view.incoming;
  if (segment.ack_offset > delivered.bytes_delivered_now) {
    delivered.bytes_delivered += segment.ack_offset - delivered.bytes_delivered_now;
    delivered.bytes_delivered_now = segment.ack_offset;
  }
}

void Metrics::on_received(const View& view, Instant now, const TcpSegmentReceived& segment) {
  if (!view.flow->opened_at) view.flow->opened_at = now;  // the opener is outside the trace
  view.outgoing->bytes_acked += segment.newly_acked;
  view.outgoing->bytes_delivered = std::max(view.outgoing->bytes_delivered, segment.ack_offset);
  if (segment.duplicate_acks > 0) ++view.outgoing->duplicate_acks;
  FlowSide& incoming = *view.incoming;
  if (segment.length == 0) return;
  if (segment.verdict == SegmentVerdict::in_order) {
    if (!incoming.first_byte_delivered) incoming.first_byte_delivered = now;
    incoming.last_byte_delivered = now;
  } else if (segment.verdict == SegmentVerdict::out_of_order) {
    ++incoming.segments_out_of_order;
  } else if (segment.verdict == SegmentVerdict::duplicate) {
    ++incoming.segments_duplicate;
  }
}

void Metrics::on_sent(const View& view, Instant now, const UdpDatagramSent& datagram) {
  FlowSide& side = *view.outgoing;
  if (!view.flow->opened_at) view.flow->opened_at = now;
  ++side.segments_sent;
  side.bytes_sent += datagram.length;
  if (datagram.length > 0) ++side.data_segments_sent;
  if (!side.first_byte_sent) side.first_byte_sent = now;
  side.last_byte_sent = now;
}

void Metrics::on_received(const View& view, Instant now, const UdpDatagramReceived& datagram) {
  FlowSide& incoming = *view.incoming;
  if (!view.flow->opened_at) view.flow->opened_at = now;  // the opener is outside the trace
  ++incoming.datagrams_delivered;
  incoming.bytes_delivered += datagram.length;
  if (!incoming.first_byte_delivered) incoming.first_byte_delivered = now;
  incoming.last_byte_delivered = now;
}

RunMetrics Metrics::collect(std::vector<LinkMetrics> links, std::size_t nodes,
                            const sim::RunResult& result) && {
  RunMetrics run{.result = result, .links = std::move(links), .flows = std::move(flows_)};
  for (const LinkMetrics& link : run.links) {
    for (const sim::LinkCounters* half : {&link.a_to_b, &link.b_to_a}) {
      run.last_frame = std::max(run.last_frame, half->busy_until);
      run.frames_sent += half->sent_frames;
      run.frames_delivered += half->delivered_frames;
      run.frames_dropped += half->dropped.total();
    }
  }
  run.nodes.resize(std::max(nodes, node_drops_.size()));
  for (std::size_t i = 0; i < node_drops_.size(); ++i) {
    run.nodes[i].drops = node_drops_[i];
    run.packets_dropped += node_drops_[i].total();
  }
  for (const FlowMetrics& flow : run.flows) {
    for (const FlowSide* side : {&flow.forward, &flow.backward}) {
      run.retransmissions += side->retransmissions;
      for (std::size_t cause = 0; cause < kRetransmitCauses; ++cause) {
        run.retransmissions_by_cause[cause] += side->retransmissions_by_cause[cause];
      }
    }
  }
  return run;
}

}  // namespace strata::trace
