// SPDX-License-Identifier: MIT
// The socket tables of all hosts over time: after every instant of a run at which something
// happened at a host, the rows of its table that are not what they were.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/world.h"
#include "stack/base/tracer.h"
#include "stack/socket/sockets.h"

namespace strata::report {

struct SocketChange {
  Instant time{};
  NodeId node = kNoNode;
  std::uint32_t row = 0;                   // position in the table of the host
  std::optional<socket::SocketInfo> info;  // none: the table ends before this row
};

// Observes a run to know which hosts to ask; look() is called after the events of an instant. Of a
// capture there is nobody to ask: add() takes what was inferred.
class SocketLog final : public Observer {
 public:
  void on_event(const Event& event) override;
  void look(const sim::World& world, Instant at);
  // A row as it is from now on; nothing happens when it looks like before.
  void add(SocketChange change);
  const std::vector<SocketChange>& changes() const { return changes_; }

 private:
  void look_at(const sim::World& world, NodeId node, Instant at);

  std::vector<bool> is_touched_;                       // by node
  std::vector<std::vector<socket::SocketInfo>> last_;  // by node
  std::vector<SocketChange> changes_;
};

}  // namespace strata::report
