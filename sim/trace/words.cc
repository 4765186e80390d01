// SPDX-License-Identifier: MIT
#include "sim/trace/words.h"

namespace strata {

std::string_view to_text(FrameError error) {
  switch (error) {
    case FrameError::none:
      return "none";
    case FrameError::crc:
      return "crc";
    case FrameError::symbol:
      return "symbol";
    case FrameError::too_short:
      return "too-short";
    case FrameError::too_long:
      return "too-long";
  }
  return "?";
}

std::string_view to_text(DemuxOutcome outcome) {
  switch (outcome) {
    case DemuxOutcome::hit:
      return "hit";
    case DemuxOutcome::miss:
      return "miss";
    case DemuxOutcome::not_tried:
      return "not tried";
  }
  return "?";
}

std::string_view to_text(Parentage parentage) {
  switch (parentage) {
    case Parentage::none:
      return "none";
    case Parentage::retransmission:
      return "retransmission";
    case Parentage::fragment:
      return "fragment";
    case Parentage::reassembly:
      return "reassembly";
    case Parentage::reply:
      return "reply";
    case Parentage::duplicate:
      return "duplicate";
  }
  return "?";
}

}  // namespace strata
