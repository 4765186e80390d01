// SPDX-License-Identifier: MIT
// (contract; the owner completes the private part)
#pragma once
#include <deque>
#include <vector>

#include "stack/base/node.h"
#include "stack/base/tracer.h"

namespace strata::link {

struct SwitchConfig {
  std::size_t ports = 0;
  Duration ageing{300s};             // IEEE 802.1D 7.9.2 default
  std::size_t entries_max = 8192;    // full: learn nothing more, flood
  bool verify_fcs = true;            // a store-and-forward switch drops damaged frames
  // Per port: VLAN of untagged frames (access port) and whether tagged frames pass (trunk).
  std::vector<std::uint16_t> access_vlan;  // empty: no VLANs at all
  std::vector<bool> trunk;
};

struct MacTableEntry {
  MacAddress address;
  std::uint16_t vlan = 0;
  PortId port{};
  Instant last_seen{};
};

// Transparent learning bridge (IEEE 802.1D clause 7): physical and link layer only.
class LearningSwitch final : public Node {
 public:
  LearningSwitch(const NodeContext& context, SwitchConfig config);
  void receive(PortId port, Packet packet, Instant now) override;
  std::optional<OutgoingFrame> poll_transmit(Instant now) override;
  Instant next_deadline() const override;
  void on_deadline(Instant now) override;
  std::vector<MacTableEntry> table() const;  // ordered by VLAN, address
  const DropCounters& drops() const;
};

}  // namespace strata::link
