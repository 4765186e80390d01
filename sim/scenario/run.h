// SPDX-License-Identifier: MIT
// A whole run of a scenario: file -> model -> world -> figures and expectations. The command line
// and the tests go this way.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/live_inputs.h"
#include "sim/scenario/expect.h"
#include "sim/scenario/figures.h"
#include "sim/scenario/model.h"
#include "sim/scenario/show.h"
#include "sim/world.h"
#include "stack/base/tracer.h"

namespace strata::scenario {

// A scenario that may be run: its model makes sense and its expectations are understood.
struct Scenario {
  // As it was given.
  struct Source {
    std::string file;
    std::string text;
    std::vector<std::string> overrides;
  };

  Source source;
  Model model;
  std::vector<Expectation> expectations;
  std::vector<ShowRequest> show;
  // Of a recorded live run: what came in from outside, to come in again. Null: a simulation.
  std::shared_ptr<const sim::LiveInputs> inputs;
};

// Reads, overrides, parses and validates, and reads the captures it replays. Nullopt if
// `diagnostics` has errors afterwards; `sources` receives what its positions refer to.
std::optional<Scenario> load(std::string_view text, const std::string& file,
                             const std::vector<std::string>& overrides, Diagnostics& diagnostics,
                             std::vector<std::string>& sources);

// Brings a world to `until`, or to where `should_stop` ends it.
using Drive = std::function<sim::RunResult(sim::World& world, Instant until,
                                           const std::function<bool()>& should_stop)>;

struct RunOptions {
  std::function<bool()> should_stop;
  // Who makes time pass; empty: the world itself, as fast as it can.
  Drive drive;
  // Called when the run has reached its end, before figures are taken: what has to be wound up.
  std::function<void()> at_end;
  // Instants, ascending, at which the run pauses, after the events of that instant.
  std::vector<Instant> pauses;
  std::function<void(const sim::World& world, Instant at)> on_pause;
  // Called after the events of every instant at which something happens; not with `drive`.
  std::function<void(const sim::World& world, Instant at)> on_instant;
  std::uint64_t events_max = 0;  // 0: the default; with `drive` as many as happen
  // Whether the run is to have a fingerprint. One that cannot happen again has no use for it.
  bool fingerprint = true;
};

struct RunOutcome {
  RunFigures figures;
  std::vector<ExpectationOutcome> expectations;
  // Processes that wait for something that cannot happen any more: "client: recv(3)". Servers that
  // wait for clients are not among them.
  std::vector<std::string> stuck;
  // What scripted calls expected and did not get.
  std::vector<std::string> failed_calls;
  std::string busiest;             // when the event budget was used up
  std::vector<std::string> audit;  // books that do not balance: a bug of Strata

  bool passed() const;
};

// The default limit on events, against scenarios that go round in circles.
inline constexpr std::uint64_t kEventsMost = 2'000'000'000;

class Run {
 public:
  Run(const Scenario& scenario, const RunOptions& options);
  ~Run();
  const sim::World& world() const { return *world_; }
  // Attaches an observer until the run has finished; before finish(). It must outlive the run.
  void observe(Observer& observer, EventMask wanted);
  // Runs to the end, or until `should_stop` says so.
  RunOutcome finish();

 private:
  class ProcessWatch;

  sim::RunResult run_world();
  sim::RunResult run_by_instants(Instant until);

  const Scenario& scenario_;
  RunOptions options_;
  std::unique_ptr<sim::World> world_;
  std::unique_ptr<sim::LiveReplay> replay_;  // of a recorded live run
  std::unique_ptr<ProcessWatch> watch_;
  std::vector<Observer*> observers_;
};

}  // namespace strata::scenario
