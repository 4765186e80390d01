// SPDX-License-Identifier: MIT
// The data of a report: one JSON document, versioned, and the octets of its frames. A pure function
// of what was recorded (src/data.ts says what every table means).
#pragma once

#include <cstddef>
#include <string>

#include "sim/scenario/run.h"
#include "sim/trace/recording.h"
#include "tools/report/socket_log.h"

namespace strata::report {

// A report of more frames than this says so and shows the first ones.
inline constexpr std::size_t kHopsMost = 50'000;

struct Input {
  std::string generator;  // "strata 0.1.0"
  std::string file;       // of the scenario
  const scenario::Scenario& scenario;
  const scenario::RunOutcome& outcome;
  const trace::Recording& recording;
  const SocketLog& sockets;
  std::size_t hops_most = kHopsMost;
};

struct Document {
  std::string json;
  std::string octets;
};
Document document_of(const Input& input);

}  // namespace strata::report
