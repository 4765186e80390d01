// SPDX-License-Identifier: MIT
#include "sim/scenario/build.h"

#include <fmt/format.h>

#include "sim/attachment.h"
#include "sim/scenario/filter.h"
#include "sim/scenario/routing.h"
#include "stack/base/assert.h"
#include "stack/wire/ethernet.h"

namespace strata::scenario {
namespace {

class Builder {
 public:
  explicit Builder(const Model& model)
      : model_(model), topology_(resolve_topology(model, unused_)) {}

  std::unique_ptr<sim::World> run() {
    STRATA_ASSERT(!unused_.has_errors());
    auto world = std::make_unique<sim::World>(model_.seed);
    const auto routes = compute_routes(model_, topology_);
    for (std::size_t i = 0; i < model_.nodes.size(); ++i) {
      if (model_.nodes[i].kind == NodeKind::network_switch) {
        world->add_switch(model_.nodes[i].name, switch_config(i));
      } else if (model_.nodes[i].kind == NodeKind::device) {
        world->add_attachment(attachment_config(i));
      } else {
        world->add_host(host_config(i, routes[i]));
      }
    }
    for (std::size_t i = 0; i < model_.links.size(); ++i) add_link(*world, i);
    for (const ProcessModel& process : model_.processes) {
      world->start_process(world->find_node(process.node), process.name, *process.program,
                           process.arguments, process.start);
    }
    return world;
  }

 private:
  const LinkModel* link_of(std::size_t node, std::size_t port) const {
    const auto link = topology_.nodes[node][port].link;
    return link ? &model_.links[*link] : nullptr;
  }

  host::HostConfig host_config(std::size_t index, const std::vector<network::Route>& routes) const {
    const NodeModel& node = model_.nodes[index];
    host::HostConfig config;
    config.name = node.name;
    config.routes = routes;
    config.network = node.network;
    config.tcp = node.tcp;
    if (!node.allocation_failure.is_never()) {
      config.allocation_failure = {node.allocation_failure,
                                   RandomStream(model_.seed, "node/" + node.name + "/allocation")};
    }
    for (const NodeModel& named : model_.nodes) {
      for (const PortModel& port : named.ports) {
        if (!port.addresses.empty())
          config.names.try_emplace(named.name, port.addresses[0].address);
      }
    }
    for (std::size_t p = 0; p < node.ports.size(); ++p) {
      host::PortConfig port;
      port.addresses = node.ports[p].addresses;
      port.interface.name = node.ports[p].name;
      port.interface.mac = mac_of({index, p});
      port.interface.verify_fcs = node.verify_fcs;
      port.interface.promiscuous = node.promiscuous;
      port.interface.arp = node.arp;
      if (const LinkModel* link = link_of(index, p)) {
        port.interface.mtu = link->mtu;
        // At the end of an access link a host knows nothing of VLANs: the switch adds the tag.
        if (link->trunk) port.interface.vlan = link->vlan;
      }
      config.ports.push_back(std::move(port));
    }
    return config;
  }

  link::SwitchConfig switch_config(std::size_t index) const {
    const NodeModel& node = model_.nodes[index];
    link::SwitchConfig config;
    config.ports = topology_.nodes[index].size();
    config.ageing = node.ageing;
    config.entries_max = node.table_size;
    config.verify_fcs = node.verify_fcs;
    bool has_vlans = false;
    for (std::size_t p = 0; p < config.ports; ++p) {
      const LinkModel* link = link_of(index, p);
      has_vlans = has_vlans || link->vlan || link->trunk;
      // A trunk has no native VLAN: every frame on it is tagged.
      config.access_vlan.push_back(link->trunk ? std::uint16_t{0} : link->vlan.value_or(1));
      config.trunk.push_back(link->trunk);
    }
    if (!has_vlans) {
      config.access_vlan.clear();
      config.trunk.clear();
    }
    return config;
  }

  sim::AttachmentConfig attachment_config(std::size_t index) const {
    const NodeModel& node = model_.nodes[index];
    const PortModel& port = node.ports.front();
    return {.name = node.name,
            .port_name = port.name,
            .mac = mac_of({index, 0}),
            .addresses = port.addresses,
            .frame_bytes_max =
                std::size_t{node.device.mtu} + wire::EthernetHeader::kBytes + wire::VlanTag::kBytes,
            .replay = replay_config(index)};
  }

  std::optional<sim::ReplayConfig> replay_config(std::size_t index) const {
    const DeviceModel& device = model_.nodes[index].device;
    if (device.frames == nullptr) return std::nullopt;
    sim::ReplayConfig config{.capture = device.frames,
                             .start = device.start,
                             .speed_ppm = device.speed_ppm,
                             .passes = device.passes};
    if (const LinkModel* link = link_of(index, 0)) config.rate_bps = link->rate_bps;
    if (const auto to = find_port(model_, device.to)) config.to = mac_of(*to);
    return config;
  }

  static sim::LinkEnd end_of(PortRef port) {
    return {NodeId{static_cast<std::uint32_t>(port.node)},
            PortId{static_cast<std::uint16_t>(port.port)}};
  }

  sim::ImpairmentConfig impairment_config(const LinkModel& link,
                                          const ImpairmentModel& impairment) const {
    sim::ImpairmentConfig config;
    config.model = impairment.model;
    if (!impairment.direction.from.empty()) {
      config.direction = impairment.direction.from == link.a.node ? sim::Direction::a_to_b
                                                                  : sim::Direction::b_to_a;
    }
    if (!impairment.match.empty()) {
      const auto filter = resolve_names(model_, impairment.match);
      STRATA_ASSERT(filter.has_value());
      config.match = *filter;
    }
    config.from = impairment.from;
    config.until = impairment.until;
    return config;
  }

  void add_link(sim::World& world, std::size_t index) const {
    const LinkModel& link = model_.links[index];
    sim::LinkConfig config;
    config.name = link.name;
    config.a = end_of(topology_.links[index].a);
    config.b = end_of(topology_.links[index].b);
    config.rate_bps = link.rate_bps;
    config.delay = link.delay;
    config.queue = link.queue;
    config.line_code = link.line_code;
    for (const ImpairmentModel& impairment : link.impairments) {
      config.impairments.push_back(impairment_config(link, impairment));
    }
    const LinkId id = world.add_link(std::move(config));
    for (const DownModel& down : link.down) {
      world.set_link_up_at(id, false, down.from);
      if (down.until) world.set_link_up_at(id, true, *down.until);
    }
    for (const MtuChangeModel& change : link.mtu_changes) {
      world.set_link_mtu_at(id, change.mtu, change.from);
      if (change.until) world.set_link_mtu_at(id, link.mtu, *change.until);
    }
  }

  const Model& model_;
  Diagnostics unused_;  // the model has been validated
  Topology topology_;
};

}  // namespace

std::unique_ptr<sim::World> build(const Model& model) { return Builder(model).run(); }

}  // namespace strata::scenario
