// SPDX-License-Identifier: MIT
// The documentation of the JSON Lines, made from the table of fields: a JSON Schema of one line,
// and the page docs/events.md.
#pragma once

#include <string>

namespace strata::exports {

std::string events_schema_text();
std::string events_page();

}  // namespace strata::exports
