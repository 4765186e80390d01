// SPDX-License-Identifier: MIT
// One event as a sentence for somebody who learns: "server: TCP takes #9 DATA 1461:2921 in order".
// Event lists, screen readers, `why` and the log show it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "sim/trace/recording.h"
#include "tools/views/label.h"

namespace strata::views {

struct Sentence {
  std::string_view kind;  // "frame sent", "dropped", "TCP state"; few different ones
  Layer layer = Layer::physical;
  std::string text;
  Role role = Role::plain;
  // It only repeats or prepares what other events say: headers pushed and pulled, variables
  // reported, timers set. Lists of events leave it out.
  bool is_detail = false;
};

class Narrator {
 public:
  explicit Narrator(const trace::Recording& recording)
      : recording_(recording), labeller_(recording) {}

  Sentence tell(trace::EventIndex index);
  // "#9 DATA 1461:2921"; "#9" when nothing more is known.
  const std::string& packet(PacketUid uid);

 private:
  const trace::Recording& recording_;
  Labeller labeller_;
  std::unordered_map<PacketUid, std::string> packets_;
};

// "cwnd 14600 → 7300, ssthresh ∞ → 7300": what is different in `after`; empty when nothing is.
// `before` may be null: then all that is not zero.
std::string changes_text(const TcpVariables* before, const TcpVariables& after);

}  // namespace strata::views
