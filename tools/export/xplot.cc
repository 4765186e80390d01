// SPDX-License-Identifier: MIT
// xplot: the time-sequence graph of what one end of a flow sent, with the marks and colours of
// tcptrace: segments white, retransmissions red with an R, acknowledgements green, the edge of the
// window yellow. Numbers are stream offsets; times are seconds to the microsecond.
#include <fmt/format.h>

#include <iterator>

#include "sim/analysis/series.h"
#include "tools/export/format.h"

namespace strata::exports {
namespace {

using analysis::Sample;

std::string seconds(Instant instant) {
  const auto us = (instant - kStart).count() / 1000;
  return fmt::format("{}.{:06}", us / 1'000'000, us % 1'000'000);
}

class Plot {
 public:
  explicit Plot(const Request& request) : request_(request) {}

  void segment(const analysis::SequenceMark& mark) {
    if (!is_wanted(mark.time)) return;
    const std::string x = seconds(mark.time);
    const std::string_view colour = mark.is_retransmission ? "red" : "white";
    add("{}\ndarrow {} {}\n{}\nuarrow {} {}\n", colour, x, mark.begin, colour, x, mark.end);
    add("{}\nline {} {} {} {}\n", colour, x, mark.begin, x, mark.end);
    if (mark.is_retransmission) add("red\natext {} {}\nR\n", x, mark.end);
    if (mark.is_lost) add("red\nrtext {} {}\nlost\n", x, mark.begin);
  }
  // Steps: flat until the next sample.
  void steps(std::string_view colour, const std::vector<Sample>& samples) {
    for (std::size_t i = 0; i + 1 < samples.size(); ++i) {
      const Sample& here = samples[i];
      const Sample& next = samples[i + 1];
      if (!is_wanted(here.time) || !is_wanted(next.time)) continue;
      add("{}\nline {} {} {} {}\n", colour, seconds(here.time), here.value, seconds(next.time),
          here.value);
      add("{}\nline {} {} {} {}\n", colour, seconds(next.time), here.value, seconds(next.time),
          next.value);
    }
  }
  const std::string& text() const { return text_; }

 private:
  bool is_wanted(Instant time) const { return time >= request_.from && time <= request_.until; }
  template <typename... Values>
  void add(fmt::format_string<Values...> format, Values&&... values) {
    fmt::format_to(std::back_inserter(text_), format, std::forward<Values>(values)...);
  }

  const Request& request_;
  std::string text_;
};

}  // namespace

Trouble write_xplot(const trace::Recording& recording, const Request& request, const Sink& sink) {
  const auto flow = flow_of(recording, request);
  if (!flow) return flow.error();
  if ((*flow)->protocol != Protocol::tcp) return "only TCP has a time-sequence graph";
  const auto end = analysis::flow_end(recording, (*flow)->number, !request.is_backward);
  if (!end) return "that end of the conversation was never heard of";
  const analysis::SequenceDiagram diagram = analysis::sequence_diagram(recording, *end);
  const trace::Directory& names = recording.directory();
  const Endpoint& sender = request.is_backward ? (*flow)->responder : (*flow)->opener;
  const Endpoint& receiver = request.is_backward ? (*flow)->opener : (*flow)->responder;
  Plot plot(request);
  plot.steps("yellow", diagram.window_edge.samples);
  plot.steps("green", diagram.acknowledged.samples);
  for (const analysis::SequenceMark& mark : diagram.segments) {
    if (mark.end > mark.begin) plot.segment(mark);
  }
  sink(
      fmt::format("timeval unsigned\ntitle\n{} ==> {} (time sequence graph)\nxlabel\ntime\n"
                  "ylabel\nstream offset\n{}go\n",
                  names.endpoint_text(sender), names.endpoint_text(receiver), plot.text()));
  return std::nullopt;
}

}  // namespace strata::exports
