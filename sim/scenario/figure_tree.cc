// SPDX-License-Identifier: MIT
#include "sim/scenario/figure_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace strata::scenario {
namespace {

// A number of a run, of one link (direction), of one side of a flow.
template <typename Source>
struct Row {
  std::string_view name;
  Unit unit;
  std::string_view help;
  std::int64_t (*value)(const Source&);
};

template <typename T>
std::int64_t number(T value) {
  return static_cast<std::int64_t>(value);
}

using Run = RunFigures;
// clang-format off
constexpr std::array kRunRows{
    Row<Run>{"events", Unit::count, "events the simulator processed", [](const Run& r) { return number(r.metrics.result.events); }},
    Row<Run>{"sim-time", Unit::nanoseconds, "instant of the last event, or the end asked for", [](const Run& r) { return (r.metrics.result.end - kStart).count(); }},
};
constexpr std::array kFrameRows{
    Row<Run>{"sent", Unit::count, "frames whose first bit left, on all links", [](const Run& r) { return number(r.metrics.frames_sent); }},
    Row<Run>{"delivered", Unit::count, "frames handed to the node at the other end, damaged ones included", [](const Run& r) { return number(r.metrics.frames_delivered); }},
};

struct Link {
  sim::LinkCounters counters;
  Duration end{};  // of the run
};
constexpr std::array kLinkRows{
    Row<Link>{"offered", Unit::count, "frames handed to it, those its queue refused included", [](const Link& l) { return number(l.counters.offered_frames); }},
    Row<Link>{"sent", Unit::count, "frames whose first bit left", [](const Link& l) { return number(l.counters.sent_frames); }},
    Row<Link>{"delivered", Unit::count, "frames that arrived, damaged ones included", [](const Link& l) { return number(l.counters.delivered_frames); }},
    Row<Link>{"bytes-sent", Unit::bytes, "octets of frames sent, FCS included", [](const Link& l) { return number(l.counters.sent_bytes); }},
    Row<Link>{"bytes-delivered", Unit::bytes, "octets of frames that arrived", [](const Link& l) { return number(l.counters.delivered_bytes); }},
    Row<Link>{"corrupted", Unit::count, "frames in which bits were flipped", [](const Link& l) { return number(l.counters.corrupted_frames); }},
    Row<Link>{"duplicated", Unit::count, "copies the link made", [](const Link& l) { return number(l.counters.duplicated_frames); }},
    Row<Link>{"delayed", Unit::count, "frames held back by jitter or reordering", [](const Link& l) { return number(l.counters.delayed_frames); }},
    Row<Link>{"queue-peak", Unit::bytes, "most octets that waited in a transmit queue", [](const Link& l) { return number(l.counters.queue_bytes_peak); }},
    Row<Link>{"queue-peak-frames", Unit::count, "most frames that waited in a transmit queue", [](const Link& l) { return number(l.counters.queue_frames_peak); }},
    Row<Link>{"utilisation", Unit::parts_per_million, "share of the run a transmitter was busy; of the busier direction", [](const Link& l) {
      return l.end.count() <= 0 ? 0 : number(static_cast<double>(l.counters.busy.count()) / static_cast<double>(l.end.count()) * 1e6); }},
};

using Side = trace::FlowSide;
constexpr std::array kSideRows{
    Row<Side>{"segments", Unit::count, "segments or datagrams sent", [](const Side& s) { return number(s.segments_sent); }},
    Row<Side>{"data-segments", Unit::count, "those with payload, retransmissions included", [](const Side& s) { return number(s.data_segments_sent); }},
    Row<Side>{"bytes-sent", Unit::bytes, "payload sent, retransmissions included", [](const Side& s) { return number(s.bytes_sent); }},
    Row<Side>{"bytes-delivered", Unit::bytes, "payload that arrived; of TCP, in order", [](const Side& s) { return number(s.bytes_delivered); }},
    Row<Side>{"bytes-acked", Unit::bytes, "payload the sender knows to have arrived", [](const Side& s) { return number(s.bytes_acked); }},
    Row<Side>{"bytes-retransmitted", Unit::bytes, "payload sent again", [](const Side& s) { return number(s.bytes_retransmitted); }},
    Row<Side>{"duplicate-acks", Unit::count, "duplicate ACKs the sender got", [](const Side& s) { return number(s.duplicate_acks); }},
    Row<Side>{"out-of-order", Unit::count, "segments that arrived above a gap", [](const Side& s) { return number(s.segments_out_of_order); }},
    Row<Side>{"duplicates", Unit::count, "segments that arrived again", [](const Side& s) { return number(s.segments_duplicate); }},
    Row<Side>{"rtt-min", Unit::nanoseconds, "smallest round-trip sample", [](const Side& s) { return s.rtt_min().count(); }},
    Row<Side>{"rtt-mean", Unit::nanoseconds, "mean of the round-trip samples", [](const Side& s) { return s.rtt_mean().count(); }},
    Row<Side>{"rtt-max", Unit::nanoseconds, "largest round-trip sample", [](const Side& s) { return s.rtt_max().count(); }},
    Row<Side>{"goodput", Unit::bits_per_second, "payload delivered per time between its first octet sent and its last delivered", [](const Side& s) { return number(s.goodput_bps()); }},
};
constexpr std::array kTcpRows{
    Row<Run>{"connections", Unit::count, "TCP connections", [](const Run& r) {
      return number(std::count_if(r.metrics.flows.begin(), r.metrics.flows.end(), [](const trace::FlowMetrics& f) { return f.protocol == Protocol::tcp; })); }},
};
// clang-format on

// Retransmissions by cause, in the order of RetransmitCause.
constexpr std::array<std::string_view, trace::kRetransmitCauses> kCauses{
    "none", "timeout",         "fast",         "partial-ack", "sack",
    "rack", "tail-loss-probe", "window-probe", "path-mtu"};

sim::LinkCounters sum(const trace::LinkMetrics& link) {
  sim::LinkCounters total = link.a_to_b;
  const sim::LinkCounters& other = link.b_to_a;
  total.offered_frames += other.offered_frames;
  total.offered_bytes += other.offered_bytes;
  total.sent_frames += other.sent_frames;
  total.sent_bytes += other.sent_bytes;
  total.delivered_frames += other.delivered_frames;
  total.delivered_bytes += other.delivered_bytes;
  total.corrupted_frames += other.corrupted_frames;
  total.duplicated_frames += other.duplicated_frames;
  total.delayed_frames += other.delayed_frames;
  total.queue_bytes_peak = std::max(total.queue_bytes_peak, other.queue_bytes_peak);
  total.queue_frames_peak = std::max(total.queue_frames_peak, other.queue_frames_peak);
  total.busy = std::max(total.busy, other.busy);
  total.dropped.add(other.dropped);
  return total;
}

template <typename Source, std::size_t n>
void add_rows(Branch& branch, const std::array<Row<Source>, n>& rows, const Source& source) {
  for (const Row<Source>& row : rows) {
    branch.child(row.name).value = Quantity{row.value(source), row.unit};
  }
}

void add_drops(Branch& branch, const DropCounters& drops) {
  Branch& dropped = branch.child("dropped");
  dropped.value = count_of(drops.total());
  dropped.causes = drops;
}

void add_retransmissions(Branch& branch, std::uint64_t total,
                         const std::array<std::uint64_t, trace::kRetransmitCauses>& by_cause) {
  Branch& retransmissions = branch.child("retransmissions");
  retransmissions.value = count_of(total);
  for (std::size_t i = 1; i < kCauses.size(); ++i) {
    retransmissions.child(kCauses[i]).value = count_of(by_cause[i]);
  }
}

void add_side(Branch& branch, const Side& side) {
  add_rows(branch, kSideRows, side);
  add_retransmissions(branch, side.retransmissions, side.retransmissions_by_cause);
}

Branch flow_branch(const trace::FlowMetrics& flow) {
  Branch branch;
  add_side(branch, flow.forward);
  branch.child("handshake").value =
      flow.handshake_time ? FigureValue{Quantity{flow.handshake_time->count(), Unit::nanoseconds}}
                          : FigureValue{Never{}};
  branch.child("state").value = std::string{strata::to_text(flow.opener_state)};
  branch.child("responder-state").value = std::string{strata::to_text(flow.responder_state)};
  add_side(branch.child("back"), flow.backward);
  return branch;
}

Branch link_branch(const Run& run, std::size_t index) {
  const trace::LinkMetrics& metrics = run.metrics.links[index];
  const trace::LinkEntry& entry = run.directory.links[index];
  const Duration end = run.metrics.result.end - kStart;
  Branch branch;
  const auto add = [&](Branch& to, const sim::LinkCounters& counters) {
    add_rows(to, kLinkRows, Link{counters, end});
    add_drops(to, counters.dropped);
  };
  add(branch, sum(metrics));
  branch.child("in-flight").value = count_of(metrics.in_flight_frames);
  add(branch.child(fmt::format("from-{}", run.directory.node_name(entry.a.node))), metrics.a_to_b);
  add(branch.child(fmt::format("from-{}", run.directory.node_name(entry.b.node))), metrics.b_to_a);
  return branch;
}

Quantity count(std::int64_t value) { return {value, Unit::count}; }

FigureValue instant_value(const std::optional<Instant>& instant) {
  if (!instant) return Never{};
  return Quantity{(*instant - kStart).count(), Unit::nanoseconds};
}

void add_process(Branch& node, const ProcessOutcome& process) {
  node.is_open = true;
  {
    // Not used below: a new child of `node` would move it.
    Branch& branch = node.child(process.name);
    branch.is_open = true;
    branch.child("finished").value = instant_value(process.ended);
    branch.child("output").value = process.output;
    branch.child("error").value = process.error;
    for (const auto& [name, value] : process.figures) branch.child(name).value = count(value);
  }
  for (const auto& [name, value] : process.figures) {
    // The node's figure is the sum over its processes.
    std::optional<FigureValue>& total = node.child(name).value;
    const Quantity* before = total ? std::get_if<Quantity>(&*total) : nullptr;
    total = count(value + (before != nullptr ? before->value : 0));
  }
}

}  // namespace

FigureValue count_of(std::uint64_t value) {
  return Quantity{static_cast<std::int64_t>(value), Unit::count};
}

Branch tree_of(const RunFigures& run) {
  Branch root;
  add_rows(root, kRunRows, run);
  root.child("finished").value = instant_value(run.finished());
  root.child("stop").value = std::string{sim::to_text(run.metrics.result.reason)};
  Branch& frames = root.child("frames");
  add_rows(frames, kFrameRows, run);
  DropCounters dropped;
  for (const trace::LinkMetrics& link : run.metrics.links) dropped.add(sum(link).dropped);
  add_drops(frames, dropped);
  Branch& tcp = root.child("tcp");
  add_rows(tcp, kTcpRows, run);
  add_retransmissions(tcp, run.metrics.retransmissions, run.metrics.retransmissions_by_cause);
  Branch& links = root.child("link");
  for (std::size_t i = 0; i < run.metrics.links.size(); ++i) {
    links.children.emplace_back(run.directory.links[i].name, link_branch(run, i));
  }
  Branch& flows = root.child("flow");
  for (const trace::FlowMetrics& flow : run.metrics.flows) {
    flows.children.emplace_back(fmt::format("{}", flow.number), flow_branch(flow));
  }
  for (std::size_t i = 0; i < run.directory.nodes.size(); ++i) {
    Branch& node = root.child(run.directory.nodes[i].name);
    if (i < run.metrics.nodes.size()) add_drops(node, run.metrics.nodes[i].drops);
    for (const ProcessOutcome& process : run.processes) {
      if (process.node == run.directory.nodes[i].name) add_process(node, process);
    }
  }
  return root;
}

}  // namespace strata::scenario
