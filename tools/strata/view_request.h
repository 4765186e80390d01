// SPDX-License-Identifier: MIT
// The options that say which packet, conversation, instant or host a view is of, shared by `show`
// and `dissect`.
#pragma once

#include <string>

#include "tools/strata/options.h"

namespace strata::cli {

// --uid, --of, --flow, --at, --on, --link, --from, --to.
void add_selection_options(po::options_description& options);

// The words behind the file, those options, --bytes and --code as one request, as a line of
// `show:` is written.
std::string request_text(const ParsedLine& line);

}  // namespace strata::cli
