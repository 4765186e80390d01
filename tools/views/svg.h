// SPDX-License-Identifier: MIT
// Views as pictures: what a terminal shows, as SVG in the colours of light and dark pages. A
// session at a terminal is a picture that moves, without a script: documents may show it as any
// other image.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "tools/views/text.h"

namespace strata::views {

// `title` is what screen readers and tooltips say: the command that shows the same.
std::string svg(const Page& page, std::string_view title);

// Screens after each other, each for the same time and the last one longer, from the start again.
// Where less motion is wanted (prefers-reduced-motion), or nothing moves at all, it is the last
// one.
std::string moving_svg(std::span<const Page> screens, std::string_view title);

}  // namespace strata::views
