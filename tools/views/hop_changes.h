// SPDX-License-Identifier: MIT
// What each node on a packet's way changed in it, field by field: addresses of the link, time to
// live, checksums, tags. Two frames of one packet, on the links before and behind a node, laid side
// by side.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tools/views/journey.h"
#include "tools/views/text.h"

namespace strata::views {

struct FieldChange {
  Protocol protocol{};
  std::string_view field;  // name in the field table
  std::size_t offset = 0;  // in the frame that came out; in the one that went in if it vanished
  std::string before;      // empty: the header is new
  std::string after;       // empty: the header is gone
};

struct HopChange {
  NodeId node = kNoNode;  // who changed it; kNoNode: the medium (`out` damaged it)
  const Hop* in = nullptr;
  const Hop* out = nullptr;
  std::vector<FieldChange> fields;
  std::vector<std::size_t> payload;  // offsets of changed octets that no field describes
};

// In order; also the nodes that changed nothing. Points into `journey`.
std::vector<HopChange> changes_of(const Journey& journey);

Page hop_changes(const trace::Recording& recording, PacketUid uid, const Options& options);

}  // namespace strata::views
