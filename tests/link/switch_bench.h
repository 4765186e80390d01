// SPDX-License-Identifier: MIT
// A switch on a bench: frames in by port, frames out by port.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "stack/link/switch.h"
#include "tests/link/link_bench.h"

namespace strata::link {

class SwitchBench {
 public:
  explicit SwitchBench(SwitchConfig config) {
    tracer_.attach(log_);
    const NodeContext context{.node = NodeId{7}, .pool = &pool_, .tracer = &tracer_};
    switch_ = std::make_unique<LearningSwitch>(context, std::move(config));
  }
  LearningSwitch& device() { return *switch_; }
  EventLog& log() { return log_; }
  PacketPool& pool() { return pool_; }

  // What comes out of each port when `frame` enters `port`.
  std::map<int, Octets> forward(std::uint16_t port, const Octets& frame, Instant now = kStart) {
    switch_->receive(PortId{port}, pool_.make(frame), now);
    std::map<int, Octets> out;
    while (auto outgoing = switch_->poll_transmit(now)) {
      const Bytes bytes = outgoing->packet.bytes();
      EXPECT_FALSE(out.contains(raw(outgoing->port))) << "twice on port " << raw(outgoing->port);
      out[raw(outgoing->port)] = {bytes.begin(), bytes.end()};
    }
    return out;
  }
  // The ports a frame from `source` to `destination` leaves by.
  std::vector<int> ports(std::uint16_t port, const MacAddress& source,
                         const MacAddress& destination, Instant now = kStart) {
    std::vector<int> found;
    for (const auto& [out, frame] :
         forward(port, ethernet_frame(destination, source, 0x0800, {0x45}), now)) {
      found.push_back(out);
    }
    return found;
  }
  std::uint64_t drops(DropReason reason) { return switch_->drops().count(reason); }
  // "added 02:00:00:00:00:0a 0", ...: changes of the table so far.
  std::vector<std::string> table_changes() const {
    std::vector<std::string> lines;
    for (const MacTableChanged& change : log_.all<MacTableChanged>()) {
      lines.push_back(std::string{to_text(change.change)} + " " + to_text(change.address) + " " +
                      std::to_string(raw(change.port)));
    }
    return lines;
  }

 private:
  PacketPool pool_;
  Tracer tracer_;
  EventLog log_;
  std::unique_ptr<LearningSwitch> switch_;
};

}  // namespace strata::link
