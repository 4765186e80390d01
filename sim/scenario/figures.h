// SPDX-License-Identifier: MIT
// The figures of a run under the names that expectations use, and as `run --json` reports them. One
// table of rows serves both, and the documentation.
//
//     finished                      tcp.retransmissions         link.access.dropped
//     frames.dropped.queue-full     tcp.retransmissions.fast    link.access.from-client.sent
//     server.received               flow.1.goodput              client.ping.output
//
// A node's figure is the sum of its processes'; a process that is the only one of its name may be
// named without its node.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "sim/scenario/model.h"
#include "sim/scenario/units.h"
#include "sim/trace/directory.h"
#include "sim/trace/metrics.h"

namespace strata::scenario {

// What became of one process.
struct ProcessOutcome {
  std::string node;
  std::string name;
  std::string program;
  bool is_server = false;  // waits for others: need not end
  std::optional<Instant> started;
  std::optional<Instant> ended;
  std::string error;                            // why it failed; empty: it did not
  std::string output;                           // the lines it printed, each ended by '\n'
  std::map<std::string, std::int64_t> figures;  // counted by the program
};

struct RunFigures {
  std::uint64_t seed = 0;
  std::optional<std::uint64_t> fingerprint;  // where the run can happen again
  double cpu_s = 0;  // set by who can measure it; not reproducible, so never an expectation
  trace::RunMetrics metrics;
  trace::Directory directory;
  std::vector<ProcessOutcome> processes;
};

// When the last of these processes ended; nullopt while one has not. Servers that go on waiting for
// clients do not count.
std::optional<Instant> finished(const std::vector<ProcessOutcome>& processes);

// `never` is later than every instant.
struct Never {};
using FigureValue = std::variant<Quantity, std::string, Never>;
std::string to_text(const FigureValue& value);

// What is known about a figure before the run.
enum class FigureKind : std::uint8_t {
  number,  // of `unit`
  text,
  counted,  // by a program: a number of any unit, known only afterwards
};
struct FigureInfo {
  FigureKind kind{};
  Unit unit = Unit::count;
};

struct Branch;

// Names to figures.
class FigureTable {
 public:
  explicit FigureTable(const RunFigures& run);  // which must outlive the table
  explicit FigureTable(RunFigures&&) = delete;
  // The names that runs of `model` will have, without values. Of flows, any number may turn out to
  // exist.
  explicit FigureTable(const Model& model);
  ~FigureTable();
  FigureTable(const FigureTable&) = delete;
  FigureTable& operator=(const FigureTable&) = delete;

  // Is there a figure called `name`? The mistake names the nearest one.
  Parsed<FigureInfo> check(std::string_view name) const;
  Parsed<FigureValue> find(std::string_view name) const;

 private:
  const RunFigures* run_;
  std::unique_ptr<const RunFigures> shape_;  // of a run that has not happened
  std::unique_ptr<const Branch> root_;       // all but the flows
};

// The object that `run --json` prints, without the expectations.
nlohmann::ordered_json to_json(const RunFigures& figures);
// The same with an empty list of flows, and an item of that list: a flow takes ten kilobytes here.
nlohmann::ordered_json to_json_without_flows(const RunFigures& figures);
nlohmann::ordered_json to_json(const trace::FlowMetrics& flow);

// The rows of the documentation: "link.NAME.sent", "bytes" and what it counts.
struct FigureHelp {
  std::string name;
  std::string unit;
  std::string help;
};
std::vector<FigureHelp> figure_help();
// "tcp", "link", ...: what the name of a figure begins with, if not with a node or process.
std::vector<std::string> figure_words();
// "timeout", "fast", ...: what follows `retransmissions.`.
std::vector<std::string> retransmission_reasons();

}  // namespace strata::scenario
