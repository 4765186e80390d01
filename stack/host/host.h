// SPDX-License-Identifier: MIT
// A host: one of each layer, wired together. This is the only file pair that names more than two of
// them. With forwarding it is a router, whose transit traffic never rises above the network layer.
//
//     spawn() -> Scheduler -> Sockets -> Transport -> Network -> Interface -> output queue
//                                ^           ^           ^           ^            |
//     tables, readiness ---------+           +-----------+-----------+        poll_transmit()
//                                                 receive()
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "stack/application/program.h"
#include "stack/base/node.h"
#include "stack/base/random.h"
#include "stack/network/network.h"
#include "stack/socket/sockets.h"

namespace strata::host {

struct PortConfig {
  link::InterfaceConfig interface;  // its `addresses` are filled in from below
  std::vector<Prefix> addresses;    // 10.0.1.10/24
};

// A host that is short of memory: for a share of the frames that come in or go out there is none.
struct AllocationFailure {
  Probability probability;
  RandomStream random;
};

struct HostConfig {
  std::string name;
  std::vector<PortConfig> ports;
  std::vector<network::Route> routes;      // a default gateway is the route 0.0.0.0/0
  network::NetworkConfig network;          // .forwarding makes it a router
  tcp::Config tcp;                         // default of every stream socket
  std::map<std::string, IpAddress> names;  // what resolve() knows
  std::optional<AllocationFailure> allocation_failure;
};

// A host (five layers) or, with forwarding, a router (three are used by transit traffic).
class Host final : public Node {
 public:
  // Ports are numbered in the order of the configuration.
  Host(const NodeContext& context, HostConfig config);
  ~Host() override;
  void receive(PortId port, Packet packet, Instant now) override;
  void begin_batch() override;
  void end_batch(Instant now) override;
  std::optional<OutgoingFrame> poll_transmit(Instant now) override;
  Instant next_deadline() const override;
  void on_deadline(Instant now) override;

  const std::string& name() const;
  // Starts a process at `at` (not earlier than now).
  void spawn(std::string process, const application::Program& program,
             application::Arguments arguments, Instant at);
  // Ends every process: their descriptors are closed and their connections end in the background.
  void end_processes(Instant now);
  // TCP connections that still have something to say to their peers: neither listening nor closed
  // nor in TIME-WAIT.
  std::size_t open_connections() const;
  // Ends them with RST, without another word from their users.
  void abort_connections(Instant now);
  // The carrier of a port came or went: a port that is down neither sends nor receives.
  void set_port_up(PortId port, bool up, Instant now);
  // The MTU of a port changes: datagrams and segments sent from now on follow.
  void set_port_mtu(PortId port, std::uint16_t mtu);
  // See link::Interface::trust_medium().
  void trust_medium(PortId port);

  socket::Sockets& sockets();
  const socket::Sockets& sockets() const;
  network::Network& network();
  const network::Network& network() const;
  transport::Transport& transport();
  // The neighbour caches of all ports, in port order.
  std::vector<link::NeighbourEntry> neighbours() const;
  DropCounters drops() const;  // of all layers
  // Figures counted by processes: "PROCESS.figure" -> value.
  const std::map<std::string, std::int64_t>& figures() const;
  // Every expectation that scripted calls have checked so far, in order.
  const std::vector<application::ScriptResult>& script_results() const;
  // What every unfinished task waits for, for the deadlock report: "server: accept(3)".
  std::vector<std::string> waiting() const;
  bool is_idle() const;  // all processes have ended

 private:
  struct Layers;
  std::unique_ptr<Layers> layers_;
};

}  // namespace strata::host
