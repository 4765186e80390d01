// SPDX-License-Identifier: MIT
// `strata check --explain`: a scenario with every key that could have been written, the defaults
// filled in and marked.
#pragma once

#include <string>

#include "sim/scenario/document.h"

namespace strata::scenario {

// YAML text; lines that end in "# default" are not in the file.
std::string explain(const Document& document);

}  // namespace strata::scenario
