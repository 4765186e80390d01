// SPDX-License-Identifier: MIT
// Octets of a frame as levels on the wire, in the line code of its link or another one: the bits in
// the order they are sent, below them the levels.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <tl/expected.hpp>

#include "sim/trace/recording.h"
#include "stack/physical/line_code.h"
#include "tools/views/journey.h"
#include "tools/views/text.h"

namespace strata::views {

struct WaveformSelection {
  PacketUid uid = kNoPacket;
  std::uint32_t first = 0;  // octets of the frame; what is beyond its end is left out
  std::uint32_t last = 3;
  std::optional<LinkId> link;                  // none: the first it crossed
  std::optional<physical::LineCodeKind> code;  // none: that of the link, else Manchester
};

// The levels that carry some octets of a frame.
struct Waveform {
  Hop hop;  // where
  physical::LineCodeKind code{};
  std::uint64_t rate_bps = 0;  // 0: unlimited
  std::size_t first = 0;       // octet of the frame
  Bytes octets;                // these
  std::size_t symbols_per_octet = 0;
  int level_before = 0;       // the first symbol
  physical::Symbols symbols;  // of these octets
};
// Errors: a sentence for people.
tl::expected<Waveform, std::string> waveform_of(const trace::Recording& recording,
                                                const WaveformSelection& selection);

Page waveform(const trace::Recording& recording, const WaveformSelection& selection,
              const Options& options);

}  // namespace strata::views
