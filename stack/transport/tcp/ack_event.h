// SPDX-License-Identifier: MIT
// One acknowledgement as loss recovery sees it: what it says beyond the octets it acknowledges.
#pragma once

#include <cstdint>
#include <optional>

#include "stack/base/time.h"
#include "stack/transport/tcp/receive_buffer.h"
#include "stack/transport/tcp/timestamps.h"

namespace strata::tcp {

struct AckEvent {
  Instant arrival{};
  std::uint64_t newly_acked = 0;   // octets, cumulatively
  std::uint64_t newly_sacked = 0;  // octets
  // Octets acknowledged in either way that had not been before.
  std::uint64_t newly_delivered = 0;
  std::uint32_t segments = 0;  // how many they were
  // When the first of them left that the ACK number covers, and the first that a SACK block does;
  // of those which were sent once. Kept where the persona times each ACK.
  std::optional<Instant> first_acked_sent;
  std::optional<Instant> first_sacked_sent;
  Instant last_sent_once{};  // and the last of either
  Instant newest_sent{};     // of them, the latest departure, and where that segment ended
  std::uint64_t newest_end = 0;
  bool ece = false;                      // ECN-Echo (RFC 3168)
  bool is_duplicate = false;             // by the five conditions of RFC 5681 2
  bool has_sack = false;                 // it carries the option
  bool tells_reordering = false;         // of what was sent once, something came late
  std::optional<OffsetRange> duplicate;  // D-SACK (RFC 2883), in absolute sequence numbers
  std::optional<TimestampValue> echo;    // TSecr
};

}  // namespace strata::tcp
