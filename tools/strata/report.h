// SPDX-License-Identifier: MIT
// What a run came to, in tables for people. Plain text: the views draw, this counts.
#pragma once

#include <string>

#include "sim/scenario/run.h"
#include "tools/views/text.h"

namespace strata::cli {

// Flows, links, processes and how the run ended.
views::Page summary(const scenario::RunOutcome& outcome, std::size_t width);
// One line for each expectation; of a failed one also what was, and the command that shows why.
views::Page expectations(const scenario::RunOutcome& outcome, const std::string& file);
// Why a run that ended early did: tasks that wait for each other, too many events, a bug of Strata.
views::Page troubles(const scenario::RunOutcome& outcome);

}  // namespace strata::cli
