// SPDX-License-Identifier: MIT
// What the trace needs to know of a world: its names and the totals of its links.
#include "sim/attachment.h"
#include "sim/trace/directory.h"
#include "sim/trace/metrics.h"
#include "sim/world.h"

namespace strata::trace {
namespace {

PortEntry describe_port(const sim::World& world, NodeId node, PortId port) {
  PortEntry entry{.name = world.port_name(node, port),
                  .link = world.link_at(node, port).value_or(kNoLink)};
  if (world.is_attachment(node)) {
    const sim::AttachmentConfig& config = world.attachment(node).config();
    entry.mac = config.mac;
    entry.addresses = config.addresses;
  } else if (world.has_host(node)) {
    const host::PortConfig& config = world.host_config(node).ports[raw(port)];
    entry.mac = config.interface.mac;
    entry.addresses = config.addresses;
  }
  return entry;
}

NodeKind kind_of(const sim::World& world, NodeId node) {
  if (world.is_switch(node)) return NodeKind::network_switch;
  if (world.is_attachment(node)) return NodeKind::device;
  return world.is_router(node) ? NodeKind::router : NodeKind::host;
}

}  // namespace

Directory Directory::of(const sim::World& world) {
  Directory directory;
  for (std::uint32_t i = 0; i < world.node_count(); ++i) {
    const NodeId node{i};
    NodeEntry entry{.name = world.node_name(node), .kind = kind_of(world, node)};
    for (std::uint16_t port = 0; port < world.port_count(node); ++port) {
      entry.ports.push_back(describe_port(world, node, PortId{port}));
    }
    directory.nodes.push_back(std::move(entry));
  }
  for (std::uint32_t i = 0; i < world.link_count(); ++i) {
    const sim::LinkConfig& config = world.link(LinkId{i});
    directory.links.push_back({.name = config.name,
                               .a = config.a,
                               .b = config.b,
                               .rate_bps = config.rate_bps,
                               .delay = config.delay,
                               .line_code = config.line_code});
  }
  return directory;
}

std::vector<LinkMetrics> link_metrics(const sim::World& world) {
  std::vector<LinkMetrics> links;
  for (std::uint32_t i = 0; i < world.link_count(); ++i) {
    const LinkId link{i};
    links.push_back({.a_to_b = world.counters(link, sim::Direction::a_to_b),
                     .b_to_a = world.counters(link, sim::Direction::b_to_a),
                     .in_flight_frames = world.frames_in_flight(link)});
  }
  return links;
}

RunMetrics Metrics::collect(const sim::World& world, const sim::RunResult& result) && {
  RunMetrics run = std::move(*this).collect(link_metrics(world), world.node_count(), result);
  for (std::uint32_t i = 0; i < world.node_count(); ++i) {
    if (!world.is_attachment(NodeId{i})) continue;
    const sim::ReplayCounters& replayed = world.attachment(NodeId{i}).replayed();
    run.nodes[i].replayed_frames = replayed.frames;
    run.nodes[i].replayed_short = replayed.cut_short;
  }
  return run;
}

}  // namespace strata::trace
