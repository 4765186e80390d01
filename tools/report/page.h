// SPDX-License-Identifier: MIT
// A report as one HTML file: no server, no network, nothing it loads. With scripts off it shows the
// title, what the run was expected to do, and its ladder as text.
#pragma once

#include <string>

#include "tools/report/document.h"

namespace strata::report {

std::string html(const Input& input);

}  // namespace strata::report
