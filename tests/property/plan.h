// SPDX-License-Identifier: MIT
// What one seed of the swarm does, as data: a network and what is wrong with it, how each host's
// TCP is set, and what the programs at both ends of each connection do. Everything is drawn from
// the seed, options included, so that combinations nobody thought of come up.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sim/link_config.h"
#include "stack/base/time.h"
#include "stack/transport/tcp/config.h"

namespace strata::property {

// How an end leaves its connection.
enum class Ending : std::uint8_t {
  half_close,   // shutdown(write) after its last octet, close() after the peer's
  close_after,  // close() when both directions are done; says nothing before
  abort,        // close() with SO_LINGER 0 after `leave_after` octets
  close_early,  // close() after `leave_after` octets, whatever comes in
  deaf,         // shutdown(read) after `leave_after` octets read; sends on and half-closes
};

// One end of a connection. Sizes and pauses are drawn evenly up to their maximum, one by one.
struct EndPlan {
  std::uint32_t host = 0;
  std::uint64_t bytes = 0;  // to send
  std::uint32_t write_bytes_max = 1;
  std::uint32_t read_bytes_max = 1;
  Duration write_pause_max{};
  Duration read_pause_max{};
  Ending ending = Ending::half_close;
  std::uint64_t leave_after = 0;
  Duration linger{};  // above zero: close() waits so long
  bool no_delay = false;
  bool dont_fragment = false;  // path MTU discovery; of the client only
};

struct ConnectionPlan {
  EndPlan client;
  EndPlan server;
  Instant start;
  bool is_crossed = false;  // both ends connect() at the same instant (simultaneous open)
  // Neither end goes before everything has been sent and read.
  bool is_orderly() const;
};

// Datagrams beside the connections, each with contents of its own.
struct DatagramPlan {
  std::uint32_t from_host = 0;
  std::uint32_t to_host = 0;
  std::uint32_t count = 0;
  std::uint32_t bytes_max = 0;  // above the MTU: fragments
  Duration interval{};
};

struct HostPlan {
  std::uint32_t network = 0;
  tcp::Config tcp;
  int backlog = 1;
  Probability allocation_failure;
};

// Networks 0, 1, ... joined by routers in a chain; one with more than two nodes has a switch.
struct NetworkPlan {
  std::uint16_t mtu = 1500;
  bool has_switch = false;
  std::vector<std::pair<Instant, std::uint16_t>> mtu_changes;
};

struct LinkPlan {
  std::uint64_t rate_bps = 0;
  Duration delay{};
  sim::QueueConfig queue;
  std::vector<sim::ImpairmentConfig> impairments;
  std::vector<std::pair<Instant, Duration>> blackouts;
};

struct Plan {
  std::uint64_t seed = 0;
  std::vector<NetworkPlan> networks;
  std::vector<HostPlan> hosts;
  std::vector<LinkPlan> links;  // as many as any network could need; topology.cc takes them in turn
  std::vector<ConnectionPlan> connections;
  std::vector<DatagramPlan> datagrams;
  bool may_duplicate = false;  // the medium makes copies
};

Plan draw_plan(std::uint64_t seed);
// A few lines for people who look into a seed.
std::string describe(const Plan& plan);

}  // namespace strata::property
