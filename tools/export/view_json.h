// SPDX-License-Identifier: MIT
// The views of `strata show` as JSON: the same rows, numbers and words, for programs. Every object
// names its `view` and the `version` of its form; docs/views.schema.json describes them all.
#pragma once

#include <vector>

#include "tools/export/json.h"
#include "tools/views/header.h"
#include "tools/views/ladder_rows.h"
#include "tools/views/log.h"
#include "tools/views/packet_image.h"
#include "tools/views/plot.h"
#include "tools/views/sockets.h"
#include "tools/views/states.h"
#include "tools/views/stream.h"
#include "tools/views/waveform.h"

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
// Events with a line in the log, in order.
Json log_json(const trace::Recording& recording, const views::LogSelection& selection);
// The headers that the view draws; offsets of bits count from the start of the frame.
Json header_json(const trace::Recording& recording, const views::HeaderSelection& selection);
Json waveform_json(const trace::Recording& recording, PacketUid uid, const views::Waveform& wave);
// What each node on the way, or the medium, changed.
Json diff_json(const trace::Recording& recording, PacketUid uid);
// The tree of causes; null when nothing is known about the packet.
Json why_json(const trace::Recording& recording, PacketUid uid);
// States, phases and timers of both ends; what does not overlap the time asked for is left out.
Json states_json(const trace::Recording& recording, const views::StatesSelection& selection);
// Both directions, or that of one writer.
Json stream_json(const trace::Recording& recording, const views::StreamSelection& selection);
// The samples of every curve between the instants asked for.
Json plot_json(const trace::Recording& recording, const views::PlotSelection& selection);
// The tables at an instant, of one node unless it is kNoNode.
Json arp_json(const trace::Recording& recording, Instant at, NodeId node);
Json fdb_json(const trace::Recording& recording, Instant at, NodeId node);
Json routes_json(const trace::Recording& recording, Instant at, NodeId node);

// One header as `packet` and `header` describe it.
Json layer_json(const wire::DissectedLayer& layer);

}  // namespace strata::exports
