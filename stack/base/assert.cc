// SPDX-License-Identifier: MIT
#include "stack/base/assert.h"

#include <cstdio>
#include <cstdlib>

namespace strata {

void assertion_failed(const char* expression, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: Strata is broken: %s does not hold\n", file, line, expression);
  std::abort();
}

}  // namespace strata
