// SPDX-License-Identifier: MIT
// Figures over time as curves: the windows of TCP, its time-sequence diagram, round-trip times,
// throughput and goodput, the queues of ports.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "sim/trace/recording.h"
#include "tools/views/text.h"

namespace strata::views {

enum class Figure : std::uint8_t { window, sequence, rtt, rate, queue };
std::optional<Figure> parse_figure(std::string_view name);

struct PlotSelection {
  Figure figure = Figure::window;
  std::uint32_t flow = 1;  // of all but the queues
  // Of a flow: the end that sends; kNoNode: the one that sent more. Of the queues: the node whose
  // ports are shown; kNoNode: all nodes.
  NodeId node = kNoNode;
  Instant from = kStart;
  Instant until = kNever;
};

Page plot(const trace::Recording& recording, const PlotSelection& selection,
          const Options& options);

}  // namespace strata::views
