// SPDX-License-Identifier: MIT
// STRATA_ASSERT guards our own invariants, in every build type: a failure is a bug in Strata. It is
// never reachable from packet bytes or user input (those become counted drops and errors).
#pragma once

namespace strata {

// Prints the failed expression and the place to standard error, then aborts.
[[noreturn]] void assertion_failed(const char* expression, const char* file, int line);

}  // namespace strata

#define STRATA_ASSERT(expression)                       \
  (static_cast<bool>(expression) ? static_cast<void>(0) \
                                 : ::strata::assertion_failed(#expression, __FILE__, __LINE__))
