// SPDX-License-Identifier: MIT
#include "tools/views/tcp_history.h"

#include <algorithm>
#include <iterator>
#include <limits>

namespace strata::views {
namespace {

constexpr trace::EventIndex kNoIndex = std::numeric_limits<trace::EventIndex>::max();

}  // namespace

TcpHistory::TcpHistory(const trace::Recording& recording, NodeId node, const trace::Flow& flow) {
  PacketUid current = kNoPacket;
  Instant since{};
  for (const trace::EventIndex index : recording.of_flow(flow.number)) {
    const Event& event = recording.event(index);
    if (event.node != node) continue;
    const bool is_segment = std::holds_alternative<TcpSegmentSent>(event.body) ||
                            std::holds_alternative<TcpSegmentReceived>(event.body);
    if (current != kNoPacket && (is_segment || event.time > since)) {
      ends_.insert_or_assign(current, index);
      current = kNoPacket;
    }
    if (is_segment) {
      current = event.uid;
      since = event.time;
    } else if (const auto* variables = std::get_if<TcpVariables>(&event.body)) {
      entries_.push_back({index, event.time, variables});
    }
  }
  if (current != kNoPacket) ends_.insert_or_assign(current, kNoIndex);
}

const TcpVariables* TcpHistory::at(PacketUid uid, Instant time) const {
  const auto mine = ends_.find(uid);
  if (mine == ends_.end()) {
    return before(std::upper_bound(entries_.begin(), entries_.end(), time,
                                   [](Instant t, const Entry& entry) { return t < entry.time; }));
  }
  return before(std::lower_bound(
      entries_.begin(), entries_.end(), mine->second,
      [](const Entry& entry, trace::EventIndex index) { return entry.index < index; }));
}

const TcpVariables* TcpHistory::before(std::vector<Entry>::const_iterator entry) const {
  return entry == entries_.begin() ? nullptr : std::prev(entry)->variables;
}

}  // namespace strata::views
