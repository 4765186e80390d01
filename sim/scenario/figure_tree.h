// SPDX-License-Identifier: MIT
// The figures of a run as a tree of names; internal to figures.cc.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/scenario/figures.h"
#include "stack/base/drop_reason.h"

namespace strata::scenario {

// A figure, a group of figures, or both: "dropped" is a number and has one child for each cause.
struct Branch {
  std::optional<FigureValue> value;
  std::optional<DropCounters> causes;  // children by drop reason
  bool is_open = false;                // programs may have counted more
  std::vector<std::pair<std::string, Branch>> children;

  Branch& child(std::string_view name) {
    for (auto& [existing, branch] : children) {
      if (existing == name) return branch;
    }
    return children.emplace_back(name, Branch{}).second;
  }
  const Branch* find(std::string_view name) const {
    for (const auto& [existing, branch] : children) {
      if (existing == name) return &branch;
    }
    return nullptr;
  }
};

// All figures of a run.
Branch tree_of(const RunFigures& run);

FigureValue count_of(std::uint64_t value);

}  // namespace strata::scenario
