// SPDX-License-Identifier: MIT
#include "sim/analysis/series.h"

#include <algorithm>
#include <set>

namespace strata::analysis {
namespace {

using trace::EventIndex;
using trace::Recording;

constexpr std::uint32_t kNoThreshold = 0xffffffffU;

void step(Series& series, Instant time, std::int64_t value) {
  std::vector<Sample>& samples = series.samples;
  if (!samples.empty() && samples.back().value == value) return;
  if (!samples.empty() && samples.back().time == time) {
    samples.back().value = value;
    // What was there for no time is as if it never was.
    if (samples.size() > 1 && samples[samples.size() - 2].value == value) samples.pop_back();
    return;
  }
  samples.push_back({time, value});
}

Series octets_over_time(std::string_view name) {
  return {.name = name, .unit = SeriesUnit::octets, .is_step = true, .samples = {}};
}

// Adds octets to windows of equal length from the start of the run.
class Rate {
 public:
  Rate(std::string_view name, Duration bin) : bin_(bin) {
    series_ = {.name = name, .unit = SeriesUnit::bits_per_second, .is_step = false, .samples = {}};
  }
  void add(Instant time, std::uint64_t octets) {
    const auto window = static_cast<std::size_t>((time - kStart) / bin_);
    if (windows_.size() <= window) windows_.resize(window + 1);
    windows_[window] += octets;
  }
  // Windows from `first` to `last`, both with what is in between.
  Series take(std::size_t first, std::size_t last) {
    windows_.resize(std::max(windows_.size(), last + 1));
    for (std::size_t i = first; i <= last; ++i) {
      const auto bits = static_cast<double>(windows_[i]) * 8;
      const double seconds = static_cast<double>(bin_.count()) / 1e9;
      const Instant end = kStart + bin_ * static_cast<Duration::rep>(i + 1);
      series_.samples.push_back({end, static_cast<std::int64_t>(bits / seconds)});
    }
    return std::move(series_);
  }
  std::size_t size() const { return windows_.size(); }

 private:
  Duration bin_;
  Series series_;
  std::vector<std::uint64_t> windows_;
};

// Packets of a flow that ended on the way: they, or all parts and copies of them.
std::set<PacketUid> lost_packets(const Recording& recording, std::uint32_t flow) {
  std::set<PacketUid> dropped;
  std::set<PacketUid> arrived;
  for (const EventIndex index : recording.of_flow(flow)) {
    const Event& event = recording.event(index);
    if (const auto* drop = std::get_if<Dropped>(&event.body)) {
      if (is_loss(*drop)) dropped.insert(origin_of(recording, event.uid));
    } else if (const auto* received = std::get_if<TcpSegmentReceived>(&event.body)) {
      if (received->verdict != SegmentVerdict::rejected) {
        arrived.insert(origin_of(recording, event.uid));
      }
    }
  }
  for (const PacketUid uid : arrived) dropped.erase(uid);
  return dropped;
}

}  // namespace

std::vector<Series> window_series(const Recording& recording, const FlowEnd& end) {
  Series cwnd = octets_over_time("cwnd");
  Series ssthresh = octets_over_time("ssthresh");
  Series flight = octets_over_time("flight");
  Series offered = octets_over_time("peer's window");
  for (const EventIndex index : events_of<TcpVariables>(recording, end)) {
    const Event& event = recording.event(index);
    const auto& variables = std::get<TcpVariables>(event.body);
    step(cwnd, event.time, variables.cwnd);
    if (variables.ssthresh != kNoThreshold) step(ssthresh, event.time, variables.ssthresh);
    step(flight, event.time, variables.flight);
    step(offered, event.time, variables.snd_wnd);
  }
  return {std::move(cwnd), std::move(ssthresh), std::move(flight), std::move(offered)};
}

std::vector<Series> rtt_series(const Recording& recording, const FlowEnd& end) {
  Series samples{.name = "RTT", .unit = SeriesUnit::nanoseconds, .is_step = false, .samples = {}};
  Series smoothed{.name = "SRTT", .unit = SeriesUnit::nanoseconds, .samples = {}};
  Series timeout{.name = "RTO", .unit = SeriesUnit::nanoseconds, .samples = {}};
  for (const EventIndex index : recording.of_flow(end.flow)) {
    const Event& event = recording.event(index);
    if (!end.reported(event)) continue;
    if (const auto* sampled = std::get_if<RttSampled>(&event.body)) {
      samples.samples.push_back({event.time, sampled->sample.count()});
      step(smoothed, event.time, sampled->srtt.count());
      step(timeout, event.time, sampled->rto.count());
    } else if (const auto* variables = std::get_if<TcpVariables>(&event.body)) {
      if (variables->rto > Duration{}) step(timeout, event.time, variables->rto.count());
    }
  }
  return {std::move(samples), std::move(smoothed), std::move(timeout)};
}

std::vector<Series> rate_series(const Recording& recording, const FlowEnd& end, Duration bin) {
  const FlowEnd peer = other_end(recording, end);
  Rate throughput("throughput", bin);
  Rate goodput("goodput", bin);
  std::optional<Instant> first;
  std::uint64_t in_order = 0;
  for (const EventIndex index : recording.of_flow(end.flow)) {
    const Event& event = recording.event(index);
    const bool is_ours = end.reported(event);
    // A broadcast arrives at several nodes.
    const auto* arrived = std::get_if<UdpDatagramReceived>(&event.body);
    const bool is_delivery = arrived != nullptr && arrived->flow == peer.key;
    if (!is_ours && !is_delivery && !peer.reported(event)) continue;
    std::uint64_t sent = 0;
    std::uint64_t got = 0;
    if (const auto* segment = std::get_if<TcpSegmentSent>(&event.body)) {
      if (is_ours) sent = segment->length;
    } else if (const auto* datagram = std::get_if<UdpDatagramSent>(&event.body)) {
      if (is_ours) sent = datagram->length;
    } else if (is_delivery) {
      got = arrived->length;
    } else if (const auto* variables = std::get_if<TcpVariables>(&event.body)) {
      // A new connection of the same addresses begins at 0 again.
      if (!is_ours && variables->rcv_nxt > in_order) got = variables->rcv_nxt - in_order;
      if (!is_ours) in_order = variables->rcv_nxt;
    }
    if (sent + got > 0 && !first) first = event.time;
    if (sent > 0) throughput.add(event.time, sent);
    if (got > 0) goodput.add(event.time, got);
  }
  if (!first) return {};
  const auto begin = static_cast<std::size_t>((*first - kStart) / bin);
  const std::size_t last = std::max(throughput.size(), goodput.size()) - 1;
  std::vector<Series> both;
  both.push_back(throughput.take(begin, last));
  both.push_back(goodput.take(begin, last));
  return both;
}

Series queue_series(const Recording& recording, NodeId node, PortId port) {
  Series depth{.name = "queue", .unit = SeriesUnit::frames, .samples = {}};
  std::multiset<PacketUid> waiting;
  step(depth, kStart, 0);
  const auto leave = [&](const Event& event) {
    const auto found = waiting.find(event.uid);
    if (found == waiting.end()) return;
    waiting.erase(found);
    step(depth, event.time, static_cast<std::int64_t>(waiting.size()));
  };
  for (const EventIndex index : recording.of_node(node)) {
    const Event& event = recording.event(index);
    if (const auto* queued = std::get_if<FrameQueued>(&event.body)) {
      if (queued->port != port) continue;
      waiting.insert(event.uid);
      step(depth, event.time, static_cast<std::int64_t>(waiting.size()));
    } else if (const auto* sent = std::get_if<FrameSent>(&event.body)) {
      if (sent->port == port) leave(event);
    } else if (const auto* dropped = std::get_if<Dropped>(&event.body)) {
      if (dropped->layer == Layer::physical && dropped->port == port) leave(event);
    }
  }
  return depth;
}

std::vector<std::pair<NodeId, PortId>> queues_of(const Recording& recording) {
  std::set<std::pair<NodeId, PortId>> found;
  for (const Event& event : recording.events()) {
    if (const auto* queued = std::get_if<FrameQueued>(&event.body)) {
      found.emplace(event.node, queued->port);
    }
  }
  return {found.begin(), found.end()};
}

SequenceDiagram sequence_diagram(const Recording& recording, const FlowEnd& end) {
  SequenceDiagram diagram;
  diagram.acknowledged = octets_over_time("acknowledged");
  diagram.window_edge = octets_over_time("window");
  const std::set<PacketUid> lost = lost_packets(recording, end.flow);
  for (const EventIndex index : recording.of_flow(end.flow)) {
    const Event& event = recording.event(index);
    if (!end.reported(event)) continue;
    if (const auto* sent = std::get_if<TcpSegmentSent>(&event.body)) {
      diagram.segments.push_back({.time = event.time,
                                  .begin = sent->offset,
                                  .end = sent->offset + sent->length,
                                  .uid = event.uid,
                                  .is_retransmission = sent->cause != RetransmitCause::none &&
                                                       sent->cause != RetransmitCause::window_probe,
                                  .is_lost = lost.contains(event.uid)});
    } else if (const auto* variables = std::get_if<TcpVariables>(&event.body)) {
      if (variables->state == TcpState::closed || variables->state == TcpState::syn_sent) continue;
      step(diagram.acknowledged, event.time, static_cast<std::int64_t>(variables->snd_una));
      step(diagram.window_edge, event.time,
           static_cast<std::int64_t>(variables->snd_una + variables->snd_wnd));
    }
  }
  return diagram;
}

}  // namespace strata::analysis
