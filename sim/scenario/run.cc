// SPDX-License-Identifier: MIT
#include "sim/scenario/run.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/scenario/build.h"
#include "sim/scenario/document.h"
#include "sim/scenario/overrides.h"
#include "sim/scenario/parse.h"
#include "sim/scenario/replays.h"
#include "sim/scenario/validate.h"
#include "sim/trace/fingerprint.h"
#include "sim/trace/metrics.h"

namespace strata::scenario {
namespace {

constexpr std::size_t kOutputMost = 1U << 20;  // kept of what one process prints

// Lines of failed calls: "client: line 4 'recv s -> 5': expected 5, got 7 at 1.2 s".
std::vector<std::string> failed_calls(const sim::World& world) {
  std::vector<std::string> failed;
  for (std::uint32_t i = 0; i < world.node_count(); ++i) {
    const NodeId node{i};
    if (!world.has_host(node)) continue;
    for (const application::ScriptResult& result : world.host(node).script_results()) {
      if (result.passed) continue;
      failed.push_back(fmt::format(
          "{}: call {} of {}, {}: {} instead of {} at {}", world.node_name(node), result.line,
          result.process, in_quotes(result.call), result.actual,
          result.expected.empty() ? "success" : result.expected, strata::to_text(result.when)));
    }
  }
  return failed;
}

}  // namespace

// Keeps what processes did.
class Run::ProcessWatch final : public Observer {
 public:
  static constexpr EventMask kWanted = event_mask<ProcessStarted, ProcessEnded, ProcessOutput>();

  ProcessWatch(const Model& model, const sim::World& world) {
    for (const ProcessModel& process : model.processes) {
      nodes_.push_back(world.find_node(process.node));
      outcomes_.push_back({.node = process.node,
                           .name = process.name,
                           .program = std::string{process.program->name},
                           .is_server = process.is_server});
    }
  }

  void on_event(const Event& event) override {
    if (const auto* started = std::get_if<ProcessStarted>(&event.body)) {
      if (ProcessOutcome* outcome = find(event.node, started->process))
        outcome->started = event.time;
    } else if (const auto* ended = std::get_if<ProcessEnded>(&event.body)) {
      if (ProcessOutcome* outcome = find(event.node, ended->process)) {
        outcome->ended = event.time;
        outcome->error = std::string{ended->error};
      }
    } else if (const auto* output = std::get_if<ProcessOutput>(&event.body)) {
      ProcessOutcome* outcome = find(event.node, output->process);
      if (outcome == nullptr || outcome->output.size() > kOutputMost) return;
      outcome->output += output->line;
      outcome->output += '\n';
    }
  }

  std::vector<ProcessOutcome> collect(const sim::World& world) const {
    std::vector<ProcessOutcome> outcomes = outcomes_;
    for (std::size_t i = 0; i < outcomes.size(); ++i) {
      const std::string prefix = outcomes[i].name + ".";
      for (const auto& [name, value] : world.host(nodes_[i]).figures()) {
        if (name.starts_with(prefix)) outcomes[i].figures[name.substr(prefix.size())] = value;
      }
    }
    return outcomes;
  }

  // What unfinished processes wait for, those left out that wait for others by profession.
  std::vector<std::string> stuck(const sim::World& world) const {
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < outcomes_.size(); ++i) {
      if (outcomes_[i].is_server || outcomes_[i].ended) continue;
      const std::string prefix = outcomes_[i].name + ": ";
      for (const std::string& line : world.host(nodes_[i]).waiting()) {
        if (line.starts_with(prefix)) lines.push_back(outcomes_[i].node + ": " + line);
      }
    }
    return lines;
  }

 private:
  ProcessOutcome* find(NodeId node, std::string_view name) {
    for (std::size_t i = 0; i < outcomes_.size(); ++i) {
      if (nodes_[i] == node && outcomes_[i].name == name) return &outcomes_[i];
    }
    return nullptr;
  }

  std::vector<NodeId> nodes_;
  std::vector<ProcessOutcome> outcomes_;
};

std::optional<Scenario> load(std::string_view text, const std::string& file,
                             const std::vector<std::string>& overrides, Diagnostics& diagnostics,
                             std::vector<std::string>& sources) {
  auto document = parse_document(text, file, diagnostics);
  sources = {file};
  if (!document) return std::nullopt;
  for (const std::string& assignment : overrides) {
    apply_override(*document, assignment, diagnostics);
  }
  sources = document->sources;
  if (diagnostics.has_errors()) return std::nullopt;  // what follows would only be their echo
  Scenario scenario{.source = {file, std::string{text}, overrides}};
  scenario.model = parse_model(*document, diagnostics);
  if (diagnostics.has_errors() && scenario.model.links.empty() && scenario.model.nodes.size() > 1) {
    diagnostics.sort();
    return std::nullopt;  // that nothing is connected would be one more
  }
  validate(scenario.model, diagnostics);
  scenario.expectations = parse_expectations(scenario.model, diagnostics);
  for (const ShowModel& line : scenario.model.show) {
    auto request = parse_show(line.text);
    auto wrong = request ? check_show(*request, scenario.model) : std::move(request.error());
    if (wrong) {
      diagnostics.error(line.at, std::move(*wrong));
    } else {
      scenario.show.push_back(std::move(*request));
    }
  }
  if (!diagnostics.has_errors()) read_replays(scenario.model, file, diagnostics);
  diagnostics.sort();
  if (diagnostics.has_errors()) return std::nullopt;
  return scenario;
}

bool RunOutcome::passed() const {
  const auto is_passed = [](const ExpectationOutcome& outcome) { return outcome.passed; };
  return failed_calls.empty() && audit.empty() &&
         std::all_of(expectations.begin(), expectations.end(), is_passed);
}

Run::Run(const Scenario& scenario, const RunOptions& options)
    : scenario_(scenario), options_(options), world_(build(scenario.model)) {
  const std::uint64_t most = options.drive ? UINT64_MAX : kEventsMost;
  world_->set_event_budget(options.events_max == 0 ? most : options.events_max);
  watch_ = std::make_unique<ProcessWatch>(scenario.model, *world_);
  if (scenario.inputs) replay_ = std::make_unique<sim::LiveReplay>(*world_, *scenario.inputs);
}

Run::~Run() = default;

void Run::observe(Observer& observer, EventMask wanted) {
  world_->tracer().attach(observer, wanted);
  observers_.push_back(&observer);
}

namespace {

bool goes_on(const sim::RunResult& result) {
  return result.reason == sim::StopReason::until || result.reason == sim::StopReason::idle;
}

}  // namespace

// Stops after the events of every instant to let somebody look.
sim::RunResult Run::run_by_instants(Instant until) {
  for (Instant next = world_->next_event(); next <= until && next != kNever;
       next = world_->next_event()) {
    const sim::RunResult result = world_->run_until(next, options_.should_stop);
    options_.on_instant(*world_, next);
    if (!goes_on(result)) return result;
  }
  return world_->run_until(until, options_.should_stop);
}

sim::RunResult Run::run_world() {
  const Instant end = scenario_.model.until.value_or(kNever);
  const auto advance = [&](Instant until) {
    if (options_.drive) return options_.drive(*world_, until, options_.should_stop);
    if (replay_) return replay_->run_until(until, options_.should_stop);
    return options_.on_instant ? run_by_instants(until)
                               : world_->run_until(until, options_.should_stop);
  };
  for (const Instant pause : options_.pauses) {
    if (pause >= end) break;
    const sim::RunResult result = advance(pause);
    if (!goes_on(result)) return result;
    options_.on_pause(*world_, pause);
    // A world with nothing left to do stays as it is: later pauses see the same.
  }
  return advance(end);
}

RunOutcome Run::finish() {
  trace::Metrics metrics;
  trace::Fingerprint fingerprint;
  Tracer& tracer = world_->tracer();
  tracer.attach(metrics, trace::Metrics::kWanted);
  if (options_.fingerprint) tracer.attach(fingerprint, trace::Fingerprint::kWanted);
  tracer.attach(*watch_, ProcessWatch::kWanted);
  sim::RunResult result = run_world();
  if (options_.at_end) {
    options_.at_end();
    result.end = world_->now();
    result.events = world_->events();
  }
  RunOutcome outcome;
  for (Observer* observer : observers_) tracer.detach(*observer);
  tracer.detach(*watch_);
  if (options_.fingerprint) tracer.detach(fingerprint);
  tracer.detach(metrics);
  outcome.figures.seed = scenario_.model.seed;
  if (options_.fingerprint) outcome.figures.fingerprint = fingerprint.value();
  outcome.figures.metrics = std::move(metrics).collect(*world_, result);
  outcome.figures.directory = trace::Directory::of(*world_);
  outcome.figures.processes = watch_->collect(*world_);
  if (result.reason == sim::StopReason::event_budget) outcome.busiest = world_->busiest();
  if (result.reason == sim::StopReason::idle) outcome.stuck = watch_->stuck(*world_);
  outcome.failed_calls = failed_calls(*world_);
  outcome.audit = world_->audit();
  const FigureTable table(outcome.figures);
  for (const Expectation& expectation : scenario_.expectations) {
    outcome.expectations.push_back(evaluate(expectation, table));
  }
  return outcome;
}

}  // namespace strata::scenario
