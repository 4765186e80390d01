// SPDX-License-Identifier: MIT
#include "tools/views/ladder.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <vector>

#include "tools/views/tcp_history.h"

namespace strata::views {
namespace {

using trace::Recording;

constexpr Duration kIdleGap{100ms};

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

// What of some words was not shown, in lines of at most `width` columns.
std::vector<std::string> rest_of(std::string_view words, std::string_view shown,
                                 std::size_t width) {
  words.remove_prefix(shown.size());
  if (words.starts_with(' ')) words.remove_prefix(1);
  return words.empty() ? std::vector<std::string>{} : wrap(words, width);
}

// Below an arrow: what is left of its label, and of what became of its packet, each on its side (an
// arrow to the right ends there), on one line where there is room for both.
std::vector<Text> below_arrow(const std::vector<std::string>& label, Role role,
                              const std::vector<std::string>& fate, bool rightward,
                              std::size_t width) {
  constexpr std::size_t kIndent = 3;
  const auto line = [&](std::string_view left, Role of_left, std::string_view right,
                        Role of_right) {
    Text text;
    if (!left.empty()) text.pad_to(kIndent).add(left, of_left);
    return std::move(text.pad_to(width - columns(right)).add(right, of_right));
  };
  const bool are_short = label.size() == 1 && fate.size() == 1 &&
                         kIndent + columns(label[0]) + 2 + columns(fate[0]) <= width;
  if (are_short) {
    return {rightward ? line(label[0], role, fate[0], Role::drop)
                      : line(fate[0], Role::drop, label[0], role)};
  }
  std::vector<Text> lines;
  const bool label_is_left = rightward || fate.empty();
  for (const std::string& part : label) {
    lines.push_back(label_is_left ? line(part, role, "", role) : line("", role, part, role));
  }
  for (const std::string& part : fate) {
    lines.push_back(rightward ? line("", role, part, Role::drop)
                              : line(part, Role::drop, "", role));
  }
  return lines;
}

// An arrow `width` columns wide: tail, label, shaft, head. A packet that died on the way stops at
// its cause; one that was refused where it arrived has the cause at its head. One that went on as
// something else, or had not arrived when the run ended, has no head. Words that do not fit on it
// stand below it.
std::vector<Text> arrow(const LadderRow& row, bool rightward, bool arrives, std::size_t width) {
  const bool died = !row.fate.empty();
  const std::string_view shaft = row.label.role == Role::retransmission ? "═" : "─";
  const Role role = died ? Role::drop : row.damaged ? Role::damaged : row.label.role;
  // The number of the packet is never cut off.
  const std::string number = fmt::format(" #{}", raw(row.uid));
  const std::size_t fixed = 4;  // tail, two blanks, head
  const std::size_t room = width - std::min(width, fixed + columns(number));
  const std::string label = row.damaged ? "↯ " + row.label.text : row.label.text;
  const std::string fate = died ? "✗ " + row.fate : "";
  const std::size_t spare = room - std::min(room, columns(label));
  const std::string shown_fate =
      wrap(fate, std::max<std::size_t>({room / 2, spare, 6}) - 1).front();
  const std::string cause = died ? " " + shown_fate : "";
  const std::string shown_label =
      wrap(label, std::max<std::size_t>(room - std::min(room, columns(cause)), 1)).front();
  const std::string words = " " + shown_label + number + " ";

  const std::size_t line = width - std::min(width, columns(words) + columns(cause));
  const std::size_t tail = std::min<std::size_t>(line > 2 ? 2 : 1, line);
  const std::size_t rest = line - tail;
  const std::string shafts = repeat(shaft, died || rest == 0 ? rest : rest - 1);
  Text text;
  if (rightward) {
    text.add(repeat(shaft, tail), role).add(words, row.label.role).add(shafts, role);
    died ? text.add(cause, Role::drop) : text.add(arrives ? "▶" : "⋮", role);
  } else {
    const std::string mirrored = died ? shown_fate + " " : "◀";
    text.add(mirrored, died ? Role::drop : role).add(shafts, role);
    text.add(words, row.label.role).add(repeat(shaft, tail), role);
  }
  std::vector<Text> lines{std::move(text.pad_to(width, shaft, role))};
  for (Text& below : below_arrow(rest_of(label, shown_label, width - 3), row.label.role,
                                 rest_of(fate, shown_fate, width - 3), rightward, width)) {
    lines.push_back(std::move(below));
  }
  return lines;
}

// Idle time between two rows, as one line.
void idle_line(Page& page, std::size_t width, Duration gap) {
  const std::string words = fmt::format(" {} pass ", to_text(gap));
  Text text;
  const std::size_t side = (width - std::min(width, columns(words))) / 2;
  text.pad_to(side, "┄", Role::dim).add(words, Role::dim).pad_to(width, "┄", Role::dim);
  page.line(std::move(text));
}

// ---- a flow between its two ends ----------------------------------------------------------------

class FlowLadder {
 public:
  FlowLadder(const Recording& recording, const trace::Flow& flow, const FlowEnds& ends,
             const Options& options)
      : recording_(recording),
        ends_(ends),
        flow_(flow),
        left_(recording, ends.opener, flow),
        right_(recording, ends.responder, flow),
        width_(options.width),
        is_tcp_(flow.protocol == Protocol::tcp) {
    show_state_ = is_tcp_ && width_ >= 92;
    // A capture does not know it.
    show_cwnd_ = is_tcp_ && width_ >= 100 && !recording.is_inferred();
    show_flight_ = is_tcp_ && width_ >= 112;
    show_received_ = is_tcp_ && width_ >= 132;
    left_width_ =
        10U + (show_state_ ? 12U : 0U) + (show_cwnd_ ? 8U : 0U) + (show_flight_ ? 8U : 0U);
    right_width_ = 11U + (show_received_ ? 17U : 0U) + (show_state_ ? 13U : 0U);
    middle_ = width_ - left_width_ - right_width_ - 2;
  }

  TimedPage draw(std::vector<LadderRow> rows) {
    std::stable_sort(rows.begin(), rows.end(), [&](const LadderRow& a, const LadderRow& b) {
      return left_clock(a) < left_clock(b);
    });
    header();
    times_.resize(page_.lines().size(), kStart);
    std::optional<Instant> previous;
    for (const LadderRow& row : rows) {
      const Instant now = left_clock(row);
      if (previous && now - *previous > kIdleGap) idle_line(page_, width_, now - *previous);
      previous = now;
      row.folded > 0 ? folded(row) : packet(row);
      times_.resize(page_.lines().size(), previous.value_or(kStart));
    }
    return {std::move(page_), std::move(times_)};
  }

 private:
  Instant left_clock(const LadderRow& row) const {
    return ends_.is_forward(row) ? row.sent : ends_.arrival(row).value_or(row.sent);
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
    const std::vector<std::string> left = wrap(from, half - 1);
    const std::vector<std::string> right = wrap(to, half - 1);
    for (std::size_t i = 0; i < std::max(left.size(), right.size()); ++i) {
      Text line = i == 0 ? std::move(text) : Text{}.pad_to(left_width_);
      if (i < left.size()) line.add(left[i], Role::heading);
      const std::string_view end = i < right.size() ? std::string_view{right[i]} : "";
      line.pad_to(left_width_ + middle_ + 2 - columns(end)).add(end, Role::heading);
      if (i == 0) {
        line.add(fmt::format("{:>10}", "t ms"), Role::heading);
        if (show_received_) line.add(fmt::format("{:>9}{:>8}", "rcvnxt", "ooo"), Role::heading);
        if (show_state_) line.add(" state", Role::heading);
      }
      page_.line(std::move(line));
    }
  }

  void packet(const LadderRow& row) {
    const bool right = ends_.is_forward(row);
    const std::optional<Instant> arrived = ends_.arrival(row);
    const bool left_end_seen = right || arrived.has_value();
    const bool right_end_seen = !right || arrived.has_value();
    const Instant left_time = right ? row.sent : arrived.value_or(row.sent);
    const Instant right_time = right ? arrived.value_or(row.sent) : row.sent;
    Text left = left_gutter(left_end_seen, row.uid, left_time);
    Text end = right_gutter(right_end_seen, row.uid, right_time);
    for (const Text& line : arrow(row, right, arrived.has_value(), middle_)) {
      between(std::move(left), line, end);
      left = Text{}.pad_to(left_width_);
      end = Text{};
    }
  }

  // A line of the two time lines with what stands between and beside them.
  void between(Text left, const Text& middle, const Text& end) {
    left.add("│", Role::dim).add(middle).add("│", Role::dim).add(end);
    page_.line(std::move(left));
  }

  void folded(const LadderRow& row) {
    const Text words(fmt::format("      ⋮ {} more packets, data and ACKs in order", row.folded),
                     Role::dim);
    for (Text& line : words.wrapped(middle_, 8)) {
      between(Text{}.pad_to(left_width_), line.pad_to(middle_), {});
    }
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
  FlowEnds ends_;
  const trace::Flow& flow_;
  TcpHistory left_;
  TcpHistory right_;
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
  std::vector<Instant> times_;  // of its lines
};

// ---- all nodes as columns -----------------------------------------------------------------------

class NetworkLadder {
 public:
  NetworkLadder(const Recording& recording, const Options& options)
      : recording_(recording), width_(options.width) {}

  TimedPage draw(std::vector<LadderRow> rows) {
    std::stable_sort(rows.begin(), rows.end(),
                     [](const LadderRow& a, const LadderRow& b) { return a.sent < b.sent; });
    place(rows);
    const bool has_room = lanes_end_ + kLabelMin <= width_;
    if (has_room) header();
    times_.resize(page_.lines().size(), kStart);
    std::optional<Instant> previous;
    for (const LadderRow& row : rows) {
      if (previous && row.sent - *previous > kIdleGap) {
        idle_line(page_, width_, row.sent - *previous);
      }
      previous = row.sent;
      if (!has_room) {
        crowded(row);
      } else {
        row.folded > 0 ? folded(row) : packet(row);
      }
      times_.resize(page_.lines().size(), previous.value_or(kStart));
    }
    return {std::move(page_), std::move(times_)};
  }

 private:
  static constexpr std::size_t kClock = 11;
  static constexpr std::size_t kLabelMin = 20;

  // More hosts than there is room for columns: their names stand in the row.
  void crowded(const LadderRow& row) {
    const trace::Directory& names = recording_.directory();
    Text text(fmt::format("{:>9} ", clock_text(row.sent)));
    if (row.folded > 0) {
      text.add(fmt::format("⋮ {} more packets, data and ACKs in order", row.folded), Role::dim);
    } else {
      text.add(fmt::format("#{} {} {} {}  {}{}", raw(row.uid), names.node_name(row.from),
                           row.fate.empty() ? "→" : "✗", names.node_name(row.to), row.label.text,
                           row.fate.empty() ? "" : fmt::format("  ✗ {}", row.fate)),
               row.fate.empty() ? row.label.role : Role::drop);
    }
    page_.wrap(text, width_, 10);
  }

  // A column for each node that sent or received, in order of declaration.
  void place(const std::vector<LadderRow>& rows) {
    for (const LadderRow& row : rows) {
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
    // A name that is longer than its lane sends the next ones to lines below.
    std::vector<Text> lines{Text(fmt::format("{:>9}", "t ms"), Role::heading)};
    for (const auto& [node, lane] : columns_) {
      const std::string_view name = recording_.directory().node_name(node);
      const std::size_t column = std::min(lane, width_ - columns(name));
      const auto line = std::find_if(lines.begin(), lines.end(),
                                     [&](const Text& text) { return text.columns() < column; });
      Text& text = line == lines.end() ? lines.emplace_back() : *line;
      text.pad_to(column).add(name, Role::heading);
    }
    for (Text& line : lines) page_.line(std::move(line));
  }

  void packet(const LadderRow& row) {
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
    std::string label = row.damaged ? "↯ " + row.label.text : row.label.text;
    if (died) label = fmt::format("✗ {}: {}", row.fate, label);
    label = fmt::format("#{} {}", raw(row.uid), label);
    if (row.arrived) label += fmt::format("  ({})", to_text(*row.arrived - row.sent));
    if (row.branches > 0) label += fmt::format("  + {} branches", row.branches);
    beside(std::move(text), Text(label, died ? Role::drop : row.label.role));
  }

  // The words behind the lanes, on as many lines as they take.
  void beside(Text text, const Text& words) {
    for (const Text& line : words.wrapped(width_ - text.columns(), 2)) {
      page_.line(std::move(text.add(line)));
      text = lanes("│");
    }
  }
  Text lanes(std::string_view glyph) const {
    Text text = Text{}.pad_to(kClock);
    for (const auto& [node, column] : columns_) text.pad_to(column).add(glyph, Role::dim);
    return text.pad_to(lanes_end_ + 1);
  }

  void folded(const LadderRow& row) {
    beside(lanes("⋮"),
           Text(fmt::format("⋮ {} more packets, data and ACKs in order", row.folded), Role::dim));
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
  std::vector<Instant> times_;  // of its lines
};

}  // namespace

TimedPage timed_ladder(const Recording& recording, const LadderSelection& selection,
                       const Options& options) {
  std::vector<LadderRow> rows = ladder_rows(recording, selection);
  if (rows.empty()) {
    TimedPage none{.page = {}, .times = {kStart}};
    none.page.line("no packets", Role::dim);
    return none;
  }
  const trace::Flow* flow = selection.flow ? recording.flow(*selection.flow) : nullptr;
  if (selection.fold) rows = fold_rows(std::move(rows));
  if (const auto ends = flow == nullptr ? std::nullopt : flow_ends(recording, *flow)) {
    return FlowLadder(recording, *flow, *ends, options).draw(std::move(rows));
  }
  return NetworkLadder(recording, options).draw(std::move(rows));
}

Page ladder(const Recording& recording, const LadderSelection& selection, const Options& options) {
  return timed_ladder(recording, selection, options).page;
}

}  // namespace strata::views
