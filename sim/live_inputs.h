// SPDX-License-Identifier: MIT
// LiveInputs: everything that came into a world from outside during a live run, with its instants.
// The rest of a run is exact: the same scenario with the same inputs is the same run, event by
// event. So a recording of a live run is small, and every view of simulations shows it.
//
// The file: a line that names the format, the scenario as it was given, then one record after the
// other; numbers are little-endian.
//
//     "strata live 1\n"  text file  text scenario  u32 count  { text override }
//     { u8 kind  u32 node  u64 nanoseconds  u32 size  octets }
//
// where a text is u32 size and octets. A recording without its last record (`end`) was cut off and
// is good up to there.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "sim/attachment.h"
#include "sim/world.h"

namespace strata::sim {

struct LiveInput {
  enum class Kind : std::uint8_t {
    frame = 1,              // came in at `node`
    refusal = 2,            // the device behind `node` did not take a frame
    end_processes = 3,      // World::end_processes()
    end = 4,                // of the run
    abort_connections = 5,  // World::abort_connections()
  };

  Kind kind{};
  NodeId node{};
  Instant at{};
  std::uint64_t delivery = 0;       // of a refusal: the how manieth frame to the device, from 1
  std::vector<std::uint8_t> frame;  // of a frame
};

struct LiveInputs {
  static constexpr std::string_view kMagic = "strata live 1\n";

  std::string file;                    // of the scenario
  std::string scenario;                // its text
  std::vector<std::string> overrides;  // PATH=VALUE
  std::vector<LiveInput> list;         // in their order
  Instant end{};

  // A sentence when the octets are no recording.
  static tl::expected<LiveInputs, std::string> parse(Bytes octets);
};

// Writes a recording while the run goes on.
class LiveRecorder {
 public:
  using Write = std::function<void(Bytes)>;
  LiveRecorder(Write write, const LiveInputs& head);

  void on_frame(NodeId node, Bytes frame, Instant at);
  // A frame left at `node`; `taken`: the device took it.
  void on_delivery(NodeId node, bool taken, Instant at);
  void on_end_processes(Instant at);
  void on_abort_connections(Instant at);
  void on_end(Instant at);

 private:
  void put(LiveInput::Kind kind, NodeId node, Instant at, Bytes octets);

  Write write_;
  Instant last_{};
  std::map<NodeId, std::uint64_t> deliveries_;
  std::vector<std::uint8_t> record_;
};

// Lets a recorded run happen again.
class LiveReplay {
 public:
  // Both must outlive the replay; the world is the scenario's, before its first event.
  LiveReplay(World& world, const LiveInputs& inputs);
  ~LiveReplay();
  // As World::run_until(). May be called again.
  RunResult run_until(Instant until, const std::function<bool()>& should_stop);

 private:
  class Device;

  void carry_out(const LiveInput& input);

  World& world_;
  const LiveInputs& inputs_;
  std::size_t next_ = 0;
  std::vector<std::unique_ptr<Device>> devices_;
};

}  // namespace strata::sim
