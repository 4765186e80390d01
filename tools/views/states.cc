// SPDX-License-Identifier: MIT
#include "tools/views/states.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

#include "sim/analysis/series.h"
#include "sim/analysis/timeline.h"
#include "stack/wire/tcp.h"
#include "tools/views/time_axis.h"

namespace strata::views {
namespace {

namespace flag = wire::tcp_flag;
using analysis::FlowEnd;
using analysis::Timeline;
using trace::Recording;

// What a rail shows where several things happen in one column: the later in this list wins.
enum class Mark : std::uint8_t {
  none,
  ack,
  ack_in,
  data,
  syn,
  fin,
  duplicate,
  repeat,
  lost,
  reset
};

struct RailCell {
  Mark mark = Mark::none;
  std::uint32_t duplicates = 0;
};

std::string_view role_word(const trace::Directory& names, const FlowEnd& end) {
  return end.node != kNoNode ? names.node_name(end.node) : "elsewhere";
}

class StateChart {
 public:
  StateChart(const Recording& recording, const StatesSelection& selection, const Options& options)
      : recording_(recording),
        selection_(selection),
        width_(options.width),
        label_(options.width < 80 ? 20 : 22),
        ends_{*analysis::flow_end(recording, selection.flow, true),
              *analysis::flow_end(recording, selection.flow, false)},
        axis_(instants(), options.width - label_) {}

  Page draw() {
    const trace::Flow& flow = *recording_.flow(selection_.flow);
    const trace::Directory& names = recording_.directory();
    Text title(fmt::format("flow {}  {} > {}", flow.number, names.endpoint_text(flow.opener),
                           names.endpoint_text(flow.responder)),
               Role::heading);
    if (!axis_.cuts().empty()) title.add("   " + axis_.cuts(), Role::dim);
    page_.wrap(title, width_, 8);
    page_.line(Text{}.pad_to(label_).add(axis_.labels()));
    page_.line(Text{}.pad_to(label_).add(axis_.ruler()));
    for (const FlowEnd& end : ends_) draw_end(end);
    legend();
    return std::move(page_);
  }

 private:
  bool is_in(Instant time) const { return time >= selection_.from && time <= selection_.until; }

  std::vector<Instant> instants() const {
    std::vector<Instant> times;
    for (const trace::EventIndex index : recording_.of_flow(selection_.flow)) {
      const Event& event = recording_.event(index);
      const bool matters = std::holds_alternative<TcpStateChanged>(event.body) ||
                           std::holds_alternative<TcpSegmentSent>(event.body) ||
                           std::holds_alternative<TcpSegmentReceived>(event.body) ||
                           std::holds_alternative<TimerChanged>(event.body);
      if (matters && is_in(event.time)) times.push_back(event.time);
    }
    return times;
  }

  void draw_end(const FlowEnd& end) {
    const Timeline timeline = analysis::timeline_of(recording_, end);
    const std::string_view name = role_word(recording_.directory(), end);
    if (timeline.states.empty()) {
      page_.wrap(Text(fmt::format("{} has no connection here", name), Role::dim), width_);
      return;
    }
    draw_states(timeline, name);
    draw_phases(timeline);
    rail(end);
    draw_timers(timeline);
  }

  // A row for each state, in the order of RFC 9293, which is that of time.
  void draw_states(const Timeline& timeline, std::string_view name) {
    std::vector<TcpState> order;
    if (timeline.listening_since) order.push_back(TcpState::listen);
    for (const analysis::StateSpan& span : timeline.states) {
      const bool is_shown = span.until >= selection_.from && span.from <= selection_.until;
      if (is_shown && std::find(order.begin(), order.end(), span.state) == order.end()) {
        order.push_back(span.state);
      }
    }
    bool is_first = true;
    for (const TcpState state : order) {
      Bar bar(axis_);
      if (state == TcpState::listen && timeline.listening_since && !timeline.states.empty()) {
        bar.fill(*timeline.listening_since, timeline.states.front().from, "▒");
      }
      for (const analysis::StateSpan& span : timeline.states) {
        if (span.state != state) continue;
        bar.fill(span.from, span.until, "█");
        if (span.until == recording_.end()) bar.set(axis_.column(span.until), "→");
      }
      row(is_first ? name : "", to_text(state), bar, Role::transport);
      is_first = false;
    }
  }

  // What congestion control was doing beside its usual slow start and avoidance.
  void draw_phases(const Timeline& timeline) {
    Bar bar(axis_);
    bool is_any = false;
    for (const analysis::PhaseSpan& span : timeline.phases) {
      if (span.phase != "recovery" && span.phase != "loss") continue;
      if (span.until < selection_.from || span.from > selection_.until) continue;
      bar.fill(span.from, span.until, span.phase == "loss" ? "!" : "▒");
      is_any = true;
    }
    if (is_any) row("", "recovery", bar, Role::retransmission);
    has_recovery_ |= is_any;
  }

  void rail(const FlowEnd& end) {
    std::vector<RailCell> cells(axis_.width());
    std::set<PacketUid> lost;
    for (const auto& segment : analysis::sequence_diagram(recording_, end).segments) {
      if (segment.is_lost) lost.insert(segment.uid);
    }
    for (const trace::EventIndex index : recording_.of_flow(end.flow)) {
      const Event& event = recording_.event(index);
      if (!end.reported(event) || !is_in(event.time)) continue;
      RailCell cell = cell_of(event, lost);
      RailCell& there = cells[axis_.column(event.time)];
      if (cell.mark >= there.mark) there = cell;
    }
    Text text = label("", "rail");
    for (const RailCell& cell : cells) add_mark(text, cell);
    page_.line(std::move(text));
  }

  static RailCell cell_of(const Event& event, const std::set<PacketUid>& lost) {
    if (const auto* sent = std::get_if<TcpSegmentSent>(&event.body)) {
      if (lost.contains(event.uid)) return {Mark::lost};
      if ((sent->flags & flag::kRst) != 0) return {Mark::reset};
      if (sent->cause != RetransmitCause::none) return {Mark::repeat};
      if ((sent->flags & flag::kSyn) != 0) return {Mark::syn};
      if ((sent->flags & flag::kFin) != 0) return {Mark::fin};
      return {sent->length > 0 ? Mark::data : Mark::ack};
    }
    if (const auto* received = std::get_if<TcpSegmentReceived>(&event.body)) {
      if (received->duplicate_acks > 0) return {Mark::duplicate, received->duplicate_acks};
      if ((received->flags & flag::kRst) != 0) return {Mark::reset};
      if (received->newly_acked > 0) return {Mark::ack_in};
    }
    return {};
  }

  static void add_mark(Text& text, const RailCell& cell) {
    switch (cell.mark) {
      case Mark::none:
        text.add(" ");
        return;
      case Mark::ack:
        text.add("A");
        return;
      case Mark::ack_in:
        text.add("a");
        return;
      case Mark::data:
        text.add("D", Role::data);
        return;
      case Mark::syn:
        text.add("S");
        return;
      case Mark::fin:
        text.add("F");
        return;
      case Mark::duplicate:
        text.add(cell.duplicates > 9 ? "+" : std::to_string(cell.duplicates), Role::retransmission);
        return;
      case Mark::repeat:
        text.add("R", Role::retransmission);
        return;
      case Mark::lost:
        text.add("x", Role::drop);
        return;
      case Mark::reset:
        text.add("!", Role::bad);
        return;
    }
  }

  void draw_timers(const Timeline& timeline) {
    std::vector<std::string_view> names;
    for (const analysis::TimerSpan& span : timeline.timers) {
      const bool is_shown = span.until >= selection_.from && span.set <= selection_.until;
      if (is_shown && std::find(names.begin(), names.end(), span.timer) == names.end()) {
        names.push_back(span.timer);
      }
    }
    for (const std::string_view name : names) {
      Bar bar(axis_);
      std::size_t fired = 0;
      std::size_t all = 0;
      for (const analysis::TimerSpan& span : timeline.timers) {
        if (span.timer != name || span.until < selection_.from || span.set > selection_.until) {
          continue;
        }
        ++all;
        bar.line(span.set, span.until);
        if (!span.end) bar.set(axis_.column(span.until), "→");
        if (span.end == TimerAction::fired) {
          bar.set(axis_.column(span.until), "↯");
          ++fired;
        }
      }
      row("", fmt::format("{} {}/{}", name, fired, all), bar, Role::dim);
    }
    has_timers_ |= !names.empty();
  }

  // As many entries on a line as fit; none is broken.
  void legend() {
    std::vector<std::string_view> entries{
        "rail:",        "S syn",  "D data", "A ack sent", "a ack received", "1-9 duplicate ACKs",
        "R sent again", "x lost", "F fin",  "! reset"};
    if (has_timers_) {
      entries.insert(entries.end(), {" timers, how often fired/set:", "↯ fired", "┤ cancelled"});
    }
    if (has_recovery_) {
      entries.insert(entries.end(), {" recovery:", "▒ fast recovery", "! after a time-out"});
    }
    page_.blank();
    std::string line;
    for (const std::string_view entry : entries) {
      if (!line.empty() && columns(line) + 2 + columns(entry) > width_) {
        page_.line(std::exchange(line, ""), Role::dim);
      }
      line += line.empty() ? std::string{entry.substr(entry.find_first_not_of(' '))}
                           : fmt::format("  {}", entry);
    }
    page_.line(line, Role::dim);
  }

  // One row of cells.
  class Bar {
   public:
    explicit Bar(const TimeAxis& axis) : axis_(axis), cells_(axis.width(), " ") {}
    void fill(Instant from, Instant until, std::string_view glyph) {
      const std::size_t first = axis_.column(from);
      const std::size_t last = std::max(first + 1, axis_.column(until));
      for (std::size_t i = first; i < last; ++i) cells_[i] = axis_.is_cut(i) ? "┄" : glyph;
    }
    void line(Instant from, Instant until) {
      const std::size_t first = axis_.column(from);
      const std::size_t last = axis_.column(until);
      for (std::size_t i = first; i < last; ++i) cells_[i] = axis_.is_cut(i) ? "┄" : "─";
      cells_[last] = "┤";
      cells_[first] = first == last ? "┼" : "├";
    }
    void set(std::size_t column, std::string_view glyph) { cells_[column] = glyph; }
    const std::vector<std::string_view>& cells() const { return cells_; }

   private:
    const TimeAxis& axis_;
    std::vector<std::string_view> cells_;
  };

  // What stands before a row of cells. A name or words that do not fit there get lines of their
  // own.
  Text label(std::string_view name, std::string_view what) {
    const std::size_t room = label_ - 2;
    if (columns(what) > room) {
      page_.line(std::string{what}, Role::dim);
      what = "";
    }
    const std::size_t left = room - columns(what);
    if (!name.empty() && columns(name) >= left) {
      page_.line(std::string{name}, Role::heading);
      name = "";
    }
    Text text{std::string{name}, Role::heading};
    return text.pad_to(left).add(what, Role::dim).add("  ");
  }
  void row(std::string_view name, std::string_view what, const Bar& bar, Role role) {
    Text text = label(name, what);
    for (const std::string_view cell : bar.cells()) text.add(cell, role);
    page_.line(std::move(text));
  }

  const Recording& recording_;
  const StatesSelection& selection_;
  std::size_t width_;
  std::size_t label_;
  std::vector<FlowEnd> ends_;
  TimeAxis axis_;
  bool has_timers_ = false;
  bool has_recovery_ = false;
  Page page_;
};

}  // namespace

Page states(const Recording& recording, const StatesSelection& selection, const Options& options) {
  const trace::Flow* flow = recording.flow(selection.flow);
  Page page;
  if (flow == nullptr) {
    page.line(fmt::format("there is no flow {}", selection.flow), Role::bad);
    return page;
  }
  if (flow->protocol != Protocol::tcp) {
    page.line(fmt::format("flow {} is UDP, which has no states", selection.flow), Role::dim);
    return page;
  }
  return StateChart(recording, selection, options).draw();
}

}  // namespace strata::views
