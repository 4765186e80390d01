// SPDX-License-Identifier: MIT
#include "tools/views/demux.h"

#include <fmt/format.h>

#include <algorithm>
#include <vector>

namespace strata::views {
namespace {

using trace::Recording;

std::string protocol_text(Protocol protocol) {
  return protocol == Protocol::tcp ? "TCP" : protocol == Protocol::udp ? "UDP" : "ICMP";
}

void decision(Page& page, const Recording& recording, const Event& event,
              const Demultiplexed& demux, const Options& options) {
  Text title(fmt::format("demux #{}", raw(event.uid)), Role::heading);
  title.add(fmt::format("  t={}  {}  {}, to {}, from {}", to_text(event.time),
                        recording.directory().node_name(event.node), protocol_text(demux.protocol),
                        to_text(demux.local), to_text(demux.remote)));
  page.wrap(title, options.width);
  std::size_t rule = 0;
  std::size_t candidate = 0;
  for (const DemuxStep& step : demux.steps) {
    rule = std::max(rule, columns(step.rule));
    candidate = std::max(candidate, columns(step.candidate));
  }
  std::size_t number = 0;
  for (const DemuxStep& step : demux.steps) {
    Text line(fmt::format("  {} {:<{}}  ", ++number, step.rule, rule));
    line.add(fmt::format("{:<{}}  ", step.candidate, candidate), Role::dim);
    switch (step.outcome) {
      case DemuxOutcome::hit:
        line.add(fmt::format("→ HIT of {}", step.entries), Role::good);
        break;
      case DemuxOutcome::miss:
        line.add(fmt::format("miss of {}", step.entries), Role::dim);
        break;
      case DemuxOutcome::not_tried:
        line.add("not tried", Role::dim);
        break;
    }
    page.wrap(line, options.width, 6);
  }
  Text result("  → ");
  if (demux.socket >= 0) result.add(fmt::format("fd {}: ", demux.socket), Role::good);
  result.add(demux.outcome, demux.socket >= 0 ? Role::good : Role::bad);
  page.wrap(result, options.width);
}

// The rule that found a socket and what became of the packet.
std::string decision_text(const Demultiplexed& demux) {
  std::string_view rule = "no rule";
  for (const DemuxStep& step : demux.steps) {
    if (step.outcome == DemuxOutcome::hit) rule = step.rule;
  }
  return demux.socket >= 0 ? fmt::format("fd {} ({}): {}", demux.socket, rule, demux.outcome)
                           : fmt::format("{}: {}", rule, demux.outcome);
}

}  // namespace

Page demux(const Recording& recording, PacketUid uid, const Options& options) {
  Page page;
  for (const trace::EventIndex index : recording.of_packet(uid)) {
    const Event& event = recording.event(index);
    if (const auto* found = std::get_if<Demultiplexed>(&event.body)) {
      decision(page, recording, event, *found, options);
    }
  }
  if (page.lines().empty()) {
    page.line(fmt::format("packet #{} never reached a demultiplexer", raw(uid)), Role::dim);
  }
  return page;
}

Page demux_all(const Recording& recording, NodeId node, const Options& options) {
  std::vector<const Event*> events;
  std::size_t where = 8;  // columns
  std::size_t to = 2;
  std::size_t from = 4;
  for (const Event& event : recording.events()) {
    const auto* found = std::get_if<Demultiplexed>(&event.body);
    if (found == nullptr || (node != kNoNode && event.node != node)) continue;
    events.push_back(&event);
    where = std::max(where, columns(recording.directory().node_name(event.node)));
    to = std::max(to, columns(to_text(found->local)));
    from = std::max(from, columns(to_text(found->remote)));
  }
  // What does not fit beside the addresses goes on below them.
  constexpr std::size_t kDecisionLeast = 24;
  const std::size_t before = 28 + where;
  const bool is_wide = options.width >= before + to + from + 4 + kDecisionLeast;
  const std::size_t margin = is_wide ? before + to + from + 4 : before;
  Page page;
  Text heading(fmt::format("{:>12}  {:<{}} {:>6}  {:<4} ", "t", "node", where, "packet", ""),
               Role::heading);
  const auto addresses = [&](std::string_view local, std::string_view remote) {
    return fmt::format("{:<{}}  {:<{}}  ", local, to, remote, from);
  };
  if (is_wide) heading.add(addresses("to", "from"), Role::heading);
  page.wrap(heading.add("decision", Role::heading), options.width, margin);
  for (const Event* event : events) {
    const auto& found = std::get<Demultiplexed>(event->body);
    Text line(fmt::format("{:>12}  {:<{}} {:>6}  {:<4} ", to_text(event->time, 6),
                          recording.directory().node_name(event->node), where,
                          fmt::format("#{}", raw(event->uid)), protocol_text(found.protocol)));
    if (is_wide) line.add(addresses(to_text(found.local), to_text(found.remote)));
    line.add(decision_text(found), found.socket >= 0 ? Role::plain : Role::bad);
    page.wrap(line, options.width, margin);
    if (is_wide) continue;
    Text below = Text{}.pad_to(14);
    below.add(fmt::format("to {} from {}", to_text(found.local), to_text(found.remote)), Role::dim);
    page.wrap(below, options.width, 14);
  }
  return page;
}

}  // namespace strata::views
