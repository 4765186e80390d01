// SPDX-License-Identifier: MIT
// What one end of a TCP conversation was doing when: its states, the phases of its congestion
// control and its timers, as spans of time.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "sim/analysis/flow_end.h"

namespace strata::analysis {

struct StateSpan {
  TcpState state{};
  Instant from{};
  Instant until{};         // the end of the run for the last one
  std::string_view cause;  // why it was entered
};

// "slow start", "avoidance", "recovery", "loss".
struct PhaseSpan {
  std::string_view phase;
  Instant from{};
  Instant until{};
};

// From the first setting of a timer until it was cancelled or fired.
struct TimerSpan {
  std::string_view timer;  // "retransmission", "delayed-ack", ...
  Instant set{};
  Instant until{};
  Instant deadline{};      // as last set
  std::size_t resets = 0;  // how often the deadline was moved meanwhile
  // How it ended; nullopt: it was still running at the end of the run.
  std::optional<TimerAction> end;
};

// Texts are valid as long as the recording. Phases begin with the connection's first report.
struct Timeline {
  FlowEnd end;
  std::optional<Instant> listening_since;  // a listener for this end was opened before it began
  std::vector<StateSpan> states;
  std::vector<PhaseSpan> phases;
  std::vector<TimerSpan> timers;  // by `set`
};

Timeline timeline_of(const trace::Recording& recording, const FlowEnd& end);

}  // namespace strata::analysis
