// SPDX-License-Identifier: MIT
// The variables of the transmission control block (RFC 9293 3.3.1) under their RFC names.
//
// Sequence numbers are 64-bit absolute here: 0 is the SYN, the first octet of text is 1, the FIN
// follows the last. Nothing wraps; Seq32 appears only where a header is read or written.
//
//        1         2          3          4                         1          2          3
//   ----------|----------|----------|----------        ----------|----------|----------
//          snd.una    snd.nxt    snd.una+snd.wnd              rcv.nxt    rcv.edge
#pragma once

#include <cstdint>

#include "stack/base/seq32.h"
#include "stack/base/time.h"

namespace strata::tcp {

// What TCP assumes of a peer that announces no MSS (RFC 9293 3.7.1, MUST-15, IPv4).
inline constexpr std::uint16_t kDefaultMss = 536;
// A smaller announced MSS is taken for this: below it headers outweigh text a peer could demand.
inline constexpr std::uint16_t kMssMin = 48;
// RFC 7323 2.3: larger shifts are taken for 14.
inline constexpr std::uint8_t kWindowShiftMax = 14;

struct SendSequence {
  Seq32 iss;              // the wire number of absolute 0
  std::uint64_t una = 0;  // oldest unacknowledged
  std::uint64_t nxt = 0;  // next to send for the first time; never moves back
  // One beyond the highest octet that ever left. Above `nxt` only while a window probe is out: its
  // octet may have been taken or not, and is sent again with the rest.
  std::uint64_t max = 0;
  std::uint32_t wnd = 0;      // octets, scaled
  std::uint32_t max_wnd = 0;  // MAX.SND.WND
  std::uint64_t wl1 = 0;      // peer's sequence number of the last window update
  std::uint64_t wl2 = 0;      // our acknowledged number of the last window update
  std::uint64_t up = 0;       // follows the last urgent octet (SND.UP); 0: none
  std::uint8_t shift = 0;     // of windows the peer sends (Snd.Wind.Shift)

  Seq32 wire(std::uint64_t absolute) const { return Seq32::wrap(absolute, iss); }
  // Octets the peer has room for beyond `nxt`; 0 when it shrank its window behind it.
  std::uint64_t usable() const { return una + wnd > nxt ? una + wnd - nxt : 0; }
};

struct ReceiveSequence {
  Seq32 irs;               // the wire number of absolute 0
  std::uint64_t nxt = 0;   // next expected
  std::uint64_t told = 0;  // `nxt` when it was acknowledged last
  std::uint64_t edge = 0;  // right window edge: the highest ever promised (RFC 7323 2.4)
  // The highest that the buffer alone gave: `edge` may count on a reader that waits for text.
  std::uint64_t solid_edge = 0;
  std::uint8_t shift = 0;  // of windows we send (Rcv.Wind.Shift)

  Seq32 wire(std::uint64_t absolute) const { return Seq32::wrap(absolute, irs); }
  std::uint32_t wnd() const { return static_cast<std::uint32_t>(edge - nxt); }
};

// A segment whose acknowledgement gives the next round trip.
struct SegmentTimed {
  std::uint64_t begin = 0;
  Instant sent{};
};

}  // namespace strata::tcp
