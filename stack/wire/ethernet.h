// SPDX-License-Identifier: MIT
// Ethernet II frame header (RFC 894, IEEE 802.3 3.1.1) and the 802.1Q tag (IEEE 802.1Q 9.3).
//
//      0                   1                   2                   3
//      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//     +-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+-+
//     |                      destination address                      |
//     +                               +-------------------------------+
//     |                               |                               |
//     +-------------------------------+         source address        +
//     |                                                               |
//     +-------------------------------+-------------------------------+
//     |           EtherType           |
//     +-------------------------------+
//
// After parse() succeeds no accessor can fail or read out of bounds; emit() writes exactly kBytes.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "stack/base/address.h"
#include "stack/base/bytes.h"
#include "stack/base/protocol.h"
#include "stack/wire/field.h"
#include "stack/wire/parse.h"

namespace strata::wire {

struct EthernetHeader {
  static constexpr std::size_t kBytes = 14;
  static constexpr std::size_t kFcsBytes = 4;
  // Smallest frame without FCS (IEEE 802.3 4.4.2: 64 octets with it).
  static constexpr std::size_t kFrameBytesMin = 60;

  MacAddress destination;
  MacAddress source;
  EtherType type{};  // below 0x0600 it is an 802.3 length

  static Parsed<EthernetHeader> parse(Bytes frame);  // fails: frame_too_short
  void emit(std::uint8_t* target) const;
  friend bool operator==(const EthernetHeader&, const EthernetHeader&) = default;
};

// The four bytes after the source address of a tagged frame, from the 0x8100 on.
struct VlanTag {
  static constexpr std::size_t kBytes = 4;
  std::uint8_t priority = 0;  // PCP, 0..7
  bool drop_eligible = false;
  std::uint16_t vlan = 0;  // VID, 0..4095
  EtherType type{};        // of what follows

  // `bytes` start at the tag protocol identifier; fails: frame_too_short, vlan_mismatch (not a
  // tag).
  static Parsed<VlanTag> parse(Bytes bytes);
  void emit(std::uint8_t* target) const;
  friend bool operator==(const VlanTag&, const VlanTag&) = default;
};

}  // namespace strata::wire
