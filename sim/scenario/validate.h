// SPDX-License-Identifier: MIT
// What a model says must also make sense: names exist, addresses fit their networks, every process
// can reach what it talks to.
#pragma once

#include "sim/scenario/model.h"

namespace strata::scenario {

// Reports every mistake. A model without errors can be built.
void validate(const Model& model, Diagnostics& diagnostics);

}  // namespace strata::scenario
