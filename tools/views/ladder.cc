// SPDX-License-Identifier: MIT
#include "tools/views/ladder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <vector>

#include "tools/views/journey.h"
#include "tools/views/label.h"

namespace strata::views {
namespace {

using trace::Recording;

constexpr Duration kIdleGap{100ms};
constexpr std::size_t kFoldFrom = 6;  // ordinary rows in one direction before some are folded
constexpr std::size_t kFoldKeeps = 2;

// One packet between two columns.
struct Row {
  PacketUid uid = kNoPacket;
  NodeId from = kNoNode;
  NodeId to = kNoNode;
  Instant sent{};
  std::optional<Instant> arrived;  // and was taken in
  std::optional<Instant> reached;  // the node it goes to, whether it was taken in or not
  Label label;
  std::string fate;  // why it did not arrive, empty when it did
  bool damaged = false;
  std::size_t branches = 0;  // further ones, of a flooded frame
  std::size_t folded = 0;    // this line stands for so many packets
};

// "21.442": milliseconds with three decimals, as every row shows them.
std::string clock_text(Instant instant) {
  const auto us = (instant - kStart).count() / 1000;
  return fmt::format("{}.{:03}", us / 1000, us % 1000);
}

std::optional<Row> row_of(const Recording& recording, Labeller& labeller, PacketUid uid) {
  const Journey journey = journey_of(recording, uid);
  if (journey.visits.empty() || journey.hops.empty()) {
    if (journey.ends.empty() || journey.visits.empty()) return std::nullopt;  // loopback
  }
  Row row;
  row.uid = uid;
  row.from = journey.record.origin;
  row.to = journey.destination;
  row.sent = journey.hops.empty() ? journey.started : journey.hops.front().sent;
  row.label = labeller.label(uid);
  for (const trace::EventIndex index : recording.of_packet(uid)) {
    const Event& event = recording.event(index);
    if (const auto* cut = std::get_if<DatagramFragmented>(&event.body)) {
      row.label.text += fmt::format(", {} fragments at {}", cut->fragments.size(),
                                    recording.directory().node_name(event.node));
      row.label.is_ordinary = false;
    } else if (std::holds_alternative<FrameMarked>(event.body)) {
      row.label.text +=
          fmt::format(", marked CE at {}", recording.directory().node_name(event.node));
      row.label.is_ordinary = false;
    }
  }
  row.damaged = journey.is_damaged();
  row.branches = journey.other_hops().size();
  row.reached = journey.delivered;
  if (journey.accepted) row.arrived = journey.delivered;
  if (!journey.accepted && !journey.ends.empty()) {
    row.fate = explain(journey.ends.front(), recording.directory());
    row.label.is_ordinary = false;
  }
  return row;
}

bool selected(const Recording& recording, const LadderSelection& selection, const Row& row) {
  if (selection.flow && recording.packet(row.uid).flow != *selection.flow) return false;
  return row.sent >= selection.from && row.sent <= selection.until;
}

std::vector<Row> rows_of(const Recording& recording, const LadderSelection& selection) {
  Labeller labeller(recording);
  std::vector<Row> rows;
  for (std::uint64_t raw_uid = 1; raw_uid <= raw(recording.last_uid()); ++raw_uid) {
    const PacketUid uid{raw_uid};
    if (selection.flow && recording.packet(uid).flow != *selection.flow) continue;
    auto row = row_of(recording, labeller, uid);
    if (row && selected(recording, selection, *row)) rows.push_back(std::move(*row));
  }
  return rows;
}

// Replaces the middle of long runs of ordinary packets in one direction by a line that counts them.
std::vector<Row> fold(std::vector<Row> rows) {
  std::vector<Row> kept;
  for (std::size_t i = 0; i < rows.size();) {
    std::size_t end = i;
    while (end < rows.size() && rows[end].label.is_ordinary && !rows[end].damaged &&
           rows[end].arrived) {
      ++end;
    }
    if (end - i < kFoldFrom) {
      const std::size_t stop = std::max(end, i + 1);
      for (; i < stop; ++i) kept.push_back(std::move(rows[i]));
      continue;
    }
    for (std::size_t k = i; k < i + kFoldKeeps; ++k) kept.push_back(rows[k]);
    Row middle = rows[i + kFoldKeeps];
    middle.folded = end - i - 2 * kFoldKeeps + 1;
    if (middle.folded > 0) kept.push_back(std::move(middle));
    for (std::size_t k = end - kFoldKeeps + 1; k < end; ++k) kept.push_back(rows[k]);
    i = end;
  }
  return kept;
}

// The variables of one end of a flow. At one instant TCP may take in a segment, change state and
// send several: what belongs to a packet is what held when TCP was done with just that packet.
class Gutter {
 public:
  Gutter(const Recording& recording, NodeId node, const trace::Flow& flow) {
    PacketUid current = kNoPacket;
    for (const trace::EventIndex index : recording.of_flow(flow.number)) {
      const Event& event = recording.event(index);
      if (event.node != node) continue;
      if (const auto* variables = std::get_if<TcpVariables>(&event.body)) {
        entries_.push_back({index, event.time, variables});
      } else if (std::holds_alternative<TcpSegmentSent>(event.body) ||
                 std::holds_alternative<TcpSegmentReceived>(event.body)) {
        if (current != kNoPacket) ends_.insert_or_assign(current, index);
        current = event.uid;
      }
    }
    if (current != kNoPacket) ends_.insert_or_assign(current, kNoIndex);
  }

  // After the packet was sent or taken in here; when it was not, as of `time`.
  const TcpVariables* at(PacketUid uid, Instant time) const {
    const auto mine = ends_.find(uid);
    if (mine == ends_.end()) {
      return before(std::upper_bound(entries_.begin(), entries_.end(), time,
                                     [](Instant t, const Entry& entry) { return t < entry.time; }));
    }
    return before(std::lower_bound(
        entries_.begin(), entries_.end(), mine->second,
        [](const Entry& entry, trace::EventIndex index) { return entry.index < index; }));
  }

 private:
  static constexpr trace::EventIndex kNoIndex = std::numeric_limits<trace::EventIndex>::max();

  struct Entry {
    trace::EventIndex index;
    Instant time;
    const TcpVariables* variables;
  };
  const TcpVariables* before(std::vector<Entry>::const_iterator entry) const {
    return entry == entries_.begin() ? nullptr : std::prev(entry)->variables;
  }

  std::vector<Entry> entries_;
  // Where TCP went on to the next segment.
  std::map<PacketUid, trace::EventIndex> ends_;
};

std::string_view short_state(TcpState state) {
  switch (state) {
    case TcpState::established:
      return "ESTAB";
    case TcpState::syn_received:
      return "SYN-RCVD";
    default:
      return to_text(state);
  }
}

std::string repeat(std::string_view glyph, std::size_t times) {
  std::string text;
  for (std::size_t i = 0; i < times; ++i) text += glyph;
  return text;
}

// An arrow `width` columns wide: tail, label, shaft, head. A packet that died on the way stops at
// its cause; one that was refused where it arrived has the cause at its head. One that went on as
// something else, or had not arrived when the run ended, has no head.
Text arrow(const Row& row, bool rightward, bool arrives, std::size_t width) {
  const bool died = !row.fate.empty();
  const std::string_view shaft = row.label.role == Role::retransmission ? "═" : "─";
  const Role role = died ? Role::drop : row.damaged ? Role::damaged : row.label.role;
  // The number of the packet is never cut off.
  const std::string number = fmt::format(" #{}", raw(row.uid));
  const std::size_t fixed = 4;  // tail, two blanks, head
  const std::size_t room = width - std::min(width, fixed + columns(number));
  std::string label = row.damaged ? "⚡ " + row.label.text : row.label.text;
  const std::size_t spare = room - std::min(room, columns(label));
  const std::string cause =
      died ? shorten(" ✗ " + row.fate, std::max<std::size_t>({room / 2, spare, 6})) : "";
  label = shorten(label, room - std::min(room, columns(cause))) + number;

  const std::size_t line = width - std::min(width, columns(label) + columns(cause) + 2);
  const std::size_t tail = std::min<std::size_t>(line > 2 ? 2 : 1, line);
  const std::size_t rest = line - tail;
  const std::string shafts = repeat(shaft, died || rest == 0 ? rest : rest - 1);
  Text text;
  if (rightward) {
    text.add(repeat(shaft, tail), role).add(" " + label + " ", row.label.role).add(shafts, role);
    died ? text.add(cause, Role::drop) : text.add(arrives ? "▶" : "⋮", role);
  } else {
    const std::string mirrored =
        died ? fmt::format("✗ {} ", cause.substr(std::min<std::size_t>(cause.size(), 5))) : "◀";
    text.add(mirrored, died ? Role::drop : role).add(shafts, role);
    text.add(" " + label + " ", row.label.role).add(repeat(shaft, tail), role);
  }
  return text.cut_to(width).pad_to(width, shaft, role);
}

// Idle time between two rows, as one line.
void idle_line(Page& page, std::size_t width, Duration gap) {
  const std::string words = fmt::format(" {} pass ", to_text(gap));
  Text text;
  const std::size_t side = (width - std::min(width, columns(words))) / 2;
  text.pad_to(side, "┄", Role::dim).add(words, Role::dim).pad_to(width, "┄", Role::dim);
  page.line(std::move(text));
}

// The node at one end of a flow. One that only sent datagrams is known by its address.
NodeId end_of(const Recording& recording, NodeId known, const Endpoint& endpoint) {
  if (known != kNoNode) return known;
  const auto owner = recording.directory().owner_of(endpoint.address);
  return owner ? owner->node : kNoNode;
}

// ---- a flow between its two ends ----------------------------------------------------------------

class FlowLadder {
 public:
  FlowLadder(const Recording& recording, const trace::Flow& flow, const Options& options)
      : recording_(recording),
        opener_(end_of(recording, flow.opener_node, flow.opener)),
        responder_(end_of(recording, flow.responder_node, flow.responder)),
        flow_(flow),
        left_(recording, opener_, flow),
        right_(recording, responder_, flow),
        width_(options.width),
        is_tcp_(flow.protocol == Protocol::tcp) {
    show_state_ = is_tcp_ && width_ >= 92;
    show_cwnd_ = is_tcp_ && width_ >= 100;
    show_flight_ = is_tcp_ && width_ >= 112;
    show_received_ = is_tcp_ && width_ >= 132;
    left_width_ =
        10U + (show_state_ ? 12U : 0U) + (show_cwnd_ ? 8U : 0U) + (show_flight_ ? 8U : 0U);
    right_width_ = 11U + (show_received_ ? 17U : 0U) + (show_state_ ? 13U : 0U);
    middle_ = width_ - left_width_ - right_width_ - 2;
  }

  Page draw(std::vector<Row> rows) {
    std::stable_sort(rows.begin(), rows.end(),
                     [&](const Row& a, const Row& b) { return left_clock(a) < left_clock(b); });
    header();
    std::optional<Instant> previous;
    for (const Row& row : rows) {
      const Instant now = left_clock(row);
      if (previous && now - *previous > kIdleGap) idle_line(page_, width_, now - *previous);
      previous = now;
      row.folded > 0 ? folded(row) : packet(row);
    }
    return std::move(page_);
  }

 private:
  // Did the packet get to the other end?
  std::optional<Instant> arrival(const Row& row) const {
    return row.to == (rightward(row) ? responder_ : opener_) ? row.reached : std::nullopt;
  }
  // Routers send too, fragments and ICMP errors: then the source address tells.
  bool rightward(const Row& row) const {
    if (row.from == opener_ || row.from == responder_) return row.from == opener_;
    return row.label.source == flow_.opener.address;
  }
  Instant left_clock(const Row& row) const {
    return rightward(row) ? row.sent : arrival(row).value_or(row.sent);
  }

  void header() {
    const trace::Directory& names = recording_.directory();
    Text text;
    text.add(fmt::format("{:>9} ", "t ms"), Role::heading);
    if (show_state_) text.add(fmt::format("{:<12}", "state"), Role::heading);
    if (show_cwnd_) text.add(fmt::format("{:>7} ", "cwnd"), Role::heading);
    if (show_flight_) text.add(fmt::format("{:>7} ", "flight"), Role::heading);
    const std::string from = names.endpoint_text(flow_.opener);
    const std::string to = names.endpoint_text(flow_.responder);
    const std::size_t half = (middle_ + 2) / 2;
    Text ends(shorten(from, half - 1), Role::heading);
    const std::string right = shorten(to, half - 1);
    ends.pad_to(middle_ + 2 - columns(right)).add(right, Role::heading);
    text.add(ends).add(fmt::format("{:>10}", "t ms"), Role::heading);
    if (show_received_) text.add(fmt::format("{:>9}{:>8}", "rcvnxt", "ooo"), Role::heading);
    if (show_state_) text.add(" state", Role::heading);
    page_.line(std::move(text));
  }

  void packet(const Row& row) {
    const bool right = rightward(row);
    const std::optional<Instant> arrived = arrival(row);
    const bool left_end_seen = right || arrived.has_value();
    const bool right_end_seen = !right || arrived.has_value();
    const Instant left_time = right ? row.sent : arrived.value_or(row.sent);
    const Instant right_time = right ? arrived.value_or(row.sent) : row.sent;
    Text text = left_gutter(left_end_seen, row.uid, left_time);
    text.add("│", Role::dim)
        .add(arrow(row, right, arrived.has_value(), middle_))
        .add("│", Role::dim);
    text.add(right_gutter(right_end_seen, row.uid, right_time));
    page_.line(std::move(text));
  }

  void folded(const Row& row) {
    Text text = Text{}.pad_to(left_width_);
    text.add("│", Role::dim);
    Text middle(fmt::format("      ⋮ {} more packets, data and ACKs in order", row.folded),
                Role::dim);
    middle.cut_to(middle_);
    text.add(middle.pad_to(middle_)).add("│", Role::dim);
    page_.line(std::move(text));
  }

  Text left_gutter(bool seen, PacketUid uid, Instant time) const {
    Text text;
    if (!seen) return text.pad_to(left_width_);
    text.add(fmt::format("{:>9} ", clock_text(time)));
    const TcpVariables* v = left_.at(uid, time);
    if (v == nullptr) return text.pad_to(left_width_);
    if (show_state_) text.add(fmt::format("{:<12}", state_text(*v)), Role::dim);
    if (show_cwnd_) text.add(fmt::format("{:>7} ", v->cwnd));
    if (show_flight_) text.add(fmt::format("{:>7} ", v->flight), Role::dim);
    return text;
  }

  Text right_gutter(bool seen, PacketUid uid, Instant time) const {
    Text text;
    if (!seen) return text;
    text.add(fmt::format("{:>10}", clock_text(time)));
    const TcpVariables* v = right_.at(uid, time);
    if (v == nullptr) return text;
    if (show_received_) {
      text.add(fmt::format("{:>9}", v->rcv_nxt));
      text.add(v->out_of_order > 0 ? fmt::format("{:>8}", v->out_of_order) : std::string(8, ' '));
    }
    if (show_state_) text.add(" ").add(state_text(*v), Role::dim);
    return text;
  }

  static std::string state_text(const TcpVariables& v) {
    if (v.phase == "recovery") return "RECOVERY";
    if (v.phase == "loss") return "LOSS";
    return std::string{short_state(v.state)};
  }

  const Recording& recording_;
  NodeId opener_;
  NodeId responder_;
  const trace::Flow& flow_;
  Gutter left_;
  Gutter right_;
  std::size_t width_;
  bool is_tcp_;
  bool show_state_ = false;
  bool show_cwnd_ = false;
  bool show_flight_ = false;
  bool show_received_ = false;
  std::size_t left_width_ = 0;
  std::size_t right_width_ = 0;
  std::size_t middle_ = 0;
  Page page_;
};

// ---- all nodes as columns -----------------------------------------------------------------------

class NetworkLadder {
 public:
  NetworkLadder(const Recording& recording, const Options& options)
      : recording_(recording), width_(options.width) {}

  Page draw(std::vector<Row> rows) {
    std::stable_sort(rows.begin(), rows.end(),
                     [](const Row& a, const Row& b) { return a.sent < b.sent; });
    place(rows);
    if (columns_.empty()) {
      page_.line("no packets", Role::dim);
      return std::move(page_);
    }
    header();
    std::optional<Instant> previous;
    for (const Row& row : rows) {
      if (previous && row.sent - *previous > kIdleGap) {
        idle_line(page_, width_, row.sent - *previous);
      }
      previous = row.sent;
      row.folded > 0 ? folded(row) : packet(row);
    }
    return std::move(page_);
  }

 private:
  static constexpr std::size_t kClock = 11;

  // A column for each node that sent or received, in order of declaration.
  void place(const std::vector<Row>& rows) {
    for (const Row& row : rows) {
      columns_.try_emplace(row.from, 0);
      columns_.try_emplace(row.to, 0);
    }
    const std::size_t gaps = columns_.size() > 1 ? columns_.size() - 1 : 1;
    lane_ = std::clamp<std::size_t>((width_ / 2 - kClock) / gaps, 3, 16);
    std::size_t position = kClock;
    for (auto& [node, column] : columns_) {
      column = position;
      position += lane_;
    }
    lanes_end_ = position - lane_ + 1;
  }

  void header() {
    // Names that are longer than a lane take turns on two lines.
    std::array<Text, 2> lines;
    lines[0].add(fmt::format("{:>9}", "t ms"), Role::heading);
    std::size_t turn = 0;
    const bool fits = std::ranges::all_of(columns_, [&](const auto& entry) {
      return columns(recording_.directory().node_name(entry.first)) < lane_;
    });
    for (const auto& [node, column] : columns_) {
      Text& line = lines[fits ? 0 : turn % lines.size()];
      line.pad_to(column);
      line.add(shorten(recording_.directory().node_name(node), 12), Role::heading).add(" ");
      ++turn;
    }
    page_.line(std::move(lines[0]));
    if (!fits) page_.line(std::move(lines[1]));
  }

  void packet(const Row& row) {
    const std::size_t from = columns_.at(row.from);
    const std::size_t to = columns_.at(row.to);
    const bool died = !row.fate.empty();
    const std::string_view shaft = row.label.role == Role::retransmission ? "═" : "─";
    const Role role = died ? Role::drop : row.damaged ? Role::damaged : row.label.role;
    Text text(fmt::format("{:>9} ", clock_text(row.sent)));
    for (std::size_t column = kClock; column < lanes_end_; ++column) {
      text.pad_to(column);
      const bool between = column > std::min(from, to) && column < std::max(from, to);
      if (between) {
        const bool head = from < to ? column + 1 == to : column == to + 1;
        const std::string_view tip = died ? "✗" : !row.arrived ? "⋮" : from < to ? "▶" : "◀";
        text.add(head ? tip : shaft, role);
      } else if (is_column(column)) {
        text.add(died && from == to && column == from ? "✗" : "│", Role::dim);
      }
    }
    text.pad_to(lanes_end_ + 1);
    std::string label = row.damaged ? "⚡ " + row.label.text : row.label.text;
    if (died) label = fmt::format("✗ {}: {}", row.fate, label);
    label = fmt::format("#{} {}", raw(row.uid), label);
    if (row.arrived) label += fmt::format("  ({})", to_text(*row.arrived - row.sent));
    if (row.branches > 0) label += fmt::format("  + {} branches", row.branches);
    text.add(label, died ? Role::drop : row.label.role);
    text.cut_to(width_);
    page_.line(std::move(text));
  }

  void folded(const Row& row) {
    Text text = Text{}.pad_to(kClock);
    for (const auto& [node, column] : columns_) text.pad_to(column).add("⋮", Role::dim);
    text.pad_to(lanes_end_ + 1);
    text.add(fmt::format("⋮ {} more packets, data and ACKs in order", row.folded), Role::dim);
    page_.line(text.cut_to(width_));
  }

  bool is_column(std::size_t column) const {
    return std::any_of(columns_.begin(), columns_.end(),
                       [&](const auto& entry) { return entry.second == column; });
  }

  const Recording& recording_;
  std::size_t width_;
  std::map<NodeId, std::size_t> columns_;
  std::size_t lane_ = 0;
  std::size_t lanes_end_ = 0;
  Page page_;
};

}  // namespace

Page ladder(const Recording& recording, const LadderSelection& selection, const Options& options) {
  std::vector<Row> rows = rows_of(recording, selection);
  const trace::Flow* flow = selection.flow ? recording.flow(*selection.flow) : nullptr;
  if (selection.fold) rows = fold(std::move(rows));
  const NodeId opener =
      flow == nullptr ? kNoNode : end_of(recording, flow->opener_node, flow->opener);
  // Two ends make two columns; a broadcast has more, a loopback conversation one.
  if (flow != nullptr && opener != kNoNode && opener != flow->responder_node &&
      recording.directory().owner_of(flow->responder.address)) {
    return FlowLadder(recording, *flow, options).draw(std::move(rows));
  }
  return NetworkLadder(recording, options).draw(std::move(rows));
}

}  // namespace strata::views
