// SPDX-License-Identifier: MIT
// The states (RFC 9293 3.3.2) that the two ends of a TCP connection must be in, judged by the
// segments that pass. Every segment seen is taken to arrive at once: what happened to it behind the
// place of capture is not known.
#pragma once

#include <string_view>
#include <vector>

#include "sim/inference/tcp_segments.h"
#include "stack/base/events.h"
#include "stack/base/seq32.h"

namespace strata::inference {

struct StateChange {
  Side side{};
  TcpState from{};
  TcpState to{};
  std::string_view cause;  // "SYN sent", "SYN and ACK seen", ...
};

class TcpStates {
 public:
  // What a segment sent by `side` changes, in order: first at its sender, then at its receiver.
  std::vector<StateChange> take(Side side, const Segment& segment);
  TcpState state(Side side) const { return states_[static_cast<std::size_t>(side)]; }

 private:
  TcpState& at(Side side) { return states_[static_cast<std::size_t>(side)]; }
  void enter(Side side, TcpState to, std::string_view cause);
  void on_syn(Side side, const Segment& segment);
  void on_sent(Side side, const Segment& segment);
  void on_received(Side side, const Segment& segment);

  TcpState states_[2] = {TcpState::closed, TcpState::closed};
  // Behind the FIN of each side.
  Seq32 fin_end_[2];
  bool has_fin_[2] = {false, false};
  bool is_over_ = false;  // ended; what follows without a SYN is a straggler
  std::vector<StateChange> changes_;
};

}  // namespace strata::inference
