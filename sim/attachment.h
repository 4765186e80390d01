// SPDX-License-Identifier: MIT
// Attachment: the node that stands for something outside the simulation - a TAP device, a network
// card, a capture file. It has one port. Frames from outside enter the link at that port, frames
// that arrive over the link leave to the outside; what the outside is made of it does not know.
//
//     outside -> inject() -> poll_transmit() -> link -> ... the simulated network
//     outside <- Outside::deliver() <- receive() <- link <- ...
//
// A frame has a frame check sequence only on the medium: it is appended on the way in, checked and
// taken off on the way out (but see World::settle_media()). Of a capture file, the frames enter by
// themselves when they are due; what arrives there is taken and nobody reads it.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "sim/replay.h"
#include "stack/base/address.h"
#include "stack/base/bytes.h"
#include "stack/base/node.h"
#include "stack/base/tracer.h"

namespace strata::sim {

// The outside world as an attachment sees it.
class Outside {
 public:
  virtual ~Outside() = default;
  // A frame (destination address to the end of its payload, no FCS) leaves the simulation. False
  // when it could not be taken: it is then a counted drop.
  virtual bool deliver(Bytes frame, Instant now) = 0;
};

struct AttachmentConfig {
  std::string name;                    // of the node
  std::string port_name;               // of its port: the device's name
  MacAddress mac;                      // of the station outside, for tables and captures
  std::vector<Prefix> addresses;       // likewise
  std::size_t frame_bytes_max = 1518;  // without FCS: MTU, Ethernet header, one VLAN tag
  std::optional<ReplayConfig> replay;  // the outside is a capture
};

class Attachment final : public Node {
 public:
  Attachment(const NodeContext& context, AttachmentConfig config);

  // Who gets the frames that leave; nullptr: nobody, they are dropped. It must outlive the
  // attachment or be replaced.
  void set_outside(Outside* outside) { outside_ = outside; }
  // From now on frames cross the link without FCS: link::Interface::trust_medium().
  void trust_medium() { trusts_medium_ = true; }
  bool is_replay() const { return replay_.has_value(); }
  // A frame came in from outside, without FCS. Frames no Ethernet link could carry are dropped.
  void inject(Bytes frame, Instant now);
  // A capture ends here: no further frame of it enters.
  void stop_replay() {
    if (replay_) replay_->stop();
  }

  void receive(PortId port, Packet packet, Instant now) override;
  std::optional<OutgoingFrame> poll_transmit(Instant now) override;
  Instant next_deadline() const override { return replay_ ? replay_->due() : kNever; }
  void on_deadline(Instant now) override;

  const AttachmentConfig& config() const { return config_; }
  const DropCounters& drops() const { return drops_; }
  const ReplayCounters& replayed() const { return replayed_; }

 private:
  void enter(Packet packet, bool has_fcs, Instant now);
  void drop(const Packet& packet, DropReason reason, Instant now);

  NodeContext context_;
  AttachmentConfig config_;
  std::optional<Replay> replay_;
  Outside* outside_ = nullptr;
  bool trusts_medium_ = false;
  std::deque<Packet> entering_;  // emptied after each inject(): the driver polls
  DropCounters drops_;
  ReplayCounters replayed_;
};

}  // namespace strata::sim
