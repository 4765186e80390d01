// SPDX-License-Identifier: MIT
// Octets of a frame as levels on the wire, in the line code of its link or another one: the bits in
// the order they are sent, below them the levels.
#pragma once

#include <cstdint>
#include <optional>

#include "sim/trace/recording.h"
#include "stack/physical/line_code.h"
#include "tools/views/text.h"

namespace strata::views {

struct WaveformSelection {
  PacketUid uid = kNoPacket;
  std::uint32_t first = 0;  // octets of the frame; what is beyond its end is left out
  std::uint32_t last = 3;
  std::optional<LinkId> link;                  // none: the first it crossed
  std::optional<physical::LineCodeKind> code;  // none: that of the link, else Manchester
};

Page waveform(const trace::Recording& recording, const WaveformSelection& selection,
              const Options& options);

}  // namespace strata::views
