// SPDX-License-Identifier: MIT
// A packet's journey: the links it crossed, the nodes it touched, what each layer of each node did
// with it and how it ended. Read from the events about one uid; the path and ladder views draw it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/analysis/hops.h"
#include "sim/trace/recording.h"

namespace strata::views {

using analysis::Hop;

// What the medium did to the frame on that hop: "flipped 2 bits of it", "cut it to 40 octets".
std::string damage_text(const Hop& hop);

// Where and why a packet ended before its destination.
struct PacketEnd {
  NodeId node = kNoNode;
  Instant time{};
  Layer layer{};
  DropReason reason{};
  LinkId link = kNoLink;  // when it died on a link or in its queue
  PortId port = kNoPort;
  std::string decision;  // "bernoulli p=0.1 draw=0.034", "3rd match of tcp", empty
};

// What a node did to the packet, in order.
struct Visit {
  NodeId node = kNoNode;
  std::optional<Instant> arrived;   // last bit in; none where it was made
  std::optional<Instant> departed;  // first bit out; none where it ended
  std::vector<const Event*> events;
};

struct Journey {
  trace::PacketRecord record;
  Instant started{};
  std::vector<Hop> hops;        // in order of sending; a flooded frame has several from one node
  std::vector<Visit> visits;    // along the path taken: origin first
  std::vector<PacketEnd> ends;  // every drop of a copy
  // Last node that took it in (its frame was accepted); the origin when nobody did.
  NodeId destination = kNoNode;
  // When the last visit's node got it; none when it never arrived anywhere.
  std::optional<Instant> delivered;
  bool is_lost() const { return !ends.empty() && !accepted; }
  bool accepted = false;  // some node took it up beyond the link layer and did not drop it

  // Branches of a flooded frame, and further deliveries: hops that are not on the way of `visits`.
  std::vector<const Hop*> other_hops() const;
  // Did a medium flip bits of it?
  bool is_damaged() const;
  // The hop out of visits[i]; nullptr at the end.
  const Hop* hop_after(std::size_t i) const;
};

// The journey of `uid`; visits is empty when nothing is known about the packet.
Journey journey_of(const trace::Recording& recording, PacketUid uid);

// Why, where and by what decision, for people: "queue is full on access".
std::string explain(const PacketEnd& end, const trace::Directory& names);

}  // namespace strata::views
