// SPDX-License-Identifier: MIT
// A segment on its way through the steps of RFC 9293 3.10.7: the header's numbers made absolute,
// the text as trimmed so far, and what has been found out about it.
#pragma once

#include <cstdint>
#include <optional>

#include "stack/base/bytes.h"
#include "stack/base/drop_reason.h"
#include "stack/base/events.h"
#include "stack/base/packet.h"
#include "stack/base/time.h"
#include "stack/wire/tcp.h"

namespace strata::tcp {

struct Arrival {
  const wire::TcpHeader& header;
  Bytes text;                    // SEG.TEXT, trimmed to the window by check_sequence()
  std::uint32_t text_bytes = 0;  // before trimming
  Packet* carrier = nullptr;     // that the text lies in, if it may be kept
  PacketUid uid{};
  Instant arrival{};  // when the frame's last bit was in: the instant for RTT samples
  Instant now{};
  std::uint8_t ecn = 0;  // codepoint of the IP header (RFC 3168 5)

  std::int64_t seq = 0;   // SEG.SEQ, of the untrimmed segment; negative: before the peer's SYN
  std::int64_t ack = 0;   // SEG.ACK; meaningful with the ACK flag
  std::uint32_t wnd = 0;  // SEG.WND, scaled
  std::uint64_t text_begin = 0;  // absolute number of the first octet of `text` after trimming
  bool syn = false;              // still to be processed
  bool fin = false;
  wire::TcpOptionValues options;
  bool stamp_advanced = false;  // its timestamp is newer than TS.Recent was
  bool reports_marks = false;   // packets of ours came marked (RFC 3168, RFC 9768)

  // Outcome, for the trace.
  std::uint64_t newly_acked = 0;
  std::uint64_t newly_delivered = 0;  // what SACK tells included
  SegmentVerdict verdict = SegmentVerdict::acknowledgement;
  std::optional<DropReason> rejection;  // why, when the verdict is rejected

  bool has(std::uint8_t flag) const { return header.has(flag); }
  // SEG.LEN: the text, SYN and FIN that are left to process (RFC 9293 3.4).
  std::uint32_t sequence_length() const {
    return static_cast<std::uint32_t>(text.size()) + (syn ? 1 : 0) + (fin ? 1 : 0);
  }
};

}  // namespace strata::tcp
