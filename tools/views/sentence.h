// SPDX-License-Identifier: MIT
// One event as a sentence for somebody who learns: "server: TCP takes #9 DATA 1461:2921 in order".
// Event lists, screen readers and whoever steps through a run show it.
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
};

class Narrator {
 public:
  explicit Narrator(const trace::Recording& recording)
      : recording_(recording), labeller_(recording) {}

  // Nullopt for events that only repeat or prepare what others say: headers pushed and pulled,
  // variables reported, timers set.
  std::optional<Sentence> tell(const Event& event);
  // "#9 DATA 1461:2921"; "#9" when nothing more is known.
  const std::string& packet(PacketUid uid);

 private:
  const trace::Recording& recording_;
  Labeller labeller_;
  std::unordered_map<PacketUid, std::string> packets_;
};

}  // namespace strata::views
