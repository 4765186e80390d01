// SPDX-License-Identifier: MIT
// What is exported passes: both sides of every TCP flow of every scenario become a script, which is
// run against a stack of its own, to the nanosecond.
#include "sim/packetdrill/export.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "sim/packetdrill/runner.h"
#include "sim/scenario/run.h"
#include "tests/support/command.h"

namespace strata::packetdrill {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> scenario_files() {
  std::vector<fs::path> found;
  for (const auto& entry : fs::recursive_directory_iterator(test::source_root() / "scenarios")) {
    if (entry.path().extension() == ".yaml") found.push_back(entry.path());
  }
  std::sort(found.begin(), found.end());
  return found;
}

struct Recorded {
  scenario::Scenario scenario;
  trace::Recording recording;
};

// Nullopt for scenarios that need a device.
std::optional<Recorded> record(const fs::path& file) {
  scenario::Diagnostics diagnostics;
  std::vector<std::string> sources;
  auto loaded = scenario::load(test::read_file(file), file.string(), {}, diagnostics, sources);
  if (!loaded) return std::nullopt;
  for (const scenario::NodeModel& node : loaded->model.nodes) {
    if (node.kind == scenario::NodeKind::device) return std::nullopt;
  }
  Recorded result{std::move(*loaded), {}};
  trace::Recorder recorder;
  scenario::Run run(result.scenario, {});
  run.observe(recorder, kAllEvents);
  const scenario::RunOutcome outcome = run.finish();
  result.recording =
      recorder.finish(trace::Directory::of(run.world()), 0, outcome.figures.metrics.result.end);
  return result;
}

const tcp::Config& config_of(const Recorded& run, NodeId node) {
  const std::string name(run.recording.directory().node_name(node));
  return std::ranges::find(run.scenario.model.nodes, name, &scenario::NodeModel::name)->tcp;
}

std::uint16_t mtu_of(const Recorded& run, NodeId node) {
  const trace::NodeEntry* entry = run.recording.directory().node(node);
  const std::string link(run.recording.directory().link_name(entry->ports.front().link));
  const auto& links = run.scenario.model.links;
  const auto found = std::ranges::find(links, link, &scenario::LinkModel::name);
  return found == links.end() ? std::uint16_t{1500} : found->mtu;
}

// How many scripts there are of both sides of every TCP flow; each passes.
int expect_scripts_to_pass(const Recorded& run) {
  int scripts = 0;
  const std::vector<LinkId> unsteady = links_with_mtu_changes(run.recording);
  for (const trace::Flow& flow : run.recording.flows()) {
    if (flow.protocol != Protocol::tcp) continue;
    for (const NodeId node : {flow.opener_node, flow.responder_node}) {
      if (node == kNoNode) continue;
      const std::string where =
          fmt::format("flow {} at {}", flow.number, run.recording.directory().node_name(node));
      const auto script = export_script(run.recording, {.flow = flow.number,
                                                        .node = node,
                                                        .config = &config_of(run, node),
                                                        .mtu = mtu_of(run, node),
                                                        .title = where,
                                                        .unsteady_links = unsteady});
      if (!script) {
        testing::Test::RecordProperty(where, script.error());
        continue;
      }
      ++scripts;
      const Report report = packetdrill::run(*script);
      std::string told;
      for (const std::string& detail : report.details) told += "\n  " + detail;
      EXPECT_EQ(report.verdict, Verdict::passed)
          << where << ", line " << report.at.line << ": " << report.problem << told << "\n"
          << *script;
    }
  }
  return scripts;
}

class Export : public ::testing::TestWithParam<fs::path> {};

TEST_P(Export, BothSidesOfEveryFlowPassAsScripts) {
  if (const auto run = record(GetParam())) expect_scripts_to_pass(*run);
}

// The windows of a buffer of few segments depend on whether the reader waits (receive_window.cc):
// it waits in the script as well.
TEST(ExportOfSmallBuffers, HasReadersThatWait) {
  const test::TemporaryFolder folder;
  for (const int kibibytes : {2, 4, 8, 16}) {
    const auto run = record(folder.write("small.yaml", fmt::format(R"(nodes:
  a: {{ address: 10.0.1.10/24 }}
  b: {{ address: 10.0.1.20/24, tcp: {{ receive-buffer: {} KiB }} }}
links:
  wire: {{ ends: [a, b], rate: 10 Mbit/s, delay: 5 ms, impair: [ {{ loss: 8 % }} ] }}
processes:
  - {{ on: b, run: sink, listen: 7777 }}
  - {{ on: a, run: bulk, to: "b:7777", bytes: 60 kB }}
)",
                                                                   kibibytes)));
    ASSERT_TRUE(run);
    EXPECT_EQ(expect_scripts_to_pass(*run), 2) << kibibytes;
  }
}

INSTANTIATE_TEST_SUITE_P(Scenarios, Export, ::testing::ValuesIn(scenario_files()),
                         [](const auto& file) {
                           std::string name = file.param.stem().string();
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

}  // namespace
}  // namespace strata::packetdrill
