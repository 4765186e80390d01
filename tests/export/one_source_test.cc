// SPDX-License-Identifier: MIT
// One source: for every scenario the retransmissions, drops, congestion windows and delivered
// octets of the terminal's summary, `run --json`, the JSON Lines, the comments of the capture and
// what tshark reads from its octets are the same.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <charconv>
#include <map>
#include <set>

#include "sim/scenario/run.h"
#include "sim/trace/capture_observer.h"
#include "tests/support/command.h"
#include "tools/export/format.h"
#include "tools/export/json.h"
#include "tools/strata/report.h"

namespace strata::exports {
namespace {

// A scenario run once, seen in every way.
struct Told {
  std::string file;
  std::string summary;             // of the terminal
  Json json;                       // of `run --json`
  std::vector<std::string> lines;  // JSON Lines
  std::string capture;             // path of a pcapng of all interfaces
};

// The value of a member of one of our lines, without its quotes. Names are unique in the kinds of
// events looked at here.
std::string_view member(std::string_view line, const std::string& name) {
  const std::size_t at = line.find("\"" + name + "\":");
  if (at == std::string_view::npos) return {};
  std::string_view rest = line.substr(at + name.size() + 3);
  if (rest.starts_with('"')) return rest.substr(1, rest.find('"', 1) - 1);
  return rest.substr(0, rest.find_first_of(",}"));
}

std::uint64_t number(std::string_view text) {
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// ---- what the JSON Lines say -------------------------------------------------------------------

struct Figures {
  std::map<std::uint64_t, std::uint64_t> retransmissions;  // by flow
  std::map<std::string, std::uint64_t> link_drops;         // by reason
  std::map<std::string, std::uint64_t> delivered;          // by "FLOW opener" or "FLOW responder"
  std::set<std::uint64_t> resent;                          // packets, as far as they became frames
  std::map<std::uint64_t, std::uint64_t> cwnd;             // of the sender, by packet
};

class LineReader {
 public:
  explicit LineReader(const Json& flows) {
    for (const Json& flow : flows) {
      openers_[flow["number"]] = flow["opener"].get<std::string>();
    }
  }
  void read(const std::string& line) {
    const std::string_view kind = member(line, "event");
    if (kind == "tcp_segment_sent") sent(line);
    if (kind == "tcp_state_changed") state(line);
    if (kind == "frame_sent") frame(line);
    if (kind == "dropped" && member(line, "link") != "null") {
      ++figures_.link_drops[std::string{member(line, "reason")}];
    }
    if (kind == "tcp_variables") {
      cwnd_[end_of(line)] = number(member(line, "cwnd_bytes"));
    }
  }
  const Figures& figures() const { return figures_; }

 private:
  static std::string end_of(const std::string& line) {
    return fmt::format("{} {}", member(line, "flow"), member(line, "node"));
  }
  // The stream that comes in at the end a line is about; `local` is its first endpoint.
  std::string incoming_of(const std::string& line) const {
    const std::string local = fmt::format("{}:{}", member(line, "address"), member(line, "port"));
    const auto opener = openers_.find(number(member(line, "flow")));
    const bool is_opener = opener != openers_.end() && local == opener->second;
    return fmt::format("{} {}", member(line, "flow"), is_opener ? "responder" : "opener");
  }
  void sent(const std::string& line) {
    const std::string_view cause = member(line, "cause");
    const bool again =
        member(line, "kind") == "retransmission" || (cause != "none" && cause != "window probe");
    const std::uint64_t flow = number(member(line, "flow"));
    const std::uint64_t uid = number(member(line, "uid"));
    if (again) ++figures_.retransmissions[flow];
    if (again) again_.insert(uid);
    origin_[uid] = end_of(line);
    Stream& stream = streams_[incoming_of(line)];
    const std::uint64_t acked = number(member(line, "ack_offset"));
    if (acked <= stream.now) return;
    stream.total += acked - stream.now;
    stream.now = acked;
    figures_.delivered[incoming_of(line)] = stream.total;
  }
  // The same addresses may be used again: the new stream counts from 0.
  void state(const std::string& line) {
    const std::string_view from = member(line, "from");
    if (from == "CLOSED" || from == "LISTEN") streams_[incoming_of(line)].now = 0;
  }
  void frame(const std::string& line) {
    const std::uint64_t uid = number(member(line, "uid"));
    const auto origin = origin_.find(uid);
    if (origin == origin_.end() || origin->second != end_of(line)) return;
    if (again_.contains(uid)) figures_.resent.insert(uid);
    figures_.cwnd.try_emplace(uid, cwnd_[origin->second]);
  }

  struct Stream {
    std::uint64_t total = 0;  // octets delivered, of all connections of these addresses
    std::uint64_t now = 0;    // of the present one
  };

  std::map<std::uint64_t, std::string> openers_;
  std::map<std::string, Stream> streams_;
  std::map<std::uint64_t, std::string> origin_;  // of segments
  std::map<std::string, std::uint64_t> cwnd_;    // now
  std::set<std::uint64_t> again_;
  Figures figures_;
};

// ---- the run -----------------------------------------------------------------------------------

Told tell(const std::string& file, const test::TemporaryFolder& folder) {
  Told told;
  told.file = file;
  scenario::Diagnostics diagnostics;
  std::vector<std::string> sources;
  const auto scenario =
      scenario::load(test::read_file(test::source_root() / file), file, {}, diagnostics, sources);
  EXPECT_TRUE(scenario.has_value());
  if (!scenario) return told;
  trace::Recorder recorder;
  scenario::Run run(*scenario, {});
  run.observe(recorder, kAllEvents);
  told.capture = folder.file("all.pcapng");
  auto capture = trace::CaptureObserver::create(trace::Directory::of(run.world()),
                                                {.path = told.capture, .single_file = true});
  EXPECT_TRUE(capture.has_value());
  if (!capture) return told;
  run.observe(**capture, (*capture)->wanted());
  const scenario::RunOutcome outcome = run.finish();
  const Instant end = outcome.figures.metrics.result.end;
  EXPECT_EQ((*capture)->finish(end), std::nullopt);
  told.summary = cli::summary(outcome, 400).render({.width = 400});
  told.json = scenario::to_json(outcome.figures);
  const trace::Recording recording =
      recorder.finish(trace::Directory::of(run.world()), scenario->model.seed, end);
  std::string text;
  write_events(recording, {.scenario = file}, [&](std::string_view piece) { text += piece; });
  told.lines = test::split_lines(text);
  return told;
}

std::vector<std::string> columns_of(const std::string& line) {
  std::vector<std::string> found;
  std::size_t at = 0;
  while ((at = line.find_first_not_of(' ', at)) != std::string::npos) {
    const std::size_t end = std::min(line.find("   ", at), line.size());
    found.push_back(line.substr(at, end - at));
    at = end;
  }
  return found;
}

// ---- comparisons -------------------------------------------------------------------------------

void expect_summary_agrees(const Told& told) {
  std::map<std::string, std::string> retransmitted;  // by "1 tcp"
  for (const std::string& line : test::split_lines(told.summary)) {
    const std::vector<std::string> columns = columns_of(line);
    if (columns.size() >= 6) retransmitted[columns[0]] = columns[5];
  }
  for (const Json& flow : told.json["flows"]) {
    if (flow["protocol"] != "tcp") continue;
    const std::uint64_t total = flow["retransmissions"]["total"].get<std::uint64_t>() +
                                flow["back"]["retransmissions"]["total"].get<std::uint64_t>();
    EXPECT_EQ(retransmitted[fmt::format("{} tcp", flow["number"].get<int>())],
              std::to_string(total));
  }
}

void expect_lines_agree(const Told& told, const Figures& figures) {
  std::uint64_t total = 0;
  for (const auto& [flow, count] : figures.retransmissions) total += count;
  EXPECT_EQ(total, told.json["tcp"]["retransmissions"]["total"]);
  for (const Json& flow : told.json["flows"]) {
    if (flow["protocol"] != "tcp") continue;
    const auto delivered = [&](const char* end) {
      const auto found =
          figures.delivered.find(fmt::format("{} {}", flow["number"].get<int>(), end));
      return found == figures.delivered.end() ? 0 : found->second;
    };
    EXPECT_EQ(delivered("opener"), flow["bytes_delivered"]);
    EXPECT_EQ(delivered("responder"), flow["back"]["bytes_delivered"]);
  }
  const Json& dropped = told.json["frames"]["dropped"];
  std::uint64_t drops = 0;
  for (const auto& [reason, count] : figures.link_drops) {
    drops += count;
    EXPECT_EQ(count, dropped.value(reason, std::uint64_t{0})) << reason;
  }
  EXPECT_EQ(drops, dropped["total"]);
}

// Of "strata: drop=loss link=access" and the like, what stands behind `name`=.
std::string_view value_of(std::string_view comment, const std::string& name) {
  const std::size_t at = comment.find(name + "=");
  if (at == std::string_view::npos) return {};
  const std::string_view rest = comment.substr(at + name.size() + 1);
  return rest.substr(0, rest.find_first_of(" ;"));
}

void expect_comments_agree(const Told& told, const Figures& figures) {
  const auto result =
      test::run_command({"tshark", "-r", told.capture, "-T", "fields", "-E", "aggregator=;", "-e",
                         "frame.packet_id", "-e", "frame.comment"},
                        {.limit = std::chrono::milliseconds{300'000}});
  ASSERT_EQ(result.exit_status, 0) << result.err;
  std::set<std::uint64_t> resent;
  std::map<std::uint64_t, std::uint64_t> cwnd;
  std::map<std::string, std::uint64_t> drops;
  for (const std::string& line : test::split_lines(result.out)) {
    const std::uint64_t uid = number(line);
    const std::string_view comments = line;
    // A window probe asks, it does not repeat; its comment says what it is.
    const bool is_probe = comments.find("cause=window-probe") != std::string_view::npos;
    if (comments.find("event=retx") != std::string_view::npos && !is_probe) resent.insert(uid);
    const std::string_view window = value_of(comments, " cwnd");
    if (!window.empty()) cwnd.try_emplace(uid, number(window));
    const std::string_view reason = value_of(comments, "drop");
    if (!reason.empty() &&
        comments.find("drop=" + std::string{reason} + " link=") != std::string_view::npos) {
      ++drops[std::string{reason}];
    }
  }
  EXPECT_EQ(resent, figures.resent);
  EXPECT_EQ(cwnd, figures.cwnd);
  for (const auto& [reason, count] : figures.link_drops) {
    // What died in a queue never became a frame.
    const bool is_queue =
        reason == "queue-full" || reason == "queue-managed" || reason == "link-down";
    if (is_queue) continue;
    EXPECT_EQ(drops[reason], count) << reason;
  }
}

// tshark knows nothing but the octets: the highest acknowledgement, counted from the initial
// sequence number, is what was delivered and the SYN, and the FIN if that was acknowledged too.
void expect_octets_agree(const Told& told) {
  const auto result = test::run_command({"tshark",
                                         "-r",
                                         told.capture,
                                         "-Y",
                                         "tcp",
                                         "-T",
                                         "fields",
                                         "-e",
                                         "ip.src",
                                         "-e",
                                         "tcp.srcport",
                                         "-e",
                                         "ip.dst",
                                         "-e",
                                         "tcp.dstport",
                                         "-e",
                                         "tcp.flags.syn",
                                         "-e",
                                         "tcp.seq_raw",
                                         "-e",
                                         "tcp.ack_raw",
                                         "-e",
                                         "tcp.flags.ack",
                                         "-e",
                                         "tcp.checksum.status",
                                         "-o",
                                         "tcp.check_checksum:TRUE"},
                                        {.limit = std::chrono::milliseconds{300'000}});
  ASSERT_EQ(result.exit_status, 0) << result.err;
  std::map<std::string, std::set<std::uint32_t>> initial;  // by "sender > receiver"
  std::map<std::string, std::vector<std::uint32_t>> acked;
  for (const std::string& line : test::split_lines(result.out)) {
    std::vector<std::string> cells(1);
    for (const char c : line) {
      if (c == '\t') {
        cells.emplace_back();
      } else {
        cells.back() += c;
      }
    }
    // ICMP errors quote a second header; damaged frames say anything.
    if (cells.size() != 9 || cells[8] != "1" || cells[0].find(',') != std::string::npos) continue;
    const std::string from = cells[0] + ":" + cells[1];
    const std::string to = cells[2] + ":" + cells[3];
    if (cells[4] == "1") {
      initial[from + " > " + to].insert(static_cast<std::uint32_t>(number(cells[5])));
    }
    if (cells[7] == "1") {
      acked[to + " > " + from].push_back(static_cast<std::uint32_t>(number(cells[6])));
    }
  }
  for (const Json& flow : told.json["flows"]) {
    if (flow["protocol"] != "tcp" || flow["bytes_delivered"] == 0) continue;
    const std::string way = fmt::format("{} > {}", flow["opener"].get<std::string>(),
                                        flow["responder"].get<std::string>());
    // Ports that were used twice, and conversations that nobody opened, are left out.
    if (initial[way].size() != 1 || acked[way].empty()) continue;
    const std::uint32_t isn = *initial[way].begin();
    std::uint32_t highest = 0;
    for (const std::uint32_t ack : acked[way]) {
      const std::uint32_t relative = ack - isn;
      if (relative < 0x80000000U) highest = std::max(highest, relative);
    }
    const std::uint64_t delivered = flow["bytes_delivered"];
    EXPECT_GE(highest, delivered + 1) << way;
    EXPECT_LE(highest, delivered + 2) << way;
  }
}

TEST(OneSource, EveryViewOfEveryScenarioCountsTheSame) {
  const bool has_tshark = test::has_program("tshark");
  ASSERT_TRUE(has_tshark || !test::tools_are_required()) << "tshark is missing";
  const test::TemporaryFolder folder;
  for (const std::string& file : test::scenario_files()) {
    SCOPED_TRACE(file);
    const Told told = tell(file, folder);
    LineReader reader(told.json["flows"]);
    for (const std::string& line : told.lines) reader.read(line);
    expect_summary_agrees(told);
    expect_lines_agree(told, reader.figures());
    if (!has_tshark) continue;
    expect_comments_agree(told, reader.figures());
    expect_octets_agree(told);
  }
}

}  // namespace
}  // namespace strata::exports
