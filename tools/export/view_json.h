// SPDX-License-Identifier: MIT
// The views of `strata show` as JSON: the same rows, numbers and words, for programs. Every object
// names its `view` and the `version` of its form; docs/views.schema.json describes them all.
#pragma once

#include <vector>

#include "tools/export/json.h"
#include "tools/views/ladder_rows.h"
#include "tools/views/packet_image.h"
#include "tools/views/sockets.h"

namespace strata::exports {

// Rises when a program that reads the JSON of a view would have to be changed.
inline constexpr int kViewVersion = 1;

// A row per packet, in order of sending; nothing is folded. With a flow between two ends, each row
// has TCP's variables at both.
Json ladder_json(const trace::Recording& recording, const views::LadderSelection& selection);
// The octets and what each field of them means, as sent and (where it was) as received.
Json packet_json(const trace::Recording& recording, const views::PacketImage& sent);
// Every link it crossed, every node it touched and where copies of it ended. `visits` is empty when
// nothing is known about the packet.
Json path_json(const trace::Recording& recording, PacketUid uid);
Json sockets_json(const std::vector<analysis::HostSockets>& hosts, Instant at);
// The decisions about one packet; kNoPacket: all of the run, at `node` only unless that is kNoNode.
Json demux_json(const trace::Recording& recording, PacketUid uid, NodeId node);

}  // namespace strata::exports
