// SPDX-License-Identifier: MIT
// Showing a run as it goes: the log line by line, or another view drawn again whenever something
// happened, in the time of the run scaled by a factor.
#pragma once

#include <optional>
#include <string_view>

#include "sim/scenario/show.h"
#include "tools/strata/execute.h"
#include "tools/views/text.h"

namespace strata::cli {

// Seconds of the run in a second of ours: "0.01" shows everything a hundred times slower. Nullopt
// for what is no such number.
std::optional<double> parse_speed(std::string_view text);

// Shows `request` of a recorded run as if it went on now. The log is printed; any other view takes
// the screen of a terminal, and is a mistake without one. Ends early on Ctrl-C.
scenario::Parsed<bool> follow(const scenario::ShowRequest& request, const Execution& execution,
                              double speed, const views::Options& options);

// Prints the log line of an event now, if it has one: for a run in real time.
void print_as_it_happens(const trace::Directory& names, const Event& event,
                         const views::Options& options);

}  // namespace strata::cli
