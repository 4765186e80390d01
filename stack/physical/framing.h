// SPDX-License-Identifier: MIT
// What the Ethernet physical layer puts around a frame, and how long that takes (IEEE 802.3 clauses
// 3 and 4): preamble and start frame delimiter before it, the frame check sequence at its end, the
// inter-frame gap after it.
//
//     | preamble 7 x 55 | SFD d5 | destination ... payload, padding | FCS | inter-frame gap |
//     |<------- 8 ------------->|<------- frame, 64 to 1518 ------------->|<----- 12 ------>|
//
// Octets travel least significant bit first, except that the FCS register leaves most significant
// bit first (IEEE 802.3 3.2.9); with the reflected CRC-32 both together mean: the CRC value, least
// significant octet first.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "stack/base/bytes.h"
#include "stack/base/packet.h"
#include "stack/base/time.h"

namespace strata::physical {

inline constexpr std::size_t kPreambleBytes = 7;       // IEEE 802.3 3.2.1
inline constexpr std::uint8_t kPreambleOctet = 0x55;   // 1010 1010 on the wire
inline constexpr std::uint8_t kStartDelimiter = 0xd5;  // 1010 1011 on the wire, IEEE 802.3 3.2.2
inline constexpr std::size_t kPreambleAndStartBytes = kPreambleBytes + 1;
inline constexpr std::size_t kFcsBytes = 4;            // IEEE 802.3 3.2.9
inline constexpr std::size_t kFrameBytesMin = 64;      // FCS included, IEEE 802.3 4.4.2
inline constexpr std::size_t kInterFrameGapBits = 96;  // IEEE 802.3 4.4.2

// The frame check sequence of `covered` (destination address to end of padding).
std::uint32_t compute_fcs(Bytes covered);
// The sequence that a frame carries in its last four octets. Requires size() >= kFcsBytes.
std::uint32_t stored_fcs(Bytes frame);
// Whether a frame ends in its own FCS. False for fewer than kFcsBytes octets.
bool has_valid_fcs(Bytes frame);
// Writes `fcs` in wire order. Four octets at `target` must be writable.
void store_fcs(std::uint8_t* target, std::uint32_t fcs);
// Appends the FCS of the packet's bytes. Requires tailroom() >= kFcsBytes.
void append_fcs(Packet& packet);
// Appends zero octets in its place, for a medium where nobody needs it.
void append_no_fcs(Packet& packet);
// Appends zero octets until `bytes_min` are there; returns how many. Requires the tailroom.
std::size_t pad(Packet& packet, std::size_t bytes_min);

// The octets on the medium: preamble, SFD, frame.
std::vector<std::uint8_t> with_preamble(Bytes frame);
// What follows the SFD; nullopt when the octets are not a run of preamble (of any length: receivers
// may lose its beginning, IEEE 802.3 4.2.9) with an SFD behind it.
std::optional<Bytes> without_preamble(Bytes octets);

// Transmission times of one sender, exact over any number of frames: each is rounded down to whole
// nanoseconds and the lost fraction carried into the next, so the sum of any run of results is the
// exact time to within one nanosecond.
class TransmissionClock {
 public:
  // Rate 0 is infinitely fast.
  explicit TransmissionClock(std::uint64_t rate_bps) : rate_bps_(rate_bps) {}
  Duration transmit(std::uint64_t bits);
  std::uint64_t rate_bps() const { return rate_bps_; }

 private:
  std::uint64_t rate_bps_;
  std::uint64_t remainder_ = 0;  // of the last division, in units of 1/rate_bps_ nanoseconds
};

}  // namespace strata::physical
