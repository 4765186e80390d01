// SPDX-License-Identifier: MIT
// Where every datagram that ends in the network layer is counted and traced, so that no drop can
// be one without the other.
#pragma once

#include "stack/base/drop_reason.h"
#include "stack/base/tracer.h"

namespace strata::network {

class DropLog {
 public:
  explicit DropLog(const NodeContext& context) : context_(context) {}

  // `packet` ends here. It is the caller's to destroy (or to quote in an ICMP error first).
  void drop(const Packet& packet, DropReason reason, PortId port, Instant now) {
    counters_.add(reason);
    context_.trace(now, packet, [&] {
      return Dropped{
          .layer = Layer::network, .reason = reason, .port = port, .packet = packet.bytes()};
    });
  }
  const DropCounters& counters() const { return counters_; }

 private:
  NodeContext context_;
  DropCounters counters_;
};

}  // namespace strata::network
