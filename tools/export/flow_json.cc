// SPDX-License-Identifier: MIT
// The views of one conversation over time as JSON: its states, its octets, its figures.
#include <algorithm>

#include "sim/analysis/stream_lanes.h"
#include "sim/analysis/timeline.h"
#include "tools/export/view_json.h"

namespace strata::exports {
namespace {

using analysis::FlowEnd;
using trace::Directory;
using trace::Recording;

Json end_json(const Directory& names, const FlowEnd& end) {
  return {{"node", end.node == kNoNode ? Json{} : Json(names.node_name(end.node))},
          {"local", json_of(end.key.local)},
          {"remote", json_of(end.key.remote)}};
}

// ---- states ------------------------------------------------------------------------------------

Json timeline_json(const Directory& names, const analysis::Timeline& timeline,
                   const views::StatesSelection& selection) {
  const auto is_asked_for = [&](Instant from, Instant until) {
    return from <= selection.until && until >= selection.from;
  };
  Json json = end_json(names, timeline.end);
  json["listening_since_ns"] = json_of(timeline.listening_since);
  json["states"] = Json::array();
  for (const analysis::StateSpan& span : timeline.states) {
    if (!is_asked_for(span.from, span.until)) continue;
    json["states"].push_back({{"state", to_text(span.state)},
                              {"from_ns", json_of(span.from)},
                              {"until_ns", json_of(span.until)},
                              {"cause", span.cause}});
  }
  json["phases"] = Json::array();
  for (const analysis::PhaseSpan& span : timeline.phases) {
    if (!is_asked_for(span.from, span.until)) continue;
    json["phases"].push_back({{"phase", span.phase},
                              {"from_ns", json_of(span.from)},
                              {"until_ns", json_of(span.until)}});
  }
  json["timers"] = Json::array();
  for (const analysis::TimerSpan& span : timeline.timers) {
    if (!is_asked_for(span.set, span.until)) continue;
    json["timers"].push_back({{"timer", span.timer},
                              {"set_ns", json_of(span.set)},
                              {"until_ns", json_of(span.until)},
                              {"deadline_ns", json_of(span.deadline)},
                              {"resets", span.resets},
                              {"end", span.end ? Json(to_text(*span.end)) : Json{}}});
  }
  return json;
}

// ---- stream ------------------------------------------------------------------------------------

template <typename Item>
Json range_of(const Item& item) {
  return {{"begin", item.begin}, {"end", item.end}};
}

Json moves_json(const std::vector<analysis::StreamMove>& moves) {
  Json json = Json::array();
  for (const analysis::StreamMove& move : moves) {
    json.push_back(range_of(move));
    json.back()["t_ns"] = json_of(move.time);
  }
  return json;
}

Json segment_json(const Recording& recording, const analysis::StreamSegment& segment) {
  Json json = range_of(segment);
  const auto* drop =
      segment.drop ? std::get_if<Dropped>(&recording.event(*segment.drop).body) : nullptr;
  json["uid"] = json_of(segment.uid);
  json["sent_ns"] = json_of(segment.sent);
  json["cause"] = segment.cause == RetransmitCause::none ? Json{} : Json(to_text(segment.cause));
  json["retransmission_of"] = json_of(segment.first_sent_as);
  json["arrived_ns"] = json_of(segment.arrived);
  json["verdict"] = segment.arrived ? Json(to_text(segment.verdict)) : Json{};
  json["drop"] = drop == nullptr ? Json{} : Json(to_text(drop->reason));
  return json;
}

Json lanes_json(const Recording& recording, const analysis::StreamLanes& lanes,
                std::size_t connection) {
  const Directory& names = recording.directory();
  Json json{{"connection", connection},
            {"writer", end_json(names, lanes.writer)},
            {"reader", end_json(names, lanes.reader)},
            {"writes", moves_json(lanes.writes)},
            {"segments", Json::array()},
            {"held", Json::array()},
            {"reads", moves_json(lanes.reads)}};
  for (const analysis::StreamSegment& segment : lanes.segments) {
    json["segments"].push_back(segment_json(recording, segment));
  }
  for (const analysis::HeldRange& held : lanes.held) {
    json["held"].push_back(range_of(held));
    json["held"].back()["from_ns"] = json_of(held.from);
    json["held"].back()["until_ns"] = json_of(held.until);
  }
  return json;
}

// ---- plot --------------------------------------------------------------------------------------

std::string_view unit_text(analysis::SeriesUnit unit) {
  switch (unit) {
    case analysis::SeriesUnit::octets:
      return "bytes";
    case analysis::SeriesUnit::nanoseconds:
      return "ns";
    case analysis::SeriesUnit::bits_per_second:
      return "bits_per_second";
    case analysis::SeriesUnit::frames:
      return "frames";
  }
  return "";
}

class PlotWriter {
 public:
  PlotWriter(const Recording& recording, const views::PlotSelection& selection)
      : recording_(recording), selection_(selection) {}

  Json write() {
    Json json{{"view", "plot"}, {"version", kViewVersion}};
    json["figure"] = views::name_of(selection_.figure);
    json["flow"] = Json{};
    json["sender"] = Json{};
    if (selection_.figure == views::Figure::queue) {
      write_queues();
    } else if (recording_.flow(selection_.flow) != nullptr) {
      const FlowEnd end = views::plotted_end(recording_, selection_);
      json["flow"] = selection_.flow;
      json["sender"] = end_json(recording_.directory(), end);
      write_flow(end);
    }
    json["series"] = std::move(series_);
    json["segments"] = std::move(segments_);
    return json;
  }

 private:
  bool is_asked_for(Instant time) const {
    return time >= selection_.from && time <= selection_.until;
  }

  void add(const analysis::Series& series, std::string_view of = {}) {
    Json json{{"name", series.name},
              {"of", of.empty() ? Json{} : Json(of)},
              {"unit", unit_text(series.unit)},
              {"is_step", series.is_step},
              {"samples", Json::array()}};
    for (const analysis::Sample& sample : series.samples) {
      if (!is_asked_for(sample.time)) continue;
      json["samples"].push_back(Json::array({json_of(sample.time), sample.value}));
    }
    series_.push_back(std::move(json));
  }

  void write_queues() {
    for (const auto& [node, port] : analysis::queues_of(recording_)) {
      if (selection_.node != kNoNode && node != selection_.node) continue;
      add(analysis::queue_series(recording_, node, port),
          recording_.directory().interface_name(node, port));
    }
  }

  void write_flow(const FlowEnd& end) {
    Duration bin{};
    switch (selection_.figure) {
      case views::Figure::window:
        for (const auto& series : analysis::window_series(recording_, end)) add(series);
        break;
      case views::Figure::rtt:
        for (const auto& series : analysis::rtt_series(recording_, end)) add(series);
        break;
      case views::Figure::rate:
        for (const auto& series : views::plotted_rates(recording_, end, selection_, bin)) {
          add(series);
        }
        break;
      case views::Figure::sequence:
        write_sequence(end);
        break;
      case views::Figure::queue:
        break;
    }
  }

  void write_sequence(const FlowEnd& end) {
    const analysis::SequenceDiagram diagram = analysis::sequence_diagram(recording_, end);
    add(diagram.acknowledged);
    add(diagram.window_edge);
    for (const analysis::SequenceMark& mark : diagram.segments) {
      if (!is_asked_for(mark.time)) continue;
      segments_.push_back(range_of(mark));
      segments_.back()["t_ns"] = json_of(mark.time);
      segments_.back()["uid"] = json_of(mark.uid);
      segments_.back()["is_retransmission"] = mark.is_retransmission;
      segments_.back()["is_lost"] = mark.is_lost;
    }
  }

  const Recording& recording_;
  const views::PlotSelection& selection_;
  Json series_ = Json::array();
  Json segments_ = Json::array();
};

}  // namespace

Json states_json(const Recording& recording, const views::StatesSelection& selection) {
  Json json{{"view", "states"}, {"version", kViewVersion}, {"flow", selection.flow}};
  json["ends"] = Json::array();
  for (const bool is_opener : {true, false}) {
    const auto end = analysis::flow_end(recording, selection.flow, is_opener);
    if (!end) continue;
    json["ends"].push_back(
        timeline_json(recording.directory(), analysis::timeline_of(recording, *end), selection));
  }
  return json;
}

Json stream_json(const Recording& recording, const views::StreamSelection& selection) {
  Json json{{"view", "stream"}, {"version", kViewVersion}, {"flow", selection.flow}};
  json["directions"] = Json::array();
  for (const bool is_opener : {true, false}) {
    const auto writer = analysis::flow_end(recording, selection.flow, is_opener);
    if (!writer) continue;
    if (selection.writer != kNoNode && writer->node != selection.writer) continue;
    const std::size_t connections = analysis::connections_of(recording, selection.flow);
    for (std::size_t i = 0; i < connections; ++i) {
      const analysis::StreamLanes lanes = analysis::stream_lanes(recording, *writer, i);
      if (lanes.writes.empty() && lanes.segments.empty()) continue;
      json["directions"].push_back(lanes_json(recording, lanes, i));
    }
  }
  return json;
}

Json plot_json(const Recording& recording, const views::PlotSelection& selection) {
  return PlotWriter(recording, selection).write();
}

}  // namespace strata::exports
