// SPDX-License-Identifier: MIT
// One end of a conversation in a recording, and the events that this end itself reported. The rest
// of this folder is built on it: what can be derived from a recording, as plain data, for the
// terminal, the report and the exports alike. Nothing here knows how it will be drawn.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "sim/trace/recording.h"

namespace strata::analysis {

struct FlowEnd {
  std::uint32_t flow = 0;  // number of the conversation
  bool is_opener = false;
  NodeId node = kNoNode;  // kNoNode: an end that is no node of the run, or was never heard of
  FlowKey key;            // local: this end

  // Did this end report the event?
  bool reported(const Event& event) const {
    const FlowKey* named = trace::flow_key(event);
    return named != nullptr && event.node == node && *named == key;
  }
};

// Nullopt when there is no such conversation.
std::optional<FlowEnd> flow_end(const trace::Recording& recording, std::uint32_t flow,
                                bool is_opener);
FlowEnd other_end(const trace::Recording& recording, const FlowEnd& end);
// The end that reported `event`; nullopt when it names no conversation.
std::optional<FlowEnd> end_of(const trace::Recording& recording, const Event& event);

// Positions of the events of one kind that `end` reported, ascending.
template <typename Body>
std::vector<trace::EventIndex> events_of(const trace::Recording& recording, const FlowEnd& end) {
  std::vector<trace::EventIndex> found;
  for (const trace::EventIndex index : recording.of_flow(end.flow)) {
    const Event& event = recording.event(index);
    if (std::holds_alternative<Body>(event.body) && end.reported(event)) found.push_back(index);
  }
  return found;
}

// The packet whose octets `uid` carries: of a copy made by the medium, a fragment or a reassembled
// datagram the packet it comes from; else itself.
PacketUid origin_of(const trace::Recording& recording, PacketUid uid);

// Nobody misses these: a flooded frame that others ignore, a frame that is where it belongs.
bool is_loss(const Dropped& dropped);

}  // namespace strata::analysis
