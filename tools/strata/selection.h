// SPDX-License-Identifier: MIT
// Finds the packets a person means in a recording: "data 3" is the third TCP data segment sent, a
// display filter names many.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "sim/scenario/show.h"
#include "sim/trace/recording.h"

namespace strata::cli {

// The uid, or a mistake that says how many such packets there are. With `flow`, only packets of
// that flow count.
scenario::Parsed<PacketUid> find_packet(const trace::Recording& recording,
                                        const scenario::PacketSelector& selector,
                                        std::optional<std::uint32_t> flow);

// Which packets pass a display filter; an empty function for an empty one, which passes all. The
// mistake says in which column. `recording` outlives it.
scenario::Parsed<std::function<bool(PacketUid)>> packet_filter(const std::string& filter,
                                                               const trace::Recording& recording);
// Before the run: what is wrong with a filter. Notes what it may not have been meant to say.
std::optional<scenario::Mistake> check_filter(const std::string& filter);

}  // namespace strata::cli
