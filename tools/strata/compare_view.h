// SPDX-License-Identifier: MIT
// Two runs side by side for people: tables of what differs, the first event that was another one,
// and both ladders against each other. Fits any width from 60 columns on.
#pragma once

#include "tools/export/comparison.h"
#include "tools/views/text.h"

namespace strata::cli {

struct ComparisonOptions {
  views::Options view;
  bool is_complete = false;  // every packet, instead of what surrounds the differences
};

views::Page comparison_page(const exports::ComparedRun& a, const exports::ComparedRun& b,
                            const exports::Comparison& comparison,
                            const ComparisonOptions& options);

}  // namespace strata::cli
