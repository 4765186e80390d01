// SPDX-License-Identifier: MIT
#include "tools/views/demux.h"

#include <fmt/format.h>

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
  page.line(title.cut_to(options.width));
  std::size_t number = 0;
  for (const DemuxStep& step : demux.steps) {
    Text line(fmt::format("  {} {:<28} ", ++number, shorten(step.rule, 28)));
    const std::size_t room = options.width > 60 ? options.width - 58 : 8;
    line.add(fmt::format("{:<{}} ", shorten(step.candidate, room), room), Role::dim);
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
    page.line(line.cut_to(options.width));
  }
  Text result("  → ");
  if (demux.socket >= 0) result.add(fmt::format("fd {}: ", demux.socket), Role::good);
  result.add(demux.outcome, demux.socket >= 0 ? Role::good : Role::bad);
  page.line(std::move(result));
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
  Page page;
  // The decision first: on a narrow terminal the addresses are what may be cut.
  constexpr std::size_t kBeforeDecision = 36;
  constexpr std::size_t kDecision = 38;
  page.line(Text(fmt::format("{:>12}  {:<8} {:>6}  {:<4} {:<{}}  {:<22} {}", "t", "node", "packet",
                             "", "decision", kDecision, "to", "from"),
                 Role::heading)
                .cut_to(options.width));
  for (const Event& event : recording.events()) {
    const auto* found = std::get_if<Demultiplexed>(&event.body);
    if (found == nullptr || (node != kNoNode && event.node != node)) continue;
    std::string_view rule = "no rule";
    for (const DemuxStep& step : found->steps) {
      if (step.outcome == DemuxOutcome::hit) rule = step.rule;
    }
    const std::string target =
        found->socket >= 0 ? fmt::format("fd {} ({})", found->socket, rule) : std::string{rule};
    Text line(fmt::format("{:>12}  {:<8} {:>6}  {:<4} ", to_text(event.time, 6),
                          shorten(recording.directory().node_name(event.node), 8),
                          fmt::format("#{}", raw(event.uid)), protocol_text(found->protocol)));
    const std::string decision = shorten(fmt::format("{}: {}", target, found->outcome), kDecision);
    line.add(decision, found->socket >= 0 ? Role::plain : Role::bad);
    line.pad_to(kBeforeDecision + kDecision + 2);
    line.add(fmt::format("{:<22} {}", to_text(found->local), to_text(found->remote)));
    page.line(line.cut_to(options.width));
  }
  return page;
}

}  // namespace strata::views
