// SPDX-License-Identifier: MIT
#include "tools/strata/report.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>

#include "sim/trace/words.h"

namespace strata::cli {
namespace {

using scenario::Quantity;
using scenario::Unit;
using views::Page;
using views::Role;
using views::Text;

// A terminal shows no more: strangers open any number of flows in a live run.
constexpr std::size_t kFlowRowsMost = 200;

// Cells in columns, the first and the last aligned left, the others right; or, where the terminal
// is too narrow for that, a paragraph for each row.
class Table {
 public:
  explicit Table(std::vector<std::string> head) { rows_.push_back(std::move(head)); }
  void row(std::vector<std::string> cells) { rows_.push_back(std::move(cells)); }

  void write(Page& page, std::size_t width) const {
    if (rows_.size() == 1) return;
    std::vector<std::size_t> widths(rows_.front().size());
    for (const auto& row : rows_) {
      for (std::size_t i = 0; i < row.size(); ++i) {
        widths[i] = std::max(widths[i], views::columns(row[i]));
      }
    }
    std::size_t total = 0;
    for (const std::size_t column : widths) total += column + 3;
    if (total <= width + 1) {
      write_columns(page, widths);
    } else {
      write_paragraphs(page, width);
    }
  }

 private:
  void write_columns(Page& page, const std::vector<std::size_t>& widths) const {
    for (std::size_t r = 0; r < rows_.size(); ++r) {
      Text line;
      for (std::size_t i = 0; i < rows_[r].size(); ++i) {
        const std::string& cell = rows_[r][i];
        const std::string blanks(widths[i] - views::columns(cell), ' ');
        const std::string gap = i == 0 ? "  " : "   ";
        const bool is_left = i == 0 || i + 1 == rows_[r].size();
        line.add(gap + (is_left ? cell + blanks : blanks + cell), r == 0 ? Role::dim : Role::plain);
      }
      page.line(std::move(line));
    }
  }

  void write_paragraphs(Page& page, std::size_t width) const {
    const std::vector<std::string>& head = rows_.front();
    for (std::size_t r = 1; r < rows_.size(); ++r) {
      std::string name = rows_[r][0];
      std::string values;
      for (std::size_t i = 1; i < rows_[r].size(); ++i) {
        const std::string& cell = rows_[r][i];
        if (head[i].empty()) {
          name += (name.empty() ? "" : "  ") + cell;
        } else if (cell != "-") {
          values += fmt::format("{}{} {}", values.empty() ? "" : ", ", head[i], cell);
        }
      }
      page.wrap(Text("  " + name), width);
      for (const std::string& part : views::wrap(values, width - 6)) page.line("      " + part);
    }
  }

  std::vector<std::vector<std::string>> rows_;
};

std::string bytes_text(std::uint64_t value) {
  return scenario::to_text(Quantity{static_cast<std::int64_t>(value), Unit::bytes});
}

std::string rate_text(std::uint64_t value) {
  if (value == 0) return "-";
  return scenario::to_text(Quantity{static_cast<std::int64_t>(value), Unit::bits_per_second});
}

std::string duration_text(Duration value) { return value == Duration{} ? "-" : to_text(value); }

// What a process counted, with its unit, which the name tells: "rtt-min" is a duration.
std::string figure_text(std::string_view name, std::int64_t value) {
  if (name == "rate") return scenario::to_text(Quantity{value, Unit::bits_per_second});
  bool is_duration = name == "duration" || name == "jitter" || name.ends_with("-at");
  for (const std::string_view group : {"rtt-", "latency-", "time-", "staleness-"}) {
    is_duration |= name.starts_with(group);
  }
  return is_duration ? to_text(Duration{value}) : std::to_string(value);
}

// "1 × lost at random, 2 × queue is full"; "-" when nothing was dropped.
std::string drops_text(const DropCounters& drops) {
  std::string text;
  for (std::size_t i = 0; i < kDropReasons; ++i) {
    const auto reason = static_cast<DropReason>(i);
    if (drops.count(reason) == 0) continue;
    text +=
        fmt::format("{}{} × {}", text.empty() ? "" : ", ", drops.count(reason), words_of(reason));
  }
  return text.empty() ? "-" : text;
}

void write_flows(const scenario::RunFigures& figures, std::size_t width, Page& page) {
  Table table({"flow", "", "sent", "delivered", "back", "retransmitted", "RTT mean", "goodput"});
  const std::deque<trace::FlowMetrics>& flows = figures.metrics.flows;
  for (const trace::FlowMetrics& flow : flows) {
    if (flow.number > kFlowRowsMost) break;
    const trace::FlowSide& side = flow.forward;
    const trace::Directory& names = figures.directory;
    const bool is_tcp = flow.protocol == Protocol::tcp;
    const std::uint64_t repeated = side.retransmissions + flow.backward.retransmissions;
    table.row({fmt::format("{} {}", flow.number, to_text(flow.protocol)),
               fmt::format("{} > {}", names.endpoint_text(flow.opener),
                           names.endpoint_text(flow.responder)),
               // Of a sender outside the simulation only what arrives is known.
               side.segments_sent > 0 ? bytes_text(side.bytes_sent) : "-",
               bytes_text(side.bytes_delivered), bytes_text(flow.backward.bytes_delivered),
               is_tcp ? fmt::format("{}", repeated) : "-", duration_text(side.rtt.mean()),
               rate_text(side.goodput_bps())});
  }
  table.write(page, width);
  if (flows.size() > kFlowRowsMost) {
    page.line(fmt::format("  and {} more: --json tells each", flows.size() - kFlowRowsMost),
              Role::dim);
  }
  if (flows.size() == trace::FlowTable::kFlowsMost) {
    page.wrap(Text(fmt::format("  of the flows after the first {} no figures are kept",
                               trace::FlowTable::kFlowsMost)),
              width, 4);
  }
}

void write_links(const scenario::RunFigures& figures, std::size_t width, Page& page) {
  Table table({"link", "", "sent", "delivered", "dropped", "queue peak", "busy"});
  for (std::size_t i = 0; i < figures.metrics.links.size(); ++i) {
    const trace::LinkEntry& entry = figures.directory.links[i];
    const trace::LinkMetrics& link = figures.metrics.links[i];
    const auto row = [&](const std::string& name, sim::LinkEnd from, sim::LinkEnd to,
                         const sim::LinkCounters& counters) {
      table.row(
          {name,
           fmt::format("{} > {}", figures.directory.node_name(from.node),
                       figures.directory.node_name(to.node)),
           fmt::format("{}", counters.sent_frames), fmt::format("{}", counters.delivered_frames),
           drops_text(counters.dropped), bytes_text(counters.queue_bytes_peak),
           fmt::format("{:.1f} %",
                       static_cast<double>(figures.metrics.utilisation_ppm(counters)) / 1e4)});
    };
    row(entry.name, entry.a, entry.b, link.a_to_b);
    row("", entry.b, entry.a, link.b_to_a);
  }
  table.write(page, width);
}

// What hosts, routers and switches threw away; of a capture file its own line tells that.
void write_node_drops(const scenario::RunFigures& figures, std::size_t width, Page& page) {
  for (std::size_t i = 0; i < figures.metrics.nodes.size(); ++i) {
    const trace::NodeMetrics& node = figures.metrics.nodes[i];
    if (node.drops.total() == 0 || node.replayed_frames > 0) continue;
    page.wrap(Text(fmt::format("  {} dropped {}",
                               figures.directory.node_name(NodeId{static_cast<std::uint32_t>(i)}),
                               drops_text(node.drops))),
              width, 4);
  }
}

void write_replays(const scenario::RunFigures& figures, Page& page) {
  for (std::size_t i = 0; i < figures.metrics.nodes.size(); ++i) {
    const trace::NodeMetrics& node = figures.metrics.nodes[i];
    if (node.replayed_frames == 0) continue;
    const NodeId id{static_cast<std::uint32_t>(i)};
    std::string line = fmt::format("  {} replayed {} frames of its capture",
                                   figures.directory.node_name(id), node.replayed_frames);
    if (node.replayed_short > 0) {
      line += fmt::format(", {} of them cut short when they were captured", node.replayed_short);
    }
    if (node.drops.total() > 0) line += fmt::format("; dropped: {}", drops_text(node.drops));
    page.line(line);
  }
}

void write_processes(const scenario::RunFigures& figures, std::size_t width, Page& page) {
  Table table({"process", "started", "ended", "figures"});
  for (const scenario::ProcessOutcome& process : figures.processes) {
    std::string counted;
    for (const auto& [name, value] : process.figures) {
      counted +=
          fmt::format("{}{} {}", counted.empty() ? "" : ", ", name, figure_text(name, value));
    }
    if (!process.error.empty()) {
      counted += fmt::format("{}failed: {}", counted.empty() ? "" : ", ", process.error);
    }
    table.row({fmt::format("{} on {}", process.name, process.node),
               process.started ? to_text(*process.started) : "never",
               process.ended ? to_text(*process.ended) : "-", counted.empty() ? "-" : counted});
  }
  table.write(page, width);
}

void write_output(const scenario::RunFigures& figures, Page& page) {
  for (const scenario::ProcessOutcome& process : figures.processes) {
    std::string_view rest = process.output;
    while (!rest.empty()) {
      const std::size_t end = rest.find('\n');
      page.line(fmt::format("  {}| {}", process.name, views::printable(rest.substr(0, end))),
                Role::application);
      if (end == std::string_view::npos) break;
      rest.remove_prefix(end + 1);
    }
  }
}

}  // namespace

Page summary(const scenario::RunOutcome& outcome, std::size_t width) {
  Page page;
  const scenario::RunFigures& figures = outcome.figures;
  write_output(figures, page);
  write_flows(figures, width, page);
  write_links(figures, width, page);
  write_node_drops(figures, width, page);
  write_replays(figures, page);
  write_processes(figures, width, page);
  return page;
}

Page expectations(const scenario::RunOutcome& outcome, const std::string& file) {
  Page page;
  for (const std::string& call : outcome.failed_calls) {
    Text line("FAILED ", Role::bad);
    page.line(line.add(call));
  }
  for (const scenario::ExpectationOutcome& expectation : outcome.expectations) {
    if (expectation.passed) {
      Text line("ok     ", Role::good);
      page.line(line.add(expectation.written));
      continue;
    }
    Text line("FAILED ", Role::bad);
    page.line(line.add(expectation.written));
    std::string why = expectation.problem;
    if (why.empty()) {
      why = fmt::format("it was {}", expectation.actual);
      if (!expectation.others.empty()) why += "; " + expectation.others;
    }
    page.line("       " + why);
    page.line(fmt::format("       see why: strata show {} {}", file, expectation.hint), Role::dim);
  }
  return page;
}

Page troubles(const scenario::RunOutcome& outcome) {
  Page page;
  if (!outcome.busiest.empty()) {
    page.line(fmt::format("too many events: something goes round in circles ({})", outcome.busiest),
              Role::bad);
  }
  if (!outcome.stuck.empty()) {
    page.line("deadlock: nothing can happen any more, and these wait:", Role::bad);
    for (const std::string& line : outcome.stuck) page.line("  " + line);
  }
  for (const std::string& line : outcome.audit) {
    page.line("the books do not balance, which is a bug of Strata: " + line, Role::bad);
  }
  return page;
}

}  // namespace strata::cli
