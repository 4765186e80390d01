// SPDX-License-Identifier: MIT
// A view as a picture: what a terminal would show, as SVG in the colours of light and dark pages.
#pragma once

#include <string>
#include <string_view>

#include "tools/views/text.h"

namespace strata::views {

// `title` is what screen readers and tooltips say: the command that shows the same.
std::string svg(const Page& page, std::string_view title);

}  // namespace strata::views
