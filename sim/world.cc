// SPDX-License-Identifier: MIT
#include "sim/world.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "sim/attachment.h"
#include "sim/engine.h"
#include "stack/base/assert.h"

namespace strata::sim {

// A host (routers are hosts that forward), a switch or an attachment.
struct World::NodeRecord {
  std::unique_ptr<host::Host> host;
  host::HostConfig host_config;
  std::unique_ptr<link::LearningSwitch> learning_switch;
  std::unique_ptr<Attachment> attachment;
};

class World::LinkChanges final : public LinkListener {
 public:
  explicit LinkChanges(World& world) : world_(world) {}
  void on_carrier(LinkEnd end, bool up, Instant now) override {
    NodeRecord& record = *world_.nodes_[raw(end.node)];
    if (record.host) {
      record.host->set_port_up(end.port, up, now);
    } else if (record.learning_switch) {
      record.learning_switch->set_port_up(end.port, up, now);
    }
  }

  void on_mtu(LinkEnd end, std::uint16_t mtu) override {
    NodeRecord& record = *world_.nodes_[raw(end.node)];
    if (record.host) record.host->set_port_mtu(end.port, mtu);
  }

 private:
  World& world_;
};

World::World(std::uint64_t seed)
    : engine_(std::make_unique<Engine>(seed)), link_changes_(std::make_unique<LinkChanges>(*this)) {
  engine_->set_link_listener(link_changes_.get());
}

World::~World() = default;

NodeId World::add_host(host::HostConfig config) {
  auto record = std::make_unique<NodeRecord>();
  record->host_config = config;
  const std::string name = config.name;
  const std::size_t ports = config.ports.size();
  record->host = std::make_unique<host::Host>(engine_->context_for(name), std::move(config));
  Node& node = *record->host;
  nodes_.push_back(std::move(record));
  return engine_->add_node(name, node, ports);
}

NodeId World::add_switch(std::string name, link::SwitchConfig config) {
  auto record = std::make_unique<NodeRecord>();
  const std::size_t ports = config.ports;
  record->learning_switch =
      std::make_unique<link::LearningSwitch>(engine_->context_for(name), std::move(config));
  Node& node = *record->learning_switch;
  nodes_.push_back(std::move(record));
  return engine_->add_node(std::move(name), node, ports);
}

NodeId World::add_attachment(AttachmentConfig config) {
  auto record = std::make_unique<NodeRecord>();
  const std::string name = config.name;
  record->attachment = std::make_unique<Attachment>(engine_->context_for(name), std::move(config));
  Node& node = *record->attachment;
  nodes_.push_back(std::move(record));
  const NodeId id = engine_->add_node(name, node, 1);
  engine_->receive_together();
  engine_->refresh(id);  // the frames of a capture come by themselves
  return id;
}

LinkId World::add_link(LinkConfig config) { return engine_->add_link(std::move(config)); }

void World::start_process(NodeId node, std::string process, const application::Program& program,
                          application::Arguments arguments, Instant at) {
  host(node).spawn(std::move(process), program, std::move(arguments), at);
  engine_->refresh(node);
}

void World::set_link_up_at(LinkId link, bool up, Instant at) {
  engine_->set_link_up_at(link, up, at);
}

void World::set_link_mtu_at(LinkId link, std::uint16_t mtu, Instant at) {
  engine_->set_link_mtu_at(link, mtu, at);
}

Tracer& World::tracer() { return engine_->tracer(); }
// Once, before the first event.
void World::begin() {
  if (std::exchange(has_begun_, true)) return;
  // The tables that are there by now: an observer attached before has them all.
  for (const auto& node : nodes_) {
    if (node->host) node->host->network().announce_routes(now());
  }
  settle_media();
}

// In real time, the CRC of frames that go nowhere but over links which leave them as they are is a
// seventh of the work, and nobody can tell whether it was done: no observer gets octets of frames,
// the outside gets them without FCS, and the check cannot fail. In a simulation it is always done.
void World::settle_media() {
  const bool is_live = std::ranges::any_of(
      nodes_, [](const auto& node) { return node->attachment && !node->attachment->is_replay(); });
  const Tracer& tracer = engine_->tracer();
  const bool is_seen = tracer.wants<FrameSent>() || tracer.wants<FrameReceived>() ||
                       tracer.wants<HeaderPushed>() || tracer.wants<HeaderPulled>();
  if (!is_live || is_seen) return;
  for (std::uint32_t i = 0; i < link_count(); ++i) {
    if (needs_fcs(LinkId{i})) continue;
    for (const LinkEnd& end : {link(LinkId{i}).a, link(LinkId{i}).b}) {
      NodeRecord& record = *nodes_[raw(end.node)];
      record.host ? record.host->trust_medium(end.port) : record.attachment->trust_medium();
    }
  }
}

bool World::needs_fcs(LinkId link) const {
  const LinkConfig& config = this->link(link);
  return !config.impairments.empty() || config.line_code || needs_fcs(config.a) ||
         needs_fcs(config.b);
}

// A switch carries frames on as they are, damaged ones too, and a capture may hold such.
bool World::needs_fcs(LinkEnd end) const {
  return is_switch(end.node) || (is_attachment(end.node) && attachment(end.node).is_replay());
}

// Frames that came from outside go onto the link.
void World::let_enter() {
  if (entering_ != kNoNode) engine_->refresh(std::exchange(entering_, kNoNode));
}
RunResult World::run_until(Instant until, const std::function<bool()>& should_stop) {
  begin();
  let_enter();
  return engine_->run_until(until, should_stop);
}
void World::pass(Instant now) {
  begin();
  let_enter();
  engine_->run_until(now);
  engine_->advance(now);
}
void World::inject(NodeId node, Bytes frame, Instant now) {
  if (entering_ != node || now != this->now()) pass(now);
  attachment(node).inject(frame, now);
  entering_ = node;
}
void World::end_processes(Instant now) {
  pass(now);
  for (std::uint32_t i = 0; i < nodes_.size(); ++i) {
    if (nodes_[i]->attachment) nodes_[i]->attachment->stop_replay();
    if (!nodes_[i]->host) continue;
    nodes_[i]->host->end_processes(now);
    engine_->refresh(NodeId{i});
  }
}
void World::abort_connections(Instant now) {
  pass(now);
  for (std::uint32_t i = 0; i < nodes_.size(); ++i) {
    if (!nodes_[i]->host) continue;
    nodes_[i]->host->abort_connections(now);
    engine_->refresh(NodeId{i});
  }
}

std::size_t World::open_connections() const {
  std::size_t open = 0;
  for (const auto& node : nodes_) {
    if (node->host) open += node->host->open_connections();
  }
  return open;
}
Instant World::next_event() const { return entering_ != kNoNode ? now() : engine_->next_event(); }
Instant World::now() const { return engine_->now(); }
std::uint64_t World::events() const { return engine_->events(); }
void World::set_event_budget(std::uint64_t events_max) { engine_->set_event_budget(events_max); }

std::uint64_t World::seed() const { return engine_->seed(); }
std::size_t World::node_count() const { return nodes_.size(); }
const std::string& World::node_name(NodeId node) const { return engine_->node_name(node); }

NodeId World::find_node(std::string_view name) const {
  for (std::uint32_t i = 0; i < nodes_.size(); ++i) {
    if (engine_->node_name(NodeId{i}) == name) return NodeId{i};
  }
  return kNoNode;
}

const World::NodeRecord& World::record(NodeId node) const {
  STRATA_ASSERT(raw(node) < nodes_.size());
  return *nodes_[raw(node)];
}

bool World::is_switch(NodeId node) const { return record(node).learning_switch != nullptr; }
bool World::is_attachment(NodeId node) const { return record(node).attachment != nullptr; }
bool World::has_host(NodeId node) const { return record(node).host != nullptr; }
bool World::is_router(NodeId node) const {
  return has_host(node) && record(node).host_config.network.forwarding;
}

const host::Host& World::host(NodeId node) const {
  STRATA_ASSERT(has_host(node));
  return *record(node).host;
}
host::Host& World::host(NodeId node) {
  STRATA_ASSERT(has_host(node));
  return *record(node).host;
}
const host::HostConfig& World::host_config(NodeId node) const {
  STRATA_ASSERT(has_host(node));
  return record(node).host_config;
}
const link::LearningSwitch& World::learning_switch(NodeId node) const {
  STRATA_ASSERT(is_switch(node));
  return *record(node).learning_switch;
}
link::LearningSwitch& World::learning_switch(NodeId node) {
  STRATA_ASSERT(is_switch(node));
  return *record(node).learning_switch;
}

const Attachment& World::attachment(NodeId node) const {
  STRATA_ASSERT(is_attachment(node));
  return *record(node).attachment;
}
Attachment& World::attachment(NodeId node) {
  STRATA_ASSERT(is_attachment(node));
  return *record(node).attachment;
}

std::size_t World::port_count(NodeId node) const { return engine_->port_count(node); }

std::string World::port_name(NodeId node, PortId port) const {
  if (is_switch(node)) return fmt::format("p{}", raw(port));
  if (is_attachment(node)) return attachment(node).config().port_name;
  return host_config(node).ports[raw(port)].interface.name;
}

std::optional<LinkId> World::link_at(NodeId node, PortId port) const {
  return engine_->link_at(node, port);
}

std::size_t World::link_count() const { return engine_->link_count(); }
const LinkConfig& World::link(LinkId link) const { return engine_->link(link); }

LinkId World::find_link(std::string_view name) const {
  for (std::uint32_t i = 0; i < link_count(); ++i) {
    if (link(LinkId{i}).name == name) return LinkId{i};
  }
  return kNoLink;
}

bool World::is_link_up(LinkId link) const { return engine_->is_link_up(link); }

const LinkCounters& World::counters(LinkId link, Direction direction) const {
  return engine_->direction(link, direction).counters();
}

std::size_t World::frames_in_flight(LinkId link) const {
  return engine_->direction(link, Direction::a_to_b).frames_in_flight() +
         engine_->direction(link, Direction::b_to_a).frames_in_flight();
}

PacketPool& World::pool() { return engine_->pool(); }

std::vector<std::string> World::waiting() const {
  std::vector<std::string> lines;
  for (const auto& node : nodes_) {
    if (!node->host) continue;
    for (std::string& line : node->host->waiting()) lines.push_back(std::move(line));
  }
  return lines;
}

std::string World::busiest() const { return engine_->busiest(); }
std::vector<std::string> World::audit() const { return engine_->audit(); }

}  // namespace strata::sim
