// SPDX-License-Identifier: MIT
// The table of the language against the parser, the stack's own defaults and the reference.
#include "sim/scenario/schema.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <regex>
#include <set>

#include "sim/scenario/explain.h"
#include "sim/scenario/json_schema.h"
#include "sim/scenario/parse.h"
#include "sim/scenario/reference.h"
#include "sim/scenario/units.h"
#include "stack/transport/tcp/profile.h"
#include "tests/scenario/support.h"

namespace strata::scenario {
namespace {

std::string read(const std::string& path) {
  std::ifstream in(std::string{STRATA_SOURCE_DIR} + "/" + path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

TEST(Schema, KeysAreKebabCaseUniqueAndExplained) {
  std::set<std::pair<Section, std::string_view>> seen;
  const std::regex kebab("[a-z]+[0-9]*(-[a-z0-9]+)*");
  for (const Key& key : keys()) {
    EXPECT_TRUE(seen.emplace(key.section, key.name).second) << key.name;
    EXPECT_TRUE(std::regex_match(std::string{key.name}, kebab)) << key.name;
    EXPECT_TRUE(key.help.ends_with('.')) << key.name;
    EXPECT_LE(key.help.size(), 120U) << key.name;
  }
}

TEST(Schema, DefaultsAreValuesOfTheirKind) {
  for (const Key& key : keys()) {
    if (key.fallback.empty()) continue;
    if (key.kind == Kind::duration) {
      EXPECT_TRUE(parse_duration(key.fallback)) << key.name;
    }
    if (key.kind == Kind::bytes) {
      EXPECT_TRUE(parse_bytes(key.fallback)) << key.name;
    }
    if (key.kind == Kind::rate) {
      EXPECT_TRUE(parse_rate(key.fallback)) << key.name;
    }
    if (key.kind == Kind::count) {
      EXPECT_TRUE(parse_count(key.fallback)) << key.name;
    }
    if (key.kind == Kind::queue) {
      EXPECT_TRUE(parse_queue(key.fallback)) << key.name;
    }
    if (key.kind == Kind::boolean) {
      EXPECT_TRUE(parse_boolean(key.fallback)) << key.name;
    }
    if (key.kind == Kind::probability) {
      EXPECT_TRUE(parse_probability(key.fallback)) << key.name;
    }
    if (key.kind == Kind::choice) {
      EXPECT_THAT(choices(key), testing::Contains(std::string{key.fallback})) << key.name;
    }
  }
}

// A scenario that gives no option gets what the stack does by itself: the table may not drift.
TEST(Schema, DefaultsAreThoseOfTheStack) {
  const Scenario scenario = load_good(kPair);
  const NodeModel& node = scenario.model.nodes[0];
  const tcp::Config tcp;
  EXPECT_EQ(node.tcp.congestion_control, tcp.congestion_control);
  EXPECT_EQ(node.tcp.send_buffer_bytes, tcp.send_buffer_bytes);
  EXPECT_EQ(node.tcp.receive_buffer_bytes, tcp.receive_buffer_bytes);
  EXPECT_EQ(node.tcp.mss_max, tcp.mss_max);
  EXPECT_EQ(node.tcp.window_scaling, tcp.window_scaling);
  EXPECT_EQ(node.tcp.timestamps, tcp.timestamps);
  EXPECT_EQ(node.tcp.sack, tcp.sack);
  EXPECT_EQ(node.tcp.d_sack, tcp.d_sack);
  EXPECT_EQ(node.tcp.fast_retransmit, tcp.fast_retransmit);
  EXPECT_EQ(node.tcp.limited_transmit, tcp.limited_transmit);
  EXPECT_EQ(node.tcp.slow_but_steady, tcp.slow_but_steady);
  EXPECT_EQ(node.tcp.rack, tcp.rack);
  EXPECT_EQ(node.tcp.counted_pipe, tcp.counted_pipe);
  EXPECT_EQ(node.tcp.tail_loss_probe, tcp.tail_loss_probe);
  EXPECT_EQ(node.tcp.probe_in_recovery, tcp.probe_in_recovery);
  EXPECT_EQ(node.tcp.prr, tcp.prr);
  EXPECT_EQ(node.tcp.f_rto, tcp.f_rto);
  EXPECT_EQ(node.tcp.undo, tcp.undo);
  EXPECT_EQ(node.tcp.nagle, tcp.nagle);
  EXPECT_EQ(node.tcp.delayed_ack, tcp.delayed_ack);
  EXPECT_EQ(node.tcp.rto_initial, tcp.rto_initial);
  EXPECT_EQ(node.tcp.rto_min, tcp.rto_min);
  EXPECT_EQ(node.tcp.rto_max, tcp.rto_max);
  EXPECT_EQ(node.tcp.msl, tcp.msl);
  EXPECT_EQ(node.tcp.syn_retries_max, tcp.syn_retries_max);
  EXPECT_EQ(node.tcp.retries_max, tcp.retries_max);
  EXPECT_EQ(node.tcp.initial_window_segments, tcp.initial_window_segments);
  EXPECT_EQ(node.tcp.fast_convergence, tcp.fast_convergence);
  EXPECT_EQ(node.tcp.abc_limit, tcp.abc_limit);
  EXPECT_EQ(node.tcp.window_validation, tcp.window_validation);
  EXPECT_EQ(node.tcp.ecn, tcp.ecn);
  EXPECT_EQ(node.tcp.pacing, tcp.pacing);
  EXPECT_EQ(node.tcp.fin_wait_2_timeout, tcp.fin_wait_2_timeout);
  const network::NetworkConfig network;
  EXPECT_EQ(node.network.default_ttl, network.default_ttl);
  EXPECT_EQ(node.network.reassembly_timeout, network.reassembly_timeout);
  EXPECT_EQ(node.network.reassembly_bytes_max, network.reassembly_bytes_max);
  EXPECT_EQ(node.network.icmp_errors_per_second, network.icmp_errors_per_second);
  EXPECT_EQ(node.network.answer_broadcast_echo, network.answer_broadcast_echo);
  EXPECT_EQ(node.network.send_redirects, network.send_redirects);
  EXPECT_EQ(node.network.accept_redirects, network.accept_redirects);
  EXPECT_EQ(node.network.forward_directed_broadcast, network.forward_directed_broadcast);
  const link::ArpConfig arp;
  EXPECT_EQ(node.arp.reachable_time, arp.reachable_time);
  EXPECT_EQ(node.arp.request_interval, arp.request_interval);
  EXPECT_EQ(node.arp.requests_max, arp.requests_max);
  EXPECT_EQ(node.arp.queue_packets_max, arp.queue_packets_max);
  EXPECT_EQ(node.arp.entries_max, arp.entries_max);
  EXPECT_EQ(node.arp.announce, arp.announce);
  const link::InterfaceConfig interface;
  EXPECT_EQ(scenario.model.links[0].mtu, interface.mtu);
  EXPECT_EQ(node.verify_fcs, interface.verify_fcs);
  EXPECT_EQ(node.promiscuous, interface.promiscuous);
  const sim::LinkConfig link;
  EXPECT_EQ(scenario.model.links[0].rate_bps, link.rate_bps);
  EXPECT_EQ(scenario.model.links[0].delay, link.delay);
  EXPECT_EQ(scenario.model.links[0].queue.bytes_max, link.queue.bytes_max);
  EXPECT_EQ(scenario.model.links[0].queue.frames_max, link.queue.frames_max);
  const Scenario with_switch = load_good(
      "nodes:\n  s: { kind: switch }\n  a: { address: 10.0.0.1/24 }\nlinks: { l: { ends: [a, s] } "
      "}\n");
  const link::SwitchConfig config;
  EXPECT_EQ(with_switch.model.nodes[0].ageing, config.ageing);
  EXPECT_EQ(with_switch.model.nodes[0].table_size, config.entries_max);
}

// Two hosts, the first with these options of TCP.
std::string pair_with_tcp(std::string_view options) {
  return fmt::format(
      "nodes:\n  a: {{ address: 10.0.0.1/24, tcp: {{ {} }} }}\n  b: {{ address: 10.0.0.2/24 }}\n"
      "links:\n  wire: {{ ends: [a, b] }}\n",
      options);
}

TEST(Profile, DecidesEveryKeyOfTcpThatIsNotWritten) {
  for (const std::string& name : choices(*find_key(Section::tcp, "profile"))) {
    const tcp::Config expected = tcp::config_for(*tcp::profile_named(name));
    const Scenario scenario = load_good(pair_with_tcp(fmt::format("profile: {}", name)));
    EXPECT_TRUE(scenario.model.nodes[0].tcp == expected) << name;
    EXPECT_TRUE(scenario.model.nodes[1].tcp == tcp::config_for(tcp::Profile::rfc));
  }
}

TEST(Profile, GivesWayToAKeyThatIsWritten) {
  tcp::Config expected = tcp::config_for(tcp::Profile::linux_kernel);
  expected.timestamps = false;
  expected.congestion_control = "newreno";
  const Scenario scenario =
      load_good(pair_with_tcp("timestamps: false, profile: linux, congestion-control: newreno"));
  EXPECT_TRUE(scenario.model.nodes[0].tcp == expected);
}

TEST(Explain, NamesTheProfileThatADefaultComesFrom) {
  Diagnostics diagnostics;
  const auto document =
      parse_document(pair_with_tcp("profile: linux, rto-max: 60 s"), "x.yaml", diagnostics);
  const std::string text = explain(*document);
  EXPECT_THAT(text, testing::ContainsRegex("rto-min: 200 ms +# default of linux\n"));
  EXPECT_THAT(text, testing::HasSubstr("rto-max: 60 s\n"));
  EXPECT_THAT(text, testing::ContainsRegex("rto-initial: 1 s +# default\n"));
  EXPECT_TRUE(load_good(text).model.nodes[0].tcp ==
              load_good(pair_with_tcp("profile: linux, rto-max: 60 s")).model.nodes[0].tcp);
}

TEST(Explain, PrintsEveryValueAndMarksTheDefaults) {
  Diagnostics diagnostics;
  const auto document =
      parse_document(std::string{kPair} + "processes: [ { on: a, run: ping, to: b, count: 2 } ]\n",
                     "x.yaml", diagnostics);
  const std::string text = explain(*document);
  EXPECT_THAT(text, testing::HasSubstr("address: 10.0.0.1/24\n"));
  EXPECT_THAT(text, testing::ContainsRegex("rto-min: 1 s +# default\n"));
  EXPECT_THAT(text, testing::ContainsRegex("rate: 1 Gbit/s +# default\n"));
  EXPECT_THAT(text, testing::ContainsRegex("  - on: a\n    run: ping\n"));
  EXPECT_THAT(text, testing::HasSubstr("    count: 2\n"));
  EXPECT_THAT(text, testing::ContainsRegex("    interval: 1 s +# default\n"));
}

TEST(Explain, WhatItPrintsIsTheSameScenario) {
  const std::string text = std::string{kPair} +
                           "seed: 9\nprocesses:\n  - { on: a, run: ping, to: b, count: 2 }\n"
                           "expect: [ 'link.wire.dropped == 0' ]\n";
  Diagnostics diagnostics;
  const std::string explained = explain(*parse_document(text, "x.yaml", diagnostics));
  EXPECT_EQ(diagnose(explained), "") << explained;
  EXPECT_EQ(explain(*parse_document(explained, "x.yaml", diagnostics)).size() > 0, true);
  const Scenario scenario = load_good(explained);
  EXPECT_EQ(scenario.model.seed, 9U);
  EXPECT_EQ(scenario.model.processes[0].arguments.integer("count"), 2);
}

// The parts of docs/scenario-language.md between ```yaml and ```.
std::vector<std::string> snippets(const std::string& page) {
  std::vector<std::string> found;
  const std::string open = "```yaml\n";
  for (std::size_t at = page.find(open); at != std::string::npos; at = page.find(open, at)) {
    at += open.size();
    found.push_back(page.substr(at, page.find("```", at) - at));
  }
  return found;
}

TEST(Reference, TheTablesOfThePageAreTheProgramsOwn) {
  const std::string page = read("docs/scenario-language.md");
  const std::string marker = "<!-- From here on: strata check --reference -->\n\n";
  const std::size_t at = page.find(marker);
  ASSERT_NE(at, std::string::npos);
  EXPECT_TRUE(page.substr(at + marker.size()) == reference_tables())
      << "replace what follows the marker by the output of: strata check --reference";
}

TEST(Reference, TheTablesNameEveryKey) {
  const std::string tables = reference_tables();
  for (const Key& key : keys()) {
    EXPECT_THAT(tables, testing::HasSubstr("| `" + std::string{key.name} + "` | "));
    EXPECT_THAT(tables, testing::HasSubstr(std::string{key.help})) << key.name;
  }
}

TEST(Reference, EverySnippetIsAScenarioWithoutMistakes) {
  const std::vector<std::string> all = snippets(read("docs/scenario-language.md"));
  ASSERT_GE(all.size(), 4U);
  for (const std::string& snippet : all) {
    // A snippet without nodes is a part: it goes with two hosts and a link.
    const bool is_whole = snippet.find("nodes:") != std::string::npos;
    EXPECT_EQ(diagnose((is_whole ? "" : std::string{kPair}) + snippet), "") << snippet;
  }
}

}  // namespace
}  // namespace strata::scenario
