// SPDX-License-Identifier: MIT
// One seed: builds its world, steps through it event by event, and asks every invariant.
#include <fmt/format.h>

#include <memory>

#include "sim/trace/fingerprint.h"
#include "tests/property/ends.h"
#include "tests/property/swarm.h"
#include "tests/property/watch.h"

namespace strata::property {
namespace {

constexpr std::uint64_t kEventsMax = 5'000'000;
constexpr std::uint64_t kAuditInterval = 1024;

class SeedRun {
 public:
  explicit SeedRun(std::uint64_t seed)
      : plan_(draw_plan(seed)),
        topology_(build_topology(plan_)),
        cast_(plan_, topology_),
        watch_(plan_, topology_) {}

  sim::World& world() { return *topology_.world; }

  SeedOutcome play(bool with_fingerprint) {
    trace::Fingerprint fingerprint;
    if (with_fingerprint) world().tracer().attach(fingerprint, trace::Fingerprint::kWanted);
    run();
    for (std::size_t i = 0; i < cast_.connections.size(); ++i) {
      const std::uint16_t client = cast_.client_endpoint(i).port;
      const std::uint16_t server = cast_.server_endpoint(i).port;
      cast_.connections[i].client.tcp_gave_up = watch_.gave_up(client, server);
      cast_.connections[i].server.tcp_gave_up = watch_.gave_up(server, client);
    }
    if (outcome_.violations.empty()) check_end();
    outcome_.events = world().events();
    outcome_.fingerprint = fingerprint.value();
    outcome_.connections = cast_.connections.size();
    for (const Connection& connection : cast_.connections) {
      if (cast_.is_complete(connection)) ++outcome_.completed;
      if (connection.client.tcp_gave_up || connection.server.tcp_gave_up) ++outcome_.timed_out;
    }
    if (with_fingerprint) world().tracer().detach(fingerprint);
    return std::move(outcome_);
  }

 private:
  void run() {
    for (;;) {
      world().set_event_budget(world().events() + 1);
      const sim::RunResult result = world().run_until(kNever);
      check_connections();
      if (world().events() % kAuditInterval == 0) check_books();
      for (const std::string& what : watch_.violations()) outcome_.violations.push_back(what);
      if (!outcome_.violations.empty() || result.reason == sim::StopReason::idle) return;
      if (world().events() >= kEventsMax) {
        outcome_.violations.push_back("it does not come to an end; " + world().busiest());
      }
    }
  }

  // Data outstanding implies a timer, zero window and data imply persist, and the like: a broken
  // invariant ends the program.
  void check_connections() {
    for (const NodeId host : topology_.hosts) {
      world().host(host).transport().tcp().for_each([](const transport::Stream& stream) {
        if (stream.connection != nullptr) stream.connection->check_invariants();
      });
    }
  }

  void check_books() {
    for (const std::string& line : world().audit()) outcome_.violations.push_back(line);
  }

  // Nothing is left to happen.
  void check_end() {
    check_books();
    for (std::string& verdict : cast_.judge()) outcome_.violations.push_back(std::move(verdict));
    for (const std::string& line : world().waiting()) {
      outcome_.violations.push_back("nothing will ever wake " + line);
    }
    for (const NodeId host : topology_.hosts) {
      for (const socket::SocketInfo& left : world().host(host).sockets().table()) {
        outcome_.violations.push_back(fmt::format("{} keeps a socket {} > {} in {}",
                                                  world().node_name(host), to_text(left.local),
                                                  to_text(left.remote), left.state));
      }
    }
    if (const std::size_t left = world().pool().outstanding(); left > 0) {
      outcome_.violations.push_back(fmt::format("{} packets leaked", left));
    }
  }

  Plan plan_;
  Topology topology_;
  Cast cast_;
  Watch watch_;
  SeedOutcome outcome_;
};

}  // namespace

SeedOutcome run_seed(std::uint64_t seed, bool with_fingerprint, const Onlooker& onlooker) {
  const auto run = std::make_unique<SeedRun>(seed);
  if (onlooker.before) onlooker.before(run->world());
  SeedOutcome outcome = run->play(with_fingerprint);
  if (onlooker.after) onlooker.after(run->world());
  return outcome;
}

}  // namespace strata::property
