// SPDX-License-Identifier: MIT
// The figures of a run as a tree of names; internal to figures.cc.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/figures.h"
#include "stack/base/drop_reason.h"

namespace strata::scenario {

struct NamedBranch;

// A figure, a group of figures, or both: "dropped" is a number and has one child for each cause.
struct Branch {
  std::optional<FigureValue> value;
  std::optional<DropCounters> causes;  // children by drop reason
  bool is_counted = false;             // by a program: it has no unit of its own
  std::vector<NamedBranch> children;

  // The child of this name, made if it is missing. Adding another child moves it.
  Branch& child(std::string_view name);
  // The child of this name; else one whose name ends in '*' and begins as this one does.
  const Branch* find(std::string_view name) const;
};

struct NamedBranch {
  std::string name;
  Branch branch;
};

// All figures of a run but those of flows, of which there may be a million: "flow" has no children.
Branch tree_of(const RunFigures& run);
// The figures of one flow.
Branch flow_branch(const trace::FlowMetrics& flow);

FigureValue count_of(std::uint64_t value);

}  // namespace strata::scenario
