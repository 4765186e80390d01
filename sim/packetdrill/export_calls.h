// SPDX-License-Identifier: MIT
// The calls behind one side of a recorded flow, as lines of a script. For export.cc.
#pragma once

#include <optional>
#include <string>
#include <tl/expected.hpp>
#include <vector>

#include "sim/trace/recording.h"

namespace strata::packetdrill {

// One line: its time, its place among the events of the run, and what stands behind the time.
struct ScriptLine {
  Instant at{};
  std::optional<Instant> until;  // a call that waits returns then
  trace::EventIndex place = 0;
  std::string text;
};

// The calls that made, used and closed the connection of `flow` at `node`, whose end of it is
// `local`, in the order in which they were made; or why a script cannot make them. With
// `readers_count` a reader that waited for text waits in the script, too.
tl::expected<std::vector<ScriptLine>, std::string> calls_of(const trace::Recording& recording,
                                                            const trace::Flow& flow, NodeId node,
                                                            bool readers_count);

}  // namespace strata::packetdrill
