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
// After parse() succeeds no accessor can fail or read out of bounds; EthernetHeader::emit() writes
// exactly kBytes.
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

namespace ethernet_field {
inline constexpr Field kDestination{"destination",      "eth.dst",       0, 48,
                                    "IEEE 802.3 3.2.4", FieldFormat::mac};
inline constexpr Field kSource{"source", "eth.src", 48, 48, "IEEE 802.3 3.2.5", FieldFormat::mac};
inline constexpr Field kType{"type", "eth.type", 96, 16, "RFC 894", FieldFormat::hex};
inline constexpr std::array kAll{kDestination, kSource, kType};
}  // namespace ethernet_field

namespace vlan_field {
inline constexpr Field kTpid{"tag protocol identifier", "", 0, 16, "IEEE 802.1Q 9.4",
                             FieldFormat::hex};
inline constexpr Field kPriority{"priority", "vlan.priority", 16, 3, "IEEE 802.1Q 9.6"};
inline constexpr Field kDropEligible{"drop eligible", "vlan.dei", 19, 1, "IEEE 802.1Q 9.6"};
inline constexpr Field kVlan{"vlan identifier", "vlan.id", 20, 12, "IEEE 802.1Q 9.6"};
inline constexpr Field kType{"type", "vlan.etype", 32, 16, "RFC 894", FieldFormat::hex};
inline constexpr std::array kAll{kTpid, kPriority, kDropEligible, kVlan, kType};
}  // namespace vlan_field

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

// The tag that a tagged frame carries between the source address and the type, and that type. The
// tag protocol identifier stands where an untagged frame has its type, so a tag makes a frame four
// bytes longer and is parsed and emitted at offset 12.
//
//      0                   1                   2                   3
//      0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0 1
//     +-------------------------------+-----+-+-----------------------+
//     |         TPID = 0x8100         | PCP |D|    VLAN identifier    |
//     +-------------------------------+-----+-+-----------------------+
//     |       EtherType inside        |
//     +-------------------------------+
struct VlanTag {
  static constexpr std::size_t kOffset =
      2 * MacAddress::kBytes;                       // in a frame: behind both addresses
  static constexpr std::size_t kBytes = 4;          // what a tag adds to a frame
  static constexpr std::size_t kBytesWithType = 6;  // what parse() reads and emit() writes

  std::uint8_t priority = 0;  // PCP, 0..7
  bool drop_eligible = false;
  std::uint16_t vlan = 0;  // VID, 0..4095
  EtherType type{};        // of what follows

  // `bytes` start at the tag protocol identifier, kOffset of the frame. Fails: frame_too_short,
  // vlan_mismatch (not a tag).
  static Parsed<VlanTag> parse(Bytes bytes);
  void emit(std::uint8_t* target) const;
  friend bool operator==(const VlanTag&, const VlanTag&) = default;
};

}  // namespace strata::wire
