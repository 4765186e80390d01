// SPDX-License-Identifier: MIT
#include "tools/strata/live.h"

#include <fmt/format.h>

#include <algorithm>

#include "sim/device/privileges.h"
#include "sim/device/tap.h"
#include "sim/scenario/topology.h"
#include "tools/strata/terminal.h"

namespace strata::cli {
namespace {

// Every network of the scenario but those the device is on itself.
std::vector<Prefix> networks_beyond(const scenario::Model& model,
                                    const scenario::NodeModel& device) {
  std::vector<Prefix> networks;
  const auto is_new = [&](const Prefix& network) {
    return scenario::address_on(device.ports.front(), network) == nullptr &&
           std::find(networks.begin(), networks.end(), network) == networks.end();
  };
  for (const scenario::NodeModel& node : model.nodes) {
    for (const scenario::PortModel& port : node.ports) {
      for (const Prefix& prefix : port.addresses) {
        if (is_new(prefix.network())) networks.push_back(prefix.network());
      }
    }
  }
  return networks;
}

device::TapConfig tap_config(const scenario::Model& model, const scenario::NodeModel& node) {
  const auto index = static_cast<std::size_t>(&node - model.nodes.data());
  device::TapConfig config;
  config.name = node.ports.front().name;
  config.mtu = node.device.mtu;
  config.mac = scenario::mac_of({index, 0});
  config.address = node.ports.front().addresses.front();
  config.gateway = node.gateway;
  if (node.gateway) config.routes = networks_beyond(model, node);
  return config;
}

}  // namespace

std::vector<const scenario::NodeModel*> devices_of(const scenario::Model& model) {
  std::vector<const scenario::NodeModel*> devices;
  for (const scenario::NodeModel& node : model.nodes) {
    if (node.kind == scenario::NodeKind::device) devices.push_back(&node);
  }
  return devices;
}

bool is_simulation(const scenario::Scenario& scenario, const std::string& file) {
  const auto devices = devices_of(scenario.model);
  if (devices.empty()) return true;
  complain(fmt::format("{} is attached to the device {}, which has no virtual time", file,
                       devices.front()->ports.front().name),
           fmt::format("write 'strata live {}'", file));
  return false;
}

tl::expected<LiveRun, std::string> LiveRun::open(const scenario::Model& model) {
  auto state = std::make_unique<State>();
  for (const scenario::NodeModel* node : devices_of(model)) {
    auto tap = device::Tap::open(tap_config(model, *node));
    if (!tap) return tl::unexpected(std::move(tap.error()));
    state->devices.push_back({node->name, std::make_unique<device::Tap>(std::move(*tap))});
  }
  if (auto problem = device::drop_privileges()) return tl::unexpected(std::move(*problem));
  return LiveRun(std::move(state));
}

scenario::Drive LiveRun::drive() {
  return [state = state_.get()](sim::World& world, Instant until,
                                const std::function<bool()>& should_stop) {
    if (!state->loop) {
      std::vector<device::LivePort> ports;
      for (Opened& opened : state->devices) {
        ports.push_back({world.find_node(opened.node), std::move(opened.device)});
      }
      state->loop = std::make_unique<device::LiveLoop>(world, std::move(ports));
    }
    return state->loop->run_until(until, should_stop);
  };
}

std::string LiveRun::problem() const {
  return state_->loop ? state_->loop->problem().value_or("") : "";
}

views::Page LiveRun::report() const {
  views::Page page;
  if (!state_->loop) return page;
  const device::LiveStatistics& statistics = state_->loop->statistics();
  page.line(fmt::format("devices: {} frames in, {} frames out, {} refused", statistics.frames_in,
                        statistics.frames_out, statistics.refused));
  const device::LagHistogram& lag = statistics.lag;
  if (lag.count() == 0) return page;
  page.line(fmt::format("events were late by at most {} (half), {} (99 %), {} (all)",
                        to_text(lag.percentile(50)), to_text(lag.percentile(99)),
                        to_text(lag.largest())));
  if (lag.largest() >= device::LiveLoop::kMissed) {
    page.line("deadlines were missed: this machine is too slow or too busy for the scenario",
              views::Role::bad);
  }
  return page;
}

}  // namespace strata::cli
