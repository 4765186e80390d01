// SPDX-License-Identifier: MIT
// What tells one system's TCP from another's on the wire where the RFCs leave a choice or a system
// takes one. The defaults are what the RFCs recommend; profile.h has those of known systems.
#pragma once

#include <cstdint>

namespace strata::tcp {

// In which order the options of a SYN stand and where their padding is.
enum class OptionOrder : std::uint8_t {
  sack_first,   // mss, sackOK, TS, nop, wscale: as Linux does it
  scale_first,  // mss, nop, wscale, sackOK, TS, eol: as the BSDs do it
};

struct Persona {
  OptionOrder option_order = OptionOrder::sack_first;
  // The largest window that our shift allows for, bytes; 0: the receive buffer.
  std::uint32_t window_scale_bytes = 0;
  // So many segments at the start are acknowledged at once, before ACKs are delayed.
  std::uint8_t quick_acks = 0;
  // The ACK of a FIN may be delayed like any other.
  bool delays_ack_of_fin = false;
  // The receive buffer is rounded up to whole segments, and what fits it is accepted even where it
  // was not announced.
  bool whole_segment_buffer = false;
  bool keeps_syn_text = true;    // RFC 9293 3.10.7.2; false: text on a SYN has to be sent again
  bool reset_needs_edge = true;  // RFC 5961 3.2; false: a RST anywhere in the window resets
  bool challenge_syn = true;     // RFC 5961 4.2; false: a SYN in the window resets (RFC 793)
  // ACKs repeat a FIN that is not acknowledged, challenge ACKs excepted.
  bool acks_repeat_fin = false;
};

}  // namespace strata::tcp
