// SPDX-License-Identifier: MIT
// The programs of a swarm run: both ends of each connection, listeners, and datagrams beside them,
// written as blocking code over sockets. They keep what happened for the judgement at the end.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "stack/application/program.h"
#include "stack/base/random.h"
#include "tests/property/plan.h"
#include "tests/property/topology.h"

namespace strata::property {

// One end of one connection as it went.
struct End {
  const EndPlan* plan = nullptr;
  std::uint64_t salt = 0;  // of what it sends
  RandomStream random{0, ""};
  bool is_connected = false;
  bool is_over = false;       // it has left by its own decision, or closed
  bool has_given_up = false;  // waited for kPatience
  bool saw_end = false;       // of the peer's stream
  bool got_wrong_octet = false;
  bool tcp_gave_up = false;    // perhaps after close(), when only the trace tells
  int halves = 2;              // reading and writing, still to end
  std::uint64_t offered = 0;   // octets given to send()
  std::uint64_t accepted = 0;  // by send()
  std::uint64_t received = 0;
  std::optional<Errc> connect_error;
  std::optional<Errc> send_error;
  std::optional<Errc> receive_error;
};

struct Connection {
  const ConnectionPlan* plan = nullptr;
  End client;
  End server;
  int accepts = 0;
};

struct DatagramFlow {
  const DatagramPlan* plan = nullptr;
  std::vector<std::uint32_t> arrivals;  // by number
  bool got_wrong_octet = false;
};

// All that the programs of a run work on. They find it through a pointer that is set while a run
// goes on: a world is single-threaded, and a program's arguments are numbers and texts only.
class Cast {
 public:
  static constexpr Duration kPatience = 48h;  // longer than anything a plan makes one wait

  Cast(const Plan& plan, Topology& topology);
  ~Cast();
  Cast(const Cast&) = delete;
  Cast& operator=(const Cast&) = delete;

  const Plan& plan;
  const Topology& topology;
  std::vector<Connection> connections;
  std::vector<DatagramFlow> flows;

  // A sentence for each thing that must not have happened; complete only when the run is idle.
  std::vector<std::string> judge() const;
  bool is_complete(const Connection& connection) const;

  static Cast& current();
  Endpoint client_endpoint(std::size_t connection) const;
  Endpoint server_endpoint(std::size_t connection) const;

 private:
  void start_programs(sim::World& world);
};

// The octets of a stream: eight at a time, from its salt and the offset.
void fill_stream(MutableBytes into, std::uint64_t salt, std::uint64_t offset);
bool is_stream(Bytes octets, std::uint64_t salt, std::uint64_t offset);

}  // namespace strata::property
