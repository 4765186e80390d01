// SPDX-License-Identifier: MIT
// The contract between a node and whoever drives it (simulator, TAP loop, test): time and frames
// in, frames and a deadline out. A node owns no clock, thread, file descriptor or random device.
//
// A driver is this loop:
//
//     deliver a frame:   node.receive(port, std::move(packet), now);
//     or a time-out:     node.on_deadline(now);
//     then:              while (auto out = node.poll_transmit(now)) put(out->port, out->packet);
//     and sleep until:   node.next_deadline();
#pragma once

#include <optional>

#include "stack/base/ids.h"
#include "stack/base/packet.h"
#include "stack/base/time.h"

namespace strata {

// A frame to put on a port: Ethernet destination address to FCS, both included.
struct OutgoingFrame {
  PortId port{};
  Packet packet;
};

class Node {
 public:
  virtual ~Node() = default;
  // A frame (Ethernet header to FCS) arrived on `port`; packet.arrival() is when its last bit did.
  // Never fails: whatever the bytes are, they are processed, or dropped with a counted reason.
  virtual void receive(PortId port, Packet packet, Instant now) = 0;
  // From begin_batch() to end_batch() frames are received that came together: what they ask for may
  // be answered at the end, all at once (RFC 9293 3.10.7.4, MUST-59).
  virtual void begin_batch() {}
  virtual void end_batch(Instant /*now*/) {}
  // The next frame to transmit, in order; nullopt when there is none.
  virtual std::optional<OutgoingFrame> poll_transmit(Instant now) = 0;
  // When to call on_deadline() if nothing arrives before; kNever for "not at all". An instant that
  // is not later than now means "at once".
  virtual Instant next_deadline() const = 0;
  // That instant has come (or a later one: late calls are harmless).
  virtual void on_deadline(Instant now) = 0;
};

}  // namespace strata
