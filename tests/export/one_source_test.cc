// SPDX-License-Identifier: MIT
// One source: for every scenario the retransmissions, drops, congestion windows and delivered
// octets of the terminal's summary, `run --json`, the JSON Lines, the data of the HTML report, the
// comments of the capture and what tshark reads from its octets are the same.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <set>

#include "tests/support/command.h"
#include "tests/views/runs.h"
#include "tools/export/format.h"
#include "tools/export/json.h"
#include "tools/report/document.h"
#include "tools/strata/report.h"

namespace strata::exports {
namespace {

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
  std::set<std::uint64_t> resets;                          // packets
  std::map<std::string, std::uint64_t> last_cwnd;          // by "FLOW NODE"
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
      variables(line);
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
    if (member(line, "kind") == "reset") figures_.resets.insert(uid);
    const std::string end = end_of(line);
    const auto window = figures_.last_cwnd.find(end);
    made_[uid] = {.end = end, .cwnd = window == figures_.last_cwnd.end() ? 0 : window->second};
    newest_[end] = uid;
    Stream& stream = streams_[incoming_of(line)];
    const std::uint64_t acked = number(member(line, "ack_offset"));
    if (acked <= stream.now) return;
    stream.total += acked - stream.now;
    stream.now = acked;
    figures_.delivered[incoming_of(line)] = stream.total;
  }
  void variables(const std::string& line) {
    const std::string end = end_of(line);
    const std::uint64_t cwnd = number(member(line, "cwnd_bytes"));
    figures_.last_cwnd[end] = cwnd;
    // What changed with the segment holds for it.
    if (member(line, "cause") == "segment sent") made_[newest_[end]].cwnd = cwnd;
  }
  // The same addresses may be used again: the new stream counts from 0.
  void state(const std::string& line) {
    const std::string_view from = member(line, "from");
    if (from == "CLOSED" || from == "LISTEN") streams_[incoming_of(line)].now = 0;
  }
  void frame(const std::string& line) {
    const std::uint64_t uid = number(member(line, "uid"));
    const auto made = made_.find(uid);
    if (made == made_.end() || made->second.end != end_of(line)) return;
    if (again_.contains(uid)) figures_.resent.insert(uid);
    figures_.cwnd.try_emplace(uid, made->second.cwnd);
  }

  // A segment: whose, and the window it was made with.
  struct Made {
    std::string end;
    std::uint64_t cwnd = 0;
  };
  struct Stream {
    std::uint64_t total = 0;  // octets delivered, of all connections of these addresses
    std::uint64_t now = 0;    // of the present one
  };

  std::map<std::uint64_t, std::string> openers_;
  std::map<std::string, Stream> streams_;
  std::map<std::uint64_t, Made> made_;
  std::map<std::string, std::uint64_t> newest_;  // segment, by end
  std::set<std::uint64_t> again_;
  Figures figures_;
};

// A scenario run once, seen in every way.
struct Told {
  std::string summary;  // of the terminal
  Json json;            // of `run --json`
  Figures lines;        // of the JSON Lines
  Json report;          // the data of the HTML report; null of long runs, which have no more to say
};

constexpr std::size_t kReportedFramesMost = 1500;

Told tell(const views::RecordedRun& run) {
  Told told;
  told.summary = cli::summary(run.outcome, 400).render({.width = 400});
  told.json = scenario::to_json(run.outcome.figures);
  LineReader reader(told.json["flows"]);
  write_events(run.recording, {.scenario = run.file}, [&](std::string_view piece) {
    for (const std::string& line : test::split_lines(std::string{piece})) reader.read(line);
  });
  told.lines = reader.figures();
  const report::SocketLog no_sockets;
  const auto& events = run.recording.events();
  const auto frames = std::count_if(events.begin(), events.end(), [](const Event& event) {
    return std::holds_alternative<FrameSent>(event.body);
  });
  if (static_cast<std::size_t>(frames) > kReportedFramesMost) return told;
  told.report = Json::parse(report::document_of({.generator = "test",
                                                 .file = run.file,
                                                 .scenario = run.scenario,
                                                 .outcome = run.outcome,
                                                 .recording = run.recording,
                                                 .sockets = no_sockets})
                                .json);
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

void expect_lines_agree(const Told& told) {
  const Figures& figures = told.lines;
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

// ---- the data of the HTML report ---------------------------------------------------------------

void expect_report_agrees(const Told& told) {
  const Json& tables = told.report["tables"];
  const Json& strings = told.report["strings"];
  const auto word = [&](const Json& number) { return strings[number.get<std::size_t>()]; };
  std::map<std::uint64_t, std::uint64_t> retransmissions;
  std::map<std::string, std::uint64_t> delivered;
  std::set<std::string> again;  // ends that opened twice: their streams begin anew
  const auto end_of = [](const Json& table, std::size_t row, bool is_other) {
    const bool is_opener = (table["side"][row] == 0) != is_other;
    return fmt::format("{} {}", table["flow"][row].get<int>(), is_opener ? "opener" : "responder");
  };
  const Json& states = tables["states"];
  std::set<std::string> opened;
  for (std::size_t row = 0; row < states["flow"].size(); ++row) {
    const Json from = word(states["from"][row]);
    if (from != "CLOSED" && from != "LISTEN") continue;
    const std::string end = end_of(states, row, true);
    if (!opened.insert(end).second) again.insert(end);
  }
  const Json& sent = tables["segmentsSent"];
  for (std::size_t row = 0; row < sent["flow"].size(); ++row) {
    const Json cause = word(sent["cause"][row]);
    const bool is_again =
        word(sent["kind"][row]) == "retransmission" || (cause != "none" && cause != "window probe");
    if (is_again) ++retransmissions[sent["flow"][row]];
    std::uint64_t& most = delivered[end_of(sent, row, true)];
    most = std::max(most, sent["ack"][row].get<std::uint64_t>());
  }
  EXPECT_EQ(retransmissions, told.lines.retransmissions);
  for (const auto& [end, octets] : delivered) {
    const auto known = told.lines.delivered.find(end);
    const std::uint64_t expected = known == told.lines.delivered.end() ? 0 : known->second;
    if (again.contains(end)) continue;
    EXPECT_EQ(octets, expected) << end;
  }

  std::map<std::string, std::uint64_t> drops;
  const Json& dropped = tables["drops"];
  for (std::size_t row = 0; row < dropped["link"].size(); ++row) {
    if (dropped["link"][row] != -1) ++drops[word(dropped["reason"][row])];
  }
  EXPECT_EQ(drops, told.lines.link_drops);

  std::map<std::string, std::uint64_t> cwnd;
  const Json& variables = tables["variables"];
  for (std::size_t row = 0; row < variables["flow"].size(); ++row) {
    const std::size_t flow = variables["flow"][row];
    const Json& end =
        told.report["flows"][flow - 1]["ends"][variables["side"][row].get<std::size_t>()];
    const Json& node = told.report["nodes"][end["node"].get<std::size_t>()];
    cwnd[fmt::format("{} {}", flow, node["name"].get<std::string>())] = variables["cwnd"][row];
  }
  EXPECT_EQ(cwnd, told.lines.last_cwnd);
}

// ---- what tshark reads from a capture ----------------------------------------------------------

// What tshark was asked for, a row for each frame.
enum Cell : std::size_t {
  kUid,
  kSource,
  kSourcePort,
  kDestination,
  kDestinationPort,
  kSyn,
  kSequence,
  kAcknowledged,
  kHasAck,
  kChecksum,
  kComments,
  kCells
};

std::vector<std::vector<std::string>> read_by_tshark(const std::string& capture) {
  std::vector<std::string> command{
      "tshark", "-r",     capture, "-o",          "tcp.check_checksum:TRUE",
      "-T",     "fields", "-E",    "aggregator=;"};
  for (const char* field :
       {"frame.packet_id", "ip.src", "tcp.srcport", "ip.dst", "tcp.dstport", "tcp.flags.syn",
        "tcp.seq_raw", "tcp.ack_raw", "tcp.flags.ack", "tcp.checksum.status", "frame.comment"}) {
    command.insert(command.end(), {"-e", field});
  }
  const auto result = test::run_command(command, {.limit = std::chrono::milliseconds{300'000}});
  EXPECT_EQ(result.exit_status, 0) << result.err;
  std::vector<std::vector<std::string>> rows;
  for (const std::string& line : test::split_lines(result.out)) {
    std::vector<std::string> cells(1);
    for (const char c : line) {
      if (c == '\t' && cells.size() < kCells) {
        cells.emplace_back();
      } else {
        cells.back() += c;
      }
    }
    cells.resize(kCells);
    rows.push_back(std::move(cells));
  }
  return rows;
}

void expect_comments_agree(const std::vector<std::vector<std::string>>& rows,
                           const Figures& figures) {
  std::set<std::uint64_t> resent;
  std::map<std::uint64_t, std::uint64_t> cwnd;
  std::map<std::string, std::uint64_t> drops;
  for (const std::vector<std::string>& row : rows) {
    const std::uint64_t uid = number(row[kUid]);
    const std::string_view comments = row[kComments];
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
  auto expected = figures.cwnd;
  // A reset and the SYN,ACK of a cookie may come from nobody.
  std::erase_if(expected, [&](const auto& of) {
    const auto& [uid, window] = of;
    return (window == 0 || figures.resets.contains(uid)) && !cwnd.contains(uid);
  });
  EXPECT_THAT(cwnd, testing::ContainerEq(expected));
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
void expect_octets_agree(const std::vector<std::vector<std::string>>& rows, const Json& flows) {
  std::map<std::string, std::set<std::uint32_t>> initial;  // by "sender > receiver"
  std::map<std::string, std::vector<std::uint32_t>> acked;
  for (const std::vector<std::string>& row : rows) {
    // ICMP errors quote a second header; damaged frames say anything.
    if (row[kChecksum] != "1" || row[kSource].find(';') != std::string::npos) continue;
    const std::string from = row[kSource] + ":" + row[kSourcePort];
    const std::string to = row[kDestination] + ":" + row[kDestinationPort];
    if (row[kSyn] == "1") {
      initial[from + " > " + to].insert(static_cast<std::uint32_t>(number(row[kSequence])));
    }
    if (row[kHasAck] == "1") {
      acked[to + " > " + from].push_back(static_cast<std::uint32_t>(number(row[kAcknowledged])));
    }
  }
  for (const Json& flow : flows) {
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
  const std::string capture = folder.file("all.pcapng");
  std::size_t reports = 0;
  for (const views::RecordedRun& run : views::recorded_runs()) {
    SCOPED_TRACE(run.file);
    const Told told = tell(run);
    expect_summary_agrees(told);
    expect_lines_agree(told);
    if (!told.report.is_null()) {
      ++reports;
      expect_report_agrees(told);
    }
    if (!has_tshark) continue;
    views::write_capture(run.recording, capture);
    const auto rows = read_by_tshark(capture);
    expect_comments_agree(rows, told.lines);
    expect_octets_agree(rows, told.json["flows"]);
  }
  EXPECT_GT(reports, 40U);
}

}  // namespace
}  // namespace strata::exports
