// SPDX-License-Identifier: MIT
#include "sim/engine.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "stack/base/assert.h"

namespace strata::sim {

NodeContext Engine::context_for(std::string_view node_name) {
  return {.node = NodeId{static_cast<std::uint32_t>(nodes_.size())},
          .pool = &pool_,
          .tracer = &tracer_,
          .key = derive_key(seed_, fmt::format("node/{}", node_name))};
}

NodeId Engine::add_node(std::string name, Node& node, std::size_t ports) {
  nodes_.push_back({.name = std::move(name),
                    .node = &node,
                    .directions = std::vector<std::uint32_t>(ports, kNoDirection)});
  return NodeId{static_cast<std::uint32_t>(nodes_.size() - 1)};
}

LinkId Engine::add_link(LinkConfig config) {
  const LinkId id{static_cast<std::uint32_t>(links_.size())};
  for (const LinkEnd& end : {config.a, config.b}) {
    STRATA_ASSERT(raw(end.node) < nodes_.size());
    STRATA_ASSERT(raw(end.port) < nodes_[raw(end.node)].directions.size());
    STRATA_ASSERT(!link_at(end.node, end.port));
  }
  STRATA_ASSERT(config.a != config.b);
  directions_.emplace_back(config, wiring(config, Direction::a_to_b));
  nodes_[raw(config.a.node)].directions[raw(config.a.port)] = 2 * raw(id);
  directions_.emplace_back(config, wiring(config, Direction::b_to_a));
  nodes_[raw(config.b.node)].directions[raw(config.b.port)] = 2 * raw(id) + 1;
  links_.push_back({.config = std::move(config)});
  return id;
}

LinkDirection::Wiring Engine::wiring(const LinkConfig& config, Direction direction) {
  const LinkEnd& from = direction == Direction::a_to_b ? config.a : config.b;
  const LinkEnd& to = direction == Direction::a_to_b ? config.b : config.a;
  return {.link = LinkId{static_cast<std::uint32_t>(links_.size())},
          .direction = direction,
          .sender = {.node = from.node, .pool = &pool_, .tracer = &tracer_},
          .sender_port = from.port,
          .receiver = {.node = to.node, .pool = &pool_, .tracer = &tracer_},
          .receiver_port = to.port,
          .queue = &queue_,
          .tag = static_cast<std::uint32_t>(directions_.size()),
          .stream_prefix =
              fmt::format("link/{}/{}>{}", config.name, node_name(from.node), node_name(to.node)),
          .seed = seed_};
}

void Engine::set_link_up_at(LinkId link, bool up, Instant at) {
  queue_.push(std::max(at, now_), EventTarget::link_change, 2 * raw(link) + (up ? 1 : 0));
}

void Engine::set_link_mtu_at(LinkId link, std::uint16_t mtu, Instant at) {
  queue_.push(std::max(at, now_), EventTarget::mtu_change,
              static_cast<std::uint32_t>(mtu_changes_.size()));
  mtu_changes_.emplace_back(link, mtu);
}

void Engine::refresh(NodeId node) { settle(nodes_[raw(node)]); }

void Engine::advance(Instant now) {
  STRATA_ASSERT(next_event() >= now && now >= now_);
  now_ = now;
}

RunResult Engine::run_until(Instant until, const std::function<bool()>& should_stop) {
  std::uint64_t next_poll = 0;
  StopReason reason = StopReason::idle;
  for (; !queue_.empty(); dispatch(queue_.pop())) {
    if (queue_.top().time > until) {
      reason = StopReason::until;
      now_ = std::max(now_, until);
      break;
    }
    if (events_ >= events_max_) {
      reason = StopReason::event_budget;
      break;
    }
    if (events_ >= next_poll && should_stop) {
      next_poll = events_ + kPollInterval;
      if (should_stop()) {
        reason = StopReason::interrupted;
        break;
      }
    }
  }
  return {.reason = reason, .end = now_, .events = events_};
}

// With many flows, or long queues, a frame has left the caches when it arrives. The processor can
// fetch it while the event before it is worked on. Changes nothing.
void Engine::anticipate() const {
  if (queue_.empty() || queue_.top().target != EventTarget::frame_arrival) return;
  directions_[queue_.top().tag].prefetch_arrival();
}

void Engine::dispatch(const QueuedEvent& event) {
  anticipate();
  switch (event.target) {
    case EventTarget::node_wake:
      wake(nodes_[event.tag], event);
      break;
    case EventTarget::frame_arrival:
      deliver(event);
      break;
    case EventTarget::transmitter_free:
      if (!directions_[event.tag].expects(event)) break;
      begin_event(event.time);
      directions_[event.tag].on_transmitter_free(now_);
      break;
    case EventTarget::link_change:
      begin_event(event.time);
      change_link(LinkId{event.tag / 2}, event.tag % 2 != 0);
      break;
    case EventTarget::mtu_change:
      begin_event(event.time);
      change_mtu(mtu_changes_[event.tag].first, mtu_changes_[event.tag].second);
      break;
  }
}

void Engine::wake(NodeState& state, const QueuedEvent& event) {
  if (event.sequence == state.later.sequence) state.later = {};
  if (event.sequence != state.wake.sequence) return;  // out of date
  state.wake = std::exchange(state.later, {});
  if (const Instant deadline = state.node->next_deadline(); deadline > event.time) {
    // It has moved later since: not an event, only the reminder of one.
    schedule_wake(state, deadline);
    return;
  }
  begin_event(event.time);
  ++state.events;
  state.node->on_deadline(now_);
  settle(state);
}

// Sees to it that the node is woken at `deadline`. The entry this one comes before stays known: a
// node that is woken at once again and again (its processes run) does not push its far timer anew
// each time.
void Engine::schedule_wake(NodeState& state, Instant deadline) {
  if (deadline >= state.wake.at) return;
  if (state.wake.sequence != 0) state.later = state.wake;
  state.wake.at = std::max(deadline, now_);
  state.wake.sequence = queue_.push(state.wake.at, EventTarget::node_wake,
                                    static_cast<std::uint32_t>(&state - nodes_.data()));
}

// RFC 9293 3.10.7.4 (MUST-59): queued segments are all processed before an ACK is sent. Nothing
// stops in between.
void Engine::deliver(const QueuedEvent& event) {
  LinkDirection& direction = directions_[event.tag];
  if (!direction.expects(event)) return;
  NodeState& state = nodes_[raw(direction.receiver())];
  bool is_batch = false;
  for (;; queue_.pop()) {
    begin_event(event.time);
    Packet frame = direction.take_arrival(now_);
    const bool is_last = !is_followed_at_once(event.tag);
    if (!is_last && !is_batch) state.node->begin_batch();
    is_batch |= !is_last;
    if (frame.has_value()) {
      ++state.events;
      state.node->receive(direction.receiver_port(), std::move(frame), now_);
    }
    if (is_last) break;
  }
  if (is_batch) state.node->end_batch(now_);
  settle(state);
}

bool Engine::is_followed_at_once(std::uint32_t direction) const {
  if (!receives_together_ || queue_.empty()) return false;
  const QueuedEvent& next = queue_.top();
  return next.time == now_ && next.target == EventTarget::frame_arrival && next.tag == direction &&
         directions_[direction].expects(next);
}

void Engine::settle(NodeState& state) {
  while (std::optional<OutgoingFrame> out = state.node->poll_transmit(now_)) {
    put(state, std::move(*out));
  }
  schedule_wake(state, state.node->next_deadline());
}

void Engine::put(NodeState& state, OutgoingFrame out) {
  STRATA_ASSERT(raw(out.port) < state.directions.size());
  const std::uint32_t direction = state.directions[raw(out.port)];
  if (direction == kNoDirection) {
    drop_unconnected(state, out);
    return;
  }
  directions_[direction].offer(std::move(out.packet), now_);
}

void Engine::drop_unconnected(const NodeState& state, const OutgoingFrame& out) {
  const NodeContext context{.node = NodeId{static_cast<std::uint32_t>(&state - nodes_.data())},
                            .pool = &pool_,
                            .tracer = &tracer_};
  context.trace(now_, out.packet, [&] {
    return Dropped{.layer = Layer::physical,
                   .reason = DropReason::link_down,
                   .port = out.port,
                   .packet = out.packet.bytes()};
  });
}

void Engine::change_link(LinkId link, bool up) {
  LinkState& state = links_[raw(link)];
  if (state.is_up == up) return;
  state.is_up = up;
  const NodeContext medium{.pool = &pool_, .tracer = &tracer_};
  medium.trace(now_, [&] { return LinkStateChanged{.link = link, .up = up}; });
  directions_[2 * raw(link)].set_up(up, now_);
  directions_[2 * raw(link) + 1].set_up(up, now_);
  for (const LinkEnd& end : {state.config.a, state.config.b}) {
    if (link_listener_ != nullptr) link_listener_->on_carrier(end, up, now_);
    settle(nodes_[raw(end.node)]);
  }
}

void Engine::change_mtu(LinkId link, std::uint16_t mtu) {
  const NodeContext medium{.pool = &pool_, .tracer = &tracer_};
  medium.trace(now_, [&] { return LinkMtuChanged{.link = link, .mtu = mtu}; });
  if (link_listener_ == nullptr) return;
  for (const LinkEnd& end : {links_[raw(link)].config.a, links_[raw(link)].config.b}) {
    link_listener_->on_mtu(end, mtu);
  }
}

std::optional<LinkId> Engine::link_at(NodeId node, PortId port) const {
  const std::uint32_t direction = nodes_[raw(node)].directions[raw(port)];
  if (direction == kNoDirection) return std::nullopt;
  return LinkId{direction / 2};
}

const LinkDirection& Engine::direction(LinkId link, Direction direction) const {
  STRATA_ASSERT(direction != Direction::both);
  return directions_[2 * raw(link) + (direction == Direction::a_to_b ? 0 : 1)];
}

std::string Engine::busiest() const {
  const auto most =
      std::max_element(nodes_.begin(), nodes_.end(),
                       [](const NodeState& a, const NodeState& b) { return a.events < b.events; });
  if (most == nodes_.end()) return "no events";
  return fmt::format("{}: {} of {} events", most->name, most->events, events_);
}

std::vector<std::string> Engine::audit() const {
  std::vector<std::string> findings;
  for (std::size_t i = 0; i < directions_.size(); ++i) {
    const LinkCounters& books = directions_[i].counters();
    const std::uint64_t into = books.offered_frames + books.duplicated_frames;
    const std::uint64_t accounted =
        books.delivered_frames + books.dropped.total() + directions_[i].frames_in_flight();
    if (into == accounted) continue;
    findings.push_back(fmt::format("link {} {}: {} frames went in, {} are accounted for",
                                   links_[i / 2].config.name, i % 2 == 0 ? "a>b" : "b>a", into,
                                   accounted));
  }
  return findings;
}

}  // namespace strata::sim
