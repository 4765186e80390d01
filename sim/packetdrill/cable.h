// SPDX-License-Identifier: MIT
// The cable between the stack under test and the script at its other end: infinitely fast, without
// delay or loss. What crosses it is reported and counted as on the links of a simulated network, so
// that whoever can look at a run of a scenario can look at a script.
#pragma once

#include "sim/packetdrill/script.h"
#include "sim/trace/directory.h"
#include "sim/trace/metrics.h"
#include "stack/base/packet.h"
#include "stack/base/tracer.h"

namespace strata::packetdrill {

inline constexpr NodeId kStackNode{0};
inline constexpr NodeId kPeerNode{1};

class Cable {
 public:
  explicit Cable(Tracer& tracer) : tracer_(&tracer) {}

  // `frame` leaves one end and arrives at the other.
  void carry(Direction direction, const Packet& frame, Instant now);
  // Totals; "a" is the end of the stack.
  const trace::LinkMetrics& metrics() const { return metrics_; }

 private:
  NodeContext end(NodeId node) const { return {.node = node, .tracer = tracer_}; }

  Tracer* tracer_;
  trace::LinkMetrics metrics_;
};

// The names of both ends, "stack" and "peer", and of the cable; `stack` and `peer` are their ports.
trace::Directory directory_of(trace::PortEntry stack, trace::PortEntry peer);

}  // namespace strata::packetdrill
