// SPDX-License-Identifier: MIT
// Fall and Floyd, "Simulation-based Comparisons of Tahoe, Reno, and SACK TCP" (1996): which
// segments go out again, when, and whether a time-out was needed, after given segments of a flight
// are lost. The figures are those of ns-2.35 (test-suite-tcpVariants.tcl, topology net4); times
// agree within the 10.4 ms that a packet takes at the bottleneck. Packet 0 is there a SYN whose
// answer opens the window to two, and lost packets never come to the bottleneck.
//
// All but SACK have acknowledged up to 31 segments more at 6 s than ns-2, for two reasons. Of the
// 15 segments in flight at the first loss ns-2's test suite (precisionReduce_ false) leaves 7, half
// in whole segments; RFC 5681 (4) leaves 7.5, with which slow start goes on to 8 and every later
// round trip has one more. With fractions (precisionReduce_ true) ns-2's NewReno gets to 280, 265,
// 251 and 234 for one to four losses, where ours gets to 283, 273, 257 and 239. And ns-2 adds
// 1/cwnd for an ACK, which in a round trip is 0.93 to 0.95 of a segment at these windows; octets
// counted (RFC 3465) make it one.
//
//     s ---- 8 Mbit/s, 0 ms ---- r ---- 800 kbit/s, 100 ms, drop-tail of 8 packets ---- k
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "sim/scenario/run.h"
#include "stack/base/tracer.h"
#include "tests/theory/transfer.h"

namespace strata::theory {
namespace {

constexpr std::uint64_t kText = 962;  // with all headers, preamble and gap 1040 octets: 10.4 ms
constexpr double kPacket = 0.0104;    // seconds at the bottleneck

struct Repair {
  std::uint64_t segment = 0;  // counted from the SYN, which is 0
  double at = 0;              // seconds; the SYN leaves at 1 s
};
struct Pattern {
  const char* variant;
  std::vector<std::uint64_t> lost;
  unsigned acknowledged = 0;    // segments, at 6 s
  std::vector<Repair> repairs;  // all of them, or the first
  unsigned timeouts = 0;
  std::size_t in_all = 0;  // repairs; 0: those above
};

// Segments sent again, and when; and how far the sender has got.
class Repairs final : public Observer {
 public:
  void on_event(const Event& event) override {
    if (const auto* ack = std::get_if<TcpSegmentReceived>(&event.body)) {
      const bool is_in_time = event.time < kStart + std::chrono::seconds{6};
      if (is_in_time && ack->length == 0) acknowledged = std::max(acknowledged, ack->ack_offset);
      return;
    }
    const auto* sent = std::get_if<TcpSegmentSent>(&event.body);
    if (sent == nullptr || sent->length == 0 || sent->kind != SegmentKind::retransmission) return;
    const double at = std::chrono::duration<double>(event.time - kStart).count();
    if (at < 6) seen.push_back({.segment = sent->offset / kText + 1, .at = at});
    if (at < 6 && sent->cause == RetransmitCause::timeout) has_timed_out = true;
  }
  std::vector<Repair> seen;
  std::uint64_t acknowledged = 0;  // octets
  bool has_timed_out = false;
};

std::string keys_of(const std::string& variant) {
  if (variant != "sack") {
    return fmt::format("congestion-control: {}, sack: false, slow-but-steady: true", variant);
  }
  return "congestion-control: reno, tail-loss-probe: false, counted-pipe: true";
}

std::string describe(const std::vector<Repair>& repairs) {
  std::string text;
  for (const Repair& repair : repairs) {
    text += fmt::format("{}@{:.3f} ", repair.segment, repair.at);
  }
  return text;
}

void expect_pattern(const Pattern& pattern) {
  std::vector<std::uint64_t> ordinals;
  for (const std::uint64_t segment : pattern.lost) ordinals.push_back(segment);
  const std::string text = fmt::format(
      "seed: 1\n"
      "until: 8 s\n"
      "nodes:\n"
      "  s: {{ address: 10.0.0.1/24, tcp: {{ {}, mss: {} B, initial-window: 2, f-rto: false,\n"
      "       undo: false, limited-transmit: false, cwnd-validation: off }} }}\n"
      "  r: {{ kind: switch }}\n"
      "  k: {{ address: 10.0.0.2/24, tcp: {{ receive-buffer: {} B, delayed-ack: 0 s }} }}\n"
      "links:\n"
      "  access: {{ ends: [s, r], rate: 8 Mbit/s, delay: 0 s,\n"
      "            impair: [ {{ drop: [{}], match: \"tcp and src host s and len > 100\" }} ] }}\n"
      "  narrow: {{ ends: [r, k], rate: 800 kbit/s, delay: 100 ms, queue: 8 frames }}\n"
      "processes:\n"
      "  - {{ on: k, run: sink, listen: 5000 }}\n"
      "  - {{ on: s, run: ping, to: k, count: 1 }}\n"  // so that the SYN need not wait for ARP
      "  - {{ on: s, run: bulk, to: k:5000, for: 20 s, at: 1 s }}\n",
      keys_of(pattern.variant), kText, 28 * kText, drop_list(ordinals));
  scenario::Diagnostics diagnostics;
  std::vector<std::string> sources;
  const auto loaded = scenario::load(text, "patterns.yaml", {}, diagnostics, sources);
  ASSERT_TRUE(loaded.has_value()) << text;
  scenario::Run running(*loaded, {});
  Repairs repairs;
  running.observe(repairs, event_mask<TcpSegmentSent, TcpSegmentReceived>());
  running.finish();
  const std::string difference =
      fmt::format("{} {}\n expected {}\n      saw {}", pattern.variant,
                  fmt::join(pattern.lost, ","), describe(pattern.repairs), describe(repairs.seen));
  // Once the losses are repaired ours gets on a little faster; never does it fall behind.
  EXPECT_GE(repairs.acknowledged / kText + 1, pattern.acknowledged) << difference;
  EXPECT_EQ(repairs.has_timed_out, pattern.timeouts > 0) << difference;
  ASSERT_EQ(repairs.seen.size(), pattern.in_all > 0 ? pattern.in_all : pattern.repairs.size())
      << difference;
  for (std::size_t i = 0; i < pattern.repairs.size(); ++i) {
    EXPECT_EQ(repairs.seen[i].segment, pattern.repairs[i].segment) << difference;
    EXPECT_NEAR(repairs.seen[i].at, pattern.repairs[i].at, kPacket) << difference;
  }
}

TEST(DropPatterns, OneLoss) {
  expect_pattern({"tahoe", {14}, 224, {{14, 2.069}}});
  expect_pattern({"reno", {14}, 272, {{14, 2.069}}});
  expect_pattern({"newreno", {14}, 272, {{14, 2.069}}});
  expect_pattern({"sack", {14}, 270, {{14, 2.069}}});
}

TEST(DropPatterns, TwoLosses) {
  expect_pattern({"tahoe", {14, 28}, 223, {{14, 2.069}, {28, 2.281}}});
  expect_pattern({"reno", {14, 28}, 104, {{14, 2.069}, {28, 3.281}}, 1});
  expect_pattern({"newreno", {14, 28}, 260, {{14, 2.069}, {28, 2.281}}});
  expect_pattern({"sack", {14, 28}, 255, {{14, 2.069}, {28, 2.344}}});
}

TEST(DropPatterns, ThreeLosses) {
  expect_pattern(
      {"tahoe", {14, 26, 28}, 215, {{14, 2.069}, {26, 2.281}, {27, 2.281}, {28, 2.493}}});
  expect_pattern(
      {"reno", {14, 26, 28}, 97, {{14, 2.069}, {26, 3.281}, {28, 3.493}, {29, 3.493}}, 1});
  expect_pattern({"newreno", {14, 26, 28}, 232, {{14, 2.069}, {26, 2.281}, {28, 2.493}}});
  expect_pattern({"sack", {14, 26, 28}, 253, {{14, 2.069}, {26, 2.163}, {28, 2.344}}});
}

TEST(DropPatterns, FourLosses) {
  expect_pattern({"tahoe",
                  {14, 24, 26, 28},
                  208,
                  {{14, 2.069}, {24, 2.281}, {25, 2.281}, {26, 2.493}, {27, 2.493}, {28, 2.493}}});
  expect_pattern(
      {"reno",
       {14, 24, 26, 28},
       88,
       {{14, 2.069}, {24, 3.281}, {26, 3.493}, {27, 3.493}, {28, 3.705}, {29, 3.705}, {30, 3.705}},
       1});
  expect_pattern(
      {"newreno", {14, 24, 26, 28}, 208, {{14, 2.069}, {24, 2.281}, {26, 2.493}, {28, 2.705}}});
  expect_pattern(
      {"sack", {14, 24, 26, 28}, 251, {{14, 2.069}, {24, 2.142}, {26, 2.153}, {28, 2.344}}});
}

TEST(DropPatterns, FiveLosses) {
  expect_pattern({"newreno",
                  {11, 12, 13, 14, 16},
                  164,
                  {{11, 2.069}, {12, 2.281}, {13, 2.493}, {14, 2.705}, {16, 2.917}}});
  expect_pattern({"sack",
                  {11, 12, 13, 14, 16},
                  218,
                  {{11, 2.069}, {12, 2.111}, {13, 2.281}, {14, 2.281}, {16, 2.323}}});
}

TEST(DropPatterns, EightLosses) {
  const std::vector<std::uint64_t> lost{11, 12, 13, 14, 16, 17, 18, 19};
  expect_pattern({"reno", lost, 79, {{11, 2.081}, {12, 3.293}}, 1, 12});
  expect_pattern({"sack", lost, 79, {{11, 2.081}, {12, 3.293}}, 1, 8});
  expect_pattern({"newreno",
                  lost,
                  124,
                  {{11, 2.081},
                   {12, 2.293},
                   {13, 2.504},
                   {14, 2.716},
                   {16, 2.928},
                   {17, 3.140},
                   {18, 3.352},
                   {19, 3.564}}});
}

}  // namespace
}  // namespace strata::theory
