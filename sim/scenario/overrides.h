// SPDX-License-Identifier: MIT
// `--set links.access.delay=20ms`: changes a document before it is read, so that every check and
// every message works on what will really run.
#pragma once

#include <string_view>

#include "sim/scenario/document.h"

namespace strata::scenario {

// `assignment` is PATH=VALUE. PATH names keys from the top, separated by dots; an item of a list is
// named by its number counted from 1, or, in `processes`, by the name or program of the process.
// The last key may be new, and so may maps on the way that the schema knows; names of nodes and
// links must exist. VALUE is YAML in flow style. Mistakes refer to the override as a source of its
// own.
void apply_override(Document& document, std::string_view assignment, Diagnostics& diagnostics);

}  // namespace strata::scenario
