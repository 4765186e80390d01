// SPDX-License-Identifier: MIT
// Figures over time as curves: the windows of TCP, its time-sequence diagram, round-trip times,
// throughput and goodput, the queues of ports.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "sim/analysis/series.h"
#include "sim/trace/recording.h"
#include "tools/views/text.h"

namespace strata::views {

enum class Figure : std::uint8_t { window, sequence, rtt, rate, queue };
std::optional<Figure> parse_figure(std::string_view name);
std::string_view name_of(Figure figure);

struct PlotSelection {
  Figure figure = Figure::window;
  std::uint32_t flow = 1;  // of all but the queues
  // Of a flow: the end that sends; kNoNode: the one that sent more. Of the queues: the node whose
  // ports are shown; kNoNode: all nodes.
  NodeId node = kNoNode;
  Instant from = kStart;
  Instant until = kNever;
};

// The end of the flow that a plot is about. The flow exists.
analysis::FlowEnd plotted_end(const trace::Recording& recording, const PlotSelection& selection);
// Throughput and goodput in windows that suit the span of the picture; `bin` becomes their length.
std::vector<analysis::Series> plotted_rates(const trace::Recording& recording,
                                            const analysis::FlowEnd& end,
                                            const PlotSelection& selection, Duration& bin);

Page plot(const trace::Recording& recording, const PlotSelection& selection,
          const Options& options);

}  // namespace strata::views
