// SPDX-License-Identifier: MIT
#include "tools/strata/execute.h"

#include <algorithm>

#include "tools/strata/terminal.h"

namespace strata::cli {
namespace {

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

SocketTables tables_of(const sim::World& world, Instant at) {
  SocketTables tables{.at = at, .hosts = {}};
  for (std::uint32_t i = 0; i < world.node_count(); ++i) {
    const NodeId node{i};
    if (!world.has_host(node) || world.is_router(node)) continue;
    analysis::HostSockets host{.host = world.node_name(node), .addresses = {}, .sockets = {}};
    host.addresses = world.host(node).network().addresses();
    host.sockets = world.host(node).sockets().table();
    tables.hosts.push_back(std::move(host));
  }
  return tables;
}

// Hands events on with the names of the run.
class Teller final : public Observer {
 public:
  explicit Teller(const ExecuteOptions& options) : tell_(options.on_event) {}
  void set_names(trace::Directory names) { names_ = std::move(names); }
  void on_event(const Event& event) override { tell_(names_, event); }

 private:
  const std::function<void(const trace::Directory& names, const Event& event)>& tell_;
  trace::Directory names_;
};

}  // namespace

Execution execute(const scenario::Scenario& scenario, const ExecuteOptions& options) {
  Execution execution;
  catch_interrupts();
  Progress progress(options.progress);
  trace::Recorder recorder;
  Teller teller(options);
  std::unique_ptr<trace::CaptureObserver> capture;
  scenario::RunOptions run_options;
  const sim::World* world = nullptr;
  const Instant end = scenario.model.until.value_or(kNever);
  run_options.should_stop = [&] {
    progress.update(world->now(), end, world->events());
    // Somebody may be watching; of a simulation, only the finished capture is of use.
    if (options.drive && capture != nullptr) capture->flush();
    return is_interrupted() || (capture != nullptr && capture->has_failed());
  };
  for (const Instant at : options.socket_times) {
    if (at != kNever) run_options.pauses.push_back(at);
  }
  std::sort(run_options.pauses.begin(), run_options.pauses.end());
  run_options.on_pause = [&](const sim::World& paused, Instant at) {
    execution.socket_tables.push_back(tables_of(paused, at));
  };
  run_options.drive = options.drive;
  run_options.fingerprint = options.fingerprint;
  run_options.at_end = options.at_end;
  if (options.log_sockets) {
    run_options.on_instant = [&](const sim::World& at_rest, Instant at) {
      execution.sockets.look(at_rest, at);
    };
  }
  scenario::Run run(scenario, run_options);
  world = &run.world();
  if (options.capture) {
    auto opened =
        trace::CaptureObserver::create(trace::Directory::of(run.world()), *options.capture);
    if (!opened) {
      execution.problem = std::move(opened.error());
      return execution;
    }
    capture = std::move(*opened);
    run.observe(*capture, capture->wanted());
  }
  if (options.log_sockets) run.observe(execution.sockets, kAllEvents);
  if (options.record) run.observe(recorder, kAllEvents);
  if (options.on_event) {
    teller.set_names(trace::Directory::of(run.world()));
    run.observe(teller, kAllEvents);
  }
  const double before = cpu_seconds();
  execution.outcome = run.finish();
  execution.outcome.figures.cpu_s = cpu_seconds() - before;
  const Instant stopped = execution.outcome.figures.metrics.result.end;
  execution.socket_tables.push_back(tables_of(run.world(), stopped));
  if (options.record) {
    execution.recording =
        recorder.finish(trace::Directory::of(run.world()), scenario.model.seed, stopped);
  }
  if (capture != nullptr) {
    execution.problem = capture->finish(stopped).value_or("");
    execution.capture_files = capture->paths();
  }
  return execution;
}

}  // namespace strata::cli
