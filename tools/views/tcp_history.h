// SPDX-License-Identifier: MIT
// The variables of one end of a TCP connection over time, as a view wants them: beside each packet,
// and at any instant.
#pragma once

#include <map>
#include <vector>

#include "sim/trace/recording.h"

namespace strata::views {

// At one instant TCP may take in a segment, change state and send several: what belongs to a packet
// is what held when TCP was done with just that packet.
class TcpHistory {
 public:
  // Of `flow`, at its end on `node`. The recording must outlive it.
  TcpHistory(const trace::Recording& recording, NodeId node, const trace::Flow& flow);

  // After the packet was sent or taken in here; when it was not, as of `time`. Null before the
  // first variables were reported.
  const TcpVariables* at(PacketUid uid, Instant time) const;

 private:
  struct Entry {
    trace::EventIndex index;
    Instant time;
    const TcpVariables* variables;
  };
  const TcpVariables* before(std::vector<Entry>::const_iterator entry) const;

  std::vector<Entry> entries_;
  std::map<PacketUid, trace::EventIndex> ends_;  // where TCP went on, or time did
};

}  // namespace strata::views
