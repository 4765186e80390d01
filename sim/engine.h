// SPDX-License-Identifier: MIT
// Engine: the event loop. It moves frames between nodes over links, wakes nodes when their deadline
// has come, and knows nothing of what a node is made of.
//
//     on a frame's last bit    node.receive(port, frame, now)
//     on a deadline            node.on_deadline(now)
//     after either             every frame of node.poll_transmit(now) goes to the link of its port,
//                              and node.next_deadline() becomes the node's wake-up
//
// A node has one wake-up. When its deadline moves later the entry in the queue stays and, coming up
// too early, is replaced; when it moves earlier the old entry is out of date and ignored. So a
// timer that is pushed back with every packet costs nothing per packet.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sim/event_queue.h"
#include "sim/link.h"
#include "sim/link_config.h"
#include "sim/run_result.h"
#include "stack/base/node.h"
#include "stack/base/tracer.h"

namespace strata::sim {

// Told what becomes of the link at a port.
class LinkListener {
 public:
  virtual ~LinkListener() = default;
  // It went down or came up.
  virtual void on_carrier(LinkEnd end, bool up, Instant now) = 0;
  // Datagrams on it have at most `mtu` octets from now on.
  virtual void on_mtu(LinkEnd end, std::uint16_t mtu) = 0;
};

class Engine {
 public:
  explicit Engine(std::uint64_t seed) : seed_(seed) {}
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // What the node about to be added must be constructed with.
  NodeContext context_for(std::string_view node_name);
  // The node must outlive the engine's last run.
  NodeId add_node(std::string name, Node& node, std::size_t ports);
  // Both ends must exist and be unconnected.
  LinkId add_link(LinkConfig config);
  void set_link_listener(LinkListener* listener) { link_listener_ = listener; }
  // From now on frames that arrive over one link at one instant are received before any of them is
  // answered. Where frames come from outside, an instant is when somebody looked for them: what had
  // come until then was queued (RFC 9293 3.10.7.4, MUST-59). In a simulation alone each frame has
  // an instant of its own, and over a link without a rate one follows the other in no time.
  void receive_together() { receives_together_ = true; }
  // Not earlier than now().
  void set_link_up_at(LinkId link, bool up, Instant at);
  void set_link_mtu_at(LinkId link, std::uint16_t mtu, Instant at);
  // Something was done to a node from outside: takes its frames and its new deadline.
  void refresh(NodeId node);
  // The instant of the earliest entry in the queue, which may turn out to be out of date; kNever
  // when nothing is left to happen.
  Instant next_event() const { return queue_.empty() ? kNever : queue_.top().time; }
  // Time has passed up to `now` without an event. Requires that none is due before.
  void advance(Instant now);

  // As World::run_until().
  RunResult run_until(Instant until, const std::function<bool()>& should_stop = {});
  void set_event_budget(std::uint64_t events_max) { events_max_ = events_max; }

  std::uint64_t seed() const { return seed_; }
  Instant now() const { return now_; }
  std::uint64_t events() const { return events_; }
  Tracer& tracer() { return tracer_; }
  PacketPool& pool() { return pool_; }

  std::size_t node_count() const { return nodes_.size(); }
  const std::string& node_name(NodeId node) const { return nodes_[raw(node)].name; }
  std::size_t port_count(NodeId node) const { return nodes_[raw(node)].directions.size(); }
  std::optional<LinkId> link_at(NodeId node, PortId port) const;
  std::size_t link_count() const { return links_.size(); }
  const LinkConfig& link(LinkId link) const { return links_[raw(link)].config; }
  bool is_link_up(LinkId link) const { return links_[raw(link)].is_up; }
  // `direction` is a_to_b or b_to_a.
  const LinkDirection& direction(LinkId link, Direction direction) const;

  // "client: 812345 of 1000000 events".
  std::string busiest() const;
  // As World::audit().
  std::vector<std::string> audit() const;

 private:
  static constexpr std::uint32_t kNoDirection = 0xffffffffU;
  static constexpr std::uint64_t kPollInterval = 4096;  // events between calls of should_stop

  // An entry in the queue that wakes a node; sequence 0: there is none.
  struct WakeUp {
    Instant at = kNever;
    std::uint64_t sequence = 0;
  };
  struct NodeState {
    std::string name;
    Node* node = nullptr;
    std::vector<std::uint32_t> directions;  // outgoing, by port
    WakeUp wake;                            // the registered wake-up
    WakeUp later;                           // an entry that an earlier wake-up pushed aside
    std::uint64_t events = 0;
  };
  struct LinkState {
    LinkConfig config;
    bool is_up = true;
  };

  void dispatch(const QueuedEvent& event);
  void anticipate() const;
  void wake(NodeState& state, const QueuedEvent& event);
  void schedule_wake(NodeState& state, Instant deadline);
  void deliver(const QueuedEvent& event);
  bool is_followed_at_once(std::uint32_t direction) const;
  void change_link(LinkId link, bool up);
  void change_mtu(LinkId link, std::uint16_t mtu);
  void begin_event(Instant time) {
    now_ = time;
    ++events_;
  }
  void settle(NodeState& state);
  void put(NodeState& state, OutgoingFrame out);
  void drop_unconnected(const NodeState& state, const OutgoingFrame& out);
  LinkDirection::Wiring wiring(const LinkConfig& config, Direction direction);

  std::uint64_t seed_;
  PacketPool pool_;  // before everything that holds packets
  Tracer tracer_;
  EventQueue queue_;
  std::vector<std::pair<LinkId, std::uint16_t>> mtu_changes_;  // as they were ordered
  std::vector<NodeState> nodes_;
  std::vector<LinkState> links_;
  std::vector<LinkDirection> directions_;  // of link L: 2L is a to b, 2L + 1 is b to a
  LinkListener* link_listener_ = nullptr;
  Instant now_{};
  std::uint64_t events_ = 0;
  std::uint64_t events_max_ = ~std::uint64_t{0};
  bool receives_together_ = false;
};

}  // namespace strata::sim
