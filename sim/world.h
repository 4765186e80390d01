// SPDX-License-Identifier: MIT
// World: hosts, routers, switches and links in one virtual time. It builds them, runs them and lets
// everything about them be asked; the event loop itself is the Engine's.
//
// A run is decided by what was added, in which order, and the seed: the same calls give the same
// events on every machine. Event order is (instant, insertion sequence), total.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/link_config.h"
#include "sim/run_result.h"
#include "stack/host/host.h"
#include "stack/link/switch.h"

namespace strata::sim {

class Attachment;
struct AttachmentConfig;
class Engine;

class World {
 public:
  explicit World(std::uint64_t seed);
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  // Nodes and links may only be added before the first run_until(). Names are unique, and the ends
  // of a link are ports that exist and are not connected yet: the caller has checked.
  NodeId add_host(host::HostConfig config);  // hosts and routers
  NodeId add_switch(std::string name, link::SwitchConfig config);
  // A node that stands for something outside the simulation (attachment.h).
  NodeId add_attachment(AttachmentConfig config);
  LinkId add_link(LinkConfig config);
  // Starts `program` on a host at `at` (not earlier than now).
  void start_process(NodeId node, std::string process, const application::Program& program,
                     application::Arguments arguments, Instant at);
  // Takes the link down or up at `at`. Going down drops the frames in its queues and on its wires;
  // hosts at its ends are told at once (they see the loss of carrier).
  void set_link_up_at(LinkId link, bool up, Instant at);
  // Changes the MTU of the hosts and routers at both ends at `at`. Larger datagrams that are on
  // their way are refused on arrival.
  void set_link_mtu_at(LinkId link, std::uint16_t mtu, Instant at);

  Tracer& tracer();
  // Runs events up to and including `until`, or until nothing is left to happen, or until
  // `should_stop` (polled every few thousand events; may be empty) says so. May be called again.
  RunResult run_until(Instant until, const std::function<bool()>& should_stop = {});
  // Time passes up to `now`, not earlier than now(): what is due happens.
  void pass(Instant now);
  // A frame enters from outside at `now`; what is due before happens first. Frames that enter one
  // attachment at the same instant, one call after the other, are on the link before anything
  // happens because of them.
  void inject(NodeId attachment, Bytes frame, Instant now);
  // Every process of every host and every replay of a capture ends at `now`, not earlier than
  // now(); what is due before happens first. Connections close in the background: run on to see
  // them do it.
  void end_processes(Instant now);
  // TCP connections that still have something to say, of all hosts.
  std::size_t open_connections() const;
  // Ends these with RST at `now`, not earlier than now().
  void abort_connections(Instant now);
  // When something will happen next; kNever when nothing is left to happen. It may be earlier than
  // the next event, never later.
  Instant next_event() const;
  // The instant of the last event, or `until` when the run reached it.
  Instant now() const;
  std::uint64_t events() const;
  // The run stops with StopReason::event_budget after this many events in all.
  void set_event_budget(std::uint64_t events_max);

  std::uint64_t seed() const;
  std::size_t node_count() const;
  const std::string& node_name(NodeId node) const;
  NodeId find_node(std::string_view name) const;  // kNoNode when there is none
  bool is_switch(NodeId node) const;
  bool is_router(NodeId node) const;
  bool is_attachment(NodeId node) const;
  bool has_host(NodeId node) const;  // hosts and routers
  host::Host& host(NodeId node);     // requires has_host(node)
  const host::Host& host(NodeId node) const;
  const host::HostConfig& host_config(NodeId node) const;  // as given; requires has_host(node)
  link::LearningSwitch& learning_switch(NodeId node);      // requires is_switch(node)
  const link::LearningSwitch& learning_switch(NodeId node) const;
  Attachment& attachment(NodeId node);  // requires is_attachment(node)
  const Attachment& attachment(NodeId node) const;
  std::size_t port_count(NodeId node) const;
  // "eth0" as configured; of a switch: "p0", "p1", ...
  std::string port_name(NodeId node, PortId port) const;
  std::optional<LinkId> link_at(NodeId node, PortId port) const;  // nullopt: not connected

  std::size_t link_count() const;
  const LinkConfig& link(LinkId link) const;
  LinkId find_link(std::string_view name) const;  // kNoLink when there is none
  bool is_link_up(LinkId link) const;
  // Totals of one direction; `direction` is a_to_b or b_to_a.
  const LinkCounters& counters(LinkId link, Direction direction) const;
  // Frames now in a queue or on the wire of a link, both directions.
  std::size_t frames_in_flight(LinkId link) const;
  PacketPool& pool();

  // For each unfinished task of each host: what it waits for.
  std::vector<std::string> waiting() const;
  // Who was called most often, for the report of an exhausted event budget:
  // "client: 812345 of 1000000 events".
  std::string busiest() const;
  // Books that do not balance, one sentence each; empty unless Strata has a bug: conservation of
  // frames on every link direction.
  std::vector<std::string> audit() const;

 private:
  struct NodeRecord;
  class LinkChanges;

  void begin();
  void settle_media();
  bool needs_fcs(LinkId link) const;
  bool needs_fcs(LinkEnd end) const;
  void let_enter();
  const NodeRecord& record(NodeId node) const;

  std::unique_ptr<Engine> engine_;  // first: outlives the nodes, which hold its packets
  std::vector<std::unique_ptr<NodeRecord>> nodes_;
  std::unique_ptr<LinkChanges> link_changes_;  // tells nodes about their links
  bool has_begun_ = false;
  NodeId entering_ = kNoNode;  // the attachment whose frames are not on its link yet
};

}  // namespace strata::sim
