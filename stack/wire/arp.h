// SPDX-License-Identifier: MIT
// ARP for IPv4 over Ethernet (RFC 826).
#pragma once

#include <cstddef>
#include <cstdint>

#include "stack/base/address.h"
#include "stack/wire/field.h"
#include "stack/wire/parse.h"

namespace strata::wire {

enum class ArpOperation : std::uint16_t { request = 1, reply = 2 };

struct ArpMessage {
  static constexpr std::size_t kBytes = 28;

  ArpOperation operation{};
  MacAddress sender_mac;
  Ipv4Address sender_ip;
  MacAddress target_mac;
  Ipv4Address target_ip;

  // Fails with arp_malformed: short, or not Ethernet/IPv4 (hardware 1, protocol 0x0800, 6, 4).
  static Parsed<ArpMessage> parse(Bytes bytes);
  void emit(std::uint8_t* target) const;
  friend bool operator==(const ArpMessage&, const ArpMessage&) = default;
};

}  // namespace strata::wire
