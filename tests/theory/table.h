// SPDX-License-Identifier: MIT
// Golden text tables of measured figures, next to this file. STRATA_UPDATE_THEORY=1 rewrites them:
// a change of congestion control shows as numbers in review.
#pragma once

#include <string>

namespace strata::theory {

// Compares `text` with tests/theory/NAME.txt.
void expect_table(const std::string& name, const std::string& text);

}  // namespace strata::theory
