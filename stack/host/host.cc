// SPDX-License-Identifier: MIT
#include "stack/host/host.h"

#include <algorithm>
#include <utility>

#include "stack/application/scheduler.h"
#include "stack/base/assert.h"
#include "stack/base/ring.h"
#include "stack/link/interface.h"
#include "stack/transport/transport.h"

namespace strata::host {

// One of each layer, lower ones referring to higher ones only through the interfaces they define.
// The transport layer is made before the network layer it sends through and uses it only later.
struct Host::Layers final : private link::FrameSink {
  Layers(const NodeContext& node, HostConfig config)
      : context(node),
        name(std::move(config.name)),
        transport(context, std::move(config.tcp), network),
        network(context, config.network, transport),
        sockets(transport),
        scheduler(context, sockets, std::move(config.names)),
        allocation_failure(std::move(config.allocation_failure)) {
    for (PortConfig& port : config.ports) add_port(std::move(port));
    for (network::Route& route : config.routes) network.add_route(std::move(route), kStart);
  }

  struct Port {
    std::unique_ptr<link::Interface> interface;
    bool is_up = true;
  };

  void add_port(PortConfig config) {
    config.interface.addresses.clear();
    for (const Prefix& prefix : config.addresses) {
      if (prefix.address.is_v4()) config.interface.addresses.push_back(prefix.address.v4());
    }
    const auto id = static_cast<PortId>(ports.size());
    link::FrameSink& sink = *this;
    ports.push_back({std::make_unique<link::Interface>(context, id, std::move(config.interface),
                                                       sink, network)});
    network.add_interface(*ports.back().interface, std::move(config.addresses));
    on_deadline_moved(id);
  }

  Port& port(PortId id) {
    STRATA_ASSERT(raw(id) < ports.size());
    return ports[raw(id)];
  }

  void transmit(PortId id, Packet frame, Instant now) override {
    if (!port(id).is_up) return drop_at_port(id, frame, DropReason::interface_down, now);
    if (finds_no_memory()) return drop_at_port(id, frame, DropReason::memory_limit, now);
    output.push_back({.port = id, .packet = std::move(frame)});
  }

  // A router may have hundreds of ports: their earliest deadline is kept, not searched each time.
  void on_deadline_moved(PortId /*port*/) override {
    link_deadline = kNever;
    for (const Port& port : ports) {
      link_deadline = std::min(link_deadline, port.interface->next_deadline());
    }
  }

  bool finds_no_memory() {
    return allocation_failure && allocation_failure->random.chance(allocation_failure->probability);
  }

  void drop_at_port(PortId id, const Packet& frame, DropReason reason, Instant now) {
    drops.add(reason);
    context.trace(now, frame, [&] {
      return Dropped{.layer = Layer::link, .reason = reason, .port = id, .packet = frame.bytes()};
    });
  }

  NodeContext context;
  std::string name;
  transport::Transport transport;
  network::Network network;
  socket::Sockets sockets;
  application::Scheduler scheduler;
  std::vector<Port> ports;
  Instant link_deadline = kNever;  // the earliest of all interfaces
  Ring<OutgoingFrame> output;
  DropCounters drops;  // at ports that are down, or for want of memory
  std::optional<AllocationFailure> allocation_failure;
};

Host::Host(const NodeContext& context, HostConfig config)
    : layers_(std::make_unique<Layers>(context, std::move(config))) {}

Host::~Host() = default;

void Host::receive(PortId port, Packet packet, Instant now) {
  Layers::Port& in = layers_->port(port);
  if (!in.is_up) return layers_->drop_at_port(port, packet, DropReason::interface_down, now);
  if (layers_->finds_no_memory()) {
    return layers_->drop_at_port(port, packet, DropReason::memory_limit, now);
  }
  if (const auto frame = in.interface->receive(packet, now)) {
    layers_->network.receive(port, std::move(packet), *frame, now);
  }
}

void Host::begin_batch() { layers_->transport.tcp().begin_batch(); }

void Host::end_batch(Instant now) { layers_->transport.tcp().end_batch(now); }

std::optional<OutgoingFrame> Host::poll_transmit(Instant /*now*/) {
  if (layers_->output.empty()) return std::nullopt;
  return layers_->output.pop_front();
}

Instant Host::next_deadline() const {
  return std::min({layers_->link_deadline, layers_->network.next_deadline(),
                   layers_->transport.next_deadline(), layers_->scheduler.next_deadline()});
}

// Bottom up: what a lower layer delivers, the layers above still see in this round.
void Host::on_deadline(Instant now) {
  if (layers_->link_deadline <= now) {
    for (const Layers::Port& port : layers_->ports) {
      if (port.interface->next_deadline() <= now) port.interface->on_deadline(now);
    }
  }
  if (layers_->network.next_deadline() <= now) layers_->network.on_deadline(now);
  if (layers_->transport.next_deadline() <= now) layers_->transport.on_deadline(now);
  if (layers_->scheduler.next_deadline() <= now) layers_->scheduler.run(now);
}

void Host::spawn(std::string process, const application::Program& program,
                 application::Arguments arguments, Instant at) {
  layers_->scheduler.spawn(std::move(process), program, std::move(arguments), at);
}

void Host::end_processes(Instant now) { layers_->scheduler.end_processes(now); }

std::size_t Host::open_connections() const { return layers_->transport.tcp().open_connections(); }

void Host::abort_connections(Instant now) { layers_->transport.tcp().abort_connections(now); }

void Host::set_port_up(PortId port, bool up, Instant now) {
  Layers::Port& changed = layers_->port(port);
  if (changed.is_up == up) return;
  changed.is_up = up;
  // The cable may lead elsewhere when it comes back.
  if (!up) changed.interface->flush_neighbours(now);
  layers_->network.set_port_up(port, up, now);
}

void Host::set_port_mtu(PortId port, std::uint16_t mtu) {
  layers_->network.set_port_mtu(port, mtu);
}

void Host::trust_medium(PortId port) { layers_->ports[raw(port)].interface->trust_medium(); }

const std::string& Host::name() const { return layers_->name; }
socket::Sockets& Host::sockets() { return layers_->sockets; }
const socket::Sockets& Host::sockets() const { return layers_->sockets; }
network::Network& Host::network() { return layers_->network; }
const network::Network& Host::network() const { return layers_->network; }
transport::Transport& Host::transport() { return layers_->transport; }

std::vector<link::NeighbourEntry> Host::neighbours() const {
  std::vector<link::NeighbourEntry> all;
  for (const Layers::Port& port : layers_->ports) {
    const auto entries = port.interface->neighbours();
    all.insert(all.end(), entries.begin(), entries.end());
  }
  return all;
}

DropCounters Host::drops() const {
  DropCounters sum = layers_->drops;
  for (const Layers::Port& port : layers_->ports) sum.add(port.interface->drops());
  sum.add(layers_->network.drops());
  sum.add(layers_->transport.drops());
  return sum;
}

const std::map<std::string, std::int64_t>& Host::figures() const {
  return layers_->scheduler.figures();
}

const std::vector<application::ScriptResult>& Host::script_results() const {
  return layers_->scheduler.script_results();
}

std::vector<std::string> Host::waiting() const { return layers_->scheduler.waiting(); }

bool Host::is_idle() const { return layers_->scheduler.is_idle(); }

}  // namespace strata::host
