// SPDX-License-Identifier: MIT
#include "sim/scenario/figure_tree.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "stack/application/program.h"

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
constexpr std::array kRunRows{
    Row<Run>{"events", Unit::count, "events the simulator processed",
             [](const Run& r) { return number(r.metrics.result.events); }},
    Row<Run>{"sim-time", Unit::nanoseconds, "instant of the last event, or the end asked for",
             [](const Run& r) { return (r.metrics.result.end - kStart).count(); }},
};
constexpr std::array kFrameRows{
    Row<Run>{"sent", Unit::count, "frames whose first bit left, on all links",
             [](const Run& r) { return number(r.metrics.frames_sent); }},
    Row<Run>{"delivered", Unit::count,
             "frames handed to the node at the other end, damaged ones included",
             [](const Run& r) { return number(r.metrics.frames_delivered); }},
};

struct Link {
  sim::LinkCounters counters;
  std::uint64_t utilisation_ppm = 0;
};
constexpr std::array kLinkRows{
    Row<Link>{"offered", Unit::count, "frames handed to it, those its queue refused included",
              [](const Link& l) { return number(l.counters.offered_frames); }},
    Row<Link>{"sent", Unit::count, "frames whose first bit left",
              [](const Link& l) { return number(l.counters.sent_frames); }},
    Row<Link>{"delivered", Unit::count, "frames that arrived, damaged ones included",
              [](const Link& l) { return number(l.counters.delivered_frames); }},
    Row<Link>{"bytes-sent", Unit::bytes, "octets of frames sent, FCS included",
              [](const Link& l) { return number(l.counters.sent_bytes); }},
    Row<Link>{"bytes-delivered", Unit::bytes, "octets of frames that arrived",
              [](const Link& l) { return number(l.counters.delivered_bytes); }},
    Row<Link>{"corrupted", Unit::count, "frames in which bits were flipped",
              [](const Link& l) { return number(l.counters.corrupted_frames); }},
    Row<Link>{"truncated", Unit::count, "frames of which only the beginning arrived",
              [](const Link& l) { return number(l.counters.truncated_frames); }},
    Row<Link>{"duplicated", Unit::count, "copies the link made",
              [](const Link& l) { return number(l.counters.duplicated_frames); }},
    Row<Link>{"delayed", Unit::count, "frames held back by jitter or reordering",
              [](const Link& l) { return number(l.counters.delayed_frames); }},
    Row<Link>{"marked", Unit::count, "frames its queue marked congestion experienced",
              [](const Link& l) { return number(l.counters.marked_frames); }},
    Row<Link>{"queue-peak", Unit::bytes, "most octets that waited in a transmit queue",
              [](const Link& l) { return number(l.counters.queue_bytes_peak); }},
    Row<Link>{"queue-peak-frames", Unit::count, "most frames that waited in a transmit queue",
              [](const Link& l) { return number(l.counters.queue_frames_peak); }},
    Row<Link>{
        "utilisation", Unit::parts_per_million,
        "share of the time until the run's last frame in which a transmitter was busy; of the "
        "busier direction",
        [](const Link& l) { return number(l.utilisation_ppm); }},
};

using Side = trace::FlowSide;
constexpr std::array kSideRows{
    Row<Side>{"segments", Unit::count, "segments or datagrams sent",
              [](const Side& s) { return number(s.segments_sent); }},
    Row<Side>{"data-segments", Unit::count, "those with payload, retransmissions included",
              [](const Side& s) { return number(s.data_segments_sent); }},
    Row<Side>{"bytes-sent", Unit::bytes, "payload sent, retransmissions included",
              [](const Side& s) { return number(s.bytes_sent); }},
    Row<Side>{"bytes-delivered", Unit::bytes, "payload that arrived; of TCP, in order",
              [](const Side& s) { return number(s.bytes_delivered); }},
    Row<Side>{"bytes-acked", Unit::bytes, "payload the sender knows to have arrived",
              [](const Side& s) { return number(s.bytes_acked); }},
    Row<Side>{"bytes-retransmitted", Unit::bytes, "payload sent again",
              [](const Side& s) { return number(s.bytes_retransmitted); }},
    Row<Side>{"duplicate-acks", Unit::count, "duplicate ACKs the sender got",
              [](const Side& s) { return number(s.duplicate_acks); }},
    Row<Side>{"out-of-order", Unit::count, "segments that arrived above a gap",
              [](const Side& s) { return number(s.segments_out_of_order); }},
    Row<Side>{"duplicates", Unit::count, "segments that arrived again",
              [](const Side& s) { return number(s.segments_duplicate); }},
    Row<Side>{"rtt-min", Unit::nanoseconds, "smallest round-trip sample",
              [](const Side& s) { return s.rtt.min().count(); }},
    Row<Side>{"rtt-mean", Unit::nanoseconds, "mean of the round-trip samples",
              [](const Side& s) { return s.rtt.mean().count(); }},
    Row<Side>{"rtt-max", Unit::nanoseconds, "largest round-trip sample",
              [](const Side& s) { return s.rtt.max().count(); }},
    Row<Side>{"goodput", Unit::bits_per_second,
              "payload delivered per time between its first octet sent and its last delivered",
              [](const Side& s) { return number(s.goodput_bps()); }},
};
constexpr std::array kTcpRows{
    Row<Run>{"connections", Unit::count, "TCP connections",
             [](const Run& r) {
               return number(std::count_if(
                   r.metrics.flows.begin(), r.metrics.flows.end(),
                   [](const trace::FlowMetrics& f) { return f.protocol == Protocol::tcp; }));
             }},
};

// Retransmissions by cause, in the order of RetransmitCause.
constexpr std::array<std::string_view, trace::kRetransmitCauses> kCauses{
    "none", "timeout",         "fast",         "partial-ack", "sack", "rescue",
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
  total.truncated_frames += other.truncated_frames;
  total.duplicated_frames += other.duplicated_frames;
  total.delayed_frames += other.delayed_frames;
  total.marked_frames += other.marked_frames;
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

Branch link_branch(const Run& run, std::size_t index) {
  const trace::LinkMetrics& metrics = run.metrics.links[index];
  const trace::LinkEntry& entry = run.directory.links[index];
  Branch branch;
  const auto add = [&](Branch& to, const sim::LinkCounters& counters) {
    add_rows(to, kLinkRows, Link{counters, run.metrics.utilisation_ppm(counters)});
    add_drops(to, counters.dropped);
  };
  add(branch, sum(metrics));
  branch.child("in-flight").value = count_of(metrics.in_flight_frames);
  add(branch.child(fmt::format("from-{}", run.directory.node_name(entry.a.node))), metrics.a_to_b);
  add(branch.child(fmt::format("from-{}", run.directory.node_name(entry.b.node))), metrics.b_to_a);
  return branch;
}

FigureValue instant_value(const std::optional<Instant>& instant) {
  if (!instant) return Never{};
  return Quantity{(*instant - kStart).count(), Unit::nanoseconds};
}

// Adds to a figure that programs count.
void count(Branch& branch, std::string_view name, std::int64_t amount) {
  Branch& figure = branch.child(name);
  const Quantity* before = figure.value ? std::get_if<Quantity>(&*figure.value) : nullptr;
  figure.value = Quantity{amount + (before != nullptr ? before->value : 0), Unit::count};
  figure.is_counted = true;
}

// What the process has counted, and zeros for what its program might have.
void add_counted(Branch& branch, const ProcessOutcome& process) {
  if (const application::Program* program = application::find_program(process.program)) {
    for (const std::string_view name : application::figure_names(*program)) count(branch, name, 0);
  }
  for (const auto& [name, value] : process.figures) count(branch, name, value);
}

Branch process_branch(const ProcessOutcome& process) {
  Branch branch;
  branch.child("finished").value = instant_value(process.ended);
  branch.child("output").value = process.output;
  branch.child("error").value = process.error;
  add_counted(branch, process);
  return branch;
}

// What a node's processes have in common: sums of what they counted, their outputs one after the
// other, the last of their ends.
void add_to_node(Branch& node, const ProcessOutcome& process) {
  add_counted(node, process);
  for (const auto& [name, text] :
       {std::pair{"output", &process.output}, std::pair{"error", &process.error}}) {
    std::optional<FigureValue>& all = node.child(name).value;
    if (!all) all = std::string{};
    if (auto* written = std::get_if<std::string>(&*all)) *written += *text;
  }
}

void add_node(Branch& root, const RunFigures& run, std::size_t index) {
  const std::string& name = run.directory.nodes[index].name;
  Branch node;
  if (index < run.metrics.nodes.size()) {
    const trace::NodeMetrics& metrics = run.metrics.nodes[index];
    add_drops(node, metrics.drops);
    if (run.directory.nodes[index].kind == trace::NodeKind::device) {
      node.child("replayed").value = count_of(metrics.replayed_frames);
      node.child("replayed-short").value = count_of(metrics.replayed_short);
    }
  }
  std::vector<ProcessOutcome> own;
  for (const ProcessOutcome& process : run.processes) {
    if (process.node != name) continue;
    own.push_back(process);
    add_to_node(node, process);
  }
  if (!own.empty()) node.child("finished").value = instant_value(finished(own));
  for (const ProcessOutcome& process : own) {
    Branch branch = process_branch(process);
    // A process may be called like a figure of the node, which then keeps its value.
    Branch& place = node.child(process.name);
    branch.value = place.value;
    branch.is_counted = place.is_counted;
    place = std::move(branch);
  }
  root.child(name) = std::move(node);
}

// A process whose name stands for nothing else may be named without its node.
void add_short_names(Branch& root, const RunFigures& run) {
  for (const ProcessOutcome& process : run.processes) {
    const auto has_name = [&](const ProcessOutcome& other) { return other.name == process.name; };
    if (std::count_if(run.processes.begin(), run.processes.end(), has_name) > 1) continue;
    if (root.find(process.name) == nullptr) root.child(process.name) = process_branch(process);
  }
}

std::string_view unit_word(Unit unit) {
  switch (unit) {
    case Unit::count:
      return "number";
    case Unit::bytes:
      return "size";
    case Unit::nanoseconds:
      return "time";
    case Unit::bits_per_second:
      return "rate";
    case Unit::parts_per_million:
      return "share";
  }
  return "";
}

}  // namespace

std::vector<FigureHelp> figure_help() {
  std::vector<FigureHelp> help;
  const auto add = [&](std::string name, std::string_view unit, std::string_view text) {
    help.push_back({std::move(name), std::string{unit}, std::string{text}});
  };
  const auto add_all = [&](std::string_view prefix, const auto& rows) {
    for (const auto& row : rows) {
      add(fmt::format("{}{}", prefix, row.name), unit_word(row.unit), row.help);
    }
  };
  add_all("", kRunRows);
  add("finished", "time", "when the last process ended; servers that still wait do not count");
  add("stop", "text", "why the run ended: idle, until, event budget or interrupted");
  add_all("frames.", kFrameRows);
  add("frames.dropped", "number", "frames lost on links; `frames.dropped.CAUSE` by cause");
  add_all("tcp.", kTcpRows);
  add("tcp.retransmissions", "number", "segments sent again; `tcp.retransmissions.WHY` by reason");
  add_all("link.NAME.", kLinkRows);
  add("link.NAME.dropped", "number", "frames lost on it; `link.NAME.dropped.CAUSE` by cause");
  add("link.NAME.in-flight", "number", "frames still on it at the end");
  add("link.NAME.from-NODE.FIGURE", "", "the same for the direction that leaves NODE");
  add_all("flow.N.", kSideRows);
  add("flow.N.retransmissions", "number", "segments sent again; `.WHY` by reason");
  add("flow.N.handshake", "time", "from the active open to ESTABLISHED at the opener");
  add("flow.N.state", "text", "TCP state of the opener at the end");
  add("flow.N.responder-state", "text", "TCP state of the other end");
  add("flow.N.back.FIGURE", "", "the same for what the responder sends");
  add("NODE.dropped", "number", "packets that ended in the node; `NODE.dropped.CAUSE` by cause");
  add("NODE.replayed", "number", "of a device: frames that entered from its capture file");
  add("NODE.replayed-short", "number", "those of them that were cut short when they were captured");
  add("NODE.PROCESS.FIGURE", "number", "what the program counts, in the unit it is compared with");
  add("NODE.PROCESS.finished", "time", "when the process ended");
  add("NODE.PROCESS.output", "text", "the lines it printed");
  add("NODE.PROCESS.error", "text", "why it failed; empty when it did not");
  return help;
}

std::vector<std::string> retransmission_reasons() { return {kCauses.begin() + 1, kCauses.end()}; }

Branch& Branch::child(std::string_view name) {
  for (NamedBranch& existing : children) {
    if (existing.name == name) return existing.branch;
  }
  children.push_back({std::string{name}, Branch{}});
  return children.back().branch;
}

const Branch* Branch::find(std::string_view name) const {
  for (const NamedBranch& existing : children) {
    if (existing.name == name) return &existing.branch;
  }
  for (const NamedBranch& existing : children) {
    if (application::is_figure(existing.name, name)) return &existing.branch;
  }
  return nullptr;
}

FigureValue count_of(std::uint64_t value) {
  return Quantity{static_cast<std::int64_t>(value), Unit::count};
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

Branch tree_of(const RunFigures& run) {
  Branch root;
  add_rows(root, kRunRows, run);
  root.child("finished").value = instant_value(finished(run.processes));
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
    links.children.push_back({run.directory.links[i].name, link_branch(run, i)});
  }
  root.child("flow");
  for (std::size_t i = 0; i < run.directory.nodes.size(); ++i) add_node(root, run, i);
  add_short_names(root, run);
  return root;
}

}  // namespace strata::scenario
