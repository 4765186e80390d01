// SPDX-License-Identifier: MIT
// The packets of a ladder, one row each: who sent it, who got it and when, what it is and how it
// died. The terminal's ladder, its JSON and the diagrams of other programs draw the same rows.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/trace/recording.h"
#include "tools/views/journey.h"
#include "tools/views/label.h"

namespace strata::views {

struct LadderSelection {
  std::optional<std::uint32_t> flow;  // number; none: all packets of all nodes
  Instant from = kStart;
  Instant until = kNever;
  bool fold = true;  // long runs of ordinary data and ACKs become one line
  std::function<bool(PacketUid uid)> keep = {};  // only these packets; empty: all
};

// One packet between two columns.
struct LadderRow {
  PacketUid uid = kNoPacket;
  NodeId from = kNoNode;
  NodeId to = kNoNode;
  Instant sent{};
  std::optional<Instant> arrived;  // and was taken in
  std::optional<Instant> reached;  // the node it goes to, whether it was taken in or not
  Label label;
  std::optional<PacketEnd> end;  // where it died; none when somebody took it in
  std::string fate;              // why it did not arrive, empty when it did
  bool damaged = false;
  std::size_t branches = 0;  // further ones, of a flooded frame
  std::size_t folded = 0;    // this row stands for so many packets
};

// The rows of a selection in the order of their uids; nothing is folded.
std::vector<LadderRow> ladder_rows(const trace::Recording& recording,
                                   const LadderSelection& selection);

// Replaces the middle of long runs of ordinary packets in one direction by a row that counts them.
std::vector<LadderRow> fold_rows(std::vector<LadderRow> rows);

// The two nodes a flow is drawn between.
struct FlowEnds {
  NodeId opener = kNoNode;
  NodeId responder = kNoNode;
  Endpoint opener_endpoint;

  // Does the packet go from the opener to the responder? Routers send too, fragments and ICMP
  // errors: then its source address tells.
  bool is_forward(const LadderRow& row) const;
  // When the packet got to the other end; none when it did not.
  std::optional<Instant> arrival(const LadderRow& row) const;
};

// None when the flow does not have two ends that are nodes: a broadcast has more, a conversation
// over the loopback one.
std::optional<FlowEnds> flow_ends(const trace::Recording& recording, const trace::Flow& flow);

}  // namespace strata::views
