// SPDX-License-Identifier: MIT
// Words for the enumerations of events that only readers of a trace spell out. Those of to_text are
// stable: programs read them. The others are for people, the same ones in every view, report and
// capture.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "stack/base/events.h"

namespace strata {

std::string_view to_text(FrameError error);
std::string_view to_text(DemuxOutcome outcome);
std::string_view to_text(Parentage parentage);

// Why a packet ended, for somebody who learns: "dropped by the scenario", "queue is full". The
// place may follow: "queue is full on access". The key of it, to_text(reason), is for programs.
std::string_view words_of(DropReason reason);
// What decided it: "bernoulli p=0.1 draw=0.0342", "3rd match of tcp"; empty without a decision.
std::string decision_text(const std::optional<DecisionDetail>& decision);
// The same in brackets with the place of the draw in its stream, so that it can be found again:
// " (bernoulli p=0.1 draw=0.0342, number 5 of link/access/a>b/loss#0)".
std::string decision_in_brackets(const std::optional<DecisionDetail>& decision);

}  // namespace strata
