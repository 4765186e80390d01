// SPDX-License-Identifier: MIT
#include "tools/views/journey.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/trace/words.h"

namespace strata::views {
namespace {

using trace::Directory;
using trace::Recording;

// Links and ends of one packet, from the events about it.
void read_events(const Recording& recording, PacketUid uid, Journey& journey) {
  analysis::HopCollector collector(recording.directory());
  for (const trace::EventIndex index : recording.of_packet(uid)) {
    const Event& event = recording.event(index);
    collector.read(event);
    const auto* dropped = std::get_if<Dropped>(&event.body);
    if (dropped == nullptr) continue;
    journey.ends.push_back({event.node, event.time, dropped->layer, dropped->reason, dropped->link,
                            dropped->port, decision_text(dropped->decision)});
  }
  journey.hops = collector.take();
  std::erase_if(journey.hops, [&](const Hop& hop) { return hop.uid != uid; });
}

// In a layer of the node, or at the queue of the port it was to leave by.
bool dropped_at(const Journey& journey, NodeId node) {
  return std::any_of(journey.ends.begin(), journey.ends.end(),
                     [&](const PacketEnd& end) { return end.node == node; });
}

// Did `node` take the packet up beyond the link layer?
bool took_up(const Recording& recording, PacketUid uid, NodeId node) {
  for (const trace::EventIndex index : recording.of_packet(uid)) {
    const Event& event = recording.event(index);
    if (event.node != node) continue;
    const auto* pulled = std::get_if<HeaderPulled>(&event.body);
    if (pulled != nullptr && pulled->protocol != Protocol::vlan) return true;
  }
  return false;
}

// Index of the hop that leads towards the end of the journey, of those that leave `node`.
std::optional<std::size_t> onward(const Recording& recording, const Journey& journey, NodeId node,
                                  const std::vector<bool>& used) {
  std::optional<std::size_t> best;
  int best_rank = -1;
  for (std::size_t i = 0; i < journey.hops.size(); ++i) {
    const Hop& hop = journey.hops[i];
    if (hop.from != node || used[i]) continue;
    // Of a flooded frame's branches, follow the one that somebody wanted.
    int rank = hop.received ? 1 : 0;
    const bool continues = std::any_of(journey.hops.begin(), journey.hops.end(),
                                       [&](const Hop& next) { return next.from == hop.to; });
    if (hop.received && continues) rank = 2;
    if (hop.received && took_up(recording, journey.record.uid, hop.to)) rank = 3;
    if (rank > best_rank) {
      best_rank = rank;
      best = i;
    }
  }
  return best;
}

// The visit during which something happened at a node: the last that had begun by then.
Visit* visit_of(Journey& journey, const Event& event) {
  Visit* last = nullptr;
  for (Visit& visit : journey.visits) {
    if (visit.node != event.node) continue;
    if (last == nullptr || !visit.arrived || *visit.arrived <= event.time) last = &visit;
  }
  return last;
}

void trace_visits(const Recording& recording, Journey& journey) {
  std::vector<bool> used(journey.hops.size(), false);
  NodeId node = journey.record.origin;
  std::optional<Instant> arrived;
  while (true) {
    Visit visit;
    visit.node = node;
    visit.arrived = arrived;
    const auto next = onward(recording, journey, node, used);
    if (next) visit.departed = journey.hops[*next].sent;
    journey.visits.push_back(std::move(visit));
    if (!next) break;
    used[*next] = true;
    const Hop& hop = journey.hops[*next];
    if (!hop.received) break;
    arrived = hop.received;
    node = hop.to;
  }
  journey.destination = node;
  journey.delivered = journey.visits.back().arrived;
  journey.accepted = !journey.visits.back().departed && !dropped_at(journey, node) &&
                     (journey.delivered || journey.hops.empty());
  for (const trace::EventIndex index : recording.of_packet(journey.record.uid)) {
    const Event& event = recording.event(index);
    if (Visit* visit = visit_of(journey, event)) visit->events.push_back(&event);
  }
}

}  // namespace

std::string damage_text(const Hop& hop) {
  std::string text;
  if (!hop.flipped_bits.empty())
    text = fmt::format("flipped {} bits of it", hop.flipped_bits.size());
  if (hop.cut_to) {
    text += fmt::format("{}cut it to {} octets", text.empty() ? "" : " and ", *hop.cut_to);
  }
  return text;
}

const Hop* Journey::hop_after(std::size_t i) const {
  if (i >= visits.size() || !visits[i].departed) return nullptr;
  for (const Hop& hop : hops) {
    const bool leads_on = i + 1 >= visits.size() || hop.to == visits[i + 1].node;
    if (hop.from == visits[i].node && hop.sent == *visits[i].departed && leads_on) return &hop;
  }
  return nullptr;
}

bool Journey::is_damaged() const {
  return std::any_of(hops.begin(), hops.end(), [](const Hop& hop) { return hop.is_damaged(); });
}

std::vector<const Hop*> Journey::other_hops() const {
  std::vector<const Hop*> others;
  for (const Hop& hop : hops) others.push_back(&hop);
  for (std::size_t i = 0; i < visits.size(); ++i) std::erase(others, hop_after(i));
  return others;
}

Journey journey_of(const Recording& recording, PacketUid uid) {
  Journey journey;
  journey.record = recording.packet(uid);
  const auto indices = recording.of_packet(uid);
  if (indices.empty() || journey.record.origin == kNoNode) return journey;
  journey.started = recording.event(indices.front()).time;
  read_events(recording, uid, journey);
  trace_visits(recording, journey);
  return journey;
}

std::string explain(const PacketEnd& end, const Directory& names) {
  std::string text{words_of(end.reason)};
  if (end.link != kNoLink) {
    text += fmt::format(" on {}", names.link_name(end.link));
  } else if (end.node != kNoNode) {
    text += fmt::format(" at {}", names.node_name(end.node));
  }
  if (!end.decision.empty()) text += fmt::format(" ({})", end.decision);
  return text;
}

}  // namespace strata::views
