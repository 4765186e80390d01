// SPDX-License-Identifier: MIT
#include "tests/property/topology.h"

#include <fmt/format.h>

#include <utility>

#include "stack/base/assert.h"

namespace strata::property {
namespace {

// Network i is 10.0.i.0/24. The router between networks i and i+1 is .1 on the first of them and .2
// on the second; host k of the plan is .(10 + k) on its network.
Ipv4Address address(std::size_t network, std::size_t node) {
  return Ipv4Address{10, 0, static_cast<std::uint8_t>(network), static_cast<std::uint8_t>(node)};
}

class Builder {
 public:
  explicit Builder(const Plan& plan) : plan_(plan), attachments_(plan.networks.size()) {
    built_.world = std::make_unique<sim::World>(plan.seed);
  }

  Topology build() {
    for (std::size_t i = 0; i + 1 < plan_.networks.size(); ++i) add_router(i);
    for (std::size_t i = 0; i < plan_.hosts.size(); ++i) add_host(i);
    for (std::size_t i = 0; i < plan_.networks.size(); ++i) connect(i);
    return std::move(built_);
  }

 private:
  void add_port(host::HostConfig& config, std::size_t network, Ipv4Address own) {
    host::PortConfig port{.addresses = {Prefix{own, 24}}};
    port.interface.name = fmt::format("eth{}", config.ports.size());
    port.interface.mac = MacAddress{{2, 0, 0, 0, static_cast<std::uint8_t>(network),
                                     static_cast<std::uint8_t>(own.value() & 0xffU)}};
    port.interface.mtu = plan_.networks[network].mtu;
    config.ports.push_back(std::move(port));
  }

  void add_router(std::size_t left) {
    host::HostConfig config{.name = fmt::format("router{}", left)};
    config.network.forwarding = true;
    add_port(config, left, address(left, 1));
    add_port(config, left + 1, address(left + 1, 2));
    for (std::size_t network = 0; network < plan_.networks.size(); ++network) {
      if (network == left || network == left + 1) continue;
      const bool is_left = network < left;
      config.routes.push_back({.destination = Prefix{address(network, 0), 24},
                               .gateway = is_left ? address(left, 2) : address(left + 1, 1),
                               .port = PortId{static_cast<std::uint16_t>(is_left ? 0 : 1)}});
    }
    const NodeId node = built_.world->add_host(std::move(config));
    attachments_[left].push_back({node, PortId{0}});
    attachments_[left + 1].push_back({node, PortId{1}});
  }

  void add_host(std::size_t number) {
    const HostPlan& host = plan_.hosts[number];
    const std::size_t network = host.network;
    host::HostConfig config{.name = fmt::format("host{}", number), .tcp = host.tcp};
    if (!host.allocation_failure.is_never()) {
      config.allocation_failure = {host.allocation_failure,
                                   RandomStream(plan_.seed, "swarm/allocation/" + config.name)};
    }
    const Ipv4Address own = address(network, 10 + number);
    add_port(config, network, own);
    if (plan_.networks.size() > 1) {
      config.routes.push_back({.destination = Prefix{Ipv4Address{}, 0},
                               .gateway = network == 0 ? address(0, 1) : address(network, 2),
                               .port = PortId{0}});
    }
    built_.hosts.push_back(built_.world->add_host(std::move(config)));
    built_.addresses.push_back(own);
    attachments_[network].push_back({built_.hosts.back(), PortId{0}});
  }

  void connect(std::size_t network) {
    const std::vector<sim::LinkEnd>& ends = attachments_[network];
    if (ends.size() == 2 && !plan_.networks[network].has_switch) {
      add_link(network, ends[0], ends[1]);
      return;
    }
    const NodeId hub =
        built_.world->add_switch(fmt::format("switch{}", network), {.ports = ends.size()});
    for (std::size_t i = 0; i < ends.size(); ++i) {
      add_link(network, ends[i], {hub, PortId{static_cast<std::uint16_t>(i)}});
    }
  }

  void add_link(std::size_t network, sim::LinkEnd a, sim::LinkEnd b) {
    const LinkPlan& link = plan_.links[built_.world->link_count() % plan_.links.size()];
    const LinkId id =
        built_.world->add_link({.name = fmt::format("link{}", built_.world->link_count()),
                                .a = a,
                                .b = b,
                                .rate_bps = link.rate_bps,
                                .delay = link.delay,
                                .queue = link.queue,
                                .impairments = link.impairments});
    for (const auto& [at, duration] : link.blackouts) {
      built_.world->set_link_up_at(id, false, at);
      built_.world->set_link_up_at(id, true, at + duration);
    }
    for (const auto& [at, mtu] : plan_.networks[network].mtu_changes) {
      built_.world->set_link_mtu_at(id, mtu, at);
    }
  }

  const Plan& plan_;
  Topology built_;
  std::vector<std::vector<sim::LinkEnd>> attachments_;  // by network
};

}  // namespace

Topology build_topology(const Plan& plan) { return Builder(plan).build(); }

}  // namespace strata::property
