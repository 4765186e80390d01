// SPDX-License-Identifier: MIT
// Helpers of the scenario tests.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/run.h"

namespace strata::scenario {

// Two hosts and a link, without processes: what most tests add their lines to.
inline constexpr std::string_view kPair =
    "nodes:\n"
    "  a: { address: 10.0.0.1/24 }\n"
    "  b: { address: 10.0.0.2/24 }\n"
    "links:\n"
    "  wire: { ends: [a, b] }\n";

// All diagnostics of a text, one per line, as `strata check` prints them; empty when there are
// none.
std::string diagnose(std::string_view text, const std::vector<std::string>& overrides = {});

// `text` behind kPair, unless it has nodes of its own.
std::string whole(std::string_view text);

struct Case {
  std::string_view text;     // of which whole() makes a scenario
  std::string_view message;  // all lines that diagnose() answers
};
void expect_cases(std::initializer_list<Case> cases);

// The scenario; fails the test when there are errors.
Scenario load_good(std::string_view text, const std::vector<std::string>& overrides = {});

}  // namespace strata::scenario
