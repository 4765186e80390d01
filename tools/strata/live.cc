// SPDX-License-Identifier: MIT
#include "tools/strata/live.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "sim/device/interface_setup.h"
#include "sim/device/network_namespace.h"
#include "sim/device/pcap_device.h"
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

device::InterfaceConfig interface_config(const scenario::Model& model,
                                         const scenario::NodeModel& node, bool is_ours) {
  const auto index = static_cast<std::size_t>(&node - model.nodes.data());
  const scenario::PortModel& port = node.ports.front();
  device::InterfaceConfig config;
  config.name = port.name;
  config.mtu = node.device.mtu;
  if (is_ours) config.mac = scenario::mac_of({index, 0});
  if (!port.addresses.empty()) config.address = port.addresses.front();
  config.gateway = node.gateway;
  if (node.gateway) config.routes = networks_beyond(model, node);
  return config;
}

// How late events were: one line per power of two of microseconds that occurred.
void add_lag(views::Page& page, const device::LagHistogram& lag) {
  constexpr std::uint64_t kBarColumns = 40;
  using device::LagHistogram;
  if (lag.count() == 0) return;
  page.line(fmt::format("events were late by at most {} (half), {} (99 %), {} (all)",
                        to_text(lag.percentile(50)), to_text(lag.percentile(99)),
                        to_text(lag.largest())));
  for (std::size_t i = 0; i < LagHistogram::kBuckets; ++i) {
    const std::uint64_t count = lag.in_bucket(i);
    if (count == 0) continue;
    const std::string bar((count * kBarColumns + lag.count() - 1) / lag.count(), '#');
    page.line(fmt::format("  below {:>10} {:>9} {}", to_text(LagHistogram::bound(i)), count, bar));
  }
}

}  // namespace

std::vector<const scenario::NodeModel*> devices_of(const scenario::Model& model) {
  std::vector<const scenario::NodeModel*> devices;
  for (const scenario::NodeModel& node : model.nodes) {
    const bool is_outside = node.kind == scenario::NodeKind::device &&
                            node.device.kind != scenario::DeviceModel::Kind::capture;
    if (is_outside) devices.push_back(&node);
  }
  return devices;
}

bool is_simulation(const scenario::Scenario& scenario, const std::string& file) {
  const auto devices = devices_of(scenario.model);
  if (devices.empty() || scenario.inputs) return true;
  complain(fmt::format("{} is attached to the device {}, which has no virtual time", file,
                       devices.front()->ports.front().name),
           fmt::format("write 'strata live {}'", file));
  return false;
}

// Opens devices one by one, and remembers how interfaces that were there before were.
class LiveRun::Opener {
 public:
  explicit Opener(const scenario::Model& model) : model_(model) {}

  // Empty: done.
  std::string open(const scenario::NodeModel& node) {
    const auto inside = device::InNamespace::enter(node.device.network_namespace);
    if (!inside) return inside.error();
    return node.device.kind == scenario::DeviceModel::Kind::pcap ? open_pcap(node) : open_tap(node);
  }

  std::vector<Opened> devices;
  std::vector<device::InterfaceSetup> to_restore;

 private:
  std::string open_tap(const scenario::NodeModel& node) {
    const std::string& name = node.ports.front().name;
    const bool is_ours = !device::interface_exists(name);
    auto tap = device::Tap::open(
        {.name = name, .offload = node.device.offload, .persistent = node.device.persistent});
    if (!tap) return std::move(tap.error());
    auto setup = device::InterfaceSetup::apply(interface_config(model_, node, is_ours));
    if (!setup) return std::move(setup.error());
    if (!is_ours) to_restore.push_back(std::move(*setup));
    devices.push_back({node.name, std::make_unique<device::Tap>(std::move(*tap))});
    return {};
  }

  std::string open_pcap(const scenario::NodeModel& node) {
    auto opened = device::PcapDevice::open(
        {.name = node.ports.front().name, .filter = node.device.filter, .mtu = node.device.mtu});
    if (!opened) return std::move(opened.error());
    devices.push_back({node.name, std::make_unique<device::PcapDevice>(std::move(*opened))});
    return {};
  }

  const scenario::Model& model_;
};

tl::expected<LiveRun, std::string> LiveRun::open(const scenario::Model& model) {
  Opener opener(model);
  for (const scenario::NodeModel* node : devices_of(model)) {
    std::string problem = opener.open(*node);
    if (problem.empty()) continue;
    for (device::InterfaceSetup& setup : opener.to_restore) setup.undo();
    return tl::unexpected(std::move(problem));
  }
  auto restore = device::RestoreOnExit::start(std::move(opener.to_restore));
  if (!restore) return tl::unexpected(std::move(restore.error()));
  if (auto problem = device::drop_privileges()) return tl::unexpected(std::move(*problem));
  return LiveRun(std::make_unique<State>(
      State{.restore = std::move(*restore), .devices = std::move(opener.devices)}));
}

void LiveRun::record_to(device::OutputFile file, const scenario::Scenario::Source& source) {
  State* state = state_.get();
  state->recording.emplace(std::move(file));
  const auto write = [state](Bytes octets) {
    if (!state->recording_error) state->recording_error = state->recording->write(octets);
  };
  state->recorder = std::make_unique<sim::LiveRecorder>(
      write,
      sim::LiveInputs{.file = source.file, .scenario = source.text, .overrides = source.overrides});
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
      state->loop->record_to(state->recorder.get());
    }
    return state->loop->run_until(until, should_stop);
  };
}

void LiveRun::close() {
  if (state_->loop) state_->loop->close(kPatience);
  if (state_->recording && !state_->recording_error) {
    state_->recording_error = state_->recording->commit();
  }
}

std::string LiveRun::problem() const {
  if (state_->loop && state_->loop->problem()) return *state_->loop->problem();
  return state_->recording_error.value_or("");
}

views::Page LiveRun::report(bool is_quiet) const {
  views::Page page;
  if (!state_->loop) return page;
  const device::LiveStatistics& statistics = state_->loop->statistics();
  if (!is_quiet) {
    page.line(fmt::format("devices: {} frames in, {} frames out", statistics.frames_in,
                          statistics.frames_out));
  }
  if (statistics.refused > 0) {
    page.line(fmt::format("{} frames were lost that a device did not take", statistics.refused),
              views::Role::bad);
  }
  if (statistics.overruns > 0) {
    page.line(fmt::format("{} frames were lost that came in faster than they could be read",
                          statistics.overruns),
              views::Role::bad);
  }
  if (statistics.left_open > 0) {
    page.line(fmt::format("{} connections had not closed after {} and were reset",
                          statistics.left_open, to_text(kPatience)),
              views::Role::bad);
  }
  if (!is_quiet) add_lag(page, statistics.lag);
  if (statistics.missed > 0) {
    page.line(
        fmt::format("{} times events were late by {} or more: this machine is too slow or too "
                    "busy for the scenario",
                    statistics.missed, to_text(device::LiveLoop::kMissed)),
        views::Role::bad);
  }
  return page;
}

nlohmann::ordered_json LiveRun::figures() const {
  const device::LiveStatistics statistics =
      state_->loop ? state_->loop->statistics() : device::LiveStatistics{};
  const device::LagHistogram& lag = statistics.lag;
  return {{"frames_in", statistics.frames_in},
          {"frames_out", statistics.frames_out},
          {"refused", statistics.refused},
          {"overruns", statistics.overruns},
          {"left_open", statistics.left_open},
          {"wake_ups", lag.count()},
          {"missed", statistics.missed},
          {"lag_ns",
           {{"p50", lag.percentile(50).count()},
            {"p99", lag.percentile(99).count()},
            {"max", lag.largest().count()}}}};
}

}  // namespace strata::cli
