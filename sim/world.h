// SPDX-License-Identifier: MIT
// (contract; the owner completes the private part; event_queue.h, link.h, impairment.h beside it)
#pragma once
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/impairment.h"
#include "stack/host/host.h"
#include "stack/link/switch.h"
#include "stack/physical/line_code.h"

namespace strata::sim {

struct LinkEnd {
  NodeId node{};
  PortId port{};
};

struct QueueConfig {  // of a port's transmit queue, drop-tail
  std::size_t bytes_max = 256 * 1024;  // 0: no limit
  std::size_t frames_max = 0;          // 0: no limit
};

struct LinkConfig {
  std::string name;
  LinkEnd a;
  LinkEnd b;
  std::uint64_t rate_bps = 1'000'000'000;  // 0: infinitely fast
  Duration delay{};                        // propagation
  QueueConfig queue;
  std::optional<physical::LineCodeKind> line_code;  // frames are really encoded and decoded
  std::vector<ImpairmentConfig> impairments;  // applied in order; each names its direction
};

enum class StopReason : std::uint8_t { idle, until, event_budget, interrupted };

struct RunResult {
  StopReason reason{};
  Instant end{};
  std::uint64_t events = 0;
};

// Nodes, links and virtual time. Event order is (instant, insertion sequence), total.
class World {
 public:
  explicit World(std::uint64_t seed);
  ~World();

  // Nodes and links may only be added before the first run_until().
  NodeId add_host(host::HostConfig config);  // hosts and routers
  NodeId add_switch(std::string name, link::SwitchConfig config);
  LinkId add_link(LinkConfig config);
  void start_process(NodeId node, std::string process, const application::Program& program,
                     application::Arguments arguments, Instant at);
  void set_link_up_at(LinkId link, bool up, Instant at);

  Tracer& tracer();
  // Runs events up to and including `until`, or until nothing is left to happen, or until
  // `should_stop` (polled every few thousand events; may be empty) says so.
  RunResult run_until(Instant until, const std::function<bool()>& should_stop = {});
  Instant now() const;
  std::uint64_t events() const;
  void set_event_budget(std::uint64_t events_max);

  std::size_t node_count() const;
  const std::string& node_name(NodeId node) const;
  NodeId find_node(std::string_view name) const;  // kNoNode when there is none
  bool is_switch(NodeId node) const;
  bool is_router(NodeId node) const;
  host::Host& host(NodeId node);                  // requires !is_switch(node)
  link::LearningSwitch& learning_switch(NodeId node);
  std::string port_name(NodeId node, PortId port) const;
  std::size_t link_count() const;
  const LinkConfig& link(LinkId link) const;
  // Frames now in a queue or on the wire of a link, both directions.
  std::size_t frames_in_flight(LinkId link) const;
  PacketPool& pool();
  // For each unfinished task of each host: what it waits for.
  std::vector<std::string> waiting() const;
};

}  // namespace strata::sim
