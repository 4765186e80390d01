// SPDX-License-Identifier: MIT
#include "tools/views/ladder_rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace strata::views {
namespace {

using trace::Recording;

constexpr std::size_t kFoldFrom = 6;  // ordinary rows in one direction before some are folded
constexpr std::size_t kFoldKeeps = 2;

std::optional<LadderRow> row_of(const Recording& recording, Labeller& labeller, PacketUid uid) {
  Journey journey = journey_of(recording, uid);
  if (journey.visits.empty() || journey.hops.empty()) {
    if (journey.ends.empty() || journey.visits.empty()) return std::nullopt;  // loopback
  }
  LadderRow row;
  row.uid = uid;
  row.from = journey.record.origin;
  row.to = journey.destination;
  row.sent = journey.hops.empty() ? journey.started : journey.hops.front().sent;
  row.label = labeller.label(uid);
  for (const trace::EventIndex index : recording.of_packet(uid)) {
    const Event& event = recording.event(index);
    if (const auto* cut = std::get_if<DatagramFragmented>(&event.body)) {
      row.label.text += fmt::format(", {} fragments at {}", cut->fragments.size(),
                                    recording.directory().node_name(event.node));
      row.label.is_ordinary = false;
    } else if (std::holds_alternative<FrameMarked>(event.body)) {
      row.label.text +=
          fmt::format(", marked CE at {}", recording.directory().node_name(event.node));
      row.label.is_ordinary = false;
    }
  }
  row.damaged = journey.is_damaged();
  row.branches = journey.other_hops().size();
  row.reached = journey.delivered;
  if (journey.accepted) row.arrived = journey.delivered;
  if (!journey.accepted && !journey.ends.empty()) {
    // Copies of a flooded frame may have ended elsewhere before.
    const auto there =
        std::find_if(journey.ends.begin(), journey.ends.end(),
                     [&](const PacketEnd& end) { return end.node == journey.destination; });
    row.end = there == journey.ends.end() ? journey.ends.front() : *there;
    row.fate = explain(*row.end, recording.directory());
    row.label.is_ordinary = false;
  }
  return row;
}

// The node at one end of a flow. One that only sent datagrams is known by its address.
NodeId end_of(const Recording& recording, NodeId known, const Endpoint& endpoint) {
  if (known != kNoNode) return known;
  const auto owner = recording.directory().owner_of(endpoint.address);
  return owner ? owner->node : kNoNode;
}

}  // namespace

std::vector<LadderRow> ladder_rows(const Recording& recording, const LadderSelection& selection) {
  Labeller labeller(recording);
  std::vector<LadderRow> rows;
  for (std::uint64_t raw_uid = 1; raw_uid <= raw(recording.last_uid()); ++raw_uid) {
    const PacketUid uid{raw_uid};
    if (selection.flow && recording.packet(uid).flow != *selection.flow) continue;
    if (selection.keep && !selection.keep(uid)) continue;
    auto row = row_of(recording, labeller, uid);
    const bool is_wanted = row && row->sent >= selection.from && row->sent <= selection.until;
    if (is_wanted) rows.push_back(std::move(*row));
  }
  return rows;
}

std::vector<LadderRow> fold_rows(std::vector<LadderRow> rows) {
  std::vector<LadderRow> kept;
  for (std::size_t i = 0; i < rows.size();) {
    std::size_t end = i;
    while (end < rows.size() && rows[end].label.is_ordinary && !rows[end].damaged &&
           rows[end].arrived) {
      ++end;
    }
    if (end - i < kFoldFrom) {
      const std::size_t stop = std::max(end, i + 1);
      for (; i < stop; ++i) kept.push_back(std::move(rows[i]));
      continue;
    }
    for (std::size_t k = i; k < i + kFoldKeeps; ++k) kept.push_back(rows[k]);
    LadderRow middle = rows[i + kFoldKeeps];
    middle.folded = end - i - 2 * kFoldKeeps + 1;
    if (middle.folded > 0) kept.push_back(std::move(middle));
    for (std::size_t k = end - kFoldKeeps + 1; k < end; ++k) kept.push_back(rows[k]);
    i = end;
  }
  return kept;
}

bool FlowEnds::is_forward(const LadderRow& row) const {
  if (row.from == opener || row.from == responder) return row.from == opener;
  return row.label.source == opener_endpoint.address;
}

std::optional<Instant> FlowEnds::arrival(const LadderRow& row) const {
  return row.to == (is_forward(row) ? responder : opener) ? row.reached : std::nullopt;
}

std::optional<FlowEnds> flow_ends(const Recording& recording, const trace::Flow& flow) {
  const FlowEnds ends{.opener = end_of(recording, flow.opener_node, flow.opener),
                      .responder = end_of(recording, flow.responder_node, flow.responder),
                      .opener_endpoint = flow.opener};
  const bool are_two = ends.opener != kNoNode && ends.opener != flow.responder_node &&
                       (recording.is_inferred() ||
                        recording.directory().owner_of(flow.responder.address).has_value());
  return are_two ? std::optional(ends) : std::nullopt;
}

}  // namespace strata::views
