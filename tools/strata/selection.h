// SPDX-License-Identifier: MIT
// Finds the packet a person means in a recording: "data 3" is the third TCP data segment sent.
#pragma once

#include <optional>

#include "sim/scenario/show.h"
#include "sim/trace/recording.h"

namespace strata::cli {

// The uid, or a mistake that says how many such packets there are. With `flow`, only packets of
// that flow count.
scenario::Parsed<PacketUid> find_packet(const trace::Recording& recording,
                                        const scenario::PacketSelector& selector,
                                        std::optional<std::uint32_t> flow);

}  // namespace strata::cli
