// SPDX-License-Identifier: MIT
// The headers of a packet in rows of 32 bits, as RFCs draw them, with the values of this packet in
// the fields. Terminals narrower than that get rows of 16 bits.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/trace/recording.h"
#include "stack/wire/dissect.h"
#include "tools/views/text.h"

namespace strata::views {

struct HeaderSelection {
  PacketUid uid = kNoPacket;
  std::optional<Protocol> protocol;  // only headers of this kind; none: all of them
  std::optional<LinkId> link;        // as it was on this link; none: on the first
};

// The headers that are drawn, outermost first, and where they were looked at: "on access".
struct Headers {
  std::string where;
  std::vector<wire::DissectedLayer> layers;
};
Headers headers_of(const trace::Recording& recording, const HeaderSelection& selection);

Page header(const trace::Recording& recording, const HeaderSelection& selection,
            const Options& options);

}  // namespace strata::views
