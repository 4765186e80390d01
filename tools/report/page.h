// SPDX-License-Identifier: MIT
// A report as one HTML file: no server, no network, nothing it loads. With scripts off it shows the
// title, what the run was expected to do, and its ladder as text.
#pragma once

#include <string>

#include "tools/report/document.h"

namespace strata::report {

std::string html(const Input& input);

// Two runs on one page: the report of each, and what differs.
struct Pair {
  const Input& a;
  const Input& b;
  std::string comparison;  // as `strata compare --json` prints it
  std::string text;        // the same for people, where scripts are off
};
std::string html(const Pair& pair);

}  // namespace strata::report
