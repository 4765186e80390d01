// SPDX-License-Identifier: MIT
// The smallest world with every kind of link-layer device: client -- switch -- server.
#pragma once

#include <string>
#include <utility>

#include "sim/world.h"
#include "stack/application/process.h"

namespace strata::sim {

inline host::HostConfig host_config(std::string name, const char* mac, const char* address) {
  host::HostConfig config{.name = std::move(name)};
  host::PortConfig port{.addresses = {*Prefix::parse(address)}};
  port.interface.name = "eth0";
  port.interface.mac = *MacAddress::parse(mac);
  config.ports.push_back(std::move(port));
  return config;
}

// Sends one datagram to port 9 of the server.
inline application::Task<void> send_one_datagram(application::Process process,
                                                 application::Arguments) {
  const Result<socket::Fd> fd = process.socket(socket::Type::datagram);
  const Endpoint server{*IpAddress::parse("10.0.0.2"), 9};
  static_cast<void>(process.try_sendto(*fd, as_bytes("hello"), server));
  co_return;
}

// Waits for one datagram on port 9.
inline application::Task<void> receive_one_datagram(application::Process process,
                                                    application::Arguments) {
  const Result<socket::Fd> fd = process.socket(socket::Type::datagram);
  static_cast<void>(process.bind(*fd, {IpAddress{}, 9}));
  const auto received = co_await process.recvfrom(*fd, 100);
  static_cast<void>(received);
}

class TwoHostsAndASwitch {
 public:
  explicit TwoHostsAndASwitch(std::uint64_t seed = 1) : world(seed) {
    LinkConfig left{.name = "left", .a = {client, PortId{0}}, .b = {hub, PortId{0}}};
    LinkConfig right{.name = "right", .a = {hub, PortId{1}}, .b = {server, PortId{0}}};
    left.delay = right.delay = 1ms;
    left_link = world.add_link(std::move(left));
    right_link = world.add_link(std::move(right));
  }
  void send_datagram_at(Instant at) {
    static constexpr application::Program kProgram{.name = "one-datagram",
                                                   .start = send_one_datagram};
    world.start_process(client, "sender", kProgram, {}, at);
  }
  void receive_datagram_from(Instant at) {
    static constexpr application::Program kProgram{.name = "receive-datagram",
                                                   .start = receive_one_datagram};
    world.start_process(server, "receiver", kProgram, {}, at);
  }

  World world;
  NodeId client = world.add_host(host_config("client", "02:00:00:00:00:01", "10.0.0.1/24"));
  NodeId hub = world.add_switch("hub", {.ports = 2});
  NodeId server = world.add_host(host_config("server", "02:00:00:00:00:02", "10.0.0.2/24"));
  LinkId left_link{};
  LinkId right_link{};
};

}  // namespace strata::sim
