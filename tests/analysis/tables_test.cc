// SPDX-License-Identifier: MIT
// The tables folded from events against the tables that the nodes themselves hold, in every
// scenario at several instants.
#include "sim/analysis/tables.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>

#include "sim/scenario/run.h"
#include "stack/link/switch.h"
#include "tests/support/command.h"

namespace strata::analysis {
namespace {

using Lines = std::vector<std::string>;

// What the nodes of a world hold, one line each, sorted.
Lines tables_of(const sim::World& world) {
  Lines lines;
  for (std::uint32_t i = 0; i < world.node_count(); ++i) {
    const NodeId node{i};
    if (world.is_switch(node)) {
      for (const link::MacTableEntry& entry : world.learning_switch(node).table()) {
        lines.push_back(
            fmt::format("{} mac {} {} {}", i, to_text(entry.address), entry.vlan, raw(entry.port)));
      }
    }
    if (!world.has_host(node)) continue;
    const network::Network& network = world.host(node).network();
    for (const network::Route& route : network.routes()) {
      const auto link = world.link_at(node, route.port);
      if (link && !world.is_link_up(*link)) continue;  // kept, and not used
      lines.push_back(fmt::format("{} route {} {} {} {} {}", i, to_text(route.destination),
                                  to_text(route.gateway.value_or(IpAddress{})), raw(route.port),
                                  route.metric, to_text(route.origin)));
    }
    for (const link::NeighbourEntry& entry : world.host(node).neighbours()) {
      lines.push_back(fmt::format("{} neighbour {} {} {}", i, to_text(entry.address),
                                  to_text(entry.mac), to_text(entry.state)));
    }
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

Lines lines_of(const Tables& tables) {
  Lines lines;
  for (const MacRow& row : tables.macs()) {
    lines.push_back(fmt::format("{} mac {} {} {}", raw(row.node), to_text(row.address), row.vlan,
                                raw(row.port)));
  }
  for (const RouteRow& row : tables.routes()) {
    lines.push_back(fmt::format("{} route {} {} {} {} {}", raw(row.node), to_text(row.route),
                                to_text(row.next_hop), raw(row.port), row.metric,
                                to_text(row.origin)));
  }
  for (const NeighbourRow& row : tables.neighbours()) {
    lines.push_back(fmt::format("{} neighbour {} {} {}", raw(row.node), to_text(row.address),
                                to_text(row.mac), to_text(row.state)));
  }
  std::sort(lines.begin(), lines.end());
  return lines;
}

TEST(Tables, AreThoseOfTheNodesAtEveryInstantOfEveryScenario) {
  std::size_t compared = 0;
  for (const std::string& file : test::scenario_files()) {
    scenario::Diagnostics diagnostics;
    std::vector<std::string> sources;
    const auto scenario =
        scenario::load(test::read_file(test::source_root() / file), file, {}, diagnostics, sources);
    ASSERT_TRUE(scenario) << file;
    std::map<Instant, Lines> actual;
    scenario::RunOptions options;
    for (const int us : {1, 500, 5'000, 20'000, 90'000, 700'000, 1'300'000, 4'000'000}) {
      options.pauses.push_back(kStart + us * 1us);
    }
    options.on_pause = [&](const sim::World& world, Instant at) { actual[at] = tables_of(world); };
    scenario::Run run(*scenario, options);
    trace::Recorder recorder;
    run.observe(recorder, kAllEvents);
    const Instant end = run.finish().figures.metrics.result.end;
    actual[end] = tables_of(run.world());
    const trace::Recording recording =
        recorder.finish(trace::Directory::of(run.world()), scenario->model.seed, end);
    for (const auto& [at, lines] : actual) {
      EXPECT_EQ(lines_of(tables_at(recording, at)), lines) << file << " at " << to_text(at);
      compared += lines.size();
    }
  }
  EXPECT_GT(compared, 1000U);
}

}  // namespace
}  // namespace strata::analysis
