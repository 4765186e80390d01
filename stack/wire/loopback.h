// SPDX-License-Identifier: MIT
// The four bytes in front of packets captured on a loopback interface of BSD and macOS: the address
// family, in the byte order of the machine (LINKTYPE_NULL) or of the network (LINKTYPE_LOOP).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "stack/base/protocol.h"
#include "stack/wire/field.h"

namespace strata::wire {

namespace loopback_field {
inline constexpr Field kFamily{"address family", "null.family",   0, 32,
                               "LINKTYPE_NULL",  FieldFormat::hex};
inline constexpr std::array kAll{kFamily};
inline constexpr std::size_t kBytes = 4;
}  // namespace loopback_field

// The family of a field as read in network byte order. No family has a number beyond 16 bits, so
// the order in which it was written shows.
constexpr std::uint32_t address_family(std::uint32_t field) {
  if (field <= 0xffff) return field;
  return (field >> 24) | ((field >> 8) & 0xff00) | ((field << 8) & 0xff0000) | (field << 24);
}

// What a family carries: IPv4 everywhere is 2; IPv6 is 10 on Linux, 24 on NetBSD and OpenBSD, 28 on
// FreeBSD, 30 on macOS. Data for any other.
constexpr Protocol protocol_of_family(std::uint32_t family) {
  switch (family) {
    case 2:
      return Protocol::ipv4;
    case 10:
    case 24:
    case 28:
    case 30:
      return Protocol::ipv6;
    default:
      return Protocol::data;
  }
}

}  // namespace strata::wire
