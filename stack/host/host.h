// SPDX-License-Identifier: MIT
// (contract; the owner completes the private part)
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "stack/application/program.h"
#include "stack/base/node.h"
#include "stack/network/network.h"
#include "stack/socket/sockets.h"

namespace strata::host {

struct PortConfig {
  link::InterfaceConfig interface;   // addresses are filled in from below
  std::vector<Prefix> addresses;     // 10.0.1.10/24
};

struct HostConfig {
  std::string name;
  std::vector<PortConfig> ports;
  std::vector<network::Route> routes;  // a default gateway is the route 0.0.0.0/0
  network::NetworkConfig network;      // .forwarding makes it a router
  tcp::Config tcp;                     // default of every stream socket
  std::map<std::string, IpAddress> names;  // what resolve() knows
};

// A host (five layers) or, with forwarding, a router (three are used by transit traffic).
class Host final : public Node, private link::FrameSink {
 public:
  Host(const NodeContext& context, HostConfig config);
  ~Host() override;
  void receive(PortId port, Packet packet, Instant now) override;
  std::optional<OutgoingFrame> poll_transmit(Instant now) override;
  Instant next_deadline() const override;
  void on_deadline(Instant now) override;

  const std::string& name() const;
  // Starts a process at `at` (not earlier than now).
  void spawn(std::string process, const application::Program& program,
             application::Arguments arguments, Instant at);
  void set_port_up(PortId port, bool up, Instant now);

  socket::Sockets& sockets();
  network::Network& network();
  std::vector<link::NeighbourEntry> neighbours() const;
  DropCounters drops() const;  // of all layers
  // Figures counted by processes: "PROCESS.figure" -> value.
  const std::map<std::string, std::int64_t>& figures() const;
  // What every unfinished task waits for, for the deadlock report: "server: accept(3)".
  std::vector<std::string> waiting() const;
  bool is_idle() const;  // all processes have ended
};

}  // namespace strata::host
