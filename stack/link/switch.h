// SPDX-License-Identifier: MIT
// LearningSwitch: a transparent store-and-forward bridge (IEEE 802.1D clause 7) with port-based
// VLANs (IEEE 802.1Q). It processes the physical and the link layer and knows no addresses above.
//
//     frame in -> FCS good? -> VLAN of the frame -> learn source -> known destination? -> one port
//                                                                   unknown, group     -> flood
//
// Not here: spanning tree (a loop of switches storms, as it should), priorities, VLAN pruning on
// trunks.
//
// Ageing is applied when a frame arrives, before it can matter; the switch sets no timer, so a
// network where nothing happens lets a simulation end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "stack/base/node.h"
#include "stack/base/tracer.h"
#include "stack/link/mac_table.h"
#include "stack/wire/ethernet.h"

namespace strata::link {

struct SwitchConfig {
  std::size_t ports = 0;
  Duration ageing{300s};               // IEEE 802.1D 7.9.2 default
  std::size_t entries_max = 8192;      // full: learn nothing more, flood
  bool verify_fcs = true;              // a store-and-forward switch drops damaged frames
  std::size_t frame_bytes_max = 9238;  // FCS and tag included; lets jumbo frames of 9216 pass
  // Per port: VLAN of untagged frames (access port; on a trunk its native VLAN; 0: untagged frames
  // are not accepted) and whether tagged frames pass (trunk). Ports beyond the end of a list: 0,
  // false.
  std::vector<std::uint16_t> access_vlan;  // empty: no VLANs at all, tags are payload
  std::vector<bool> trunk;
};

class LearningSwitch final : public Node {
 public:
  LearningSwitch(const NodeContext& context, SwitchConfig config);
  void receive(PortId port, Packet packet, Instant now) override;
  std::optional<OutgoingFrame> poll_transmit(Instant now) override;
  // Never: see above.
  Instant next_deadline() const override { return kNever; }
  // Removes expired entries; may be called at any time.
  void on_deadline(Instant now) override { age(now); }

  // The link of a port went down or up: its addresses are forgotten, nothing is sent to it while
  // it is down. Ports start up.
  void set_port_up(PortId port, bool up, Instant now);

  const SwitchConfig& config() const { return config_; }
  std::vector<MacTableEntry> table() const { return table_.entries(); }  // by VLAN, address
  const DropCounters& drops() const { return drops_; }

 private:
  // What is known of a frame that entered.
  struct Ingress {
    PortId port{};
    wire::EthernetHeader header;
    std::optional<wire::VlanTag> tag;
    std::uint16_t vlan = 0;    // 0 without VLANs
    std::uint32_t damage = 0;  // stored FCS xor computed FCS; 0 unless verify_fcs is off
  };
  enum class Egress : std::uint8_t { none, as_received, untagged, tagged };

  std::optional<DropReason> check(const Packet& packet, Ingress& ingress) const;
  std::optional<DropReason> classify(Bytes frame, Ingress& ingress) const;
  void age(Instant now);
  void learn(const Ingress& ingress, Instant now);
  Egress egress(PortId port, const Ingress& ingress) const;
  void forward(Packet packet, const Ingress& ingress, PortId out, Instant now);
  void flood(Packet packet, const Ingress& ingress, Instant now);
  void put(Packet packet, const Ingress& ingress, PortId out, Instant now);
  void insert_tag(Packet& packet, const Ingress& ingress, Instant now);
  void remove_tag(Packet& packet, const Ingress& ingress, Instant now);
  static void rewrite_tag(Packet& packet, const Ingress& ingress);
  static void append_fcs(Packet& packet, std::uint32_t damage);
  void trace_forwarded(const Packet& packet, const Ingress& ingress, std::span<const PortId> out,
                       bool flooded, Instant now) const;
  void drop(const Packet& packet, PortId port, DropReason reason, Instant now);

  NodeContext context_;
  SwitchConfig config_;
  MacTable table_;
  std::vector<bool> port_up_;
  std::vector<PortId> flood_ports_;    // scratch of flood(), kept for its capacity
  std::vector<OutgoingFrame> output_;  // a queue: output_[next_output_] is first
  std::size_t next_output_ = 0;
  DropCounters drops_;
};

}  // namespace strata::link
