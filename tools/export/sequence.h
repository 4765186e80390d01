// SPDX-License-Identifier: MIT
// A ladder for programs that draw sequence diagrams: participants, arrows and notes, in the order
// of time. Long diagrams end with a note that says how much was left out.
#pragma once

#include <string>
#include <vector>

#include "tools/export/format.h"

namespace strata::exports {

struct SequenceStep {
  enum class Kind : std::uint8_t {
    message,         // data, handshakes, other protocols
    answer,          // a plain acknowledgement
    retransmission,  // sent again
    lost,            // it died on the way
    note,            // `text` stands across all columns; it goes from and to nobody
  };
  Kind kind = Kind::message;
  std::size_t from = 0;  // index of a participant
  std::size_t to = 0;
  std::string text;
};

struct Sequence {
  std::vector<std::string> participants;  // names of nodes
  std::vector<SequenceStep> steps;
};

// Arrows in a diagram; more cannot be read.
inline constexpr std::size_t kSequenceStepsMost = 60;

// Of the flow and the time that the request names; without a flow of all packets, unless the run
// had just one.
tl::expected<Sequence, std::string> sequence_of(const trace::Recording& recording,
                                                const Request& request);

}  // namespace strata::exports
