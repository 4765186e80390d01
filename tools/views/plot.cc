// SPDX-License-Identifier: MIT
#include "tools/views/plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "sim/analysis/series.h"
#include "tools/views/chart.h"

namespace strata::views {
namespace {

using analysis::FlowEnd;
using analysis::Series;
using analysis::SeriesUnit;
using trace::Recording;

constexpr std::array<std::string_view, 5> kNames{"window", "sequence", "rtt", "rate", "queue"};
constexpr std::size_t kWindows = 60;  // of the rates: so many over the whole picture

std::string scaled(double value, std::string_view unit) {
  if (value >= 1e9) return fmt::format("{:.4g} G{}", value / 1e9, unit);
  if (value >= 1e6) return fmt::format("{:.4g} M{}", value / 1e6, unit);
  if (value >= 1e4) return fmt::format("{:.4g} k{}", value / 1e3, unit);
  return fmt::format("{:.4g} {}", value, unit);
}

std::string value_text(SeriesUnit unit, double value) {
  switch (unit) {
    case SeriesUnit::octets:
      return scaled(value, "B");
    case SeriesUnit::nanoseconds:
      return to_text(Duration{static_cast<Duration::rep>(value)});
    case SeriesUnit::bits_per_second:
      return scaled(value, "bit/s");
    case SeriesUnit::frames:
      return fmt::format("{:.3g} frames", value);
  }
  return "";
}

Curve curve_of(const Series& series, char letter, Stroke stroke, Role role) {
  Curve curve{.name = std::string{series.name},
              .letter = letter,
              .stroke = stroke,
              .role = role,
              .is_step = series.is_step,
              .points = {}};
  for (const analysis::Sample& sample : series.samples) {
    curve.points.push_back({sample.time, static_cast<double>(sample.value)});
  }
  return curve;
}

double most_of(const Curve& curve, double least) {
  for (const Curve::Point& point : curve.points) least = std::max(least, point.value);
  return least;
}

// When the first and the last thing happened that the picture is about.
void set_span(Chart& picture, const PlotSelection& selection) {
  Instant first = kNever;
  Instant last = kStart;
  const auto see = [&](Instant time) {
    first = std::min(first, time);
    last = std::max(last, time);
  };
  for (const Curve& curve : picture.curves) {
    if (curve.points.empty()) continue;
    see(curve.points.front().time);
    see(curve.points.back().time);
  }
  for (const ChartMark& mark : picture.marks) see(mark.time);
  picture.from = std::max(selection.from, first == kNever ? kStart : first);
  picture.until = std::max(std::min(selection.until, last), picture.from + 1us);
}

std::uint64_t octets_sent(const Recording& recording, const FlowEnd& end) {
  std::uint64_t sum = 0;
  for (const trace::EventIndex index : recording.of_flow(end.flow)) {
    const Event& event = recording.event(index);
    if (!end.reported(event)) continue;
    if (const auto* sent = std::get_if<TcpSegmentSent>(&event.body)) sum += sent->length;
    if (const auto* sent = std::get_if<UdpDatagramSent>(&event.body)) sum += sent->length;
  }
  return sum;
}

Chart window_chart(const Recording& recording, const FlowEnd& end) {
  Chart picture;
  const std::vector<Series> series = analysis::window_series(recording, end);
  picture.curves = {curve_of(series[0], 'c', Stroke::solid, Role::data),
                    curve_of(series[1], 's', Stroke::dashed, Role::retransmission),
                    curve_of(series[2], 'f', Stroke::dotted, Role::network)};
  // A window the peer offers in vain would squeeze all else to the bottom.
  for (const Curve& curve : picture.curves) picture.value_most = most_of(curve, picture.value_most);
  picture.curves.push_back(curve_of(series[3], 'w', Stroke::dash_dotted, Role::dim));
  picture.value_text = [](double value) { return value_text(SeriesUnit::octets, value); };
  return picture;
}

Chart sequence_chart(const Recording& recording, const FlowEnd& end) {
  Chart picture;
  const analysis::SequenceDiagram diagram = analysis::sequence_diagram(recording, end);
  Curve sent{
      .name = "sent", .letter = 's', .stroke = Stroke::points, .role = Role::data, .points = {}};
  for (const analysis::SequenceMark& mark : diagram.segments) {
    const auto value = static_cast<double>(mark.end);
    if (mark.end > mark.begin) sent.points.push_back({mark.time, value});
    if (mark.is_lost) {
      picture.marks.push_back({mark.time, value, 'x', Role::drop});
    } else if (mark.is_retransmission) {
      picture.marks.push_back({mark.time, value, 'R', Role::retransmission});
    }
  }
  picture.curves = {std::move(sent),
                    curve_of(diagram.acknowledged, 'a', Stroke::solid, Role::network)};
  // The window ends above what is sent: what is far above it is not shown.
  picture.value_most = 1.25 * most_of(picture.curves[0], 0);
  picture.curves.push_back(curve_of(diagram.window_edge, 'w', Stroke::dashed, Role::dim));
  picture.marks_legend = "R sent again   x lost";
  picture.value_text = [](double value) { return value_text(SeriesUnit::octets, value); };
  return picture;
}

Chart rtt_chart(const Recording& recording, const FlowEnd& end) {
  Chart picture;
  const std::vector<Series> series = analysis::rtt_series(recording, end);
  picture.curves = {curve_of(series[0], 'r', Stroke::points, Role::data),
                    curve_of(series[1], 's', Stroke::solid, Role::network),
                    curve_of(series[2], 'o', Stroke::dashed, Role::retransmission)};
  // A time-out of a second would press round trips of milliseconds to the bottom.
  picture.value_most = 3 * most_of(picture.curves[0], most_of(picture.curves[1], 0));
  Curve& timeout = picture.curves[2];
  if (!timeout.points.empty() && picture.value_most > 0) {
    const auto least = std::min_element(
        timeout.points.begin(), timeout.points.end(),
        [](const Curve::Point& a, const Curve::Point& b) { return a.value < b.value; });
    if (least->value > picture.value_most) {
      timeout.name += fmt::format(" ({} and more: above the picture)",
                                  value_text(SeriesUnit::nanoseconds, least->value));
    }
  }
  picture.value_text = [](double value) { return value_text(SeriesUnit::nanoseconds, value); };
  return picture;
}

Chart rate_chart(const Recording& recording, const FlowEnd& end, const PlotSelection& selection) {
  Chart picture;
  picture.value_text = [](double value) { return value_text(SeriesUnit::bits_per_second, value); };
  Duration bin{};
  const std::vector<Series> rates = plotted_rates(recording, end, selection, bin);
  if (rates.empty()) return picture;
  picture.curves = {curve_of(rates[0], 't', Stroke::dotted, Role::retransmission),
                    curve_of(rates[1], 'g', Stroke::solid, Role::data)};
  picture.curves[0].name += fmt::format(" (sent, in windows of {})", to_text(bin));
  picture.curves[1].name += " (delivered in order)";
  return picture;
}

void draw_queues(Page& page, const Recording& recording, const PlotSelection& selection,
                 const Options& options) {
  const trace::Directory& names = recording.directory();
  for (const auto& [node, port] : analysis::queues_of(recording)) {
    if (selection.node != kNoNode && node != selection.node) continue;
    Chart picture;
    const trace::PortEntry* entry = names.port(node, port);
    picture.title =
        fmt::format("queue of {}{}", names.interface_name(node, port),
                    entry == nullptr ? "" : fmt::format(" to {}", names.link_name(entry->link)));
    picture.curves = {
        curve_of(analysis::queue_series(recording, node, port), 'q', Stroke::solid, Role::data)};
    picture.curves[0].name = "frames waiting";
    for (const trace::EventIndex index : recording.of_node(node)) {
      const Event& event = recording.event(index);
      const auto* dropped = std::get_if<Dropped>(&event.body);
      const bool is_queue = dropped != nullptr && dropped->port == port &&
                            (dropped->reason == DropReason::queue_full ||
                             dropped->reason == DropReason::queue_managed);
      if (is_queue) picture.marks.push_back({event.time, 0, 'x', Role::drop});
    }
    picture.marks_legend = picture.marks.empty() ? "" : "x dropped at the queue";
    picture.rows = 9;
    picture.value_text = [](double value) { return value_text(SeriesUnit::frames, value); };
    set_span(picture, selection);
    if (!page.lines().empty()) page.blank();
    page.append(chart(picture, options));
  }
  if (page.lines().empty()) page.line("no frame ever waited in a queue", Role::dim);
}

}  // namespace

std::optional<Figure> parse_figure(std::string_view name) {
  const auto found = std::find(kNames.begin(), kNames.end(), name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<Figure>(found - kNames.begin());
}

std::string_view name_of(Figure figure) { return kNames[static_cast<std::size_t>(figure)]; }

FlowEnd plotted_end(const Recording& recording, const PlotSelection& selection) {
  const FlowEnd opener = *analysis::flow_end(recording, selection.flow, true);
  const FlowEnd responder = analysis::other_end(recording, opener);
  if (selection.node != kNoNode) return responder.node == selection.node ? responder : opener;
  return octets_sent(recording, responder) > octets_sent(recording, opener) ? responder : opener;
}

std::vector<Series> plotted_rates(const Recording& recording, const FlowEnd& end,
                                  const PlotSelection& selection, Duration& bin) {
  // A second run over the events with windows that suit the span of the first.
  const std::vector<Series> coarse = analysis::rate_series(recording, end, 1ms);
  if (coarse.empty()) return {};
  const auto is_busy = [](const analysis::Sample& sample) { return sample.value > 0; };
  const auto& sent = coarse[0].samples;
  const Instant first = std::max(sent.front().time - 1ms, selection.from);
  const auto last = std::find_if(sent.rbegin(), sent.rend(), is_busy);
  const Instant until =
      std::min(last == sent.rend() ? sent.back().time : last->time, selection.until);
  const Duration span = std::max<Duration>(until - first, 1ms);
  bin = std::max<Duration>(span / kWindows, 100us);
  return analysis::rate_series(recording, end, bin);
}

Page plot(const Recording& recording, const PlotSelection& selection, const Options& options) {
  Page page;
  if (selection.figure == Figure::queue) {
    draw_queues(page, recording, selection, options);
    return page;
  }
  const trace::Flow* flow = recording.flow(selection.flow);
  if (flow == nullptr) {
    page.line(fmt::format("there is no flow {}", selection.flow), Role::bad);
    return page;
  }
  const FlowEnd end = plotted_end(recording, selection);
  Chart picture;
  switch (selection.figure) {
    case Figure::window:
      picture = window_chart(recording, end);
      break;
    case Figure::sequence:
      picture = sequence_chart(recording, end);
      break;
    case Figure::rtt:
      picture = rtt_chart(recording, end);
      break;
    case Figure::rate:
      picture = rate_chart(recording, end, selection);
      break;
    case Figure::queue:
      break;
  }
  const bool is_empty = std::all_of(picture.curves.begin(), picture.curves.end(),
                                    [](const Curve& curve) { return curve.points.empty(); });
  const trace::Directory& names = recording.directory();
  picture.title =
      fmt::format("{} of flow {}  {} → {}", name_of(selection.figure), end.flow,
                  names.endpoint_text(end.key.local), names.endpoint_text(end.key.remote));
  if (is_empty) {
    page.wrap(Text(picture.title, Role::heading), options.width);
    page.line(flow->protocol == Protocol::tcp ? "  this end had nothing of it"
                                              : "  UDP has nothing of it",
              Role::dim);
    return page;
  }
  set_span(picture, selection);
  return chart(picture, options);
}

}  // namespace strata::views
