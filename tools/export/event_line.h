// SPDX-License-Identifier: MIT
// One event as text: a line of the JSON Lines, or what is essential in it for comparing two runs.
#pragma once

#include <string>

#include "tools/export/event_fields.h"

namespace strata::exports {

// Appends a JSON object, without an end of line.
void append_event_line(std::string& out, const Event& event, std::uint32_t flow,
                       const trace::Directory& names);
std::string event_line(const Event& event, std::uint32_t flow, const trace::Directory& names);

// Equal for two events that say the same but for octets, addresses and ports of conversations:
// sequence numbers and ephemeral ports come from the seed and change nothing.
std::string event_essence(const Event& event, std::uint32_t flow, const trace::Directory& names);

}  // namespace strata::exports
