// SPDX-License-Identifier: MIT
// Watch: an observer that holds every segment on the wire and every change of a connection's
// variables against what TCP may never do, whatever the network does to it.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "stack/base/tracer.h"
#include "tests/property/topology.h"

namespace strata::property {

class Watch final : public Observer {
 public:
  Watch(const Plan& plan, const Topology& topology);
  ~Watch() override;
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  void on_event(const Event& event) override;
  // A sentence each; empty as long as all is well.
  const std::vector<std::string>& violations() const { return violations_; }
  // Whether the side with this local port gave its connection up because nobody answered.
  bool gave_up(std::uint16_t local_port, std::uint16_t remote_port) const {
    return gave_up_.contains(std::uint32_t{local_port} << 16U | remote_port);
  }

 private:
  // What one side of a connection has said, and what of it has reached the other. Both are found
  // by the pair of ports: the client's names the connection (see ends.h).
  struct Side {
    std::uint32_t initial_sequence = 0;
    bool offers_scaling = false;
    std::uint8_t shift = 0;
    bool has_edge = false;
    std::uint32_t edge = 0;  // the farthest right edge it announced
    std::uint32_t cookies_returned = 0;
    bool has_seen_edge = false;
    std::uint32_t seen_edge = 0;  // the farthest that arrived at the other side
  };
  struct Variables {
    std::uint64_t snd_una = 0;
    std::uint64_t rcv_nxt = 0;
  };
  struct Segment {
    std::uint32_t ports = 0;  // source, destination
    std::uint32_t sequence = 0;
    std::uint32_t acknowledgement = 0;
    std::uint32_t text_bytes = 0;
    std::uint8_t flags = 0;
    std::uint16_t window = 0;
    Bytes options;
    std::uint32_t ports_back() const { return ports << 16U | ports >> 16U; }
  };

  static bool parse(Bytes frame, Segment& segment);
  unsigned window_shift(const Segment& segment);
  std::uint32_t right_edge(const Segment& segment);
  void on_sent(const Segment& segment, const Event& event);
  void on_received(const Segment& segment);
  void on_state(const TcpStateChanged& change, NodeId node);
  void on_variables(const TcpVariables& variables, const Event& event);
  const tcp::Config& config_of(NodeId node) const;
  void complain(const Event& event, std::string what);

  const Plan& plan_;
  const Topology& topology_;
  std::vector<bool> is_host_;                               // by node
  std::unordered_map<std::uint32_t, Side> sides_;           // by ports, sender's first
  std::unordered_map<std::uint64_t, Variables> variables_;  // by node and ports, local first
  std::unordered_set<std::uint32_t> gave_up_;               // ports, local first
  std::vector<std::string> violations_;
};

}  // namespace strata::property
